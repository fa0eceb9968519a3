// The learning rate along half waves of the cosine, each beginning at the top.
import { checkOptions, nonNegativeNumber, positiveInteger } from '../../options.ts';
import { checkPer, timeOf, type Per } from './clock.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `cosineRestarts`. */
export interface CosineRestartsOptions {
  /** The learning rate at the beginning and after every restart. */
  readonly rate: number;
  /** Epochs or steps before the first restart. */
  readonly period: number;
  /** What every period is multiplied by to give the next: a positive integer (default 1). */
  readonly periodFactor?: number;
  /** The learning rate that every period approaches (default 0). */
  readonly minRate?: number;
  /** Default `'epoch'`. */
  readonly per?: Per;
}

const names = ['rate', 'period', 'periodFactor', 'minRate', 'per'] as const;

export const cosineRestartsType: ScheduleType = {
  type: 'cosineRestarts',
  doc: 'ε = minRate + ½ (rate − minRate)(1 + cos(πu / T)) with u the time since the last restart and T the period, multiplied by periodFactor at every restart (SGDR: Loshchilov and Hutter 2017; PyTorch\'s CosineAnnealingWarmRestarts)',
  check(options) {
    checkOptions('cosineRestarts', options, names);
    return {
      type: 'cosineRestarts',
      options: {
        rate: nonNegativeNumber('cosineRestarts', 'rate', options['rate']),
        period: positiveInteger('cosineRestarts', 'period', options['period']),
        periodFactor: positiveInteger('cosineRestarts', 'periodFactor', options['periodFactor'] ?? 1),
        minRate: nonNegativeNumber('cosineRestarts', 'minRate', options['minRate'] ?? 0),
        per: checkPer('cosineRestarts', options['per'] ?? 'epoch'),
      },
    };
  },
  start: (options) => ({
    rate(moment) {
      const rate = Number(options['rate']), least = Number(options['minRate']), factor = Number(options['periodFactor']);
      let since = timeOf(options, moment), period = Number(options['period']);
      if (factor === 1) since %= period;
      else for (; since >= period; period *= factor) since -= period;
      return least + ((rate - least) * (1 + Math.cos((Math.PI * since) / period))) / 2;
    },
  }),
};

/** Cosine with warm restarts, as PyTorch's CosineAnnealingWarmRestarts. */
export function cosineRestarts(options: CosineRestartsOptions): ScheduleSpec {
  return cosineRestartsType.check({ ...options });
}
