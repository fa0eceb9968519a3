// Prediction for many callers at once: their rows are gathered into batches, and one batch runs while the next is gathered.
import type { Tables } from '../data/parts.ts';
import type { Matrix } from '../data/columns.ts';
import { DisposedError, OverloadedError } from '../errors.ts';
import type { RawRows } from '../network/given.ts';
import type { Network } from '../network/network.ts';
import { predictionOf, type Prediction } from '../network/prediction.ts';
import { checkOptions, nonNegativeNumber, positiveInteger } from '../options.ts';
import { Batch } from './batch.ts';
import { Counters, formatPrometheus, type PredictorMetrics } from './metrics.ts';
import { ServedNetwork } from './served.ts';

/** Options of `createPredictor`. */
export interface PredictorOptions {
  /** Most rows of a batch (default 64). A call of more rows is a batch by itself. */
  readonly maxBatch?: number;
  /** Milliseconds that a batch which is not full waits for more rows (default 0.5); 0: until the event loop has turned. */
  readonly maxDelay?: number;
  /** Most rows that may wait for a batch to begin (default 10000). */
  readonly maxQueue?: number;
}

/** Memory of this many answered batches is kept for the next ones: one that runs and one that gathers. */
const keptBatches = 2;

/** Node's timers count no further, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** Made by `createPredictor`. */
export class BatchingPredictor {
  private readonly maxBatch: number;
  private readonly maxDelay: number;
  private readonly maxQueue: number;
  private readonly counters = new Counters();
  private served: ServedNetwork;
  /** Batches that have not begun, in the order of the calls; the last one takes more rows. */
  private readonly waiting: Batch[] = [];
  private readonly spare: Float32Array[] = [];
  /** The batch that runs; settled when its callers have their answers. */
  private running: Promise<void> | undefined;
  private runningOn: ServedNetwork | undefined;
  /** Cancels the timer of the next batch; there is one only while rows wait. */
  private cancelTimer: (() => void) | undefined;
  private closing: Promise<void> | undefined;

  /** @throws {OptionError} Where options or network do not fit. */
  constructor(network: Network, options: PredictorOptions = {}) {
    checkOptions('createPredictor', options, ['maxBatch', 'maxDelay', 'maxQueue']);
    this.maxBatch = positiveInteger('createPredictor', 'maxBatch', options.maxBatch ?? 64);
    this.maxDelay = nonNegativeNumber('createPredictor', 'maxDelay', options.maxDelay ?? 0.5);
    this.maxQueue = positiveInteger('createPredictor', 'maxQueue', options.maxQueue ?? 10_000);
    this.served = new ServedNetwork('createPredictor', network, this.maxBatch);
  }

  /** The network that the next batch runs on. */
  get network(): Network {
    return this.served.network;
  }

  /**
   * Outputs for one example or several, as `network.predict` gives them, off the event loop and together with the rows of other
   * callers. The input is copied before this returns. Answers come in the order of the calls.
   * Rejects with `ERR_SHAPE` or `ERR_DATA` on bad input, which never reaches a batch; with `ERR_OVERLOADED` when `maxQueue` rows
   * would be exceeded; with `ERR_DISPOSED` after `close`.
   */
  async predict(x: Tables | RawRows): Promise<Prediction> {
    const since = performance.now(), { counters, served } = this, given = this.admit(x);
    counters.requests++;
    counters.rows += given.rows;
    counters.waitingRows += given.rows;
    const answer = this.batchFor(given.rows, since).join(given, since);
    this.advance(false);
    return predictionOf(served.model, given.rows, await answer);
  }

  /**
   * Puts another network with the same inputs and outputs in the place of the present one, between two batches: calls made before are
   * answered entirely by the one, calls made after entirely by the other.
   * @returns The network before, once it has answered all of its calls: it may be disposed then.
   * @throws {ShapeError} Where inputs or outputs differ.
   */
  async swap(network: Network): Promise<Network> {
    if (this.closing !== undefined) throw new DisposedError('[swap] the predictor was closed');
    const next = new ServedNetwork('swap', network, this.maxBatch), before = this.served;
    before.checkSame('swap', next);
    this.served = next;
    this.counters.swaps++;
    this.advance(true);
    while (this.runningOn === before || this.waiting.some(({ served }) => served === before)) await this.running;
    await before.release();
    return before.network;
  }

