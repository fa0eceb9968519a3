// The learning rate along half a wave of the cosine.
import { checkOptions, nonNegativeNumber, positiveInteger } from '../../options.ts';
import { checkPer, durationOf, timeOf, type Per } from './clock.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `cosine`. */
export interface CosineOptions {
  /** The learning rate at the beginning. */
  readonly rate: number;
  /** The learning rate at the end (default 0). */
  readonly minRate?: number;
  /** Epochs or steps from the beginning to the end (default: the whole run). After them the rate rises again, in the same wave. */
  readonly over?: number;
  /** Default `'epoch'`. */
  readonly per?: Per;
}

export const cosineType: ScheduleType = {
  type: 'cosine',
  doc: 'ε = minRate + ½ (rate − minRate)(1 + cos(πt / over)) (PyTorch\'s CosineAnnealingLR; Loshchilov and Hutter 2017)',
  check(options) {
    checkOptions('cosine', options, ['rate', 'minRate', 'over', 'per']);
    return {
      type: 'cosine',
      options: {
        rate: nonNegativeNumber('cosine', 'rate', options['rate']),
        minRate: nonNegativeNumber('cosine', 'minRate', options['minRate'] ?? 0),
        ...(options['over'] !== undefined && { over: positiveInteger('cosine', 'over', options['over']) }),
        per: checkPer('cosine', options['per'] ?? 'epoch'),
      },
    };
  },
  start: (options) => ({
    rate(moment) {
      const rate = Number(options['rate']), least = Number(options['minRate']);
      return least + ((rate - least) * (1 + Math.cos((Math.PI * timeOf(options, moment)) / durationOf(options, moment)))) / 2;
    },
  }),
};

/** The learning rate along half a wave of the cosine, as PyTorch's CosineAnnealingLR. */
export function cosine(options: CosineOptions): ScheduleSpec {
  return cosineType.check({ ...options });
}
