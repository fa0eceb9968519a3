// AdaGrad.
import { add, divide, multiply, shift, sqrt, square } from '../../ops/elementwise.ts';
import { checkOptions, nonNegativeNumber } from '../../options.ts';
import { checkLearningRate, type LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType } from './optimizer.ts';
import { withDecay } from './parts.ts';

/** Options of `adagrad`; defaults are PyTorch's. */
export interface AdagradOptions {
  /** Default 1e-2. */
  readonly learningRate?: LearningRate;
  /** The learning rate of step t, counted from 0, is divided by 1 + t times this (default 0). */
  readonly learningRateDecay?: number;
  /** What the sum of squared gradients begins with (default 0). */
  readonly initialAccumulatorValue?: number;
  /** Added to the root (default 1e-10). */
  readonly epsilon?: number;
  /** Adds λw to the gradient (default 0). */
  readonly weightDecay?: number;
}

const names = ['learningRate', 'learningRateDecay', 'initialAccumulatorValue', 'epsilon', 'weightDecay'] as const;

export const adagradType: OptimizerType = {
  type: 'adagrad',
  doc: 's ← s + g²; w ← w − ε g / (√s + ϵ) (Duchi et al. 2011); s begins with `initialAccumulatorValue`',
  check(options) {
    checkOptions('adagrad', options, names);
    return {
      type: 'adagrad',
      options: {
        learningRate: checkLearningRate('adagrad', options['learningRate'] ?? 1e-2),
        learningRateDecay: nonNegativeNumber('adagrad', 'learningRateDecay', options['learningRateDecay'] ?? 0),
        initialAccumulatorValue: nonNegativeNumber('adagrad', 'initialAccumulatorValue', options['initialAccumulatorValue'] ?? 0),
        epsilon: nonNegativeNumber('adagrad', 'epsilon', options['epsilon'] ?? 1e-10),
        weightDecay: nonNegativeNumber('adagrad', 'weightDecay', options['weightDecay'] ?? 0),
      },
    };
  },
  update(parameter, gradient, options, context) {
    const g = withDecay(gradient, parameter, Number(options['weightDecay']));
    // Kept without what it begins with, since slots begin with 0.
    const sum = add(context.slot('sum'), square(g));
    const root = sqrt(shift(sum, Number(options['initialAccumulatorValue'])));
    return { parameter: add(multiply(context.hyper('negativeRate'), divide(g, shift(root, Number(options['epsilon'])))), parameter), slots: { sum } };
  },
  hypers: (t, rate, options) => ({ negativeRate: -rate / (1 + (t - 1) * Number(options['learningRateDecay'])) }),
};

/** AdaGrad, as PyTorch's Adagrad. */
export function adagrad(options: AdagradOptions = {}): OptimizerSpec {
  return adagradType.check({ ...options });
}
