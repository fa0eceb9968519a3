// Training on batches that come one after the other: some are gathered while those before them are computed.
import type { Memory, SourceBinding } from '../backend/backend.ts';
import type { Program } from '../compile/program.ts';
import { AbortedError, DataError, NonFiniteError, OptionError } from '../errors.ts';
import { describeFault, isFiniteThroughout } from '../train/fault.ts';
import { measuresOf, type Evaluation, type History } from '../train/history.ts';
import type { OptimizerSpec } from '../train/optimizers/optimizer.ts';
import { Reporter } from '../train/reporter.ts';
import { checkTargets } from '../train/targets.ts';
import { faultFinder } from './fault.ts';
import type { Run } from './fit-options.ts';
import type { Model } from './model.ts';
import type { Goal } from './objective.ts';
import { describeNetwork, type Description } from './persist.ts';
import { captureRun, findRun, restoreRun, type Resumed, type RunIdentity } from './resume.ts';
import { asColumns, type BatchReader, type Minibatch } from './stream-data.ts';
import type { Store } from './store.ts';
import { describeModel } from './summary.ts';
import type { Tensors } from './tensors.ts';
import { makeTrainer, type Trainer } from './trainer.ts';

/** Most steps and numbers that are gathered for one run. */
const slabSteps = 64, slabNumbers = 4e6;
/** Length of one run, in milliseconds. */
const runTime = 40;

export interface StreamRequest {
  readonly reader: BatchReader;
  readonly goal: Goal;
  readonly optimizer: OptimizerSpec;
  readonly run: Run;
  readonly batchSize: number;
  /** Examples of an epoch, where they are known. */
  readonly examples: number | null;
  readonly stepsPerEpoch: number | undefined;
  readonly validate: (() => Promise<Evaluation>) | undefined;
  readonly trained: { steps: number };
  readonly signal: AbortSignal | undefined;
  readonly tensors: Tensors;
  readonly seed: number;
  describe(): Description;
}

/** Batches side by side in memory, ready to run. */
interface Slab {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly weights: Float32Array;
  readonly batches: Int32Array;
  steps: number;
  /** Whether the epoch ends with it. */
  isLast: boolean;
}

class StreamRun {
  private readonly store: Store;
  private readonly request: StreamRequest;
  private readonly trainer: Trainer;
  private readonly model: Model;
  private readonly widths: { readonly x: number; readonly y: number };
  private readonly capacity: number;
  private readonly slabs: Slab[];
  private readonly sinks: Memory[];
  private readonly snapshot: Memory;
  private readonly reporter: Reporter;
  private readonly stepsBefore: number;
  private stepTime = 0;
  private interruptible = true;
  private seconds = 0;
  private examples = 0;
  /** Steps of the whole run, and of the epoch at hand. */
  private steps = 0;
  private inEpoch = 0;

  constructor(store: Store, request: StreamRequest, trainer: Trainer, identity: RunIdentity, model: Model, resumed: Resumed | undefined) {
    this.store = store;
    this.request = request;
    this.trainer = trainer;
    this.model = model;
    const { batchSize, goal, trained, tensors, run } = request;
    this.widths = { x: Number(model.input.shape[1]), y: goal.outputs[0]!.targetKind.width };
    this.capacity = Math.max(1, Math.min(slabSteps, Math.floor(slabNumbers / (batchSize * (this.widths.x + this.widths.y)))));
    const rows = this.capacity * batchSize;
    this.slabs = [0, 1].map(() => ({
      x: new Float32Array(rows * this.widths.x), y: new Float32Array(rows * this.widths.y), weights: new Float32Array(rows), batches: new Int32Array(2 * this.capacity), steps: 0, isLast: false,
    }));
    this.sinks = trainer.names.map(() => store.backend.allocate(this.capacity));
    this.snapshot = store.backend.allocate(store.state.length);
    this.stepsBefore = resumed?.run.stepsBefore ?? trained.steps;
    this.steps = trained.steps - this.stepsBefore;
    this.reporter = new Reporter({
      epochs: run.epochs, callbacks: run.callbacks, exclusive: (work) => store.gate.through(work),
      snapshot: () => store.snapshot(), restore: (weights) => store.restore(weights),
      network: describeModel(model), tensors: () => tensors.read(),
      capture: () => {
        const { records } = this.reporter;
        const state = { epoch: records.length, step: 0, traces: [], stepsBefore: this.stepsBefore, records, callbacks: this.reporter.saved(), stopped: this.reporter.stopped };
        return captureRun({ metadata: describeNetwork(request.describe()), tensors: tensors.read() }, store, identity, state);
      },
    });
  }

  /** Lets the run in flight end at its next step. */
  interrupt(): void {
    if (this.interruptible) this.trainer.loaded.executable.interrupt();
  }

