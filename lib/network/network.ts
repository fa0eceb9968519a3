// Network: layers with parameters, trained, evaluated, saved.
import type { Backend, Memory } from '../backend/backend.ts';
import { backendChoices, precisions, selectBackend, type BackendChoice, type Precision } from '../backend/select.ts';
import { matrix, type MatrixLike } from '../data/columns.ts';
import { Dataset } from '../data/dataset.ts';
import { AbortedError, BusyError, DataError, ModelFormatError, OptionError, ShapeError } from '../errors.ts';
import { countOf, formatShape, sameShape } from '../graph/shape.ts';
import type { LayerSpec } from '../layers/layer.ts';
import { layerType } from '../layers/registry.ts';
import { boolean, checkOptions, describe, invalid, nonNegativeInteger, numberIn, oneOf, optionalFunction, positiveInteger, quote } from '../options.ts';
import type { Evaluation, EpochRecord, History } from '../train/history.ts';
import { trainingLoop } from '../train/loop.ts';
import type { LossName } from '../train/losses/registry.ts';
import type { MetricName } from '../train/metrics.ts';
import type { OptimizerSpec } from '../train/optimizers/optimizer.ts';
import { checkOptimizer, type OptimizerName } from '../train/optimizers/registry.ts';
import { checkTargets } from '../train/targets.ts';
import { Evaluator } from './evaluator.ts';
import { buildModel, type InitialValues, type Model, type Parameter } from './model.ts';
import { settleGoal, type Goal } from './objective.ts';
import { Predictor } from './predictor.ts';
import { loading, loadNetwork, saveNetwork, storedValues } from './persist.ts';
import { bindSources } from './sources.ts';
import { Store } from './store.ts';
import { summarize } from './summary.ts';
import { Textbook, TextbookLayer } from './textbook.ts';
import { makeTrainer } from './trainer.ts';

export interface NetworkOptions {
  /** Features of an example. */
  readonly inputs: number;
  /** Layers in order, made by `dense`, `activation`, `dropout`. */
  readonly layers: readonly LayerSpec[];
  /** Seed of initial weights, order of examples and dropout (default 0): the same seed gives the same bits. */
  readonly seed?: number;
  /** Default `'auto'`: native where the addon is there. */
  readonly backend?: BackendChoice;
  /** `'float64'` computes in doubles, on the TypeScript backend (default `'float32'`). */
  readonly precision?: Precision;
  /** Threads of the native backend (default: what the machine allows). The results do not depend on it. */
  readonly threads?: number;
}

/** Examples with targets, as a data set or as arrays. */
export type TrainingData = Dataset | { readonly x: MatrixLike; readonly y: MatrixLike };

export interface FitOptions {
  /** Passes over the data (default 1). */
  readonly epochs?: number;
  /** Examples of a minibatch (default 32); the last one of an epoch may be shorter. */
  readonly batchSize?: number;
  /** Default `adam()`. Its moments start anew with every call of `fit`. */
  readonly optimizer?: OptimizerSpec | OptimizerName;
  /** Default: cross-entropy for a softmax or sigmoid output, else mean squared error. */
  readonly loss?: LossName;
  /** Default: accuracy with cross-entropies, else mean absolute error. */
  readonly metrics?: readonly MetricName[];
  /** Data to evaluate after every epoch, or the fraction of the data to set aside for it. */
  readonly validation?: TrainingData | number;
  /** New order of the examples in every epoch (default true). */
  readonly shuffle?: boolean;
  /** Called after every epoch and awaited; the network may be used in it. */
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /** Stops the run after the minibatch in hand; the weights reached are kept. */
  readonly signal?: AbortSignal;
}

export interface EvaluateOptions {
  readonly loss?: LossName;
  readonly metrics?: readonly MetricName[];
}

/** Outputs of a network: row-major, one row per example. */
export interface Prediction {
  readonly shape: readonly [rows: number, outputs: number];
  readonly data: Memory;
}

/** A trained tensor by name, row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Memory;
}

const optionNames = ['inputs', 'layers', 'seed', 'backend', 'precision', 'threads'] as const;
const fitNames = ['epochs', 'batchSize', 'optimizer', 'loss', 'metrics', 'validation', 'shuffle', 'onEpoch', 'signal'] as const;

/**
 * A feedforward network.
 *
 * @example
 * const network = new Network({ inputs: 64, layers: [dense(64, 'relu'), dense(10, 'softmax')] });
 * await network.fit(train, { epochs: 20 });
 * const { data } = await network.predict(x);
 */
