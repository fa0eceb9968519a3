// The learning rate that falls with the inverse of time, or of its root.
import { checkOptions, nonNegativeNumber } from '../../options.ts';
import { checkPer, timeOf, type Per } from './clock.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `inverseTime`. */
export interface InverseTimeOptions {
  /** The learning rate at the beginning. */
  readonly rate: number;
  /** What time is multiplied by. With the number of examples, per epoch and with power 0.5, this is scikit-learn's `invscaling`. */
  readonly decay: number;
  /** Default 1. */
  readonly power?: number;
  /** Default `'epoch'`. */
  readonly per?: Per;
}

export const inverseTimeType: ScheduleType = {
  type: 'inverseTime',
  doc: 'ε = rate / (1 + decay · t)^power (Robbins and Monro 1951; scikit-learn\'s invscaling)',
  check(options) {
    checkOptions('inverseTime', options, ['rate', 'decay', 'power', 'per']);
    return {
      type: 'inverseTime',
      options: {
        rate: nonNegativeNumber('inverseTime', 'rate', options['rate']),
        decay: nonNegativeNumber('inverseTime', 'decay', options['decay']),
        power: nonNegativeNumber('inverseTime', 'power', options['power'] ?? 1),
        per: checkPer('inverseTime', options['per'] ?? 'epoch'),
      },
    };
  },
  start: (options) => ({ rate: (moment) => Number(options['rate']) / (1 + Number(options['decay']) * timeOf(options, moment)) ** Number(options['power']) }),
};

/** The learning rate divided by a power of 1 + decay · time. */
export function inverseTime(options: InverseTimeOptions): ScheduleSpec {
  return inverseTimeType.check({ ...options });
}
