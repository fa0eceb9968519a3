// Network: layers with parameters, trained, evaluated, saved.
import type { Memory } from '../backend/backend.ts';
import { backendChoices, selectBackend, type BackendChoice, type Precision } from '../backend/select.ts';
import { matrix, type MatrixLike } from '../data/columns.ts';
import { Dataset } from '../data/dataset.ts';
import { AbortedError, BusyError, ModelFormatError, OptionError, ShapeError } from '../errors.ts';
import { formatShape, sameShape } from '../graph/shape.ts';
import type { LayerSpec } from '../layers/layer.ts';
import { layerType } from '../layers/registry.ts';
import { boolean, checkOptions, invalid, nonNegativeInteger, oneOf, positiveInteger, quote } from '../options.ts';
import type { Evaluation, EpochRecord, History } from '../train/history.ts';
import { trainingLoop } from '../train/loop.ts';
import type { LossName } from '../train/losses/registry.ts';
import type { MetricName } from '../train/metrics.ts';
import type { OptimizerSpec } from '../train/optimizers/optimizer.ts';
import { checkOptimizer, type OptimizerName } from '../train/optimizers/registry.ts';
import { checkTargets } from '../train/targets.ts';
import { Evaluator } from './evaluator.ts';
import { buildModel, type Model } from './model.ts';
import { settleGoal, type Goal } from './objective.ts';
import { Predictor } from './predictor.ts';
import { loadNetwork, saveNetwork } from './persist.ts';
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

  /** @throws {OptionError} or {ShapeError} on options or layers that do not fit. */
  constructor(options: NetworkOptions) {
    checkOptions('Network', options, optionNames);
    this.inputs = positiveInteger('Network', 'inputs', options.inputs);
    this.seed = nonNegativeInteger('Network', 'seed', options.seed ?? 0);
    if (!Array.isArray(options.layers) || options.layers.length === 0) throw invalid('Network', 'layers', 'an array of at least one layer', options.layers);
    this.specs = options.layers.map((layer: LayerSpec, i) => {
      if (typeof layer?.type !== 'string') throw invalid('Network', `layers[${i}]`, 'a layer such as dense(10)', layer);
      return layerType(layer.type).check(layer.options ?? {});
    });
    if (options.backend !== undefined) oneOf('Network', 'backend', options.backend, backendChoices);
    if (options.threads !== undefined) positiveInteger('Network', 'threads', options.threads);
    this.model = buildModel(this.inputs, this.specs, this.seed);
    this.store = new Store(selectBackend(options.backend, options.precision), this.model.parameters.map(({ node }) => node), options.threads);
    this.textbook = new Textbook(this.store, this.model);
    this.layers = this.textbook.layers;
  }

  /** Loads a model that `save` wrote. Rejects with `ERR_MODEL_FORMAT` where the file is not one. */
  static async load(path: string, options: Pick<NetworkOptions, 'backend' | 'precision' | 'threads'> = {}): Promise<Network> {
    const { configuration, tensors, steps } = await loadNetwork(path);
    checkOptions('load', options, ['backend', 'precision', 'threads']);
    try {
      const network = new Network({ ...configuration, ...options });
      network.checkTensors(tensors);
      network.setWeights(tensors);
      network.trained.steps = steps;
      return network;
    } catch (error) {
      // What the file says cannot be built: the file is at fault, unless it was the backend.
      if (!(error instanceof OptionError || error instanceof ShapeError)) throw error;
      throw new ModelFormatError(`[load ${quote(path)}] the file does not describe a network: ${error.message}`, { cause: error });
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
    let train = this.asDataset('fit', data);
    let validation: Dataset | undefined;
    if (typeof options.validation === 'number') {
      if (!(options.validation > 0 && options.validation < 1)) throw invalid('fit', 'validation', 'data or a fraction between 0 and 1', options.validation);
      ({ train, test: validation } = train.split({ test: options.validation, seed: this.seed }));
    } else if (options.validation !== undefined) {
      validation = this.asDataset('fit', options.validation);
    }
    const goal = this.settle('fit', train, options);
    if (validation !== undefined) checkTargets('fit', validation, goal.targetKind);
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
    const evaluator = run.validation === undefined ? undefined : new Evaluator(store, model, goal);
    const { program, executable, scratch } = trainer.loaded;
    const validation = run.validation;
    store.gate.onWait = () => executable.interrupt();
    try {
      const history = await trainingLoop({
        executable, scratch, state: store.state, sources: bindSources(program, data), names: trainer.names, epochs: run.epochs,
        schedule: {
          length: data.length, index: data.index, batchSize: run.batchSize, shuffle: run.shuffle, seed: this.seed,
          hypers: (t) => trainer.hypers(t), hyperCount: program.hypers.length,
        },
        counterBase: this.trained.steps,
        allocate: store.backend.allocate,
        exclusive: (work) => store.gate.through(work),
        validate: evaluator === undefined || validation === undefined ? undefined : () => store.gate.through(() => evaluator.run(validation)),
        onEpoch: run.options.onEpoch, signal: run.options.signal,
      });
      this.trained.steps += history.steps;
      return history;
    } finally {
      store.gate.onWait = undefined;
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
    const values = matrix(x, this.inputs, 'predict');
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
  setWeights(tensors: readonly { readonly name: string; readonly data: ArrayLike<number> }[]): void {
    this.store.checkUsable('setWeights');
    this.store.gate.checkFree('setWeights');
    const found = tensors.map(({ name, data }) => {
      const parameter = this.model.parameters.find((candidate) => candidate.name === name);
      if (parameter === undefined) throw new OptionError(`[setWeights] no tensor is named '${name}'; there are ${this.model.parameters.map((each) => each.name).join(', ')}`);
      const expected = parameter.request.shape.reduce((a, b) => a * b, 1);
      if (data.length !== expected) throw new ShapeError(`[setWeights] expected ${expected} values for '${name}' but received ${data.length}`);
      for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) throw invalid('setWeights', `${name}[${i}]`, 'a finite number', data[i]);
      return { parameter, data };
    });
    for (const { parameter, data } of found) this.store.write(parameter.node, data);
  }

  /** Writes the model to one safetensors file, atomically: a failed save leaves an older file as it was. */
  async save(path: string): Promise<void> {
    this.store.checkUsable('save');
    const tensors = await this.store.gate.through(async () => this.readWeights());
    await saveNetwork(path, { inputs: this.inputs, seed: this.seed, layers: this.specs }, tensors, this.trained.steps);
  }

  /** The layers as a table: output shape and number of parameters. */
  summary(): string {
    return summarize(this.inputs, this.model, this.backend);
  }

  /** Outputs for `x` in the textbook's way: every layer's `forward`, each of which keeps its cache. */
  forward(x: MatrixLike): Prediction {
    return this.textbook.forward(x);
  }

  /** Gradients of the mean loss for the last `forward`, through every layer's `backward`. Returns the loss. */
  backward(y: MatrixLike, options: EvaluateOptions = {}): number {
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
    const set = data instanceof Dataset ? data : Dataset.from({ x: data.x, y: data.y, width: this.inputs });
    if (set.inputs.width !== this.inputs) throw new ShapeError(`[${where}] expected ${this.inputs} features but the data have ${set.inputs.width}`);
    return set;
  }

  private settle(where: string, data: Dataset, options: EvaluateOptions): Goal {
    const goal = settleGoal(where, this.model.training.output, data.targets.width, options.loss, options.metrics);
    checkTargets(where, data, goal.targetKind);
    return goal;
  }

  private checkTensors(tensors: readonly NamedTensor[]): void {
    for (const { name, request } of this.model.parameters) {
      const tensor = tensors.find((candidate) => candidate.name === name);
      if (tensor === undefined) throw new OptionError(`[load] no values for '${name}'`);
      if (!sameShape(tensor.shape, request.shape)) throw new ShapeError(`[load] expected shape ${formatShape(request.shape)} for '${name}' but found ${formatShape(tensor.shape)}`);
    }
  }
}
