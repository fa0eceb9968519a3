// Stochastic gradient descent, with momentum and Nesterov's variant.
import { OptionError } from '../../errors.ts';
import { add, multiply, scale } from '../../ops/elementwise.ts';
import { boolean, checkOptions, nonNegativeNumber, numberIn } from '../../options.ts';
import { checkLearningRate, type LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType } from './optimizer.ts';

/** Options of `sgd`; defaults are PyTorch's. */
export interface SgdOptions {
  /** Default 1e-3. */
  readonly learningRate?: LearningRate;
  /** Default 0. */
  readonly momentum?: number;
  /** Share of the gradient that the momentum does not take in (default 0; the first step takes all). */
  readonly dampening?: number;
  /** Adds λw to the gradient of every parameter (default 0). */
  readonly weightDecay?: number;
  /** Looks ahead along the momentum; needs momentum and no dampening (default false). */
  readonly nesterov?: boolean;
}

const names = ['learningRate', 'momentum', 'dampening', 'weightDecay', 'nesterov'] as const;

export const sgdType: OptimizerType = {
  type: 'sgd',
  doc: 'v ← μv + (1 − d)g; w ← w − εv; with Nesterov w ← w − ε(g + μv)',
  check(options) {
    checkOptions('sgd', options, names);
    const momentum = numberIn('sgd', 'momentum', options['momentum'] ?? 0, { from: 0, to: 1, openTo: true });
    const dampening = numberIn('sgd', 'dampening', options['dampening'] ?? 0, { from: 0, to: 1 });
    const nesterov = boolean('sgd', 'nesterov', options['nesterov'] ?? false);
    if (nesterov && (momentum === 0 || dampening !== 0)) throw new OptionError("[sgd] expected 'nesterov' with a momentum above 0 and no dampening");
    return {
      type: 'sgd',
      options: {
        learningRate: checkLearningRate('sgd', options['learningRate'] ?? 1e-3),
        momentum, dampening, nesterov,
        weightDecay: nonNegativeNumber('sgd', 'weightDecay', options['weightDecay'] ?? 0),
      },
    };
  },
  update(parameter, gradient, options, context) {
    const momentum = Number(options['momentum']), weightDecay = Number(options['weightDecay']);
    const g = weightDecay === 0 ? gradient : add(gradient, scale(parameter, weightDecay));
    const descend = (direction: typeof g) => add(multiply(context.hyper('negativeRate'), direction), parameter);
    if (momentum === 0) return { parameter: descend(g), slots: {} };
    const taken = Number(options['dampening']) === 0 ? g : multiply(context.hyper('taken'), g);
    const velocity = add(scale(context.slot('velocity'), momentum), taken);
    return { parameter: descend(options['nesterov'] === true ? add(g, scale(velocity, momentum)) : velocity), slots: { velocity } };
  },
  hypers: (t, rate, options) => ({ negativeRate: -rate, taken: t === 1 ? 1 : 1 - Number(options['dampening']) }),
};

/** Stochastic gradient descent, as PyTorch's SGD. */
export function sgd(options: SgdOptions = {}): OptimizerSpec {
  return sgdType.check({ ...options });
}
