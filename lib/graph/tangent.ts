// The forward sweep: from tangents of inputs to tangents of outputs, as more graph.
import { internal } from '../errors.ts';
import { type Node, withPath } from './node.ts';
import { ancestors, descendants } from './query.ts';
import { formatShape, sameShape } from './shape.ts';

/**
 * Sweeps from `inputs` (each with its direction) on to `outputs`. Only nodes between them are visited, each once. An input that
 * depends on another one has its own direction added to what reaches it, so that the sweep is the transpose of the reverse sweep.
 * Returns null for an output that depends on no input.
 */
export function forwardSweep(
  outputs: readonly Node[],
  inputs: readonly (readonly [input: Node, direction: Node])[],
  add: (a: Node, b: Node) => Node,
): (Node | null)[] {
  const tangents = new Map<Node, Node>();
  const accumulate = (node: Node, tangent: Node): void => {
    if (!sameShape(node.shape, tangent.shape)) {
      throw internal(`the tangent of ${node.op.name} ${formatShape(node.shape)} has shape ${formatShape(tangent.shape)}`);
    }
    const sum = tangents.get(node);
    tangents.set(node, sum === undefined ? tangent : add(sum, tangent));
  };
  for (const [input, direction] of inputs) accumulate(input, direction);

  for (const node of descendants(inputs.map(([input]) => input), ancestors(outputs))) {
    const parts = node.inputs.map((input) => tangents.get(input) ?? null);
    if (parts.every((part) => part === null)) continue;
    withPath(node.path, () => {
      const tangent = node.op.tangent(node, parts);
      if (tangent !== null) accumulate(node, tangent);
    });
  }
  return outputs.map((output) => tangents.get(output) ?? null);
}
