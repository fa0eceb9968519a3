// Stochastic gradient descent, with momentum and Nesterov's variant.
import { OptionError } from '../../errors.ts';
import type { Node } from '../../graph/node.ts';
import { add, multiply, scale } from '../../ops/elementwise.ts';
import { boolean, checkOptions, nonNegativeNumber, numberIn, oneOf } from '../../options.ts';
import { checkLearningRate, type LearningRate } from '../schedules/registry.ts';
import type { OptimizerSpec, OptimizerType } from './optimizer.ts';
import { decayRate, withDecay } from './parts.ts';

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
  /**
   * What the velocity adds up. `'gradients'` (default, as in PyTorch): the learning rate of the step scales all of it. `'steps'` (as in
   * Keras, scikit-learn and Goodfellow et al. 2016, algorithm 8.2): every gradient keeps the learning rate of its own step. The two
   * are the same at a constant learning rate.
   */
  readonly velocity?: 'gradients' | 'steps';
}

const names = ['learningRate', 'momentum', 'dampening', 'weightDecay', 'nesterov', 'velocity'] as const;

export const sgdType: OptimizerType = {
  type: 'sgd',
  doc: 'v ← μv + (1 − d)g; w ← w − εv; with Nesterov w ← w − ε(g + μv) (Polyak 1964; Sutskever et al. 2013); d is the dampening, λw is added to g',
  check(options) {
    checkOptions('sgd', options, names);
    const momentum = decayRate('sgd', 'momentum', options['momentum'] ?? 0);
    const dampening = numberIn('sgd', 'dampening', options['dampening'] ?? 0, { from: 0, to: 1 });
    const nesterov = boolean('sgd', 'nesterov', options['nesterov'] ?? false);
    if (nesterov && (momentum === 0 || dampening !== 0)) throw new OptionError("[sgd] expected 'nesterov' with a momentum above 0 and no dampening");
    return {
      type: 'sgd',
      options: {
        learningRate: checkLearningRate('sgd', options['learningRate'] ?? 1e-3),
        momentum, dampening, nesterov,
        velocity: oneOf('sgd', 'velocity', options['velocity'] ?? 'gradients', ['gradients', 'steps']),
        weightDecay: nonNegativeNumber('sgd', 'weightDecay', options['weightDecay'] ?? 0),
      },
    };
  },
  update(parameter, gradient, options, context) {
    const momentum = Number(options['momentum']), nesterov = options['nesterov'] === true;
    const g = withDecay(gradient, parameter, Number(options['weightDecay']));
    const descend = (direction: Node, from: Node) => add(multiply(context.hyper('negativeRate'), direction), from);
    if (momentum === 0) return { parameter: descend(g, parameter), slots: {} };
    const kept = scale(context.slot('velocity'), momentum);
    if (options['velocity'] === 'steps') {
      const velocity = add(multiply(context.hyper('negativeRateTaken'), g), kept);
      return { parameter: nesterov ? descend(g, add(scale(velocity, momentum), parameter)) : add(velocity, parameter), slots: { velocity } };
    }
    const taken = Number(options['dampening']) === 0 ? g : multiply(context.hyper('taken'), g);
    const velocity = add(kept, taken);
    return { parameter: descend(nesterov ? add(g, scale(velocity, momentum)) : velocity, parameter), slots: { velocity } };
  },
  hypers(t, rate, options) {
    const taken = t === 1 ? 1 : 1 - Number(options['dampening']);
    return { negativeRate: -rate, taken, negativeRateTaken: -rate * taken };
  },
};

/** Stochastic gradient descent, as PyTorch's SGD. */
export function sgd(options: SgdOptions = {}): OptimizerSpec {
  return sgdType.check({ ...options });
}
