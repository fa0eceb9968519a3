// Batch normalization.
import type { Node } from '../graph/node.ts';
import { boolean, checkOptions, numberIn } from '../options.ts';
import { add, divide, maximum, minimum, multiply, negate, scale, shift, sqrt, square, subtract } from '../ops/elementwise.ts';
import { mean } from '../ops/reduce.ts';
import { broadcastTo, stopGradient } from '../ops/shape.ts';
import { constant, rowCount } from '../ops/variables.ts';
import { checkFeatures, Layer, type LayerContext, type LayerType } from './layer.ts';

/** Options of `batchNorm`; the defaults are PyTorch's. */
export interface BatchNormOptions {
  /** Part of the minibatch in the running statistics: r ← (1 − momentum) r + momentum s (default 0.1). */
  readonly momentum?: number;
  /** Added to the variance (default 1e-5). */
  readonly epsilon?: number;
  /** Learn a factor `weight` and a summand `bias` for each feature (default true). */
  readonly affine?: boolean;
  /** Keep running statistics for prediction (default true); without them, those of the rows predicted together, 512 at most, are taken. */
  readonly trackRunning?: boolean;
}

export const batchNormType: LayerType = {
  type: 'batchNorm',
  doc: 'a = γ (x − μ) / √(σ² + ε) + β, μ and σ² of the minibatch in training, running ones in prediction',
  check(options) {
    checkOptions('batchNorm', options, ['momentum', 'epsilon', 'affine', 'trackRunning']);
    return new Layer('batchNorm', {
      momentum: numberIn('batchNorm', 'momentum', options['momentum'] ?? 0.1, { from: 0, to: 1 }),
      epsilon: checkEpsilon('batchNorm', options['epsilon']),
      affine: boolean('batchNorm', 'affine', options['affine'] ?? true),
      trackRunning: boolean('batchNorm', 'trackRunning', options['trackRunning'] ?? true),
    });
  },
  build([x], options, context) {
    const features = checkFeatures('batchNorm', context.name, x), isTracked = options['trackRunning'] === true;
    const running = isTracked ? { mean: context.state('runningMean', [features]), variance: context.state('runningVariance', [features], 1) } : undefined;
    let average: Node, variance: Node;
    if (context.training || running === undefined) {
      average = mean(x, [0]);
      variance = mean(square(subtract(x, average)), [0]);
      if (running !== undefined) updateRunning(context, running, stopGradient(average), stopGradient(variance), Number(options['momentum']));
    } else {
      ({ mean: average, variance } = running);
    }
    const deviation = sqrt(shift(variance, Number(options['epsilon'])));
    const a = scaleAndShift(divide(subtract(x, average), broadcastTo(deviation, x.shape)), options, context);
    return { z: x, a };
  },
  describe: (options) => `momentum ${String(options['momentum'])}`,
};

/** Running statistics move towards those of the minibatch, the variance by n − 1; a minibatch of one row has none and changes nothing. */
function updateRunning(context: LayerContext, running: { mean: Node; variance: Node }, average: Node, variance: Node, momentum: number): void {
  const others = shift(rowCount(), -1), one = constant(1);
  const weight = broadcastTo(scale(minimum(others, one), momentum), average.shape);
  const towards = (old: Node, now: Node): Node => add(old, multiply(weight, add(now, negate(old))));
  const unbiased = multiply(variance, broadcastTo(divide(rowCount(), maximum(others, one)), variance.shape));
  context.update('runningMean', towards(running.mean, average));
  context.update('runningVariance', towards(running.variance, unbiased));
}

export function checkEpsilon(where: string, value: unknown): number {
  return numberIn(where, 'epsilon', value ?? 1e-5, { from: 0, to: 1, openFrom: true });
}

/** γ ⊙ x + β with parameters `weight` (γ, 1 at first) and `bias` (β, 0 at first) for each feature, where the option `affine` asks for them. */
export function scaleAndShift(x: Node, options: Layer['options'], context: LayerContext): Node {
  if (options['affine'] !== true) return x;
  const fan = { shape: [Number(x.shape[1])], fanIn: 1, fanOut: 1 };
  const weight = context.parameter('weight', { ...fan, initializer: 'ones' }), bias = context.parameter('bias', { ...fan, initializer: 'zeros' });
  return add(multiply(x, weight), bias);
}

/**
 * Gives each feature mean 0 and variance 1 over the minibatch, then scales and shifts it by parameters `weight` and `bias`
 * (Ioffe and Szegedy 2015; PyTorch's BatchNorm1d): the minibatch's variance divides by n, the running one by n − 1. A minibatch
 * of one row passes on β and leaves the running statistics as they are.
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  return batchNormType.check({ ...options });
}
