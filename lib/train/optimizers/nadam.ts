// NAdam: Adam with Nesterov's momentum.
import { add, divide, multiply, shift, sqrt, square } from '../../ops/elementwise.ts';
import { checkOptions, nonNegativeNumber } from '../../options.ts';
import type { LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType } from './optimizer.ts';
import { average, checkMoments, withDecay } from './parts.ts';

/** Options of `nadam`; defaults are PyTorch's. */
export interface NadamOptions {
  /** Default 2e-3. */
  readonly learningRate?: LearningRate;
  /** Decay of the mean of gradients (default 0.9). */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients (default 0.999). */
  readonly beta2?: number;
  /** Added to the root (default 1e-8). */
  readonly epsilon?: number;
  /** Adds λw to the gradient (default 0). */
  readonly weightDecay?: number;
  /** How quickly the momentum grows from β₁/2 to β₁ (default 4e-3). */
  readonly momentumDecay?: number;
}

const names = ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay', 'momentumDecay'] as const;

/** μₜ = β₁ (1 − ½ 0.96^(tψ)). */
function momentumAt(t: number, options: OptimizerSpec['options']): number {
  return Number(options['beta1']) * (1 - 0.5 * 0.96 ** (t * Number(options['momentumDecay'])));
}

/** μ₁ ⋯ μₜ, or less than half the last place of 1. */
function momentumProduct(t: number, options: OptimizerSpec['options']): number {
  let product = 1;
  for (let i = 1; i <= t && product > Number.EPSILON / 4; i++) product *= momentumAt(i, options);
  return product;
}

export const nadamType: OptimizerType = {
  type: 'nadam',
  doc: 'm and v as in Adam; w ← w − ε (μₜ₊₁ m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ) g / (1 − μ₁⋯μₜ)) / (√v̂ + ϵ), with μₜ = β₁ (1 − ½ 0.96^(tψ)) (Dozat 2016)',
  check(options) {
    checkOptions('nadam', options, names);
    return {
      type: 'nadam',
      options: {
        ...checkMoments('nadam', options, 2e-3),
        momentumDecay: nonNegativeNumber('nadam', 'momentumDecay', options['momentumDecay'] ?? 4e-3),
      },
    };
  },
  update(parameter, gradient, options, context) {
    const g = withDecay(gradient, parameter, Number(options['weightDecay']));
    const mean = average(context.slot('mean'), g, Number(options['beta1']));
    const variance = average(context.slot('variance'), square(g), Number(options['beta2']));
    const denominator = shift(multiply(sqrt(variance), context.hyper('varianceCorrection')), Number(options['epsilon']));
    const direction = add(multiply(context.hyper('negativeMeanRate'), mean), multiply(context.hyper('negativeGradientRate'), g));
    return { parameter: add(divide(direction, denominator), parameter), slots: { mean, variance } };
  },
  hypers(t, rate, options) {
    const momentum = momentumAt(t, options), next = momentumAt(t + 1, options), product = momentumProduct(t, options);
    return {
      negativeGradientRate: (-rate * (1 - momentum)) / (1 - product),
      negativeMeanRate: (-rate * next) / (1 - product * next),
      varianceCorrection: 1 / Math.sqrt(1 - Number(options['beta2']) ** t),
    };
  },
};

/** NAdam, as PyTorch's NAdam. */
export function nadam(options: NadamOptions = {}): OptimizerSpec {
  return nadamType.check({ ...options });
}
