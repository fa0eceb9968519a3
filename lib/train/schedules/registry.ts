// All learning-rate schedules by name.
import { checkSpec, nonNegativeNumber } from '../../options.ts';
import { constantType } from './constant.ts';
import { cosineRestartsType } from './cosine-restarts.ts';
import { cosineType } from './cosine.ts';
import { cyclicType } from './cyclic.ts';
import { exponentialType } from './exponential.ts';
import { inverseTimeType } from './inverse-time.ts';
import { linearType } from './linear.ts';
import { multiStepType } from './multi-step.ts';
import { oneCycleType } from './one-cycle.ts';
import { polynomialType } from './polynomial.ts';
import { reduceOnPlateauType } from './reduce-on-plateau.ts';
import type { LearningRate, RunningSchedule, ScheduleSpec, ScheduleType } from './schedule.ts';
import { stepType } from './step.ts';
import { warmupTypeOf, type WarmupOptions } from './warmup.ts';

export const warmupType = warmupTypeOf({ check: checkLearningRate, start: startSchedule });

export const schedules = {
  constant: constantType, step: stepType, multiStep: multiStepType, exponential: exponentialType, inverseTime: inverseTimeType, linear: linearType,
  polynomial: polynomialType, cosine: cosineType, cosineRestarts: cosineRestartsType, oneCycle: oneCycleType, cyclic: cyclicType,
  reduceOnPlateau: reduceOnPlateauType, warmup: warmupType,
} as const satisfies Record<string, ScheduleType>;

export type { LearningRate } from './schedule.ts';

/** Returns a learning rate with its schedule checked. */
export function checkLearningRate(where: string, value: unknown): LearningRate {
  if (typeof value === 'number') return nonNegativeNumber(where, 'learningRate', value);
  // A name alone would give no rate.
  return checkSpec<ScheduleSpec>(where, 'learningRate', value, schedules, { also: 'a non-negative number or a schedule, ', byName: false });
}

/** Begins a run at a learning rate. */
export function startSchedule(rate: LearningRate): RunningSchedule {
  const spec = typeof rate === 'number' ? { type: 'constant', options: { rate } } : rate;
  return schedules[spec.type as keyof typeof schedules].start(spec.options);
}

/** A linear warm-up, then a learning rate or another schedule, as PyTorch's SequentialLR of a LinearLR and another. */
export function warmup(options: WarmupOptions): ScheduleSpec {
  return warmupType.check({ ...options });
}
