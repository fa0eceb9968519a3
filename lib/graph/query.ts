// Questions about a graph: order, ancestors, descendants, consumers, text.
import type { Node } from './node.ts';
import { formatShape } from './shape.ts';

/** All nodes that `roots` depend on, inputs before users; the search stops at nodes in `cut`. */
export function ancestors(roots: readonly Node[], cut?: ReadonlySet<Node>): Node[] {
  const seen = new Set<Node>();
  const pending = [...roots];
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    if (!cut?.has(node)) pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** The nodes among `nodes` that are one of `roots` or depend on one by way of `nodes`, inputs before users: `descendants([w], ancestors([loss]))`. */
export function descendants(roots: readonly Node[], nodes: readonly Node[]): Node[] {
  const found = new Set<Node>(roots);
  return nodes.toSorted((a, b) => a.id - b.id).filter((node) => {
    if (node.inputs.some((input) => found.has(input))) found.add(node);
    return found.has(node);
  });
}

/** The nodes among `nodes` that read each node. */
export function consumersOf(nodes: readonly Node[]): Map<Node, Node[]> {
  const consumers = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const input of new Set(node.inputs)) consumers.get(input)?.push(node);
  return consumers;
}

/** One line a node: `%7 = add(%3, %5) [rows, 4] dense1`. */
export function formatGraph(roots: readonly Node[]): string {
  return ancestors(roots).map((node) => {
    const attributes = Object.entries(node.attributes).map(([key, value]) => `${key}=${String(value)}`);
    const parts = [...node.inputs.map(String), ...attributes].join(', ');
    return `${node} = ${node.op.name}(${parts}) ${formatShape(node.shape)}${node.path === '' ? '' : ` ${node.path}`}`;
  }).join('\n');
}
