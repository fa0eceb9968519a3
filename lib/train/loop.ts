// The training loop: runs blocks of epochs off the event loop, reports every epoch, and keeps the last good weights.
import type { Executable, Memory, SourceBinding } from '../backend/backend.ts';
import { AbortedError, NonFiniteError } from '../errors.ts';
import type { Progress, RunCapture, SavedCallback } from './callbacks/callback.ts';
import { describeFault, isFiniteThroughout, type Fault, type FaultFinder } from './fault.ts';
import { prepareBlock, stepsPerEpoch, type Block, type Schedule } from './blocks.ts';
import { measuresOf, type EpochRecord, type Evaluation, type History } from './history.ts';
import { Reporter, type ReportedRun } from './reporter.ts';
import type { RunningSchedule } from './schedules/schedule.ts';

/** What the loop works on. */
export interface LoopRequest extends Omit<ReportedRun, 'epochs' | 'capture'> {
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
  readonly faults: FaultFinder;
  allocate(length: number): Memory;
  /** Has `stop` called when somebody waits for that memory. */
  onWait(stop: (() => void) | undefined): void;
  /** Measures on validation data, between epochs. */
  validate?: (() => Promise<Evaluation>) | undefined;
  signal?: AbortSignal | undefined;
  /** Turns the state of the run into what a checkpoint keeps. */
  capture(run: RunState): RunCapture;
  /** Where to go on, with everything as it was: the tensors are in place. */
  from?: RunState | undefined;
}

/** Where a run is and what it has told so far. */
export interface RunState {
  /** Epochs finished. */
  readonly epoch: number;
  /** Steps done of the epoch at hand, with the values of every result in them. */
  readonly step: number;
  readonly traces: readonly Memory[];
  /** Steps of the network before the first of the run. */
  readonly stepsBefore: number;
  readonly records: readonly EpochRecord[];
  readonly callbacks: Readonly<Record<string, SavedCallback>>;
  /** Why a callback ended the run, where one did. */
  readonly stopped?: string | undefined;
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
  /** The block at hand and its steps done; undefined between epochs. */
  private current: { readonly block: Block; readonly step: number } | undefined;
  private readonly reporter: Reporter;
  /** Finished blocks of which nobody has read the records yet. */
  private readonly unread: Pick<Block, 'epoch' | 'epochs' | 'batches' | 'sinks'>[] = [];

  constructor(request: LoopRequest) {
    this.request = request;
    this.perEpoch = stepsPerEpoch(request.schedule);
    this.snapshot = request.allocate(request.state.length);
    this.counterBase = request.schedule.stepsBefore;
    this.reporter = new Reporter({ ...request, epochs: request.schedule.epochs, capture: () => request.capture(this.state()) });
  }

  /** Lets the run in flight end at its next step, unless it has to get somewhere. */
  interrupt(): void {
    if (this.interruptible) this.request.executable.interrupt();
  }

  async run(): Promise<History> {
    await this.reporter.around(() => this.runBlocks(), this.request.from);
    const { records, stopped } = this.reporter, { unread } = this;
    const steps = this.perEpoch * unread.reduce((sum, { epochs }) => sum + epochs, records.length), recordOf = this.recordOf.bind(this);
    return {
      get epochs() {
        for (const block of unread.splice(0)) for (let e = 0; e < block.epochs; e++) records.push(recordOf(block, e));
        return records;
      },
      seconds: this.seconds, steps, ...(stopped !== undefined && { stopped }),
    };
  }

  private async runBlocks(): Promise<void> {
    const { epochs } = this.request.schedule;
    // Rates that depend on how the epoch went are not known before its end.
    const ahead = this.request.rates.observe === undefined;
    const prepare = (epoch: number): Block | undefined => (epoch >= epochs ? undefined
      : prepareBlock(this.request.schedule, epoch, Math.min(this.epochsTogether(), epochs - epoch), this.request.names.length, this.request.allocate));
    const { from, rates } = this.request;
    for (const record of from?.records ?? []) rates.observe?.(record);
    if (this.reporter.stopped !== undefined) return;
    let block = prepare(from?.epoch ?? 0), begin = from?.step ?? 0;
    if (block !== undefined && from !== undefined) block.sinks.forEach((sink, i) => sink.set(from.traces[i]!));
    while (block !== undefined) {
      const current: Block = block;
      this.snapshot.set(this.request.state);
      // The next block is prepared while this one runs.
      const prepared: { next?: Block | undefined } = {};
      await this.runBlock(current, begin, () => { if (ahead) prepared.next = prepare(current.epoch + current.epochs); });
      begin = 0;
      await this.report(current);
      if (this.reporter.stopped !== undefined) return;
      block = ahead ? prepared.next : prepare(current.epoch + current.epochs);
    }
  }

  /** The run as it stands. */
  private state(): RunState {
    const { records } = this.reporter, step = this.current?.step ?? 0;
    const traces = this.current?.block.sinks.map((sink) => sink.slice(0, step)) ?? this.request.names.map(() => this.request.allocate(0));
    return { epoch: records.length, step, traces, stepsBefore: this.counterBase, records, callbacks: this.reporter.saved(), stopped: this.reporter.stopped };
  }

  private progress(): Progress {
    const { schedule: { epochs, length, batchSize }, names } = this.request, epoch = this.reporter.records.length, step = this.current?.step ?? 0;
    const measures = step === 0 ? undefined : measuresOf(names, this.current!.block.sinks, (i) => this.current!.block.batches[2 * i + 1]!, 0, step);
    return { epoch, epochs, step, stepsPerEpoch: this.perEpoch, loss: measures?.loss ?? NaN, measures, resumable: true, examples: epoch * length + Math.min(step * batchSize, length), seconds: this.seconds };
  }

