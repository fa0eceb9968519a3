// The learning rate in equal stairs.
import { checkOptions, nonNegativeNumber, positiveInteger } from '../../options.ts';
import { checkPer, timeOf, type Per } from './clock.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `step`. */
export interface StepOptions {
  /** The learning rate at the beginning. */
  readonly rate: number;
  /** Epochs or steps between two reductions. */
  readonly every: number;
  /** What the rate is multiplied by (default 0.1). */
  readonly factor?: number;
  /** Default `'epoch'`. */
  readonly per?: Per;
}

export const stepType: ScheduleType = {
  type: 'step',
  doc: 'ε = rate · factor^⌊t / every⌋ (PyTorch\'s StepLR)',
  check(options) {
    checkOptions('step', options, ['rate', 'every', 'factor', 'per']);
    return {
      type: 'step',
      options: {
        rate: nonNegativeNumber('step', 'rate', options['rate']),
        every: positiveInteger('step', 'every', options['every']),
        factor: nonNegativeNumber('step', 'factor', options['factor'] ?? 0.1),
        per: checkPer('step', options['per'] ?? 'epoch'),
      },
    };
  },
  start: (options) => ({ rate: (moment) => Number(options['rate']) * Number(options['factor']) ** Math.floor(timeOf(options, moment) / Number(options['every'])) }),
};

/** The learning rate multiplied by a factor after every so many epochs or steps, as PyTorch's StepLR. */
export function step(options: StepOptions): ScheduleSpec {
  return stepType.check({ ...options });
}
