// What a learning-rate schedule is.

/** A schedule with its options: plain data. */
export interface ScheduleSpec {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A learning rate: a number, or a schedule that gives one for every step. */
export type LearningRate = number | ScheduleSpec;

/** Where a run is: counted from 0. */
export interface Moment {
  /** Steps of this run before the one at hand. */
  readonly step: number;
  /** Epochs finished before the one at hand. */
  readonly epoch: number;
  readonly stepsPerEpoch: number;
  /** Epochs of the whole run; after a warm-up that ends within an epoch not a whole number. */
  readonly epochs: number;
}

/** What an epoch came to, for schedules that look at it. */
export interface Outcome {
  readonly loss: number;
  readonly validation?: { readonly loss: number };
}

/** A schedule in the course of one run. */
export interface RunningSchedule {
  /** The learning rate at a moment. */
  rate(moment: Moment): number;
  /**
   * Told of every epoch in turn, before the rates of the next are asked for. Schedules without it are functions of the moment alone;
   * with it, of the moment and the outcomes so far: told the same again, another run has the same rates.
   */
  observe?(outcome: Outcome): void;
}

/** A kind of schedule. */
export interface ScheduleType {
  readonly type: string;
  readonly doc: string;
  check(options: Readonly<Record<string, unknown>>): ScheduleSpec;
  start(options: ScheduleSpec['options']): RunningSchedule;
}