  /** Epochs of the next block: one where somebody looks at the network after every epoch, or the time of a step is not known. */
  private epochsTogether(): number {
    const { validate, callbacks, rates, schedule } = this.request;
    if (validate !== undefined || callbacks.length > 0 || rates.observe !== undefined || this.stepTime === 0) return 1;
    return Math.max(1, Math.floor(Math.min(blockSteps / this.perEpoch, blockExamples / schedule.length, blockTime / (this.stepTime * this.perEpoch))));
  }

  private async runBlock(block: Block, first: number, meanwhile: () => void): Promise<void> {
    const { request } = this;
    let prepare: (() => void) | undefined = meanwhile, stalled = false;
    this.current = { block, step: first };
    for (let begin = first; begin < block.steps;) {
      this.checkAborted();
      const failure = await request.exclusive(async () => {
        this.bind(block);
        // After a run that was interrupted before its first step comes one that makes a step: nobody can keep training from going on.
        this.interruptible = !stalled;
        const count = this.stepTime === 0 || stalled ? 1 : Math.max(1, Math.floor(runTime / this.stepTime));
        const end = Math.min(block.steps, begin + count);
        const started = performance.now();
        const run = request.executable.runAsync(begin, end, this.counterOf(block));
        let next = begin;
        try {
          prepare?.();
          prepare = undefined;
        } finally {
          next = await run; // even where the next block cannot be prepared: the memory is the run's until it has ended
        }
        const elapsed = performance.now() - started;
        this.seconds += elapsed / 1000;
        stalled = next === begin;
        if (!stalled) this.stepTime = Math.max(elapsed / (next - begin), 1e-4);
        begin = next;
        request.trained.steps = this.counterOf(block) + next;
        // A loss tells of the weights before its step; those after the last step of a block nothing would tell of.
        const isBad = next > 0 && (!Number.isFinite(block.sinks[0]![next - 1]!) || (next === block.steps && !isFiniteThroughout(request.state)));
        return isBad ? this.rewind(block, first, next - 1) : undefined;
      });
      if (failure !== undefined) throw failure;
      this.current = { block, step: begin };
      if (begin < block.steps && this.reporter.listens) await this.reporter.pause(this.progress());
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

  /**
   * Looks for what went wrong in `step`, and brings back the weights after the last whole epoch that left them finite, or those the run
   * went on from: from the snapshot, by running the same steps again.
   */
  private async rewind(block: Block, first: number, step: number): Promise<NonFiniteError> {
    const { perEpoch, snapshot, request: { state, executable, faults, trained } } = this, counter = this.counterOf(block), loss = block.sinks[0]![step]!;
    let good = first, fault: Fault | undefined = Number.isFinite(loss) ? faults.inTensors() : undefined;
    state.set(snapshot);
    this.interruptible = false;
    // Weights may have been infinite for long before a loss tells: where no signal comes through them, or in the last step of an epoch.
    for (let at = first; at < step;) {
      at = await executable.runAsync(at, Math.min(step, (Math.floor(at / perEpoch) + 1) * perEpoch), counter);
      if (at % perEpoch !== 0 || !isFiniteThroughout(state)) continue;
      good = at;
      snapshot.set(state);
    }
    if (!Number.isFinite(loss)) fault = faults.inTensors() ?? await faults.inBatch(block.order, block.batches.subarray(2 * step, 2 * step + 2), counter + step);
    state.set(snapshot);
    trained.steps = counter + good;
    const epochOf = (at: number): number => block.epoch + Math.floor(at / perEpoch), epoch = epochOf(step) + 1, batch = (step % perEpoch) + 1;
    return new NonFiniteError(`[fit] ${describeFault(loss, fault, epoch, batch)}; the weights are those after epoch ${epochOf(good)}; a lower learning rate may help`, epoch, batch, fault?.layer);
  }

  private async report(block: Block): Promise<void> {
    const { validate, rates } = this.request;
    // Most short epochs have nobody to tell and nothing to wait for: their records are made when the history is read.
    if (validate === undefined && rates.observe === undefined && !this.reporter.isHeard) {
      const { epoch, epochs, batches, sinks } = block;
      this.unread.push({ epoch, epochs, batches, sinks });
      this.current = undefined;
      return;
    }
    for (let e = 0; e < block.epochs; e++) {
      const measures = this.recordOf(block, e), validation = await validate?.();
      const record = validation === undefined ? measures : { ...measures, validation };
      rates.observe?.(record);
      await this.reporter.report(record);
      this.current = undefined;
      if (this.reporter.listens) await this.reporter.pause(this.progress());
    }
  }

  private recordOf(block: Pick<Block, 'epoch' | 'batches' | 'sinks'>, e: number): EpochRecord {
    const { names, rates, schedule: { epochs } } = this.request, stepsPerEpoch = this.perEpoch, epoch = block.epoch + e;
    const means = measuresOf(names, block.sinks, (step) => block.batches[2 * step + 1]!, e * stepsPerEpoch, (e + 1) * stepsPerEpoch);
    return { epoch: epoch + 1, ...means, learningRate: rates.rate({ step: epoch * stepsPerEpoch, epoch, stepsPerEpoch, epochs }) };
  }

  private checkAborted(): void {
    const { signal, trained } = this.request;
    if (signal?.aborted) throw new AbortedError(`[fit] aborted after epoch ${Math.floor((trained.steps - this.counterBase) / this.perEpoch)}`, signal.reason);
  }
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
