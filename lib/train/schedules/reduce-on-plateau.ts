// The learning rate that is reduced whenever the loss no longer falls.
import { checkOptions, nonNegativeInteger, nonNegativeNumber, numberIn, oneOf } from '../../options.ts';
import { metrics } from '../metrics.ts';
import { measured } from '../monitor.ts';
import type { RunningSchedule, ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `reduceOnPlateau`; defaults are PyTorch's. */
export interface ReduceOnPlateauOptions {
  /** The learning rate at the beginning. */
  readonly rate: number;
  /** What the rate is multiplied by, in [0, 1) (default 0.1). */
  readonly factor?: number;
  /** Epochs without improvement that are borne; the next one reduces the rate (default 10). */
  readonly patience?: number;
  /** Least change that counts as an improvement (default 1e-4). */
  readonly threshold?: number;
  /** The threshold is a part of the best value (`'relative'`, default) or a difference from it. */
  readonly thresholdMode?: 'relative' | 'absolute';
  /** Epochs after a reduction that do not count (default 0). */
  readonly cooldown?: number;
  /** The rate does not fall below this (default 0). */
  readonly minRate?: number;
  /** Reductions by no more than this are left out (default 1e-8). */
  readonly epsilon?: number;
  /** What is watched, on the validation data where there are any, else on the training data: the loss (default) or a metric of the run. */
  readonly monitor?: string;
  /** What counts as better (default `'min'`, for metrics that are better when higher `'max'`). */
  readonly mode?: 'min' | 'max';
}

const where = 'reduceOnPlateau';
const names = ['rate', 'factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minRate', 'epsilon', 'monitor', 'mode'] as const;

/** The direction in which a measure gets better. */
function modeOf(monitor: string): 'min' | 'max' {
  return monitor !== 'loss' && metrics[monitor as keyof typeof metrics].better === 'higher' ? 'max' : 'min';
}

function start(options: ScheduleSpec['options']): RunningSchedule {
  const { monitor, mode, thresholdMode } = options as { monitor: string; mode: string; thresholdMode: string };
  const threshold = Number(options['threshold']), sign = mode === 'max' ? 1 : -1;
  let rate = Number(options['rate']), best = -sign * Infinity, bad = 0, cooldown = 0;
  const isBetter = (value: number): boolean => {
    const limit = thresholdMode === 'relative' ? best * (1 + sign * threshold) : best + sign * threshold;
    return sign * value > sign * limit;
  };
  return {
    rate: () => rate,
    observe(outcome) {
      const value = measured(where, outcome, monitor).value;
      if (isBetter(value)) [best, bad] = [value, 0];
      else bad++;
      if (cooldown > 0) [cooldown, bad] = [cooldown - 1, 0];
      if (bad <= Number(options['patience'])) return;
      const reduced = Math.max(rate * Number(options['factor']), Number(options['minRate']));
      if (rate - reduced > Number(options['epsilon'])) rate = reduced;
      [cooldown, bad] = [Number(options['cooldown']), 0];
    },
  };
}

export const reduceOnPlateauType: ScheduleType = {
  type: where,
  doc: 'ε ← max(factor · ε, minRate) after more than `patience` epochs without improvement of the validation loss, or of the training loss where there is none (PyTorch\'s ReduceLROnPlateau)',
  check(options) {
    checkOptions(where, options, names);
    const monitor = oneOf(where, 'monitor', options['monitor'] ?? 'loss', ['loss', ...Object.keys(metrics)]);
    return {
      type: where,
      options: {
        rate: nonNegativeNumber(where, 'rate', options['rate']),
        factor: numberIn(where, 'factor', options['factor'] ?? 0.1, { from: 0, to: 1, openTo: true }),
        patience: nonNegativeInteger(where, 'patience', options['patience'] ?? 10),
        threshold: nonNegativeNumber(where, 'threshold', options['threshold'] ?? 1e-4),
        thresholdMode: oneOf(where, 'thresholdMode', options['thresholdMode'] ?? 'relative', ['relative', 'absolute']),
        cooldown: nonNegativeInteger(where, 'cooldown', options['cooldown'] ?? 0),
        minRate: nonNegativeNumber(where, 'minRate', options['minRate'] ?? 0),
        epsilon: nonNegativeNumber(where, 'epsilon', options['epsilon'] ?? 1e-8),
        monitor,
        mode: oneOf(where, 'mode', options['mode'] ?? modeOf(monitor), ['min', 'max']),
      },
    };
  },
  start,
};

/** The learning rate reduced whenever a measure no longer gets better, as PyTorch's ReduceLROnPlateau. */
export function reduceOnPlateau(options: ReduceOnPlateauOptions): ScheduleSpec {
  return reduceOnPlateauType.check({ ...options });
}
