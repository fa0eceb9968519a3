// The learning rate along a straight line.
import { checkOptions, nonNegativeNumber, positiveInteger } from '../../options.ts';
import { checkPer, timeOf, type Per } from './clock.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `linear`; defaults are PyTorch's. */
export interface LinearOptions {
  /** The learning rate that both factors multiply. */
  readonly rate: number;
  /** Factor at the beginning (default 1/3). */
  readonly startFactor?: number;
  /** Factor at the end and from then on (default 1). */
  readonly endFactor?: number;
  /** Epochs or steps from the beginning to the end (default 5). */
  readonly over?: number;
  /** Default `'epoch'`. */
  readonly per?: Per;
}

export const linearType: ScheduleType = {
  type: 'linear',
  doc: 'ε = rate · (startFactor + (endFactor − startFactor) · min(t, over) / over) (PyTorch\'s LinearLR)',
  check(options) {
    checkOptions('linear', options, ['rate', 'startFactor', 'endFactor', 'over', 'per']);
    return {
      type: 'linear',
      options: {
        rate: nonNegativeNumber('linear', 'rate', options['rate']),
        startFactor: nonNegativeNumber('linear', 'startFactor', options['startFactor'] ?? 1 / 3),
        endFactor: nonNegativeNumber('linear', 'endFactor', options['endFactor'] ?? 1),
        over: positiveInteger('linear', 'over', options['over'] ?? 5),
        per: checkPer('linear', options['per'] ?? 'epoch'),
      },
    };
  },
  start: (options) => ({
    rate(moment) {
      const start = Number(options['startFactor']), end = Number(options['endFactor']), over = Number(options['over']);
      return Number(options['rate']) * (start + ((end - start) * Math.min(timeOf(options, moment), over)) / over);
    },
  }),
};

/** The learning rate along a straight line, then constant, as PyTorch's LinearLR. */
export function linear(options: LinearOptions): ScheduleSpec {
  return linearType.check({ ...options });
}
