// RMSProp, plain, centred, and with momentum.
import { add, divide, multiply, relu, scale, shift, sqrt, square, subtract } from '../../ops/elementwise.ts';
import { boolean, checkOptions, nonNegativeNumber } from '../../options.ts';
import { checkLearningRate, type LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType } from './optimizer.ts';
import { average, decayRate, withDecay } from './parts.ts';

/** Options of `rmsprop`; defaults are PyTorch's. */
export interface RmspropOptions {
  /** Default 1e-2. */
  readonly learningRate?: LearningRate;
  /** Decay of the mean of squared gradients (default 0.99). */
  readonly alpha?: number;
  /** Added to the root (default 1e-8). */
  readonly epsilon?: number;
  /** Adds λw to the gradient (default 0). */
  readonly weightDecay?: number;
  /** Momentum of the steps (default 0). */
  readonly momentum?: number;
  /** Divides by the standard deviation of the gradient in place of its root mean square (default false). */
  readonly centered?: boolean;
}

const names = ['learningRate', 'alpha', 'epsilon', 'weightDecay', 'momentum', 'centered'] as const;

export const rmspropType: OptimizerType = {
  type: 'rmsprop',
  doc: 'v ← αv + (1 − α)g²; w ← w − ε g / (√v + ϵ) (Hinton 2012); centred: √(v − m²) with m ← αm + (1 − α)g (Graves 2013); with momentum b ← μb + g / (√v + ϵ), w ← w − εb',
  check(options) {
    checkOptions('rmsprop', options, names);
    return {
      type: 'rmsprop',
      options: {
        learningRate: checkLearningRate('rmsprop', options['learningRate'] ?? 1e-2),
        alpha: decayRate('rmsprop', 'alpha', options['alpha'] ?? 0.99),
        epsilon: nonNegativeNumber('rmsprop', 'epsilon', options['epsilon'] ?? 1e-8),
        weightDecay: nonNegativeNumber('rmsprop', 'weightDecay', options['weightDecay'] ?? 0),
        momentum: decayRate('rmsprop', 'momentum', options['momentum'] ?? 0),
        centered: boolean('rmsprop', 'centered', options['centered'] ?? false),
      },
    };
  },
  update(parameter, gradient, options, context) {
    const alpha = Number(options['alpha']), momentum = Number(options['momentum']);
    const g = withDecay(gradient, parameter, Number(options['weightDecay']));
    const meanSquare = average(context.slot('meanSquare'), square(g), alpha);
    const mean = options['centered'] === true ? average(context.slot('mean'), g, alpha) : undefined;
    // Rounding could take v − m² below 0.
    const variance = mean === undefined ? meanSquare : relu(subtract(meanSquare, square(mean)));
    const direction = divide(g, shift(sqrt(variance), Number(options['epsilon'])));
    const velocity = momentum === 0 ? undefined : add(scale(context.slot('velocity'), momentum), direction);
    return {
      parameter: add(multiply(context.hyper('negativeRate'), velocity ?? direction), parameter),
      slots: { meanSquare, ...(mean && { mean }), ...(velocity && { velocity }) },
    };
  },
  hypers: (_t, rate) => ({ negativeRate: -rate }),
};

/** RMSProp, as PyTorch's RMSprop. */
export function rmsprop(options: RmspropOptions = {}): OptimizerSpec {
  return rmspropType.check({ ...options });
}