  async train(resumed: Resumed | undefined): Promise<History> {
    const { run, reader } = this.request;
    await this.reporter.around(async () => {
      for (const record of resumed?.run.records ?? []) this.trainer.schedule.observe?.(record);
      if (this.reporter.stopped !== undefined) return;
      for (let epoch = resumed?.run.epoch ?? 0; epoch < run.epochs && this.reporter.stopped === undefined; epoch++) {
        if (epoch > 0) await reader.begin(epoch);
        await this.runEpoch(epoch);
      }
    }, resumed?.run);
    const { records, stopped } = this.reporter;
    return { epochs: records, seconds: this.seconds, steps: this.steps, ...(stopped !== undefined && { stopped }) };
  }

  private async runEpoch(epoch: number): Promise<void> {
    const { names, schedule } = this.trainer, first = this.steps, traces = names.map((): number[] => []), rows: number[] = [];
    this.inEpoch = 0;
    const learningRate = this.rateAt(epoch);
    let slab = await this.fill(this.slabs[0]!);
    for (let turn = 1; ; turn++) {
      const current = slab;
      // The next batches are read while these are computed; what goes wrong there is told after.
      const next = current.isLast ? undefined : this.fill(this.slabs[turn % 2]!);
      next?.catch(() => undefined);
      await this.runSlab(current, epoch, (from, to) => {
        for (let step = from; step < to; step++) {
          names.forEach((_, i) => traces[i]!.push(this.sinks[i]![step]!));
          rows.push(current.batches[2 * step + 1]!);
        }
      });
      if (next === undefined) break;
      if (this.reporter.listens) {
        const measures = measuresOf(names, traces, (step) => rows[step]!, 0, rows.length);
        await this.reporter.pause({ epoch, epochs: this.request.run.epochs, step: this.inEpoch, stepsPerEpoch: this.request.stepsPerEpoch ?? NaN, loss: measures.loss, measures, resumable: false, examples: this.examples, seconds: this.seconds });
      }
      slab = await next;
      if (slab.steps === 0) break;
    }
    const measures = measuresOf(names, traces, (step) => rows[step]!, 0, rows.length), { validate } = this.request;
    const validation = validate && (await validate());
    const record = { epoch: epoch + 1, ...measures, learningRate, ...(validation && { validation }) };
    schedule.observe?.(record);
    this.inEpoch = 0;
    await this.reporter.report(record);
    await this.reporter.pause({ epoch: epoch + 1, epochs: this.request.run.epochs, step: 0, stepsPerEpoch: this.steps - first, loss: NaN, resumable: true, examples: this.examples, seconds: this.seconds });
  }

  private rateAt(epoch: number): number {
    const rate = this.trainer.schedule.rate(this.momentOf(epoch, this.steps));
    if (!Number.isFinite(rate)) throw new OptionError("[fit] expected 'stepsPerEpoch' with a learning rate that goes by the steps of an epoch, for the number of batches is not known");
    return rate;
  }

  private momentOf(epoch: number, step: number): { step: number; epoch: number; stepsPerEpoch: number; epochs: number } {
    const { stepsPerEpoch, examples, batchSize, run } = this.request;
    return { step, epoch, stepsPerEpoch: stepsPerEpoch ?? (examples === null ? NaN : Math.ceil(examples / batchSize)), epochs: run.epochs };
  }

  /** Reads batches until the slab is full or the epoch ends. */
  private async fill(slab: Slab): Promise<Slab> {
    const { reader, batchSize, goal } = this.request;
    slab.steps = 0;
    slab.isLast = false;
    let row = 0;
    while (slab.steps < this.capacity) {
      const batch = await reader.next();
      if (batch === undefined) {
        slab.isLast = true;
        break;
      }
      if (batch.rows > batchSize) throw new DataError(`[fit] expected batches of at most ${batchSize} rows, as the first or as 'batchSize' says, but one has ${batch.rows}`);
      this.checkBatch(batch, goal);
      slab.x.set(batch.x, row * this.widths.x);
      slab.y.set(batch.y, row * this.widths.y);
      if (batch.weights !== undefined) slab.weights.set(batch.weights, row);
      slab.batches[2 * slab.steps] = row;
      slab.batches[2 * slab.steps + 1] = batch.rows;
      row += batch.rows;
      slab.steps++;
    }
    return slab;
  }

  private checkBatch({ y }: Minibatch, goal: Goal): void {
    checkTargets('fit', asColumns(y, this.widths.y), null, goal.outputs[0]!.targetKind);
  }

  private sourcesOf(slab: Slab, program: Program): SourceBinding[] {
    const arrays: Readonly<Record<string, readonly [Float32Array, number]>> = { x: [slab.x, this.widths.x], targets: [slab.y, this.widths.y], weights: [slab.weights, 1] };
    return program.sources.map(({ name }) => ({ array: arrays[name]![0], width: arrays[name]![1], scale: 1, shift: 0 }));
  }

