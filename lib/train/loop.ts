// The training loop: runs blocks of epochs off the event loop, reports every epoch, and keeps the last good weights.
import type { Executable, Memory, SourceBinding } from '../backend/backend.ts';
import { AbortedError, NonFiniteError } from '../errors.ts';
import { prepareBlock, stepsPerEpoch, type Block, type Schedule } from './blocks.ts';
import { measuresOf, type EpochRecord, type Evaluation, type History } from './history.ts';
import { Reporter, type ReportedRun } from './reporter.ts';
import type { RunningSchedule } from './schedules/schedule.ts';

/** What the loop works on. */
export interface LoopRequest extends Omit<ReportedRun, 'epochs'> {
  readonly executable: Executable;
  readonly state: Memory;
  readonly scratch: Memory;
  readonly sources: readonly SourceBinding[];
  /** Names of the program's results: the loss first. */
  readonly names: readonly string[];
  readonly schedule: Schedule;
  /** The learning rate in the course of the run. */
  readonly rates: RunningSchedule;
  /** Steps this network has made in all: counted on, since random draws and orders of examples go by it. */
  readonly trained: { steps: number };
  allocate(length: number): Memory;
  /** Has `stop` called when somebody waits for that memory. */
  onWait(stop: (() => void) | undefined): void;
  /** Measures on validation data, between epochs. */
  validate?: (() => Promise<Evaluation>) | undefined;
  signal?: AbortSignal | undefined;
}

/** Most steps, examples and milliseconds of a block of several epochs: enough that its overhead does not count even for the
 * smallest networks, little enough to prepare without a pause and to run again where a loss went wrong. */
const blockSteps = 16384, blockExamples = 2 ** 17, blockTime = 5000;
/** Length of one run, in milliseconds: how long predictions, other networks and cancelling may have to wait. */
const runTime = 40;

class Loop {
  private readonly request: LoopRequest;
  private readonly snapshot: Memory;
  private readonly perEpoch: number;
  private readonly counterBase: number;
  private stepTime = 0;
  private interruptible = true;
  private seconds = 0;
  private readonly reporter: Reporter;

  constructor(request: LoopRequest) {
    this.request = request;
    this.perEpoch = stepsPerEpoch(request.schedule);
    this.snapshot = request.allocate(request.state.length);
    this.counterBase = request.trained.steps;
    this.reporter = new Reporter({ ...request, epochs: request.schedule.epochs });
  }

  /** Lets the run in flight end at its next step, unless it has to get somewhere. */
  interrupt(): void {
    if (this.interruptible) this.request.executable.interrupt();
  }

  async run(): Promise<History> {
    await this.reporter.around(() => this.runBlocks());
    const { records, stopped } = this.reporter;
    return { epochs: records, seconds: this.seconds, steps: records.length * this.perEpoch, ...(stopped !== undefined && { stopped }) };
  }

  private async runBlocks(): Promise<void> {
    const { epochs } = this.request.schedule;
    // Rates that depend on how the epoch went are not known before its end.
    const ahead = this.request.rates.observe === undefined;
    const prepare = (epoch: number): Block | undefined => (epoch >= epochs ? undefined
      : prepareBlock(this.request.schedule, epoch, Math.min(this.epochsTogether(), epochs - epoch), this.request.names.length, this.request.allocate));
    let block = prepare(0);
    while (block !== undefined) {
      const current: Block = block;
      this.snapshot.set(this.request.state);
      // The next block is prepared while this one runs.
      const prepared: { next?: Block | undefined } = {};
      await this.runBlock(current, () => { if (ahead) prepared.next = prepare(current.epoch + current.epochs); });
      await this.report(current);
      if (this.reporter.stopped !== undefined) return;
      block = ahead ? prepared.next : prepare(current.epoch + current.epochs);
    }
  }

  /** Epochs of the next block: one where somebody looks at the network after every epoch, or the time of a step is not known. */
  private epochsTogether(): number {
    const { validate, callbacks, rates, schedule } = this.request;
    if (validate !== undefined || callbacks.length > 0 || rates.observe !== undefined || this.stepTime === 0) return 1;
    return Math.max(1, Math.floor(Math.min(blockSteps / this.perEpoch, blockExamples / schedule.length, blockTime / (this.stepTime * this.perEpoch))));
  }

