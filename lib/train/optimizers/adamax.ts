// AdaMax: Adam with the largest gradient of late in place of the root mean square.
import { abs, add, divide, maximum, multiply, scale, shift } from '../../ops/elementwise.ts';
import { checkOptions } from '../../options.ts';
import type { LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType } from './optimizer.ts';
import { average, checkMoments, withDecay } from './parts.ts';

/** Options of `adamax`; defaults are PyTorch's. */
export interface AdamaxOptions {
  /** Default 2e-3. */
  readonly learningRate?: LearningRate;
  /** Decay of the mean of gradients (default 0.9). */
  readonly beta1?: number;
  /** Decay of the largest gradient (default 0.999). */
  readonly beta2?: number;
  /** Added to the size of every gradient (default 1e-8). */
  readonly epsilon?: number;
  /** Adds λw to the gradient (default 0). */
  readonly weightDecay?: number;
}

const names = ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay'] as const;

export const adamaxType: OptimizerType = {
  type: 'adamax',
  doc: 'm ← β₁m + (1 − β₁)g; u ← max(β₂u, |g| + ϵ); w ← w − ε / (1 − β₁ᵗ) · m / u (Kingma and Ba 2015, section 7)',
  check(options) {
    checkOptions('adamax', options, names);
    return { type: 'adamax', options: { ...checkMoments('adamax', options, 2e-3) } };
  },
  update(parameter, gradient, options, context) {
    const g = withDecay(gradient, parameter, Number(options['weightDecay']));
    const mean = average(context.slot('mean'), g, Number(options['beta1']));
    const largest = maximum(scale(context.slot('largest'), Number(options['beta2'])), shift(abs(g), Number(options['epsilon'])));
    return { parameter: add(multiply(context.hyper('negativeRate'), divide(mean, largest)), parameter), slots: { mean, largest } };
  },
  hypers: (t, rate, options) => ({ negativeRate: -rate / (1 - Number(options['beta1']) ** t) }),
};

/** AdaMax, as PyTorch's Adamax. */
export function adamax(options: AdamaxOptions = {}): OptimizerSpec {
  return adamaxType.check({ ...options });
}
