// The learning rate up and down between two values.
import { checkOptions, nonNegativeNumber, oneOf, positiveInteger } from '../../options.ts';
import { checkPer, timeOf, type Per } from './clock.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `cyclic`; defaults are PyTorch's. */
export interface CyclicOptions {
  /** The lowest learning rate. */
  readonly rate: number;
  /** The highest learning rate of the first cycle. */
  readonly maxRate: number;
  /** Steps or epochs of the way up (default 2000). */
  readonly up?: number;
  /** Steps or epochs of the way down (default: as many as up). */
  readonly down?: number;
  /** Heights of the cycles: all the same (`'triangular'`, default), halved every time, or multiplied by `factor` with every step. */
  readonly mode?: 'triangular' | 'triangular2' | 'exponential';
  /** Of the mode `'exponential'` (default 1). */
  readonly factor?: number;
  /** Default `'step'`. */
  readonly per?: Per;
}

const names = ['rate', 'maxRate', 'up', 'down', 'mode', 'factor', 'per'] as const;

export const cyclicType: ScheduleType = {
  type: 'cyclic',
  doc: 'straight from rate up to maxRate and down again, all the time; heights constant, halved every cycle, or factorᵗ (Smith 2017; PyTorch\'s CyclicLR without its momentum)',
  check(options) {
    checkOptions('cyclic', options, names);
    const up = positiveInteger('cyclic', 'up', options['up'] ?? 2000);
    return {
      type: 'cyclic',
      options: {
        rate: nonNegativeNumber('cyclic', 'rate', options['rate']),
        maxRate: nonNegativeNumber('cyclic', 'maxRate', options['maxRate']),
        up,
        down: positiveInteger('cyclic', 'down', options['down'] ?? up),
        mode: oneOf('cyclic', 'mode', options['mode'] ?? 'triangular', ['triangular', 'triangular2', 'exponential']),
        factor: nonNegativeNumber('cyclic', 'factor', options['factor'] ?? 1),
        per: checkPer('cyclic', options['per'] ?? 'step'),
      },
    };
  },
  start: (options) => ({
    rate(moment) {
      const t = timeOf(options, moment), up = Number(options['up']), down = Number(options['down']);
      const cycle = Math.floor(t / (up + down)), since = t - cycle * (up + down);
      const part = since <= up ? since / up : (up + down - since) / down;
      const height = options['mode'] === 'triangular' ? 1 : options['mode'] === 'triangular2' ? 0.5 ** cycle : Number(options['factor']) ** t;
      return Number(options['rate']) + (Number(options['maxRate']) - Number(options['rate'])) * part * height;
    },
  }),
};

/** The learning rate up and down between two values, as PyTorch's CyclicLR; momentum is left as it is. */
export function cyclic(options: CyclicOptions): ScheduleSpec {
  return cyclicType.check({ ...options });
}
