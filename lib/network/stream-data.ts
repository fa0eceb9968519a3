// Data that come batch by batch: what users give, and as checked batches.
import { matrix, type Columns, type MatrixLike } from '../data/columns.ts';
import type { BatchSource } from '../data/stream/source.ts';
import { DataError, ShapeError } from '../errors.ts';
import { describe } from '../options.ts';

/** A minibatch: rows of inputs and targets, and how much each example counts. */
export interface GivenBatch {
  readonly x: MatrixLike;
  readonly y: MatrixLike;
  readonly weights?: MatrixLike;
}

/**
 * Batches one after the other: a source that can be read again, a function that gives the batches of an epoch (from 0), or an iterable,
 * which is read on from epoch to epoch and needs `stepsPerEpoch` for more than one.
 */
export type StreamData = BatchSource | AsyncIterable<GivenBatch> | ((epoch: number) => AsyncIterable<GivenBatch>);

/** A minibatch whose rows fit the network. */
export interface Minibatch {
  readonly rows: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly weights: Float32Array | undefined;
}

export function isStream(data: unknown): data is StreamData {
  if (typeof data === 'function') return true;
  return typeof data === 'object' && data !== null && (Symbol.asyncIterator in data || typeof (data as { batches?: unknown }).batches === 'function');
}

/** Reads batches, epoch by epoch, and holds them to the widths of the first one. */
export class BatchReader {
  private readonly data: StreamData;
  private readonly inputs: number;
  private readonly stepsPerEpoch: number | undefined;
  private iterator: AsyncIterator<GivenBatch> | undefined;
  private first: Minibatch | undefined;
  private width: number | undefined;
  private weighted: boolean | undefined;
  private epoch = 0;
  private steps = 0;

  constructor(data: StreamData, inputs: number, stepsPerEpoch: number | undefined) {
    this.data = data;
    this.inputs = inputs;
    this.stepsPerEpoch = stepsPerEpoch;
  }

  /** The first batch of an epoch, which `next` gives again. */
  async peek(epoch: number): Promise<Minibatch> {
    await this.begin(epoch);
    this.first = await this.read();
    if (this.first === undefined) throw new DataError(`[fit] expected batches but there are none in epoch ${epoch + 1}`);
    return this.first;
  }

  /** Goes to the beginning of an epoch (from 0). */
  async begin(epoch: number): Promise<void> {
    this.epoch = epoch;
    this.steps = 0;
    const isOneIterable = typeof this.data !== 'function' && !('batches' in this.data);
    if (this.iterator !== undefined && isOneIterable && this.stepsPerEpoch !== undefined) return;
    await this.close();
    const batches = typeof this.data === 'function' ? this.data(epoch) : 'batches' in this.data ? this.data.batches(epoch) : this.data;
    if (typeof batches?.[Symbol.asyncIterator] !== 'function') throw new DataError(`[fit] expected the function to give an asynchronous iterable for epoch ${epoch + 1} but received ${describe(batches)}`);
    this.iterator = batches[Symbol.asyncIterator]();
  }

  /** The next batch of the epoch; undefined at its end. */
  async next(): Promise<Minibatch | undefined> {
    if (this.steps === this.stepsPerEpoch) return undefined;
    const batch = this.first ?? (await this.read());
    this.first = undefined;
    if (batch === undefined && this.steps === 0) {
      throw new DataError(`[fit] expected batches but there are none in epoch ${this.epoch + 1}; give a function that makes the batches of each epoch`);
    }
    if (batch !== undefined) this.steps++;
    return batch;
  }

  /** Ends the reading: files are closed. */
  async close(): Promise<void> {
    const { iterator } = this;
    this.iterator = undefined;
    this.first = undefined;
    await iterator?.return?.();
  }

  private async read(): Promise<Minibatch | undefined> {
    const { value, done } = await this.iterator!.next();
    if (done === true) {
      this.iterator = undefined;
      return undefined;
    }
    return this.checked(value);
  }

  private checked(batch: GivenBatch): Minibatch {
    const where = `fit, batch ${this.steps + 1} of epoch ${this.epoch + 1}`;
    if (typeof batch !== 'object' || batch === null) throw new DataError(`[${where}] expected { x, y } but received ${describe(batch)}`);
    const x = matrix(batch.x, this.inputs, where);
    const y = matrix(batch.y, this.width ?? (ArrayBuffer.isView(batch.y) ? (batch.y as Float32Array).length / x.rows : null), `${where}, targets`, 'targets');
    const weights = batch.weights === undefined ? undefined : matrix(batch.weights, 1, `${where}, weights`, 'weights');
    for (const [what, table] of [['targets', y], ['weights', weights]] as const) {
      if (table !== undefined && table.rows !== x.rows) throw new ShapeError(`[${where}] expected ${what} for ${x.rows} rows but received ${table.rows}`);
    }
    this.weighted ??= weights !== undefined;
    if (this.weighted !== (weights !== undefined)) throw new ShapeError(`[${where}] expected ${this.weighted ? '' : 'no '}weights as in the batches before`);
    const bad = weights?.data.findIndex((weight) => weight < 0) ?? -1;
    if (bad >= 0) throw new DataError(`[${where}] expected weights that are not negative but received ${weights!.data[bad]} (row ${bad})`);
    this.width ??= y.width;
    return { rows: x.rows, x: x.data, y: y.data, weights: weights?.data };
  }
}

/** A table as columns of a data set. */
export function asColumns(data: Float32Array, width: number): Columns {
  return { data, width, scale: 1, shift: 0 };
}
