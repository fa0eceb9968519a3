// All learning-rate schedules by name.
import { OptionError } from '../../errors.ts';
import { describe, nonNegativeNumber, suggestion } from '../../options.ts';
import { constantType } from './constant.ts';
import type { RunningSchedule, ScheduleSpec, ScheduleType } from './schedule.ts';

export const schedules = { constant: constantType } as const satisfies Record<string, ScheduleType>;

/** A learning rate: a number, or a schedule that gives one for every step. */
export type LearningRate = number | ScheduleSpec;

/** Returns a learning rate with its schedule checked. */
export function checkLearningRate(where: string, value: unknown): LearningRate {
  if (typeof value === 'number') return nonNegativeNumber(where, 'learningRate', value);
  const type = (value as Partial<ScheduleSpec> | null)?.type;
  if (typeof type !== 'string' || !Object.hasOwn(schedules, type)) {
    const hint = typeof type === 'string' ? suggestion(type, Object.keys(schedules)) : '';
    throw new OptionError(`[${where}] expected 'learningRate' to be a non-negative number or a schedule, one of ${Object.keys(schedules).join(', ')}, but received ${describe(value)}${hint}`);
  }
  return schedules[type as keyof typeof schedules].check((value as ScheduleSpec).options ?? {});
}

/** Begins a run at a learning rate. */
export function startSchedule(rate: LearningRate): RunningSchedule {
  const spec = typeof rate === 'number' ? { type: 'constant', options: { rate } } : rate;
  return schedules[spec.type as keyof typeof schedules].start(spec.options);
}
