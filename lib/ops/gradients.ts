// gradients: the derivative of a graph as more graph.
import { OptionError, ShapeError } from '../errors.ts';
import { reverseSweep } from '../graph/gradient.ts';
import type { Node } from '../graph/node.ts';
import { formatShape, sameShape } from '../graph/shape.ts';
import { add } from './elementwise.ts';
import { filledLike } from './shape.ts';

/**
 * Gradients of `output` with respect to `targets`, as nodes of the targets' shapes. An output that is not a scalar is
 * summed, unless `upstream` (of its shape) weighs its elements: the result is then the vector-Jacobian product.
 * A target on which the output does not depend gets zeros. The result can be differentiated again. Nodes in `cut` count as given:
 * what they are made of does not count.
 */
export function gradients(output: Node, targets: readonly Node[], upstream: Node = filledLike(output, 1), cut: ReadonlySet<Node> = new Set()): Node[] {
  if (!sameShape(output.shape, upstream.shape)) {
    throw new ShapeError(`[gradients] expected an upstream gradient of shape ${formatShape(output.shape)} but received ${formatShape(upstream.shape)}`);
  }
  if (targets.length === 0) throw new OptionError('[gradients] expected at least one target');
  return reverseSweep([[output, upstream]], targets, add, cut).map((gradient, i) => gradient ?? filledLike(targets[i]!, 0));
}
