// The learning rate along a polynomial that ends flat.
import { checkOptions, nonNegativeNumber, positiveInteger } from '../../options.ts';
import { checkPer, durationOf, timeOf, type Per } from './clock.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `polynomial`. */
export interface PolynomialOptions {
  /** The learning rate at the beginning. */
  readonly rate: number;
  /** Default 1: a straight line. */
  readonly power?: number;
  /** The learning rate at the end and from then on (default 0). */
  readonly endRate?: number;
  /** Epochs or steps from the beginning to the end (default: the whole run). */
  readonly over?: number;
  /** Default `'epoch'`. */
  readonly per?: Per;
}

export const polynomialType: ScheduleType = {
  type: 'polynomial',
  doc: 'ε = endRate + (rate − endRate) · (1 − min(t, over) / over)^power (PyTorch\'s PolynomialLR)',
  check(options) {
    checkOptions('polynomial', options, ['rate', 'power', 'endRate', 'over', 'per']);
    return {
      type: 'polynomial',
      options: {
        rate: nonNegativeNumber('polynomial', 'rate', options['rate']),
        power: nonNegativeNumber('polynomial', 'power', options['power'] ?? 1),
        endRate: nonNegativeNumber('polynomial', 'endRate', options['endRate'] ?? 0),
        ...(options['over'] !== undefined && { over: positiveInteger('polynomial', 'over', options['over']) }),
        per: checkPer('polynomial', options['per'] ?? 'epoch'),
      },
    };
  },
  start: (options) => ({
    rate(moment) {
      const rate = Number(options['rate']), end = Number(options['endRate']), over = durationOf(options, moment);
      return end + (rate - end) * (1 - Math.min(timeOf(options, moment), over) / over) ** Number(options['power']);
    },
  }),
};

/** The learning rate along a polynomial down to `endRate`, as PyTorch's PolynomialLR. */
export function polynomial(options: PolynomialOptions): ScheduleSpec {
  return polynomialType.check({ ...options });
}
