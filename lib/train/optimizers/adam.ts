// Adam and AdamW.
import type { Node } from '../../graph/node.ts';
import { add, divide, multiply, scale, shift, sqrt, square } from '../../ops/elementwise.ts';
import { checkOptions, nonNegativeNumber, numberIn } from '../../options.ts';
import { checkLearningRate, type LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType, UpdateContext } from './optimizer.ts';

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
}

const names = ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay'] as const;

function checkAdam(type: 'adam' | 'adamw', options: Readonly<Record<string, unknown>>, weightDecay: number): OptimizerSpec {
  const where = type;
  checkOptions(where, options, names);
  return {
    type,
    options: {
      learningRate: checkLearningRate(where, options['learningRate'] ?? 1e-3),
      beta1: numberIn(where, 'beta1', options['beta1'] ?? 0.9, { from: 0, to: 1, openTo: true }),
      beta2: numberIn(where, 'beta2', options['beta2'] ?? 0.999, { from: 0, to: 1, openTo: true }),
      epsilon: nonNegativeNumber(where, 'epsilon', options['epsilon'] ?? 1e-8),
      weightDecay: nonNegativeNumber(where, 'weightDecay', options['weightDecay'] ?? weightDecay),
    },
  };
}

/** w − ε m̂ / (√v̂ + ϵ), from the weights `from`. */
function step(from: Node, gradient: Node, options: OptimizerSpec['options'], context: UpdateContext): { parameter: Node; slots: Record<string, Node> } {
  const beta1 = Number(options['beta1']), beta2 = Number(options['beta2']);
  const mean = add(scale(context.slot('mean'), beta1), scale(gradient, 1 - beta1));
  const variance = add(scale(context.slot('variance'), beta2), scale(square(gradient), 1 - beta2));
  const denominator = shift(multiply(sqrt(variance), context.hyper('varianceCorrection')), Number(options['epsilon']));
  return { parameter: add(multiply(context.hyper('negativeRate'), divide(mean, denominator)), from), slots: { mean, variance } };
}

function hypers(t: number, rate: number, options: OptimizerSpec['options']): Record<string, number> {
  return {
    negativeRate: -rate / (1 - Number(options['beta1']) ** t),
    varianceCorrection: 1 / Math.sqrt(1 - Number(options['beta2']) ** t),
    kept: 1 - rate * Number(options['weightDecay']),
  };
}

export const adamType: OptimizerType = {
  type: 'adam',
  doc: 'm ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − ε m̂ / (√v̂ + ϵ) (Kingma and Ba 2015)',
  check: (options) => checkAdam('adam', options, 0),
  update(parameter, gradient, options, context) {
    const weightDecay = Number(options['weightDecay']);
    return step(parameter, weightDecay === 0 ? gradient : add(gradient, scale(parameter, weightDecay)), options, context);
  },
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
