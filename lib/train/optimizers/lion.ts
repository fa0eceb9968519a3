// Lion: steps of one size in the direction of the sign of a momentum.
import { add, multiply, sign } from '../../ops/elementwise.ts';
import { checkOptions, nonNegativeNumber } from '../../options.ts';
import { checkLearningRate, type LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType } from './optimizer.ts';
import { average, decayRate } from './parts.ts';

/** Options of `lion`; defaults are those of the authors' implementation. */
export interface LionOptions {
  /** Default 1e-4. */
  readonly learningRate?: LearningRate;
  /** Part of the mean of gradients in the direction of a step (default 0.9). */
  readonly beta1?: number;
  /** Decay of the mean of gradients (default 0.99). */
  readonly beta2?: number;
  /** Shrinks the weights by ελ before the step (default 0). */
  readonly weightDecay?: number;
}

const names = ['learningRate', 'beta1', 'beta2', 'weightDecay'] as const;

export const lionType: OptimizerType = {
  type: 'lion',
  doc: 'w ← (1 − ελ)w − ε sign(β₁m + (1 − β₁)g); m ← β₂m + (1 − β₂)g (Chen et al. 2023)',
  check(options) {
    checkOptions('lion', options, names);
    return {
      type: 'lion',
      options: {
        learningRate: checkLearningRate('lion', options['learningRate'] ?? 1e-4),
        beta1: decayRate('lion', 'beta1', options['beta1'] ?? 0.9),
        beta2: decayRate('lion', 'beta2', options['beta2'] ?? 0.99),
        weightDecay: nonNegativeNumber('lion', 'weightDecay', options['weightDecay'] ?? 0),
      },
    };
  },
  update(parameter, gradient, options, context) {
    const kept = context.slot('mean');
    const from = Number(options['weightDecay']) === 0 ? parameter : multiply(parameter, context.hyper('kept'));
    return {
      parameter: add(multiply(context.hyper('negativeRate'), sign(average(kept, gradient, Number(options['beta1'])))), from),
      slots: { mean: average(kept, gradient, Number(options['beta2'])) },
    };
  },
  hypers: (_t, rate, options) => ({ negativeRate: -rate, kept: 1 - rate * Number(options['weightDecay']) }),
};

/** Lion (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms"). */
export function lion(options: LionOptions = {}): OptimizerSpec {
  return lionType.check({ ...options });
}
