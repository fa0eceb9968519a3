// AdaDelta.
import { add, divide, multiply, shift, sqrt, square } from '../../ops/elementwise.ts';
import { checkOptions, nonNegativeNumber } from '../../options.ts';
import { checkLearningRate, type LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType } from './optimizer.ts';
import { average, decayRate, withDecay } from './parts.ts';

/** Options of `adadelta`; defaults are PyTorch's. */
export interface AdadeltaOptions {
  /** Scales the steps, which have a size of their own (default 1). */
  readonly learningRate?: LearningRate;
  /** Decay of the means of squared gradients and squared steps (default 0.9). */
  readonly rho?: number;
  /** Added to both means (default 1e-6). */
  readonly epsilon?: number;
  /** Adds λw to the gradient (default 0). */
  readonly weightDecay?: number;
}

const names = ['learningRate', 'rho', 'epsilon', 'weightDecay'] as const;

export const adadeltaType: OptimizerType = {
  type: 'adadelta',
  doc: 'v ← ρv + (1 − ρ)g²; Δ = g √(u + ϵ) / √(v + ϵ); u ← ρu + (1 − ρ)Δ²; w ← w − εΔ (Zeiler 2012)',
  check(options) {
    checkOptions('adadelta', options, names);
    return {
      type: 'adadelta',
      options: {
        learningRate: checkLearningRate('adadelta', options['learningRate'] ?? 1),
        rho: decayRate('adadelta', 'rho', options['rho'] ?? 0.9),
        epsilon: nonNegativeNumber('adadelta', 'epsilon', options['epsilon'] ?? 1e-6),
        weightDecay: nonNegativeNumber('adadelta', 'weightDecay', options['weightDecay'] ?? 0),
      },
    };
  },
  update(parameter, gradient, options, context) {
    const rho = Number(options['rho']), epsilon = Number(options['epsilon']), meanSquareStep = context.slot('meanSquareStep');
    const g = withDecay(gradient, parameter, Number(options['weightDecay']));
    const meanSquare = average(context.slot('meanSquare'), square(g), rho);
    // One root of the quotient for the quotient of two roots.
    const step = multiply(sqrt(divide(shift(meanSquareStep, epsilon), shift(meanSquare, epsilon))), g);
    return {
      parameter: add(multiply(context.hyper('negativeRate'), step), parameter),
      slots: { meanSquare, meanSquareStep: average(meanSquareStep, square(step), rho) },
    };
  },
  hypers: (_t, rate) => ({ negativeRate: -rate }),
};

/** AdaDelta, as PyTorch's Adadelta. */
export function adadelta(options: AdadeltaOptions = {}): OptimizerSpec {
  return adadeltaType.check({ ...options });
}