  /** Refuses further calls and resolves when all that wait are answered. The network stays usable. */
  close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  /** What was counted so far. */
  metrics(): PredictorMetrics {
    return this.counters.data();
  }

  /** The same in Prometheus' text format, with `labels` on every sample. */
  prometheus(labels: Readonly<Record<string, string>> = {}): string {
    return formatPrometheus(this.metrics(), labels);
  }

  /** The rows of a call, if it may enter. */
  private admit(x: Tables | RawRows): Matrix {
    const { refused, waitingRows } = this.counters;
    if (this.closing !== undefined) {
      refused.closed++;
      throw new DisposedError('[predict] the predictor was closed');
    }
    let given: Matrix;
    try {
      given = this.served.read('predict', x);
    } catch (error) {
      refused.invalid++;
      throw error;
    }
    if (waitingRows + given.rows <= this.maxQueue) return given;
    refused.overloaded++;
    throw new OverloadedError(`[predict] expected at most ${this.maxQueue} rows to wait but ${waitingRows} do and ${given.rows} more came`);
  }

  private batchFor(rows: number, since: number): Batch {
    const last = this.waiting.at(-1);
    if (last?.served === this.served && last.hasRoomFor(rows)) return last;
    const width = this.network.inputs;
    const inputs = rows > this.maxBatch ? new Float32Array(rows * width) : this.spare.pop() ?? new Float32Array(this.maxBatch * width);
    const batch = new Batch(this.served, inputs, since);
    this.waiting.push(batch);
    return batch;
  }

  /** Begins the next batch if it is time, and otherwise sees to it that it begins in time. `turned`: the event loop has turned since the last call. */
  private advance(turned: boolean): void {
    const [batch, following] = this.waiting;
    if (batch === undefined || this.running !== undefined) return;
    const rest = batch.since + this.maxDelay - performance.now();
    const isComplete = following !== undefined || !batch.hasRoomFor(1) || batch.served !== this.served;
    if (isComplete || (turned && rest <= 0) || this.closing !== undefined) {
      this.cancelTimer?.();
      this.cancelTimer = undefined;
      this.waiting.shift();
      this.running = this.run(batch);
    } else if (this.cancelTimer === undefined) {
      this.wait(rest);
    }
  }

  private wait(rest: number): void {
    const wake = (): void => {
      this.cancelTimer = undefined;
      this.advance(true);
    };
    // Timers count in milliseconds; the fraction is waited for turn by turn.
    if (rest >= 1) {
      const timer = setTimeout(wake, Math.min(Math.floor(rest), longestTimer));
      this.cancelTimer = () => clearTimeout(timer);
    } else {
      const turn = setImmediate(wake);
      this.cancelTimer = () => clearImmediate(turn);
    }
  }

  private async run(batch: Batch): Promise<void> {
    const { counters } = this, { served } = batch, begin = performance.now();
    this.runningOn = served;
    counters.waitingRows -= batch.rows;
    counters.runningRows = batch.rows;
    counters.batches++;
    counters.batchRows.add(batch.rows);
    try {
      const outputs = await served.run(batch.matrix()), end = performance.now();
      counters.runTime.add((end - begin) / 1000);
      batch.answer(outputs, (since) => {
        counters.answered++;
        counters.latency.add((end - since) / 1000);
      });
    } catch (error) {
      counters.failed += batch.fail(error);
    }
    if (batch.inputs.length === this.maxBatch * served.network.inputs && this.spare.length < keptBatches) this.spare.push(batch.inputs);
    counters.runningRows = 0;
    this.running = this.runningOn = undefined;
    this.advance(true);
  }

  private async drain(): Promise<void> {
    // The promise of this has to be there first, so that what waits begins at once.
    await undefined;
    this.advance(true);
    while (this.running !== undefined) await this.running;
    await this.served.release();
  }
}

/**
 * A predictor that gathers concurrent `predict` calls into batches, on the calling thread's event loop.
 *
 * @example
 * const predictor = createPredictor(network, { maxBatch: 64, maxDelay: 0.5 });
 * const { data } = await predictor.predict(x);
 * await predictor.close();
 * @throws {OptionError} On an impossible option, or a network whose rows are not predicted each by itself.
 */
export function createPredictor(network: Network, options: PredictorOptions = {}): BatchingPredictor {
  return new BatchingPredictor(network, options);
}
