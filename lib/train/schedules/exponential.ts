// The learning rate that falls by the same factor all the time.
import { checkOptions, nonNegativeNumber } from '../../options.ts';
import { checkPer, timeOf, type Per } from './clock.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `exponential`. */
export interface ExponentialOptions {
  /** The learning rate at the beginning. */
  readonly rate: number;
  /** What the rate is multiplied by after every epoch or step. */
  readonly factor: number;
  /** Default `'epoch'`. */
  readonly per?: Per;
}

export const exponentialType: ScheduleType = {
  type: 'exponential',
  doc: 'ε = rate · factorᵗ (PyTorch\'s ExponentialLR)',
  check(options) {
    checkOptions('exponential', options, ['rate', 'factor', 'per']);
    return {
      type: 'exponential',
      options: {
        rate: nonNegativeNumber('exponential', 'rate', options['rate']),
        factor: nonNegativeNumber('exponential', 'factor', options['factor']),
        per: checkPer('exponential', options['per'] ?? 'epoch'),
      },
    };
  },
  start: (options) => ({ rate: (moment) => Number(options['rate']) * Number(options['factor']) ** timeOf(options, moment) }),
};

/** The learning rate multiplied by a factor after every epoch or step, as PyTorch's ExponentialLR. */
export function exponential(options: ExponentialOptions): ScheduleSpec {
  return exponentialType.check({ ...options });
}