export class Network {
  readonly inputs: number;
  readonly seed: number;
  /** The layers with the textbook interface: `forward`, `backward`, `update`. */
  readonly layers: readonly TextbookLayer[];
  private readonly specs: readonly LayerSpec[];
  private readonly model: Model;
  private readonly store: Store;
  private readonly textbook: Textbook;
  private predictor: Predictor | undefined;
  private trained: { steps: number } = { steps: 0 };
  private fitting = false;

  /**
   * @param initialValues Used by `load`; by default the initializers'.
   * @throws {OptionError} or {ShapeError} on options or layers that do not fit.
   */
  constructor(options: NetworkOptions, initialValues?: InitialValues) {
    checkOptions('Network', options, optionNames);
    this.inputs = positiveInteger('Network', 'inputs', options.inputs);
    this.seed = nonNegativeInteger('Network', 'seed', options.seed ?? 0);
    if (!Array.isArray(options.layers) || options.layers.length === 0) throw invalid('Network', 'layers', 'an array of at least one layer', options.layers);
    this.specs = options.layers.map((layer: LayerSpec, i) => {
      if (typeof layer?.type !== 'string') throw invalid('Network', `layers[${i}]`, 'a layer such as dense(10)', layer);
      return layerType(layer.type).check(layer.options ?? {});
    });
    const backend = backendFor('Network', options);
    this.model = buildModel(this.inputs, this.specs, this.seed, initialValues);
    this.store = new Store(backend, this.model.parameters.map(({ node }) => node), options.threads);
    this.textbook = new Textbook(this.store, this.model);
    this.layers = this.textbook.layers;
  }

  /** Loads a model that `save` wrote. Rejects with `ERR_MODEL_FORMAT` where the file is not one. */
  static async load(path: string, options: Pick<NetworkOptions, 'backend' | 'precision' | 'threads'> = {}): Promise<Network> {
    checkOptions('load', options, runNames);
    backendFor('load', options);
    const { configuration, tensors, steps } = await loadNetwork(path);
    try {
      const network = new Network({ ...configuration, ...options }, storedValues(tensors));
      network.checkNames(tensors);
      network.trained.steps = steps;
      return network;
    } catch (error) {
      // What the file says cannot be built: the file is at fault, for the other options are good.
      if (!(error instanceof OptionError || error instanceof ShapeError)) throw error;
      throw new ModelFormatError(`[${loading(path)}] the file does not describe a network: ${error.message}`, { cause: error });
    }
  }

  /** The backend that runs this network. */
  get backend(): 'native' | 'typescript' {
    return this.store.backend.name;
  }

  /** Outputs of an example. */
  get outputs(): number {
    return Number(this.model.prediction.output.shape[1]);
  }

  /**
   * Trains on `data` off the event loop and resolves to losses and metrics by epoch. While it runs, `predict`, `evaluate`
   * and `save` wait for the end of the minibatch in hand and see the weights of that moment.
   * Rejects with `ERR_BUSY` when another `fit` is in flight, `ERR_ABORTED` when the signal says so, and `ERR_NON_FINITE`
   * when the loss is no longer a number: the weights are then those after the last good epoch.
   */
  async fit(data: TrainingData, options: FitOptions = {}): Promise<History> {
    this.store.checkUsable('fit');
    checkOptions('fit', options, fitNames);
    if (this.fitting) throw new BusyError('[fit] another fit of this network is in flight');
    const epochs = positiveInteger('fit', 'epochs', options.epochs ?? 1);
    const batchSize = positiveInteger('fit', 'batchSize', options.batchSize ?? 32);
    const shuffle = boolean('fit', 'shuffle', options.shuffle ?? true);
    const optimizer = checkOptimizer('fit', options.optimizer ?? 'adam');
    optionalFunction('fit', 'onEpoch', options.onEpoch);
    if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) throw invalid('fit', 'signal', 'an AbortSignal', options.signal);
    let train = this.asDataset('fit', data);
    let validation: Dataset | undefined;
    if (typeof options.validation === 'number') {
      if (!(options.validation > 0 && options.validation < 1)) throw invalid('fit', 'validation', 'data or a fraction between 0 and 1', options.validation);
      ({ train, test: validation } = train.split({ test: options.validation, seed: this.seed }));
    } else if (options.validation !== undefined) {
      validation = this.asDataset('fit validation', options.validation);
    }
    const goal = this.settle('fit', train, options);
    if (validation !== undefined) checkTargets('fit validation', validation.targets, validation.index, goal.targetKind);
    if (options.signal?.aborted) throw new AbortedError('[fit] aborted before the run', options.signal.reason);

