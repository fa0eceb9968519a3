// Adam and AdamW.
import type { Node } from '../../graph/node.ts';
import { add, divide, maximum, multiply, shift, sqrt, square } from '../../ops/elementwise.ts';
import { boolean, checkOptions } from '../../options.ts';
import type { LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType, UpdateContext } from './optimizer.ts';
import { average, checkMoments, withDecay } from './parts.ts';

/** Options of `adam` and `adamw`; defaults are PyTorch's. */
export interface AdamOptions {
  /** Default 1e-3. */
  readonly learningRate?: LearningRate;
  /** Decay of the mean of gradients (default 0.9). */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients (default 0.999). */
  readonly beta2?: number;
  /** Added to the root (default 1e-8). */
  readonly epsilon?: number;
  /** `adam`: adds λw to the gradient (default 0). `adamw`: shrinks the weights by ελ before the step (default 0.01). */
  readonly weightDecay?: number;
  /** Divides by the largest mean of squares so far in place of the present one (Reddi et al. 2018; default false). */
  readonly amsgrad?: boolean;
  /**
   * Adds epsilon to √v before its bias is corrected, as Keras, TensorFlow and scikit-learn do: the ϵ̂ of Kingma and Ba, end of
   * section 2 (default false: to √v̂, as their algorithm 1 and PyTorch do).
   */
  readonly epsilonHat?: boolean;
}

const names = ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay', 'amsgrad', 'epsilonHat'] as const;

function checkAdam(type: 'adam' | 'adamw', options: Readonly<Record<string, unknown>>, weightDecay: number): OptimizerSpec {
  const where = type;
  checkOptions(where, options, names);
  return {
    type,
    options: {
      ...checkMoments(where, options, 1e-3, weightDecay),
      amsgrad: boolean(where, 'amsgrad', options['amsgrad'] ?? false),
      epsilonHat: boolean(where, 'epsilonHat', options['epsilonHat'] ?? false),
    },
  };
}

/** w − ε m̂ / (√v̂ + ϵ), from the weights `from`. */
function step(from: Node, gradient: Node, options: OptimizerSpec['options'], context: UpdateContext): { parameter: Node; slots: Record<string, Node> } {
  const mean = average(context.slot('mean'), gradient, Number(options['beta1']));
  const variance = average(context.slot('variance'), square(gradient), Number(options['beta2']));
  const largest = options['amsgrad'] === true ? maximum(context.slot('largestVariance'), variance) : undefined;
  const root = sqrt(largest ?? variance), epsilonHat = options['epsilonHat'] === true;
  const denominator = shift(epsilonHat ? root : multiply(root, context.hyper('varianceCorrection')), Number(options['epsilon']));
  const rate = context.hyper(epsilonHat ? 'negativeRateOfBoth' : 'negativeRate');
  return {
    parameter: add(multiply(rate, divide(mean, denominator)), from),
    slots: { mean, variance, ...(largest && { largestVariance: largest }) },
  };
}

function hypers(t: number, rate: number, options: OptimizerSpec['options']): Record<string, number> {
  const negativeRate = -rate / (1 - Number(options['beta1']) ** t), root = Math.sqrt(1 - Number(options['beta2']) ** t);
  return {
    negativeRate,
    varianceCorrection: 1 / root,
    // With both corrections in it.
    negativeRateOfBoth: negativeRate * root,
    kept: 1 - rate * Number(options['weightDecay']),
  };
}

export const adamType: OptimizerType = {
  type: 'adam',
  doc: 'm ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − ε m̂ / (√v̂ + ϵ), with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ) (Kingma and Ba 2015); AMSGrad takes the largest v so far (Reddi et al. 2018)',
  check: (options) => checkAdam('adam', options, 0),
  update: (parameter, gradient, options, context) => step(parameter, withDecay(gradient, parameter, Number(options['weightDecay'])), options, context),
  hypers,
};

export const adamwType: OptimizerType = {
  type: 'adamw',
  doc: 'w ← (1 − ελ)w, then Adam without decay in the gradient (Loshchilov and Hutter 2019)',
  check: (options) => checkAdam('adamw', options, 0.01),
  update: (parameter, gradient, options, context) =>
    step(Number(options['weightDecay']) === 0 ? parameter : multiply(parameter, context.hyper('kept')), gradient, options, context),
  hypers,
};

/** Adam, as PyTorch's Adam. */
export function adam(options: AdamOptions = {}): OptimizerSpec {
  return adamType.check({ ...options });
}

/** Adam with decoupled weight decay, as PyTorch's AdamW. */
export function adamw(options: AdamOptions = {}): OptimizerSpec {
  return adamwType.check({ ...options });
}
