// A linear warm-up in front of another schedule.
import { OptionError } from '../../errors.ts';
import { checkOptions, numberIn, positiveInteger } from '../../options.ts';
import type { LearningRate, Moment, RunningSchedule, ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `warmup`: either `steps` or `epochs`. */
export interface WarmupOptions {
  /** Steps of the warm-up. */
  readonly steps?: number;
  /** Epochs of the warm-up, in which the rate rises with every step. */
  readonly epochs?: number;
  /** The rate begins with this part of the rate that it rises to (default 0.01). */
  readonly startFactor?: number;
  /** What it leads to: a number, or a schedule that begins after the warm-up and takes the rest of the run for the whole. */
  readonly learningRate: LearningRate;
}

/** How schedules deal with a schedule inside them. */
export interface InnerSchedules {
  check(where: string, value: unknown): LearningRate;
  start(rate: LearningRate): RunningSchedule;
}

function check(options: Readonly<Record<string, unknown>>, inner: InnerSchedules): ScheduleSpec {
  checkOptions('warmup', options, ['steps', 'epochs', 'startFactor', 'learningRate']);
  const { steps, epochs } = options;
  if ((steps === undefined) === (epochs === undefined)) throw new OptionError("[warmup] expected either 'steps' or 'epochs'");
  return {
    type: 'warmup',
    options: {
      ...(steps === undefined ? { epochs: positiveInteger('warmup', 'epochs', epochs) } : { steps: positiveInteger('warmup', 'steps', steps) }),
      startFactor: numberIn('warmup', 'startFactor', options['startFactor'] ?? 0.01, { from: 0, to: 1 }),
      learningRate: inner.check('warmup', options['learningRate']),
    },
  };
}

/** The moment as it looks to a schedule that begins after `steps` steps. */
function after(steps: number, { step, stepsPerEpoch, epochs }: Moment): Moment {
  const since = Math.max(0, step - steps);
  // A warm-up as long as the run leaves nothing; the first rate of what would come is then still asked for.
  return { step: since, epoch: Math.floor(since / stepsPerEpoch), stepsPerEpoch, epochs: Math.max(epochs - steps / stepsPerEpoch, 1 / stepsPerEpoch) };
}

function start(options: ScheduleSpec['options'], inner: InnerSchedules): RunningSchedule {
  const next = inner.start(options['learningRate'] as LearningRate), startFactor = Number(options['startFactor']);
  return {
    rate(moment) {
      const steps = options['steps'] === undefined ? Number(options['epochs']) * moment.stepsPerEpoch : Number(options['steps']);
      const part = Math.min(moment.step / steps, 1);
      return next.rate(after(steps, moment)) * (startFactor + (1 - startFactor) * part);
    },
    ...(next.observe && { observe: (outcome) => next.observe!(outcome) }),
  };
}

/** The schedule type `warmup`, given the schedules that may come after it. */
export function warmupTypeOf(inner: InnerSchedules): ScheduleType {
  return {
    type: 'warmup',
    doc: 'ε rises straight from startFactor times the first rate of the schedule `learningRate` to that rate; then that schedule begins (Goyal et al. 2017)',
    check: (options) => check(options, inner),
    start: (options) => start(options, inner),
  };
}
