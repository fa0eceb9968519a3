// Time as schedules count it: in epochs or in steps.
import { oneOf } from '../../options.ts';
import type { Moment, ScheduleSpec } from './schedule.ts';

/** What a schedule counts: the rate changes between epochs, or with every step. */
export type Per = 'epoch' | 'step';

export function checkPer(where: string, value: unknown): Per {
  return oneOf(where, 'per', value, ['epoch', 'step']);
}

/** Epochs or steps of the run before the moment, as the option `per` says. */
export function timeOf(options: ScheduleSpec['options'], moment: Moment): number {
  return options['per'] === 'step' ? moment.step : moment.epoch;
}

/** What the option `over` gives, else the epochs or steps of the whole run. */
export function durationOf(options: ScheduleSpec['options'], { epochs, stepsPerEpoch }: Moment): number {
  if (options['over'] !== undefined) return Number(options['over']);
  return options['per'] === 'step' ? Math.round(epochs * stepsPerEpoch) : epochs;
}
