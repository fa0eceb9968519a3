// Training on the whole data at once: the cost as a function of all weights, handed to a minimizer.
import type { Memory } from '../backend/backend.ts';
import { roundingOf } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import { AbortedError, NonFiniteError, OptionError } from '../errors.ts';
import { countOf } from '../graph/shape.ts';
import type { MinimizerSpec } from '../minimize/minimizer.ts';
import { minimize } from '../minimize/minimize.ts';
import type { Evaluation as Point, Objective } from '../minimize/objective.ts';
import { gradients } from '../ops/gradients.ts';
import type { Fault } from '../train/fault.ts';
import { measuresOf, type Evaluation, type History } from '../train/history.ts';
import { Reporter } from '../train/reporter.ts';
import { diagnosed } from './diagnosis.ts';
import { Evaluator } from './evaluator.ts';
import { faultFinder } from './fault.ts';
import type { Run } from './fit-options.ts';
import type { Model, Parameter } from './model.ts';
import { goalOutputs, weightName, type Goal } from './objective.ts';
import { bindSources } from './sources.ts';
import type { LoadedProgram, Store } from './store.ts';
import { describeModel } from './summary.ts';
import type { Tensors } from './tensors.ts';

/** Most rows computed at once; the sums of larger data go on in doubles. */
const chunkRows = 4096;
/** A run ends where no derivative of the cost is larger. */
const gradientTolerance = 1e-7;

interface WholeRequest {
  readonly data: Dataset;
  readonly goal: Goal;
  readonly minimizer: MinimizerSpec;
  readonly run: Run;
  readonly validation: { readonly data: Dataset; readonly goal: Goal } | undefined;
  readonly trained: { steps: number };
  readonly signal: AbortSignal | undefined;
  readonly tensors: Tensors;
}

/** Loss, measures and gradient of the cost on a data set, as a function of the weights. */
class NetworkObjective implements Objective {
  readonly size: number;
  readonly precision: number;
  private readonly store: Store;
  private readonly model: Model;
  private readonly goal: Goal;
  private readonly parameters: readonly Parameter[];
  private readonly data: Dataset;
  private readonly names: readonly string[];
  private readonly loaded: LoadedProgram;
  private readonly gradient: Float64Array;
  private readonly sinks: Memory[];
  private readonly weightSink: number;
  /** The weights that everybody else sees: those of the last iteration. */
  private readonly kept: Float64Array;
  /** Measures at the points evaluated since the last iteration, by value. */
  private measured = new Map<number, Evaluation>();
  private seconds = 0;

  constructor(store: Store, model: Model, goal: Goal, data: Dataset) {
    this.store = store;
    this.model = model;
    this.goal = goal;
    this.parameters = model.parameters;
    this.data = data;
    this.size = this.parameters.reduce((so, { node }) => so + countOf(node.shape), 0);
    this.precision = roundingOf(store.backend.precision);
    const outputs = goalOutputs(goal, model.training, model.parameters);
    this.names = Object.keys(outputs);
    this.weightSink = this.names.indexOf(weightName);
    const parts = gradients(outputs['loss']!, this.parameters.map(({ node }) => node));
    const named = Object.fromEntries(parts.map((part, i) => [`gradient ${i}`, part]));
    this.loaded = store.load({ outputs: { ...outputs, ...named }, maxRows: Math.min(data.length, chunkRows) });
    this.sinks = this.loaded.program.sinks.map(({ count }) => store.backend.allocate(count));
    this.gradient = new Float64Array(this.size);
    this.kept = this.readWeights();
  }

  /** Time of the evaluations, in seconds. */
  get time(): number {
    return this.seconds;
  }

  /** The weights as one vector. */
  readWeights(): Float64Array {
    const x = new Float64Array(this.size);
    let at = 0;
    for (const { node } of this.parameters) {
      x.set(this.store.view(node), at);
      at += countOf(node.shape);
    }
    return x;
  }

  /** Makes `x` the weights that everybody sees. */
  keep(x: Float64Array): Promise<void> {
    this.kept.set(x);
    return this.store.gate.through(async () => this.write(x));
  }

  /** Loss and metrics at a point that was evaluated since the last call. */
  measuresAt(value: number): Evaluation {
    const found = this.measured.get(value)!;
    this.measured = new Map();
    return found;
  }

  evaluate(x: Float64Array): Promise<Point> {
    return this.store.gate.through(async () => {
      const started = performance.now();
      this.write(x);
      try {
        return await this.sum();
      } finally {
        this.write(this.kept);
        this.seconds += (performance.now() - started) / 1000;
      }
    });
  }

  /** What there is to say where the cost is not finite at the weights as they are. */
  failure(): Promise<NonFiniteError> {
    const { store, model, goal, data } = this, faults = faultFinder(store, model, goal, Math.min(data.length, chunkRows), [], (program) => bindSources(program, data));
    return store.gate.through(async () => {
      let fault: Fault | undefined;
      for (let first = 0; first < data.length && fault === undefined; first += chunkRows) fault = await faults.inBatch(data.index, Int32Array.of(first, Math.min(chunkRows, data.length - first)), first);
      return new NonFiniteError(`[fit] the loss or its gradient is not a finite number at the first weights, which are kept${fault === undefined ? '' : `; it goes wrong in ${fault.what}`}`, 1, 1, fault?.layer);
    });
  }

