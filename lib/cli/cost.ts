// What a network costs: numbers it keeps, and operations for an example.
import { ancestors } from '../graph/query.ts';
import type { Node } from '../graph/node.ts';
import { countOf, hasRows } from '../graph/shape.ts';
import type { Model } from '../network/model.ts';

export interface Cost {
  readonly parameters: number;
  /** Numbers kept but not trained, such as running means. */
  readonly states: number;
  /** Floating-point operations to predict an example: two for each product and its sum, one for each elementwise operation. */
  readonly operations: number;
}

/** Operations that a node takes for each example; what follows from weights alone takes none. */
function operationsOf({ op, inputs, shape }: Node): number {
  if (!hasRows(shape)) return 0;
  if (op.lowering.kind === 'product') return 2 * countOf(shape) * Number(inputs[0]!.shape[1]);
  return op.lowering.kind === 'elementwise' || op.lowering.kind === 'instruction' ? countOf(shape) : 0;
}

export function costOf({ parameters, states, prediction }: Model): Cost {
  const total = (nodes: readonly { readonly node: Node }[]): number => nodes.reduce((so, { node }) => so + countOf(node.shape), 0);
  return { parameters: total(parameters), states: total(states), operations: ancestors([prediction.output]).reduce((so, node) => so + operationsOf(node), 0) };
}
