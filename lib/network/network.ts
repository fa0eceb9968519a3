// Network: layers with parameters, trained, evaluated, saved.
import { types } from 'node:util';
import type { Memory } from '../backend/backend.ts';
import { matrix } from '../data/columns.ts';
import { Dataset } from '../data/dataset.ts';
import type { Part, Tables } from '../data/parts.ts';
import { Preprocessor } from '../data/preprocess/preprocessor.ts';
import { statisticsOf } from '../data/statistics.ts';
import { AbortedError, BusyError, ModelFormatError, OptionError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { readSafetensors } from '../io/safetensors.ts';
import { checkOptions, invalid, nonNegativeInteger } from '../options.ts';
import type { Evaluation, History } from '../train/history.ts';
import { warnOfSortedLabels } from '../train/sorted-labels.ts';
import { checkTargets } from '../train/targets.ts';
import { adaptLayers, needsAdapting } from './adapt.ts';
import { architectureOf, configurationOf, type Architecture } from './architecture.ts';
import type { ArrangementOptions, Table } from './arrangement.ts';
import { fixedValues } from './direct.ts';
import { Evaluator } from './evaluator.ts';
import { checkFit, checkStreamFit, partData, type EvaluateOptions, type FitOptions, type Run } from './fit-options.ts';
import { datasetOf, inputParts, inputRows, targetWidths, type RawRows, type TrainingData } from './given.ts';
import { buildModel, type Model } from './model.ts';
import { settleGoal, withWeights, type Goal } from './objective.ts';
import { trainOnMinibatches } from './minibatch-training.ts';
import { architectureFor, backendFor, optionNames, runNames, type NetworkOptions, type Restored, type RunOptions } from './network-options.ts';
import { areColumnNames, loading, networkIn, saveNetwork, type ColumnNames, type Description } from './persist.ts';
import { predictionOf, type Prediction, type PredictSyncOptions } from './prediction.ts';
import { Predictor } from './predictor.ts';
import { checkShared, SharedMemory, type SharedNetwork } from './shared.ts';
import { Store } from './store.ts';
import { describeModel, summarize, type NetworkDescription } from './summary.ts';
import { asColumns, BatchReader, isStream, type StreamData } from './stream-data.ts';
import { trainOnStream } from './stream-training.ts';
import { trainOnWhole } from './whole-training.ts';
import { Tensors, type GivenTensor, type NamedTensor } from './tensors.ts';
import { Textbook } from './textbook.ts';
import type { TextbookLayer } from './textbook-layer.ts';

/**
 * A feedforward network: a chain of layers, or any graph of them without circles.
 *
 * @example
 * const network = new Network({ inputs: 64, layers: [dense(64, 'relu'), dense(10, 'softmax')] });
 * await network.fit(train, { epochs: 20 });
 * const { data } = await network.predict(x);
 * @example
 * const x = input(64), hidden = dense(64, 'relu').apply(x);
 * const network = new Network({ inputs: x, outputs: dense(10, 'softmax').apply(add().apply(x, hidden)) });
 */
export class Network {
  /** Features of an example, of all inputs together. */
  readonly inputs: number;
  readonly seed: number;
  /** The layers in the order of their work, with the textbook interface: `forward`, `backward`, `update`. */
  readonly layers: readonly TextbookLayer[];
  private readonly architecture: Architecture;
  /** The inputs' columns. */
  private readonly parts: readonly Part[];
  private readonly model: Model;
  private readonly store: Store;
  private readonly tensors: Tensors;
  private readonly textbook: Textbook;
  private predictor: Predictor | undefined;
  private trained: { steps: number } = { steps: 0 };
  private adapted = false;
  private named: ColumnNames | undefined;
  private prepared: Preprocessor | undefined;
  private fitting = false;

  /**
   * @param restored Used by `load` and `attach`: what takes the place of the options' layers, and of first values.
   * @throws {OptionError} or {ShapeError} on options or layers that do not fit.
   */
  constructor(options: NetworkOptions, restored?: Restored) {
    checkOptions('Network', options, optionNames);
    this.seed = nonNegativeInteger('Network', 'seed', options.seed ?? 0);
    this.architecture = restored?.architecture ?? architectureFor(options);
    const backend = backendFor('Network', options);
    this.model = buildModel(this.architecture, this.seed, restored?.tensors && new Map(restored.tensors.map(({ name, shape }) => [name, shape])));
    this.parts = inputParts(this.architecture);
    this.inputs = this.parts.reduce((so, { width }) => so + width, 0);
    this.store = new Store(backend, [...this.model.parameters, ...this.model.states].map(({ node }) => node), options.threads, restored?.shared);
    this.tensors = new Tensors(this.store, this.model);
    if (restored === undefined) Tensors.initialize(this.store, this.model, this.seed);
    else if (restored.shared === undefined) this.tensors.write('load', restored.tensors!, true);
    this.textbook = new Textbook(this.store, this.model);
    this.layers = this.textbook.layers;
    this.preprocessor = options.preprocessor;
  }

  /** Loads a model that `save` wrote. Rejects with `ERR_MODEL_FORMAT` where the file is not one. */
  static async load(path: string, options: RunOptions = {}): Promise<Network> {
    checkOptions('load', options, runNames);
    backendFor('load', options);
    const where = loading(path), { description, tensors } = await networkIn(await readSafetensors(path, where), where);
    return Network.restore(where, description, tensors, options);
  }

  /** @internal The network that a file describes, with its tensors. */
  static restore(where: string, description: Description, tensors: readonly GivenTensor[], options: RunOptions): Network {
    try {
      return Network.rebuild(description, options, { tensors });
    } catch (error) {
      // What the file says cannot be built: the file is at fault, for the other options are good.
      if (!(error instanceof OptionError || error instanceof ShapeError)) throw error;
      throw new ModelFormatError(`[${where}] the file does not describe a network: ${error.message}`, { cause: error });
    }
  }

  /**
   * A network for prediction on the weights that another one shares, in this thread or another, without a copy of them: `predict`,
   * `predictSync`, `evaluate`, `weights` and `save` work, what would change weights throws `ERR_STATE`. Each answer is of the weights
   * of one moment, the latest that the owner has published.
   * @param token What `share` gave; it goes through `postMessage` and `workerData`.
   * @param options `backend`, and `threads` (default 1: workers are threads themselves); the precision is the owner's.
   * @throws {OptionError} Where the token is none.
   */
  static attach(token: SharedNetwork, options: Omit<RunOptions, 'precision'> = {}): Network {
    checkOptions('attach', options, ['backend', 'threads']);
    const shared = new SharedMemory(checkShared('attach', token)), { precision } = shared.token;
    return Network.rebuild(JSON.parse(shared.token.configuration) as Description, { threads: 1, ...options, precision }, { shared });
  }

  private static rebuild(description: Description, options: RunOptions, from: Omit<Restored, 'architecture'>): Network {
    const network = new Network({ inputs: 1, seed: description.seed, ...options }, { architecture: architectureOf(description), ...from });
    network.trained.steps = description.steps;
    network.adapted = description.adapted;
    network.named = description.columns;
    if (description.preprocessor !== undefined) network.preprocessor = Preprocessor.from(description.preprocessor);
    return network;
  }

  /**
   * Publishes the weights as they are to networks attached to this one, in other threads or here: `Network.attach(network.share())`.
   * `setWeights` publishes by itself; after `fit` or inside `onEpoch`, call `share` again. The published weights are a copy, which
   * lives as long as somebody has the token, so that `dispose` frees the network's own. Throws `ERR_BUSY` while a run is in flight.
   */
  share(): SharedNetwork {
    this.store.checkUsable('share');
    this.store.gate.checkFree('share');
    return this.store.share(() => JSON.stringify(this.description()));
  }

  /** The backend that runs this network. */
  get backend(): 'native' | 'typescript' {
    return this.store.backend.name;
  }

  /** What the columns of inputs and targets and the classes are called, where somebody has said so; kept in the model's file and its checkpoints. */
  get columns(): ColumnNames | undefined {
    return this.named;
  }

  set columns(columns: ColumnNames | undefined) {
    if (columns !== undefined && !areColumnNames(columns)) throw invalid('Network', 'columns', '{ inputs, targets, classes } with lists of names', columns);
    this.named = columns;
  }

  /** @internal What rooms above build on: the graph, where it runs, and whether layers have measured the training data and a fit is in flight. */
  get internals(): { readonly model: Model; readonly store: Store; readonly adapted: boolean; readonly fitting: boolean } {
    return { model: this.model, store: this.store, adapted: this.adapted, fitting: this.fitting };
  }

  /** What turns raw rows into the network's inputs: kept in the model's file, and applied by `predict` to rows that are objects. */
  get preprocessor(): Preprocessor | undefined {
    return this.prepared;
  }

  set preprocessor(preprocessor: Preprocessor | undefined) {
    if (preprocessor !== undefined && !(preprocessor instanceof Preprocessor)) throw invalid('Network', 'preprocessor', 'a Preprocessor', preprocessor);
    if (preprocessor !== undefined && preprocessor.inputs !== this.inputs) throw new ShapeError(`[Network] expected a preprocessor that makes ${this.inputs} inputs but it makes ${preprocessor.inputs}`);
    this.prepared = preprocessor;
  }

  /** Outputs of an example. */
  get outputs(): number {
    return Number(this.model.prediction.output.shape[1]);
  }

  /**
   * Trains on `data`, a data set, arrays, or batches that come one after the other, off the event loop and resolves to losses and metrics by epoch. While it runs, `predict`, `evaluate`
   * and `save` wait for the end of the minibatch in hand and see the weights of that moment.
   * Rejects with `ERR_BUSY` when another `fit` is in flight, `ERR_ABORTED` when the signal says so, and `ERR_NON_FINITE`
   * when the loss is no longer a number: the weights are then those after the last good epoch.
   */
  async fit(data: TrainingData | StreamData, options: FitOptions = {}): Promise<History> {
    this.store.checkOwner('fit');
    if (this.fitting) throw new BusyError('[fit] another fit of this network is in flight');
    const run = checkFit(options);
    if (isStream(data)) return this.fitStream(data, options, run);
    if (options.stepsPerEpoch !== undefined) throw new OptionError("[fit] expected no 'stepsPerEpoch' with data that are all there");
    const { train, validation } = partData(datasetOf('fit', data, this.architecture), options.validation, this.seed, (given) => datasetOf('fit validation', given, this.architecture));
    const goal = this.settle('fit', train, options);
    const validationGoal = validation && this.settle('fit validation', validation, options, goal);
    if (!run.shuffle && goal.outputs.length === 1) warnOfSortedLabels(train, goal.outputs[0]!.targetKind, run.batchSize);
    if (options.signal?.aborted) throw new AbortedError('[fit] aborted before the run', options.signal.reason);

    this.fitting = true;
    try {
      if (!this.adapted && needsAdapting(this.model)) await this.adapt(train);
      const others = validation && { data: validation, goal: validationGoal! };
      const shared = { goal, run, validation: others, trained: this.trained, signal: options.signal };
      if (run.minimizer !== undefined) return await trainOnWhole(this.store, this.model, { ...shared, data: train, minimizer: run.minimizer, tensors: this.tensors });
      return await trainOnMinibatches(this.store, this.model, {
        ...shared, data: train, optimizer: run.optimizer!, tensors: this.tensors, seed: this.seed, describe: () => this.description(),
      });
    } finally {
      this.fitting = false;
    }
  }

  private async fitStream(data: StreamData, options: FitOptions, run: Run): Promise<History> {
    checkStreamFit(options, run);
    if (this.model.prediction.outputs.length > 1) throw new OptionError('[fit] expected data sets or arrays for a network of several outputs');
    if (!this.adapted && needsAdapting(this.model)) throw new OptionError('[fit] expected layers that measure the training data to have done so: call adapt with a sample first');
    if (run.resume !== undefined && typeof data === 'object' && !('batches' in data)) throw new OptionError("[fit] expected a function that gives the batches of an epoch, or a source, with 'resume', for an iterable cannot be read from its middle");
    const source = typeof data === 'object' && 'batches' in data ? data : undefined;
    const reader = new BatchReader(data, this.inputs, options.stepsPerEpoch);
    this.fitting = true;
    let evaluator: Evaluator | undefined;
    try {
      const first = await reader.peek(0);
      const goal = this.settle('fit', new Dataset({ inputs: asColumns(first.x, this.inputs), targets: asColumns(first.y, first.y.length / first.rows), weights: first.weights === undefined ? null : asColumns(first.weights, 1) }), options);
      const validation = options.validation === undefined ? undefined : datasetOf('fit validation', options.validation as TrainingData, this.architecture);
      if (validation !== undefined) evaluator = new Evaluator(this.store, this.model, this.settle('fit validation', validation, options, goal));
      return await trainOnStream(this.store, this.model, {
        reader, goal, optimizer: run.optimizer!, run, batchSize: Math.max(options.batchSize ?? 1, first.rows), examples: source?.length ?? null, stepsPerEpoch: options.stepsPerEpoch,
        validate: evaluator && (() => this.store.gate.through(() => evaluator!.run(validation!))),
        trained: this.trained, signal: options.signal, tensors: this.tensors, seed: this.seed, describe: () => this.description(),
      });
    } finally {
      await reader.close();
      await this.store.gate.through(async () => evaluator?.dispose());
      this.fitting = false;
    }
  }

  /**
   * Measures the inputs of `data` for the layers that go by them, such as `standardScaler`. `fit` does so by itself before its
   * first step, once; a later `adapt` measures anew.
   */
  async adapt(data: TrainingData): Promise<void> {
    this.store.checkOwner('adapt');
    const set = datasetOf('adapt', data, this.architecture);
    const statistics = await statisticsOf(set.inputs, set.index);
    await this.store.gate.through(async () => adaptLayers(this.store, this.model, statistics));
    this.adapted = true;
  }

  /** Loss and metrics on `data`, off the event loop. */
  async evaluate(data: TrainingData, options: EvaluateOptions = {}): Promise<Evaluation> {
    this.store.checkUsable('evaluate');
    checkOptions('evaluate', options, ['loss', 'lossWeights', 'metrics']);
    const set = datasetOf('evaluate', data, this.architecture);
    const goal = this.settle('evaluate', set, options);
    return this.store.gate.through(async () => {
      const evaluator = new Evaluator(this.store, this.model, goal);
      try {
        return await this.store.reading(() => evaluator.run(set));
      } finally {
        evaluator.dispose();
      }
    });
  }

  /** Outputs for examples (rows of numbers, one example as a flat array, rows by name of the input, or, with a preprocessor, raw rows as objects), off the event loop. */
  async predict(x: Tables | RawRows): Promise<Prediction> {
    this.store.checkUsable('predict');
    const given = matrix(inputRows(x, this.parts, this.prepared, 'predict'), this.inputs, 'predict', 'features', true);
    // The caller may use a flat array again before this runs.
    const values = given.data === x ? { ...given, data: given.data.slice() } : given;
    const data = this.store.backend.allocateResult(values.rows * this.outputs);
    await this.store.gate.through(async () => {
      this.store.checkUsable('predict');
      await this.store.reading(() => this.predictorOf().run(values, data, 'predict'));
    });
    return predictionOf(this.model, values.rows, data);
  }

  /**
   * The same on the calling thread, for small networks; throws `ERR_BUSY` while a run is in flight. With `into`, the outputs are
   * written there and nothing of their size is allocated; where an input is not finite, some of them may be written before the error.
   */
  predictSync(x: Tables | RawRows, options?: PredictSyncOptions): Prediction {
    this.store.checkUsable('predictSync');
    if (options !== undefined) checkOptions('predictSync', options, ['into']);
    this.store.gate.checkFree('predictSync');
    const given = matrix(inputRows(x, this.parts, this.prepared, 'predictSync'), this.inputs, 'predictSync', 'features', true);
    const data = options?.into === undefined ? this.store.backend.allocateResult(given.rows * this.outputs) : this.checkInto(options.into, given.rows);
    // What is written may lie on what is read.
    const values = options?.into !== undefined && given.data.buffer === data.buffer ? { ...given, data: given.data.slice() } : given;
    this.store.readingSync(() => this.predictorOf().runSync(values, data, 'predictSync'));
    return predictionOf(this.model, values.rows, data);
  }

  private checkInto(into: unknown, rows: number): Memory {
    const name = this.store.backend.precision === 'float64' ? 'Float64Array' : 'Float32Array', length = rows * this.outputs;
    if (!types[`is${name}`](into) || into.length !== length) throw invalid('predictSync', 'into', `a ${name} of length ${length}`, into);
    return into;
  }

  /** All tensors, trained and kept (such as running means), as copies. Throws `ERR_BUSY` while a run is in flight. */
  weights(): NamedTensor[] {
    this.store.checkUsable('weights');
    this.store.gate.checkFree('weights');
    return this.store.readingSync(() => this.tensors.read());
  }

  /** Replaces tensors by name, also for the networks attached to this one; others stay. Throws before any is changed, and `ERR_BUSY` while a run is in flight. */
  setWeights(tensors: readonly GivenTensor[]): void {
    this.replaceTensors('setWeights', tensors);
  }

  /** @internal `setWeights` for another function, by whose name errors begin. */
  replaceTensors(where: string, tensors: readonly GivenTensor[], all = false): void {
    this.store.checkOwner(where);
    this.store.gate.checkFree(where);
    this.tensors.write(where, tensors, all);
    this.store.publish();
  }

  /** Writes the model to one safetensors file, atomically: a failed save leaves an older file as it was. */
  async save(path: string): Promise<void> {
    this.store.checkUsable('save');
    const { tensors, description } = await this.store.gate.through(() => this.store.reading(async () => ({ tensors: this.tensors.read(), description: this.description() })));
    await saveNetwork(path, description, tensors);
  }

  /**
   * @internal For files of other formats: gives the graphs, a reader of values that depend on no input and the number of minibatches
   * of training, between the minibatches of a run.
   */
  async withModel<Result>(where: string, use: (model: Model, valuesOf: (nodes: readonly Node[]) => Memory[], steps: number) => Result): Promise<Result> {
    this.store.checkUsable(where);
    return this.store.gate.through(() => this.store.reading(async () => use(this.model, (nodes) => fixedValues(this.store, nodes), this.trained.steps)));
  }

  private description(): Description {
    return { ...configurationOf(this.architecture), seed: this.seed, steps: this.trained.steps, adapted: this.adapted, ...(this.named && { columns: this.named }), ...(this.prepared && { preprocessor: this.prepared.toJSON() }) };
  }

  /** Inputs, layers with what they read, and outputs, as plain data. */
  describe(): NetworkDescription {
    this.store.checkUsable('describe');
    return describeModel(this.model);
  }

  /** The layers as a table: output shape and number of parameters. */
  summary(): string {
    this.store.checkUsable('summary');
    return summarize(this.model, this.backend);
  }

  /** Outputs for `x` in the textbook's way: every layer's `forward`, each of which keeps its cache. */
  forward(x: Tables, options: ArrangementOptions = {}): Table {
    checkOptions('forward', options, ['arrangement']);
    return this.textbook.forward(x, options);
  }

  /** Gradients of the mean loss for the last `forward`, through every layer's `backward`; targets are arranged as the inputs were. Returns the loss. */
  backward(y: Tables, options: Omit<EvaluateOptions, 'metrics'> = {}): number {
    checkOptions('backward', options, ['loss', 'lossWeights']);
    return this.textbook.backward(y, options);
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

  private predictorOf(): Predictor {
    this.predictor ??= new Predictor(this.store, this.model.prediction.output, this.inputs);
    return this.predictor;
  }

  /** @internal The goal that options and targets ask for. */
  settle(where: string, data: Dataset, options: EvaluateOptions, like?: Goal): Goal {
    const { training, prediction } = this.model;
    training.outputs.forEach(({ node }, i) => {
      if (node.op === prediction.outputs[i]!.node.op) return;
      const { name } = training.layers.find(({ makes }) => makes === this.architecture.outputs[i]!.value)!;
      throw new OptionError(`[${where}] expected a last layer that computes the same in training and in prediction but it is '${name}'`);
    });
    const widths = targetWidths(where, data, training.outputs.map(({ name }) => name));
    const goal = like === undefined ? settleGoal(where, training, widths, options, data.weights !== null) : withWeights(like, data.weights !== null);
    let first = 0;
    goal.outputs.forEach(({ targetKind }, i) => {
      checkTargets(where, data.targets, data.index, targetKind, { first, width: widths[i]! });
      first += widths[i]!;
    });
    return goal;
  }
}
