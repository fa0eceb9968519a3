// Forward mode: Jacobian-vector products, and from them products with a Hessian and the whole of a small one.
import { OptionError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { countOf, formatShape, hasRows, sameShape } from '../graph/shape.ts';
import { forwardSweep } from '../graph/tangent.ts';
import { add } from './elementwise.ts';
import { gradients } from './gradients.ts';
import { concatenate } from './join.ts';
import { filledLike, reshape } from './shape.ts';
import { constant } from './variables.ts';

/** Elements of the largest target that `hessian` takes. */
const hessianLimit = 256;

/** One vector of the right shape for each of some nodes. */
function checkVectors(where: string, nodes: readonly Node[], what: string, vectors: readonly Node[], which: string): void {
  if (nodes.length === 0) throw new OptionError(`[${where}] expected at least one ${what}`);
  if (vectors.length !== nodes.length) throw new OptionError(`[${where}] expected one ${which} for each of ${nodes.length} ${what}s but received ${vectors.length}`);
  nodes.forEach((node, i) => {
    const vector = vectors[i]!;
    if (!sameShape(node.shape, vector.shape)) {
      throw new ShapeError(`[${where}] expected ${which} ${i} to have its ${what}'s shape ${formatShape(node.shape)} but received ${formatShape(vector.shape)}`);
    }
  });
}

/**
 * Jacobian-vector products: how every output changes, to first order, as each of `inputs` moves along its direction. The results
 * have the shapes of the outputs, cost about as much as the outputs themselves, and can be differentiated again, either way.
 * `inputs` may be any nodes; one that depends on another moves with it, besides its own direction. It is the transpose of
 * `gradients`: the sum of u·tangents(y, [x], [v]) is the sum of gradients(y, [x], u)·v.
 * @throws {OptionError} Without inputs, or with another number of directions, {ShapeError} on a direction of another shape than its input.
 */
export function tangents(outputs: readonly Node[], inputs: readonly Node[], directions: readonly Node[]): Node[] {
  checkVectors('tangents', inputs, 'input', directions, 'direction');
  const pairs = inputs.map((input, i): [Node, Node] => [input, directions[i]!]);
  return forwardSweep(outputs, pairs, add).map((tangent, i) => tangent ?? filledLike(outputs[i]!, 0));
}

/**
 * The Hessian of `output` (summed unless it is a scalar) with respect to all `targets` together, times `vectors`: one node of the
 * shape for each target. It is the tangent of the gradient: about 8 multiplications where the loss has one and its gradient 3, and
 * the Hessian itself is never made.
 */
export function hessianVectorProduct(output: Node, targets: readonly Node[], vectors: readonly Node[]): Node[] {
  checkVectors('hessianVectorProduct', targets, 'target', vectors, 'vector');
  return tangents(gradients(output, targets), targets, vectors);
}

/**
 * The exact Hessian of a scalar `output` with respect to a static `target` of n elements, as [n, n]; element i of the target in
 * row-major order is row and column i. Each row is a Hessian-vector product with a graph of its own, so that building, compiling
 * and running cost n times a gradient.
 * @throws {ShapeError} On an output that is no scalar, a target with rows, or one of more than 256 elements.
 */
export function hessian(output: Node, target: Node): Node {
  if (hasRows(output.shape) || countOf(output.shape) !== 1) throw new ShapeError(`[hessian] expected a scalar output but received ${formatShape(output.shape)}`);
  const n = countOf(target.shape);
  if (hasRows(target.shape) || n > hessianLimit) {
    throw new ShapeError(`[hessian] expected a static target of at most ${hessianLimit} elements but received ${formatShape(target.shape)}`);
  }
  const gradient = gradients(output, [target]);
  const rows = Array.from({ length: n }, (_, i) => {
    const unit = constant(new Float64Array(n).fill(1, i, i + 1), target.shape as number[]);
    return reshape(tangents(gradient, [target], [unit])[0]!, [1, n]);
  });
  return concatenate(rows, 0);
}
