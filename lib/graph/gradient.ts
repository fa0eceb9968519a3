// The reverse sweep: from upstream gradients of outputs to gradients of targets, as more graph.
import { internal } from '../errors.ts';
import { type Node, withPath } from './node.ts';
import { ancestors, descendants } from './query.ts';
import { formatShape, sameShape } from './shape.ts';

/**
 * Sweeps from `outputs` (each with its upstream gradient) back to `targets`. Only nodes between them are visited, each is
 * differentiated once, and gradients of a node used several times are summed by `add` before they go on.
 * Returns null for a target that no output depends on. Nodes in `cut` count as given: the sweep does not go beyond them.
 */
export function reverseSweep(
  outputs: readonly (readonly [output: Node, upstream: Node])[],
  targets: readonly Node[],
  add: (a: Node, b: Node) => Node,
  cut: ReadonlySet<Node> = new Set(),
): (Node | null)[] {
  const nodes = ancestors(outputs.map(([output]) => output), cut);
  const active = new Set<Node>([...targets, ...descendants(targets, nodes)]);

  const gradients = new Map<Node, Node>();
  const accumulate = (node: Node, gradient: Node): void => {
    if (!sameShape(node.shape, gradient.shape)) {
      throw internal(`the gradient of ${node.op.name} ${formatShape(node.shape)} has shape ${formatShape(gradient.shape)}`);
    }
    const sum = gradients.get(node);
    gradients.set(node, sum === undefined ? gradient : add(sum, gradient));
  };
  for (const [output, upstream] of outputs) if (active.has(output)) accumulate(output, upstream);

  for (const node of nodes.reverse()) {
    const upstream = gradients.get(node);
    if (upstream === undefined || cut.has(node) || !node.inputs.some((input) => active.has(input))) continue;
    withPath(node.path, () => {
      const parts = node.op.gradient(node, upstream);
      node.inputs.forEach((input, i) => {
        const part = parts[i];
        if (part != null && active.has(input)) accumulate(input, part);
      });
    });
  }
  return targets.map((target) => gradients.get(target) ?? null);
}
