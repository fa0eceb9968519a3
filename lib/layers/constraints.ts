// Constraints on weights, by name: where a matrix is put back to after every update.
import type { Node } from '../graph/node.ts';
import { divide, maximum, multiply, relu, sqrt, square } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import { broadcastTo, reshape } from '../ops/shape.ts';
import { constant } from '../ops/variables.ts';

/** Norms below this count as this one, so that nothing is divided by 0. */
const tiny = 1e-12;

interface ConstraintDefinition {
  readonly doc: string;
  /** The weights where they have to be; `norms` gives the norm of each unit's incoming weights, in the shape of the weights. */
  apply(weights: Node, norms: (weights: Node) => Node): Node;
}

export const constraints = {
  nonNegative: { doc: 'negative weights become 0', apply: (weights) => relu(weights) },
  unitNorm: { doc: "each unit's incoming weights are scaled to norm 1", apply: (weights, norms) => divide(weights, maximum(norms(weights), constant(tiny))) },
  nonNegativeUnitNorm: {
    doc: "negative weights become 0, then each unit's incoming weights are scaled to norm 1",
    apply(weights, norms) {
      const positive = relu(weights);
      return divide(positive, maximum(norms(positive), constant(tiny)));
    },
  },
} as const satisfies Record<string, ConstraintDefinition>;

/** The names of the constraints on weights. */
export type ConstraintName = keyof typeof constraints;

/** Euclidean norms of the weights along `axis`, which is kept as 1. */
export function normsAlong(weights: Node, axis: 0 | 1): Node {
  const kept = weights.shape.map((dimension, i) => (i === axis ? 1 : dimension));
  return reshape(sqrt(sum(square(weights), [axis])), kept);
}

/** Weights [rows, columns] as the constraint wants them; `axis` is that of the inputs. */
export function constrained(name: ConstraintName, weights: Node, axis: 0 | 1): Node {
  const definition: ConstraintDefinition = constraints[name];
  return definition.apply(weights, (of) => broadcastTo(normsAlong(of, axis), of.shape));
}

/** Scales each unit's incoming weights to norm `limit` where they are longer (Srebro and Shraibman 2005; Srivastava et al. 2014). */
export function limitNorms(weights: Node, axis: 0 | 1, limit: number): Node {
  const longest = constant(limit);
  return multiply(weights, broadcastTo(divide(longest, maximum(normsAlong(weights, axis), longest)), weights.shape));
}
