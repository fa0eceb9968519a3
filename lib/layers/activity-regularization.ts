// Penalties on what a layer passes on, as a layer of its own.
import { checkOptions, nonNegativeNumber } from '../options.ts';
import { Layer, type LayerType } from './layer.ts';
import { activityPenalty } from './penalties.ts';

/** Options of `activityRegularization`. */
export interface ActivityRegularizationOptions {
  /** λ of λ Σ|a| in the cost, averaged over the examples (default 0). */
  readonly l1?: number;
  /** λ of λ Σa² in the cost, averaged over the examples (default 0). */
  readonly l2?: number;
}

export const activityRegularizationType: LayerType = {
  type: 'activityRegularization',
  doc: 'a = x, with λ₁ Σ|x| + λ₂ Σx² in the cost',
  check(options) {
    checkOptions('activityRegularization', options, ['l1', 'l2']);
    return new Layer('activityRegularization', {
      l1: nonNegativeNumber('activityRegularization', 'l1', options['l1'] ?? 0), l2: nonNegativeNumber('activityRegularization', 'l2', options['l2'] ?? 0),
    });
  },
  build([x], options, context) {
    const penalty = activityPenalty(x, Number(options['l1']), Number(options['l2']));
    if (penalty !== undefined) context.penalty(penalty);
    return { z: x, a: x };
  },
  describe: (options) => `l1 ${String(options['l1'])}, l2 ${String(options['l2'])}`,
};

/** Passes its input x on and adds λ₁ Σ|x| + λ₂ Σx², averaged over the examples, to the cost. */
export function activityRegularization(options: ActivityRegularizationOptions = {}): Layer {
  return activityRegularizationType.check({ ...options });
}