    this.fitting = true;
    try {
      return await this.train(train, goal, optimizer, { epochs, batchSize: Math.min(batchSize, train.length), shuffle, validation, options });
    } finally {
      this.fitting = false;
    }
  }

  private async train(
    data: Dataset, goal: Goal, optimizer: OptimizerSpec,
    run: { epochs: number; batchSize: number; shuffle: boolean; validation: Dataset | undefined; options: FitOptions },
  ): Promise<History> {
    const { store, model } = this;
    const trainer = await store.gate.through(async () => makeTrainer(store, model, goal, optimizer, run.batchSize));
    const { program, executable, scratch } = trainer.loaded;
    const { validation } = run;
    let evaluator: Evaluator | undefined;
    try {
      if (validation !== undefined) evaluator = new Evaluator(store, model, goal);
      const validate = evaluator && validation && (() => store.gate.through(() => evaluator!.run(validation)));
      return await trainingLoop({
        executable, scratch, state: store.state, sources: bindSources(program, data), names: trainer.names, epochs: run.epochs,
        schedule: {
          length: data.length, index: data.index, batchSize: run.batchSize, shuffle: run.shuffle, seed: this.seed,
          stepsBefore: this.trained.steps, hypers: (t) => trainer.hypers(t), hyperCount: program.hypers.length,
        },
        trained: this.trained,
        allocate: store.backend.allocate,
        exclusive: (work) => store.gate.through(work),
        onWait: (stop) => { store.gate.onWait = stop; },
        validate, onEpoch: run.options.onEpoch, signal: run.options.signal,
      });
    } finally {
      await store.gate.through(async () => {
        store.unload(trainer.loaded);
        evaluator?.dispose();
        store.useSlots([]);
      });
    }
  }

  /** Loss and metrics on `data`, off the event loop. */
  async evaluate(data: TrainingData, options: EvaluateOptions = {}): Promise<Evaluation> {
    this.store.checkUsable('evaluate');
    checkOptions('evaluate', options, ['loss', 'metrics']);
    const set = this.asDataset('evaluate', data);
    const goal = this.settle('evaluate', set, options);
    return this.store.gate.through(async () => {
      const evaluator = new Evaluator(this.store, this.model, goal);
      try {
        return await evaluator.run(set);
      } finally {
        evaluator.dispose();
      }
    });
  }

  /** Outputs for examples (rows of numbers, or one example as a flat array), off the event loop. */
  async predict(x: MatrixLike): Promise<Prediction> {
    this.store.checkUsable('predict');
    const given = matrix(x, this.inputs, 'predict');
    // The caller may use a flat array again before this runs.
    const values = given.data === x ? { ...given, data: given.data.slice() } : given;
    const data = this.store.backend.allocate(values.rows * this.outputs);
    await this.store.gate.through(async () => {
      this.store.checkUsable('predict');
      await this.predictorOf().run(values, data);
    });
    return { shape: [values.rows, this.outputs], data };
  }

  /** The same on the calling thread, for small networks; throws `ERR_BUSY` while a run is in flight. */
  predictSync(x: MatrixLike): Prediction {
    this.store.checkUsable('predictSync');
    this.store.gate.checkFree('predictSync');
    const values = matrix(x, this.inputs, 'predictSync');
    const data = this.store.backend.allocate(values.rows * this.outputs);
    this.predictorOf().runSync(values, data);
    return { shape: [values.rows, this.outputs], data };
  }

  /** All trained tensors, as copies. Throws `ERR_BUSY` while a run is in flight. */
  weights(): NamedTensor[] {
    this.store.checkUsable('weights');
    this.store.gate.checkFree('weights');
    return this.readWeights();
  }

  /** Replaces trained tensors by name; others stay. Throws before any is changed, and `ERR_BUSY` while a run is in flight. */
  setWeights(tensors: readonly { readonly name: string; readonly shape?: readonly number[]; readonly data: ArrayLike<number> }[]): void {
    this.store.checkUsable('setWeights');
    this.store.gate.checkFree('setWeights');
    if (!Array.isArray(tensors)) throw invalid('setWeights', 'tensors', 'an array of { name, data }', tensors);
    const found = tensors.map(({ name, shape, data }: (typeof tensors)[number]) => {
      const { node } = this.parameter('setWeights', name);
      if (shape !== undefined && !sameShape(shape, node.shape)) throw new ShapeError(`[setWeights] expected shape ${formatShape(node.shape)} for '${name}' but received ${formatShape(shape)}`);
      return { node, values: this.finiteValues('setWeights', name, data, countOf(node.shape)) };
    });
    for (const { node, values } of found) this.store.write(node, values);
  }

  /** Writes the model to one safetensors file, atomically: a failed save leaves an older file as it was. */
  async save(path: string): Promise<void> {
    this.store.checkUsable('save');
    const { tensors, steps } = await this.store.gate.through(async () => ({ tensors: this.readWeights(), steps: this.trained.steps }));
    await saveNetwork(path, { inputs: this.inputs, seed: this.seed, layers: this.specs }, tensors, steps);
  }

  /** The layers as a table: output shape and number of parameters. */
  summary(): string {
    this.store.checkUsable('summary');
    return summarize(this.inputs, this.model, this.backend);
  }

  /** Outputs for `x` in the textbook's way: every layer's `forward`, each of which keeps its cache. */
  forward(x: MatrixLike): Prediction {
    return this.textbook.forward(x);
  }

  /** Gradients of the mean loss for the last `forward`, through every layer's `backward`. Returns the loss. */
  backward(y: MatrixLike, options: Pick<EvaluateOptions, 'loss'> = {}): number {
    checkOptions('backward', options, ['loss']);
    return this.textbook.backward(y, options.loss);
  }

  /** `W ← W − ε dW`, `b ← b − ε db` in every layer, from the last `backward`. */
  update(learningRate: number): void {
    this.textbook.update(learningRate);
  }

  /** Frees the memory; every later call throws `ERR_DISPOSED`. Throws `ERR_BUSY` while a run is in flight. */
  dispose(): void {
    if (this.fitting) throw new BusyError('[dispose] a fit is in flight');
    this.store.dispose();
  }

  private readWeights(): NamedTensor[] {
    return this.model.parameters.map(({ name, node, request }) => ({ name, shape: request.shape, data: this.store.read(node) }));
  }

  private predictorOf(): Predictor {
    this.predictor ??= new Predictor(this.store, this.model.prediction.output, this.inputs);
    return this.predictor;
  }

  private asDataset(where: string, data: TrainingData): Dataset {
    if (typeof data !== 'object' || data === null) throw new DataError(`[${where}] expected a Dataset or { x, y } but received ${describe(data)}`);
    const set = data instanceof Dataset ? data : Dataset.from({ x: data.x, y: data.y, width: this.inputs });
    if (set.inputs.width !== this.inputs) throw new ShapeError(`[${where}] expected ${this.inputs} features but the data have ${set.inputs.width}`);
    return set;
  }

  private settle(where: string, data: Dataset, options: EvaluateOptions): Goal {
    const { training, prediction } = this.model;
    if (training.output.op !== prediction.output.op) {
      const { name } = training.layers.at(-1)!;
      throw new OptionError(`[${where}] expected a last layer that computes the same in training and in prediction but it is '${name}'`);
    }
    const goal = settleGoal(where, training.output, data.targets.width, options.loss, options.metrics);
    checkTargets(where, data.targets, data.index, goal.targetKind);
    return goal;
  }

  private checkNames(tensors: readonly NamedTensor[]): void {
    for (const { name, data } of tensors) {
      this.parameter('load', name);
      this.finiteValues('load', name, data, data.length);
    }
  }

  private parameter(where: string, name: string): Parameter {
    const found = this.model.parameters.find((candidate) => candidate.name === name);
    if (found === undefined) throw new OptionError(`[${where}] no tensor is named ${quote(String(name))}; there are ${this.model.parameters.map((each) => each.name).join(', ')}`);
    return found;
  }

  /** Values in the network's precision; throws unless there are `count`, all finite. */
  private finiteValues(where: string, name: string, data: ArrayLike<number>, count: number): Memory {
    if (data?.length !== count) throw new ShapeError(`[${where}] expected ${count} values for '${name}' but received ${data?.length ?? 'none'}`);
    const values = this.store.backend.allocate(count);
    values.set(data);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw invalid(where, `${name}[${bad}]`, 'a finite number', data[bad]);
    return values;
  }
}

const runNames = ['backend', 'precision', 'threads'] as const;
type RunOptions = Pick<NetworkOptions, (typeof runNames)[number]>;

/** The backend asked for, with all options of where to run checked. */
function backendFor(where: string, { backend, precision, threads }: RunOptions): Backend {
  if (backend !== undefined) oneOf(where, 'backend', backend, backendChoices);
  if (precision !== undefined) oneOf(where, 'precision', precision, precisions);
  if (threads !== undefined) numberIn(where, 'threads', positiveInteger(where, 'threads', threads), { from: 1, to: 1024 });
  return selectBackend(backend, precision);
}
