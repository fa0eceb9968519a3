// Random draws inside a program: counter-based, so that they depend on seed, step, node and position alone.
import { makeNode, type Node, type OpDefinition } from '../graph/node.ts';
import type { Dimension, Shape } from '../graph/shape.ts';
import { cos, log, multiply, negate, scale, shift, sqrt } from './elementwise.ts';

export const drawOps = {
  uniform: {
    name: 'uniform', doc: 'Uniform numbers in [0, 1), new ones every step.', arity: 0,
    shape: (_inputs, attributes) => JSON.parse(String(attributes['shape'])) as Shape,
    gradient: () => [],
    tangent: () => null,
    lowering: {
      kind: 'instruction', instruction: 'draw',
      attributes: (node) => {
        const seed = Number(node.attributes['seed']);
        return [Number(node.attributes['key']), seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
      },
    },
    samples: [{ shapes: [], attributes: { shape: '["rows",5]', key: 3, seed: 77 } }, { shapes: [], attributes: { shape: '[3,7]', key: 4, seed: 2 ** 40 + 5 } }],
  },
} as const satisfies Record<string, OpDefinition>;

/** Uniform numbers in [0, 1) of `shape`; `key` tells the draws of one seed apart. */
export function uniform(shape: readonly Dimension[], seed: number, key: number): Node {
  return makeNode(drawOps.uniform, [], { shape: JSON.stringify(shape), seed, key });
}

/** Standard normal numbers of two tensors of independent uniform numbers in [0, 1) (Box and Muller 1958). */
export function normalOf(u: Node, v: Node): Node {
  // 1 − u is never 0, so that the logarithm is finite.
  return multiply(sqrt(scale(log(shift(negate(u), 1)), -2)), cos(scale(v, 2 * Math.PI)));
}