  private async runBlock(block: Block, meanwhile: () => void): Promise<void> {
    const { request } = this;
    let prepare: (() => void) | undefined = meanwhile, stalled = false;
    for (let begin = 0; begin < block.steps;) {
      this.checkAborted();
      const stopped = await request.exclusive(async () => {
        this.bind(block);
        // After a run that was interrupted before its first step comes one that makes a step: nobody can keep training from going on.
        this.interruptible = !stalled;
        const count = this.stepTime === 0 || stalled ? 1 : Math.max(1, Math.floor(runTime / this.stepTime));
        const end = Math.min(block.steps, begin + count);
        const started = performance.now();
        const run = request.executable.runAsync(begin, end, this.counterOf(block));
        prepare?.();
        prepare = undefined;
        const next = await run;
        const elapsed = performance.now() - started;
        this.seconds += elapsed / 1000;
        stalled = next === begin;
        if (!stalled) this.stepTime = Math.max(elapsed / (next - begin), 1e-4);
        begin = next;
        request.trained.steps = this.counterOf(block) + next;
        const isEnd = next === block.steps && block.epoch + block.epochs === request.schedule.epochs;
        // A loss tells of the weights before its step; those after the last step nothing would tell of.
        const bad = next > 0 && (!Number.isFinite(block.sinks[0]![next - 1]!) || (isEnd && !isFiniteThroughout(request.state)));
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

  /** Steps of the network before a block. */
  private counterOf(block: Block): number {
    return this.counterBase + block.epoch * this.perEpoch;
  }

  /** Brings back the weights after the last whole epoch before `step`: from the snapshot, by running the same steps again. */
  private async rewind(block: Block, step: number): Promise<void> {
    this.request.state.set(this.snapshot);
    const good = Math.floor(step / this.perEpoch) * this.perEpoch;
    this.request.trained.steps = this.counterOf(block) + good;
    this.interruptible = false;
    if (good > 0) await this.request.executable.runAsync(0, good, this.counterOf(block));
  }

  private throwNonFinite(block: Block, step: number): never {
    const epoch = block.epoch + Math.floor(step / this.perEpoch) + 1, batch = (step % this.perEpoch) + 1;
    const loss = block.sinks[0]![step]!;
    const what = Number.isFinite(loss) ? 'the weights became NaN or infinite' : `the loss became ${loss}`;
    throw new NonFiniteError(`[fit] ${what} in epoch ${epoch}, batch ${batch}; the weights are those after epoch ${epoch - 1}; a lower learning rate may help`, epoch, batch);
  }

  private async report(block: Block): Promise<void> {
    const { names, validate, rates } = this.request;
    for (let e = 0; e < block.epochs; e++) {
      const means = measuresOf(names, block.sinks, (step) => block.batches[2 * step + 1]!, e * this.perEpoch, (e + 1) * this.perEpoch);
      const validation = validate === undefined ? undefined : await validate();
      const epoch = block.epoch + e, stepsPerEpoch = this.perEpoch, { epochs } = this.request.schedule;
      const learningRate = rates.rate({ step: epoch * stepsPerEpoch, epoch, stepsPerEpoch, epochs });
      const record: EpochRecord = { epoch: epoch + 1, ...means, learningRate, ...(validation && { validation }) };
      rates.observe?.(record);
      await this.reporter.report(record);
    }
  }

  private checkAborted(): void {
    const { signal, trained } = this.request;
    if (signal?.aborted) throw new AbortedError(`[fit] aborted after epoch ${Math.floor((trained.steps - this.counterBase) / this.perEpoch)}`, signal.reason);
  }
}

function isFiniteThroughout(values: Memory): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

/** Trains for the epochs of the schedule. Rejects with an AbortedError or a NonFiniteError. */
export async function trainingLoop(request: LoopRequest): Promise<History> {
  const loop = new Loop(request);
  const stop = (): void => loop.interrupt();
  request.onWait(stop);
  request.signal?.addEventListener('abort', stop);
  try {
    return await loop.run();
  } finally {
    request.onWait(undefined);
    request.signal?.removeEventListener('abort', stop);
  }
}
