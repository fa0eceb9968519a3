// What several optimizers have in common: weight decay in the gradient, running averages, and checks of their options.
import type { Node } from '../../graph/node.ts';
import { add, scale } from '../../ops/elementwise.ts';
import { numberIn } from '../../options.ts';

/** g + λw: the gradient of a cost with ½λw² for every parameter. */
export function withDecay(gradient: Node, parameter: Node, weightDecay: number): Node {
  return weightDecay === 0 ? gradient : add(gradient, scale(parameter, weightDecay));
}

/** βm + (1 − β)x. */
export function average(kept: Node, value: Node, beta: number): Node {
  return add(scale(kept, beta), scale(value, 1 - beta));
}

/** Returns an option that is a number in [0, 1); throws OptionError otherwise. */
export function decayRate(where: string, name: string, value: unknown): number {
  return numberIn(where, name, value, { from: 0, to: 1, openTo: true });
}
