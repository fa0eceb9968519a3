// The training loop: runs blocks of epochs off the event loop, reports every epoch, and keeps the last good weights.
import type { Executable, Memory, SourceBinding } from '../backend/backend.ts';
import { AbortedError, NonFiniteError } from '../errors.ts';
import { prepareBlock, stepsPerEpoch, type Block, type Schedule } from './blocks.ts';
import { weightedMeans, type EpochRecord, type Evaluation, type History } from './history.ts';

/** What the loop works on. */
export interface LoopRequest {
  readonly executable: Executable;
  readonly state: Memory;
  readonly scratch: Memory;
  readonly sources: readonly SourceBinding[];
  /** Names of the program's results: the loss first. */
  readonly names: readonly string[];
  readonly schedule: Schedule;
  readonly epochs: number;
  /** Added to the step number for random draws: steps of earlier runs. */
  readonly counterBase: number;
  allocate(length: number): Memory;
  /** Runs `work` while nobody else uses the network's memory. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Measures on validation data, between epochs. */
  validate?: (() => Promise<Evaluation>) | undefined;
  onEpoch?: ((record: EpochRecord) => void | Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}

/** Most steps of a block: enough that its overhead does not count even for the smallest networks. */
const blockSteps = 16384;
/** Length of one run, in milliseconds: how long predictions, other networks and cancelling may have to wait. */
const runTime = 40;

class Loop {
  private readonly request: LoopRequest;
  private readonly snapshot: Memory;
  private readonly perEpoch: number;
  private readonly records: EpochRecord[] = [];
  private stepTime = 0;
  private seconds = 0;

  constructor(request: LoopRequest) {
    this.request = request;
    this.perEpoch = stepsPerEpoch(request.schedule);
    this.snapshot = request.allocate(request.state.length);
  }

  async run(): Promise<History> {
    const { epochs, validate, onEpoch } = this.request;
    // Somebody looks at the network after every epoch: then a block is one epoch.
    const together = validate !== undefined || onEpoch !== undefined ? 1 : Math.max(1, Math.floor(blockSteps / this.perEpoch));
    const prepare = (epoch: number): Block | undefined => (epoch >= epochs ? undefined
      : prepareBlock(this.request.schedule, epoch, Math.min(together, epochs - epoch), this.request.names.length, this.request.allocate));
    let block = prepare(0);
    while (block !== undefined) {
      const current: Block = block;
      this.snapshot.set(this.request.state);
      // The next block is prepared while this one runs.
      const prepared: { next?: Block | undefined } = {};
      await this.runBlock(current, () => { prepared.next = prepare(current.epoch + current.epochs); });
      await this.report(current);
      block = prepared.next;
    }
    return { epochs: this.records, seconds: this.seconds, steps: epochs * this.perEpoch };
  }

  private async runBlock(block: Block, meanwhile: () => void): Promise<void> {
    const { request } = this;
    let prepare: (() => void) | undefined = meanwhile;
    for (let begin = 0; begin < block.steps;) {
      this.checkAborted();
      const stopped = await request.exclusive(async () => {
        this.bind(block);
        const count = this.stepTime === 0 ? 1 : Math.max(1, Math.floor(runTime / this.stepTime));
        const end = Math.min(block.steps, begin + count);
        const started = performance.now();
        const run = request.executable.runAsync(begin, end, this.counterBase(block));
        prepare?.();
        prepare = undefined;
        const next = await run;
        const elapsed = performance.now() - started;
        this.seconds += elapsed / 1000;
        if (next > begin) this.stepTime = Math.max(elapsed / (next - begin), 1e-4);
        begin = next;
        const bad = next > 0 && !Number.isFinite(block.sinks[0]![next - 1]!);
        if (bad) await this.rewind(block, next - 1);
        return bad ? next - 1 : undefined;
      });
      if (stopped !== undefined) this.throwNonFinite(block, stopped);
    }
  }

  private bind(block: Block): void {
    const { executable, state, scratch, sources } = this.request;
    executable.bind({ state, scratch, sources, sinks: block.sinks, order: block.order, batches: block.batches, hyper: block.hyper });
  }

  private counterBase(block: Block): number {
    return this.request.counterBase + block.epoch * this.perEpoch;
  }

  /** Brings back the weights after the last whole epoch before `step`: from the snapshot, by running the same steps again. */
  private async rewind(block: Block, step: number): Promise<void> {
    this.request.state.set(this.snapshot);
    const good = Math.floor(step / this.perEpoch) * this.perEpoch;
    if (good > 0) {
      this.bind(block);
      await this.request.executable.runAsync(0, good, this.counterBase(block));
    }
  }

  private throwNonFinite(block: Block, step: number): never {
    const epoch = block.epoch + Math.floor(step / this.perEpoch) + 1, batch = (step % this.perEpoch) + 1;
    const value = block.sinks[0]![step]!;
    throw new NonFiniteError(`[fit] the loss became ${value} in epoch ${epoch}, batch ${batch}; the weights are those after epoch ${epoch - 1}; a lower learning rate may help`, epoch, batch);
  }

  private async report(block: Block): Promise<void> {
    const { names, validate, onEpoch } = this.request;
    for (let e = 0; e < block.epochs; e++) {
      const means = weightedMeans(names, block.sinks, (step) => block.batches[2 * step + 1]!, e * this.perEpoch, (e + 1) * this.perEpoch);
      const validation = validate === undefined ? undefined : await validate();
      const record: EpochRecord = { epoch: block.epoch + e + 1, ...means, ...(validation && { validation }) };
      this.records.push(record);
      await onEpoch?.(record);
    }
  }

  private checkAborted(): void {
    const { signal } = this.request;
    if (signal?.aborted) throw new AbortedError(`[fit] aborted after epoch ${this.records.length}`, signal.reason);
  }
}

/** Trains for `epochs` epochs. Rejects with an AbortedError or a NonFiniteError. */
export async function trainingLoop(request: LoopRequest): Promise<History> {
  const stop = (): void => request.executable.interrupt();
  request.signal?.addEventListener('abort', stop);
  try {
    return await new Loop(request).run();
  } finally {
    request.signal?.removeEventListener('abort', stop);
  }
}