  private async runSlab(slab: Slab, epoch: number, collect: (from: number, to: number) => void): Promise<void> {
    const { store, trainer: { loaded: { executable, program, scratch } }, request } = this;
    const hyper = store.backend.allocate(program.hypers.length * slab.steps), counter = this.stepsBefore + this.steps;
    for (let step = 0; step < slab.steps; step++) hyper.set(this.trainer.hypers(this.momentOf(epoch, this.steps + step)), step * program.hypers.length);
    const sources = this.sourcesOf(slab, program);
    this.snapshot.set(store.state);
    for (let begin = 0, stalled = false; begin < slab.steps;) {
      this.checkAborted();
      const failure = await store.gate.through(async () => {
        executable.bind({ state: store.state, scratch, sources, sinks: this.sinks, order: null, batches: slab.batches.subarray(0, 2 * slab.steps), hyper });
        this.interruptible = !stalled;
        const count = this.stepTime === 0 || stalled ? 1 : Math.max(1, Math.floor(runTime / this.stepTime));
        const started = performance.now(), next = await executable.runAsync(begin, Math.min(slab.steps, begin + count), counter), elapsed = performance.now() - started;
        this.seconds += elapsed / 1000;
        stalled = next === begin;
        if (stalled) return undefined;
        this.stepTime = Math.max(elapsed / (next - begin), 1e-4);
        collect(begin, next);
        for (let step = begin; step < next; step++) this.examples += slab.batches[2 * step + 1]!;
        begin = next;
        request.trained.steps = counter + next;
        const isBad = !Number.isFinite(this.sinks[0]![next - 1]!) || (next === slab.steps && !isFiniteThroughout(store.state));
        return isBad ? this.rewind(slab, epoch, next - 1, counter) : undefined;
      });
      if (failure !== undefined) throw failure;
    }
    this.steps += slab.steps;
    this.inEpoch += slab.steps;
  }

  /** Looks for what went wrong by the end of a slab's `step`, and brings back the weights before it, which the same steps lead to. */
  private async rewind(slab: Slab, epoch: number, step: number, counter: number): Promise<NonFiniteError> {
    const { store, snapshot, model, request: { trained, goal, batchSize }, trainer: { loaded: { executable }, slots } } = this;
    const faults = faultFinder(store, model, goal, batchSize, slots, (program) => this.sourcesOf(slab, program));
    // A loss tells of the weights before its step.
    const last = Number.isFinite(this.sinks[0]![step]!) ? step : step - 1;
    let good = 0, isBroken = false;
    store.state.set(snapshot);
    this.interruptible = false;
    while (good <= last) {
      await executable.runAsync(good, good + 1, counter);
      isBroken = !isFiniteThroughout(store.state);
      if (isBroken) break;
      snapshot.set(store.state);
      good++;
    }
    const fault = isBroken ? faults.inTensors() : await faults.inBatch(null, slab.batches.subarray(2 * good, 2 * good + 2), counter + good);
    store.state.set(snapshot);
    trained.steps = counter + good;
    const batch = this.inEpoch + good + 1;
    return new NonFiniteError(`[fit] ${describeFault(this.sinks[0]![good]!, fault, epoch + 1, batch)}; the weights are those before it; a lower learning rate may help`, epoch + 1, batch, fault?.layer);
  }

  private checkAborted(): void {
    const { signal } = this.request;
    if (signal?.aborted) throw new AbortedError(`[fit] aborted after epoch ${this.reporter.records.length}`, signal.reason);
  }
}

/** Trains on the reader's batches, epoch after epoch. */
export async function trainOnStream(store: Store, model: Model, request: StreamRequest): Promise<History> {
  const { goal, optimizer, run, batchSize, trained, signal, tensors, reader, examples, describe } = request;
  const { seed, inputs, layers, applications, outputs } = describe();
  const identity: RunIdentity = {
    network: JSON.stringify({ inputs, layers, applications, outputs }), seed, optimizer, batchSize, shuffle: false, clip: run.clip ?? null,
    goal: goal.outputs.map(({ name, loss, weight, metricNames }) => ({ name, loss, weight, metrics: metricNames })), examples: examples ?? -1, precision: store.backend.precision,
  };
  const trainer = await store.gate.through(async () => makeTrainer(store, model, goal, optimizer, batchSize, run.clip));
  let stop: (() => void) | undefined;
  try {
    const resumed = run.resume === undefined ? undefined : await findRun(run.resume, identity, { slots: store.slots().length, results: 0, stepsPerEpoch: 0, isKept: (name) => tensors.has(name) });
    if (resumed !== undefined) {
      await store.gate.through(async () => restoreRun(store, tensors, resumed));
      trained.steps = resumed.steps;
      await reader.begin(resumed.run.epoch);
    }
    const training = new StreamRun(store, request, trainer, identity, model, resumed);
    stop = (): void => training.interrupt();
    store.gate.onWait = stop;
    signal?.addEventListener('abort', stop);
    return await training.train(resumed);
  } finally {
    store.gate.onWait = undefined;
    if (stop !== undefined) signal?.removeEventListener('abort', stop);
    await reader.close();
    await store.gate.through(async () => {
      store.unload(trainer.loaded);
      store.useSlots([]);
    });
  }
}
