// RAdam: Adam that leaves the variance out until enough gradients have been seen.
import { add, divide, multiply, shift, sqrt, square } from '../../ops/elementwise.ts';
import { checkOptions } from '../../options.ts';
import type { LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType } from './optimizer.ts';
import { average, checkMoments, withDecay } from './parts.ts';

/** Options of `radam`; defaults are PyTorch's. */
export interface RadamOptions {
  /** Default 1e-3. */
  readonly learningRate?: LearningRate;
  /** Decay of the mean of gradients (default 0.9). */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients (default 0.999). */
  readonly beta2?: number;
  /** Added to the root (default 1e-8). */
  readonly epsilon?: number;
  /** Adds λw to the gradient (default 0). */
  readonly weightDecay?: number;
}

const names = ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay'] as const;

/** How far the variance can be trusted at step t, 0 where it cannot: the rectification of section 4 of the paper. */
function rectification(t: number, beta2: number): number {
  const longest = 2 / (1 - beta2) - 1;
  const length = longest - (2 * t * beta2 ** t) / (1 - beta2 ** t);
  if (length <= 5) return 0;
  return Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
}

export const radamType: OptimizerType = {
  type: 'radam',
  doc: 'm and v as in Adam; w ← w − ε rₜ m̂ √(1 − β₂ᵗ) / (√v + ϵ) once ρₜ > 5, before that w ← w − ε m̂, with ρₜ = ρ∞ − 2t β₂ᵗ / (1 − β₂ᵗ), ρ∞ = 2 / (1 − β₂) − 1, rₜ = √((ρₜ − 4)(ρₜ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρₜ)) (Liu et al. 2020)',
  check(options) {
    checkOptions('radam', options, names);
    return { type: 'radam', options: { ...checkMoments('radam', options, 1e-3) } };
  },
  update(parameter, gradient, options, context) {
    const g = withDecay(gradient, parameter, Number(options['weightDecay']));
    const mean = average(context.slot('mean'), g, Number(options['beta1']));
    const variance = average(context.slot('variance'), square(g), Number(options['beta2']));
    // One of the two rates is 0 at every step.
    const rate = add(divide(context.hyper('negativeRectifiedRate'), shift(sqrt(variance), Number(options['epsilon']))), context.hyper('negativePlainRate'));
    return { parameter: add(multiply(rate, mean), parameter), slots: { mean, variance } };
  },
  hypers(t, rate, options) {
    const beta2 = Number(options['beta2']), rectified = rectification(t, beta2);
    const negativeRate = -rate / (1 - Number(options['beta1']) ** t);
    return { negativeRectifiedRate: negativeRate * rectified * Math.sqrt(1 - beta2 ** t), negativePlainRate: rectified === 0 ? negativeRate : 0 };
  },
};

/** Rectified Adam, as PyTorch's RAdam. */
export function radam(options: RadamOptions = {}): OptimizerSpec {
  return radamType.check({ ...options });
}
