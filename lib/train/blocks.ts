// The work of training cut into blocks of whole epochs: order of examples, minibatches, and numbers of every step.
import type { Memory } from '../backend/backend.ts';
import { streams } from '../random/philox.ts';
import { shuffle } from '../random/shuffle.ts';
import type { Moment } from './schedules/schedule.ts';

/** How a run goes over its data. */
export interface Schedule {
  /** Number of examples. */
  readonly length: number;
  /** Rows that a view of the data consists of; null = all in order. */
  readonly index: Int32Array | null;
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** Order of the examples in an epoch (counted from 0), as positions; in place of `shuffle`. */
  order?(epoch: number): ArrayLike<number>;
  readonly seed: number;
  /** Steps before the first epoch. */
  readonly stepsBefore: number;
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Numbers of a step, in the program's order. */
  hypers(moment: Moment): readonly number[];
  readonly hyperCount: number;
}

/** Some whole epochs, ready to run. */
export interface Block {
  /** First epoch, counted from 0. */
  readonly epoch: number;
  readonly epochs: number;
  readonly steps: number;
  readonly order: Int32Array | null;
  readonly batches: Int32Array;
  readonly hyper: Memory;
  /** One value per step for every result. */
  readonly sinks: Memory[];
}

export function stepsPerEpoch(schedule: Schedule): number {
  return Math.ceil(schedule.length / schedule.batchSize);
}

/** Epochs `epoch` to `epoch + epochs`: the order of each is a function of the seed and the steps before it alone. */
export function prepareBlock(schedule: Schedule, epoch: number, epochs: number, sinkCount: number, allocate: (length: number) => Memory): Block {
  const { length, index, batchSize } = schedule;
  const perEpoch = stepsPerEpoch(schedule), steps = perEpoch * epochs;
  const plain = !schedule.shuffle && schedule.order === undefined && index === null;
  const order = plain ? null : new Int32Array(length * epochs);
  const batches = new Int32Array(2 * steps);
  const hyper = allocate(schedule.hyperCount * steps);
  for (let e = 0; e < epochs; e++) {
    if (order !== null) {
      const part = order.subarray(e * length, (e + 1) * length);
      const positions = schedule.order?.(epoch + e);
      for (let i = 0; i < length; i++) {
        const position = positions === undefined ? i : positions[i]!;
        part[i] = index === null ? position : index[position]!;
      }
      if (schedule.shuffle && positions === undefined) shuffle(part, schedule.seed, streams.order, schedule.stepsBefore + (epoch + e) * perEpoch);
    }
    for (let s = 0; s < perEpoch; s++) {
      const step = e * perEpoch + s;
      batches[2 * step] = (plain ? 0 : e * length) + s * batchSize;
      batches[2 * step + 1] = Math.min(batchSize, length - s * batchSize);
      if (schedule.hyperCount > 0) hyper.set(schedule.hypers({ step: epoch * perEpoch + step, epoch: epoch + e, stepsPerEpoch: perEpoch, epochs: schedule.epochs }), step * schedule.hyperCount);
    }
  }
  return { epoch, epochs, steps, order, batches, hyper, sinks: Array.from({ length: sinkCount }, () => allocate(steps)) };
}
