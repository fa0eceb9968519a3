// The learning rate that stays as it is.
import { checkOptions, nonNegativeNumber } from '../../options.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

export const constantType: ScheduleType = {
  type: 'constant',
  doc: 'ε = `rate` throughout',
  check(options) {
    checkOptions('constant', options, ['rate']);
    return { type: 'constant', options: { rate: nonNegativeNumber('constant', 'rate', options['rate']) } };
  },
  start: (options) => ({ rate: () => Number(options['rate']) }),
};

/** The same learning rate throughout: what a plain number means. */
export function constant(rate: number): ScheduleSpec {
  return constantType.check({ rate });
}