  dispose(): void {
    this.store.unload(this.loaded);
  }

  private write(x: Float64Array): void {
    let at = 0;
    for (const { node } of this.parameters) {
      const count = countOf(node.shape);
      this.store.write(node, x.subarray(at, at + count));
      at += count;
    }
  }

  /** Runs chunk by chunk and adds up: each part of the mean by its share of the examples, or of their weights. */
  private async sum(): Promise<Point> {
    const { data: { length, index }, loaded: { program, executable, scratch }, sinks, store } = this;
    const sources = bindSources(program, this.data), traces = this.names.map((): number[] => []), rowsOf: number[] = [];
    let total = 0;
    this.gradient.fill(0);
    for (let first = 0; first < length; first += chunkRows) {
      const rows = Math.min(chunkRows, length - first);
      executable.bind({ state: store.state, scratch, sources, sinks, order: index, batches: Int32Array.of(first, rows), hyper: store.backend.allocate(program.hypers.length) });
      // The same draws at every point, so that dropout and noise leave it a function.
      await executable.runAsync(0, 1, first);
      this.names.forEach((_, i) => traces[i]!.push(sinks[i]![0]!));
      rowsOf.push(rows);
      const share = this.weightSink < 0 ? rows : sinks[this.weightSink]![0]!;
      total += share;
      let at = 0;
      for (const sink of sinks.slice(this.names.length)) for (let i = 0; i < sink.length; i++) this.gradient[at++]! += share * sink[i]!;
    }
    for (let i = 0; i < this.size; i++) this.gradient[i]! /= total;
    const measures = measuresOf(this.names, traces, (step) => rowsOf[step]!, 0, rowsOf.length);
    this.measured.set(measures.loss, measures);
    return { value: measures.loss, gradient: this.gradient };
  }
}

const reasons: Readonly<Record<string, string>> = {
  gradient: 'the gradient has vanished', value: 'the loss no longer changes', precision: 'rounding hides any further decrease',
  nonFinite: 'no further point is finite',
};

function checkModel({ training, parameters }: Model, goal: Goal, length: number, minimizer: string): void {
  if (parameters.length === 0) throw new OptionError('[fit] the network has no parameters to train');
  const refuse = (what: string): never => {
    throw new OptionError(`[fit] expected a network without ${what} for ${minimizer}`);
  };
  if (training.updates.length > 0) refuse('layers that update statistics step by step');
  const constrained = parameters.find(({ request }) => request.constraint !== undefined);
  if (constrained !== undefined) refuse(`constraints on weights, such as those of '${constrained.name}'`);
  if (length > chunkRows && goal.outputs.length > 1 && (goal.weights !== undefined || goal.outputs.some(({ type, targets, loss }) => type.weights?.(targets, loss.options) !== undefined))) {
    refuse(`several outputs with weighted examples beyond ${chunkRows} rows`);
  }
}

/** Minimizes the cost on the whole data; an iteration counts as an epoch. */
export async function trainOnWhole(store: Store, model: Model, { data, goal, minimizer, run, validation, trained, signal, tensors }: WholeRequest): Promise<History> {
  checkModel(model, goal, data.length, minimizer.type);
  const objective = await store.gate.through(async () => new NetworkObjective(store, model, goal, data));
  const evaluator = validation && (await store.gate.through(async () => new Evaluator(store, model, validation.goal)));
  const reporter = new Reporter({
    epochs: run.epochs, callbacks: run.callbacks, exclusive: (work) => store.gate.through(work),
    snapshot: () => store.snapshot(), restore: (weights) => store.restore(weights),
    network: describeModel(model), tensors: () => tensors.read(),
  });
  const stop = new AbortController(), onAbort = (): void => stop.abort();
  signal?.addEventListener('abort', onAbort);
  let ended: string | undefined;
  try {
    await reporter.around(async () => {
      const result = await minimize(objective, objective.readWeights(), minimizer, {
        maxIterations: run.epochs, gradientTolerance, valueTolerance: 0, signal: stop.signal,
        async onIteration({ iteration, x, value }) {
          const measures = objective.measuresAt(value);
          await objective.keep(x);
          trained.steps++;
          const measured = evaluator && (await store.gate.through(() => evaluator.run(validation.data)));
          await reporter.report({ epoch: iteration, ...measures, learningRate: 1, ...(measured && { validation: measured }) });
          await reporter.pause({ epoch: iteration, epochs: run.epochs, step: 0, stepsPerEpoch: 1, loss: NaN, resumable: false, examples: iteration * data.length, seconds: objective.time });
          if (reporter.stopped !== undefined) stop.abort();
        },
      });
      await objective.keep(result.x);
      if (signal?.aborted) throw new AbortedError(`[fit] aborted after iteration ${result.iterations}`, signal.reason);
      if (!Number.isFinite(result.value)) throw await objective.failure();
      ended = reporter.stopped ?? (result.iterations < run.epochs ? reasons[result.reason] : undefined);
    });
    const history: History = { epochs: reporter.records, seconds: objective.time, steps: reporter.records.length, ...(ended !== undefined && { stopped: ended }) };
    return run.diagnose ? await diagnosed(store, model, goal, data, history) : history;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await store.gate.through(async () => {
      objective.dispose();
      evaluator?.dispose();
    });
  }
}
