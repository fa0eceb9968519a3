// What several optimizers have in common: weight decay in the gradient, running averages, and checks of their options.
import type { Node } from '../../graph/node.ts';
import { add, scale } from '../../ops/elementwise.ts';
import { nonNegativeNumber, numberIn } from '../../options.ts';
import { checkLearningRate, type LearningRate } from '../schedules/registry.ts';

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

/** The options that Adam and its kin have in common. */
export interface MomentOptions {
  readonly learningRate: LearningRate;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** Checks them, with PyTorch's defaults but for those given. */
export function checkMoments(where: string, options: Readonly<Record<string, unknown>>, learningRate: number, weightDecay = 0): MomentOptions {
  return {
    learningRate: checkLearningRate(where, options['learningRate'] ?? learningRate),
    beta1: decayRate(where, 'beta1', options['beta1'] ?? 0.9),
    beta2: decayRate(where, 'beta2', options['beta2'] ?? 0.999),
    epsilon: nonNegativeNumber(where, 'epsilon', options['epsilon'] ?? 1e-8),
    weightDecay: nonNegativeNumber(where, 'weightDecay', options['weightDecay'] ?? weightDecay),
  };
}
