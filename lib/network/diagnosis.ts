// Diagnosis of a network on data: one program that measures values and gradients over a sample, without changing anything.
import type { Executable } from '../backend/backend.ts';
import type { CompileRequest } from '../compile/compile.ts';
import type { Dataset } from '../data/dataset.ts';
import { statisticsOf } from '../data/statistics.ts';
import { curveFindings, type Run as Curves } from '../diagnose/curve-findings.ts';
import { inputFindings, labelFindings } from '../diagnose/data-findings.ts';
import { Diagnosis } from '../diagnose/diagnosis.ts';
import { healthOutputs, readHealth, type Subject, type UpdateNorm } from '../diagnose/health.ts';
import { layerFindings } from '../diagnose/layer-findings.ts';
import { isElementwise, slopeOf, trialOutputs, trialValues, type Results, type Slope } from '../diagnose/measures.ts';
import { DenselyError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { countOf } from '../graph/shape.ts';
import { boolean, checkOptions, invalid, nonNegativeInteger, nonNegativeNumber, positiveInteger } from '../options.ts';
import { constant } from '../ops/variables.ts';
import { broadcastTo } from '../ops/shape.ts';
import { streams } from '../random/philox.ts';
import { shuffle } from '../random/shuffle.ts';
import { prepareBlock, type Schedule } from '../train/blocks.ts';
import type { History } from '../train/history.ts';
import { labelRuns } from '../train/sorted-labels.ts';
import { adaptLayers, needsAdapting } from './adapt.ts';
import { datasetOf, type TrainingData } from './given.ts';
import type { Model, PlacedLayer } from './model.ts';
import type { Network } from './network.ts';
import { goalOutputs, type Goal, type GoalOptions, type OutputGoal } from './objective.ts';
import { bindSources } from './sources.ts';
import type { Store } from './store.ts';
import type { Trainer } from './trainer.ts';

/** Options of `diagnose`. */
export interface DiagnoseOptions extends Omit<GoalOptions, 'metrics'> {
  /** Most examples to look at, drawn by `seed` (default 1024). */
  readonly examples?: number;
  /** Draws the examples (default 0). */
  readonly seed?: number;
  /** Rate of gradient descent, to judge the size of its updates (default: updates are not judged). */
  readonly learningRate?: number;
  /** What `fit` returned, to judge the learning curves. */
  readonly history?: Curves;
  /** Whether training shuffles, to judge labels that are in order (default: not known). */
  readonly shuffle?: boolean;
}

const names = ['loss', 'lossWeights', 'examples', 'seed', 'learningRate', 'history', 'shuffle'] as const;
const defaultExamples = 1024;

/**
 * Looks at a network on training data: activations and gradients of every layer, inputs, labels and, with `history`, the learning
 * curves. Dropout and normalisation work as in training; nothing of the network is changed.
 *
 * @example
 * const report = await diagnose(network, train, { learningRate: 0.01 });
 * console.log(String(report)); // a table by layer, and findings with their remedies
 * @throws {OptionError} or {ShapeError} on options or data that do not fit, as `fit`.
 */
export async function diagnose(network: Network, data: TrainingData, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { store, model, adapted } = network.internals;
  store.checkOwner('diagnose');
  checkOptions('diagnose', options, names);
  const { learningRate, history } = options;
  const examples = positiveInteger('diagnose', 'examples', options.examples ?? defaultExamples), seed = nonNegativeInteger('diagnose', 'seed', options.seed ?? 0);
  if (learningRate !== undefined) nonNegativeNumber('diagnose', 'learningRate', learningRate);
  if (options.shuffle !== undefined) boolean('diagnose', 'shuffle', options.shuffle);
  if (history !== undefined && !Array.isArray(history?.epochs)) throw invalid('diagnose', 'history', 'what fit returns', history);
  const set = datasetOf('diagnose', data, model.architecture), goal = network.settle('diagnose', set, options);
  const statistics = needsAdapting(model) && !adapted ? await statisticsOf(set.inputs, set.index) : undefined;
  return store.gate.through(async () => {
    store.checkUsable('diagnose');
    const before = store.snapshot();
    try {
      // Layers that go by the training data measure them before the first step of `fit`: they are looked at as they will be then.
      if (statistics !== undefined) adaptLayers(store, model, statistics);
      return await diagnoseModel(store, model, goal, set, {
        examples, seed, curves: history, shuffled: options.shuffle,
        updateNorm: (_parameter, gradientNorm) => (learningRate === undefined ? undefined : learningRate * gradientNorm),
      });
    } finally {
      if (statistics !== undefined) store.restore(before);
    }
  });
}

interface Request {
  readonly examples?: number;
  readonly seed: number;
  readonly curves: Curves | undefined;
  readonly shuffled: boolean | undefined;
  readonly updateNorm: UpdateNorm;
}

/** The diagnosis itself. The caller holds the gate. */
async function diagnoseModel(store: Store, model: Model, goal: Goal, data: Dataset, request: Request): Promise<Diagnosis> {
  const order = sampleOf(data, request.examples ?? defaultExamples, request.seed), rows = order.length;
  const subject = await subjectOf(store, model, goal), constantCosts = constantOutputs(goal, data, order);
  const outputs = { ...healthOutputs(subject), ...constantCosts };
  const results = await runOnce(store, { outputs }, rows, (program) => bindSources(program, data), order);
  const nodes = new Map(model.parameters.map(({ name, node }) => [name, node]));
  const layers = readHealth(subject, results, rows, request.updateNorm), found = Object.keys(constantCosts).map((name) => results[name]!.data[0]!).filter(Number.isFinite);
  const constantLoss = found.length === 0 ? undefined : Math.min(...found);
  const [{ targetKind }, ...others] = goal.outputs as [OutputGoal, ...OutputGoal[]], labels = others.length > 0 ? undefined : labelRuns(data, targetKind.kind);
  return new Diagnosis({
    examples: rows, loss: results['loss']!.data[0]!, constantLoss, layers,
    findings: [
      ...inputFindings(subject, results, (feature) => data.inputNames[feature]),
      ...(labels === undefined ? [] : labelFindings(labels, request.shuffled)),
      ...layerFindings(subject, layers, results, (name) => store.view(nodes.get(name)!)),
      ...(request.curves === undefined ? [] : curveFindings(request.curves, constantLoss)),
    ],
  });
}

/** Rows of the data to look at: all of them, or as many as `examples`, drawn by `seed`. */
function sampleOf({ length, index }: Dataset, examples: number, seed: number): Int32Array {
  const rows = index?.slice() ?? Int32Array.from({ length }, (_, row) => row);
  if (length <= examples) return rows;
  shuffle(rows, seed, streams.sample);
  return rows.slice(0, examples);
}

/** Compiles a program, runs it over some rows off the event loop, and unloads it. */
async function runOnce(store: Store, request: Omit<CompileRequest, 'state' | 'maxRows'>, rows: number, sourcesOf: (program: Executable['program']) => Parameters<Executable['bind']>[0]['sources'], order: Int32Array | null): Promise<Results> {
  const loaded = store.load({ ...request, maxRows: rows });
  try {
    const { program, executable, scratch } = loaded, { backend, state } = store;
    const sinks = program.sinks.map((sink) => backend.allocate(sink.rows ? rows * sink.count : sink.count));
    executable.bind({ state, scratch, sources: sourcesOf(program), sinks, order, batches: Int32Array.of(0, rows), hyper: backend.allocate(0) });
    await executable.runAsync(0, 1, 0);
    return Object.fromEntries(program.sinks.map(({ name }, i) => [name, { data: sinks[i]! }]));
  } finally {
    store.unload(loaded);
  }
}

async function subjectOf(store: Store, model: Model, goal: Goal): Promise<Subject> {
  const { layers } = model.training, { inputs, outputs } = model.architecture;
  const values: Node[] = [];
  // Nodes of the inputs are known from the layers that read them; an input that none reads has nothing to tell.
  for (const { inputs: nodes, reads } of layers) reads.forEach((value, i) => { if (value < inputs.length) values[value] = nodes[i]!; });
  for (let i = 0; i < inputs.length; i++) values[i] ??= model.input;
  const slopes = new Map<number, Slope>();
  for (const [i, layer] of layers.entries()) {
    if ((layer.layer.options['activation'] !== undefined || layer.layer.type === 'prelu') && isElementwise(layer)) slopes.set(i, await tryOut(store, layer));
  }
  return {
    layers: layers.map(({ layer, ...placed }) => ({ ...placed, type: layer.type })), values: [...values, ...layers.map(({ a }) => a)], reads: layers.map(({ reads }) => reads),
    inputCount: inputs.length, outputs: outputs.map(({ value }) => value), loss: goalOutputs(goal, model.training, model.parameters)['loss']!, slopes,
  };
}

/** Tries out an activation, each in a program of its own: what one layer makes may be the z of another. */
async function tryOut(store: Store, layer: PlacedLayer): Promise<Slope> {
  const units = countOf(layer.z.shape), rows = trialValues.length;
  const results = await runOnce(store, { outputs: trialOutputs(layer), feeds: { z: layer.z } }, rows, (program) => program.sources.map(({ width }) => (
    { array: Float32Array.from({ length: rows * width }, (_, i) => trialValues[Math.floor(i / width)]!), width, scale: 1, shift: 0 })), null);
  return slopeOf(results, units);
}

/** The mean of a column of targets over `rows`, or of what `change` makes of them. */
function meanTarget({ targets }: Dataset, rows: Int32Array, column: number, change: (value: number) => number = (value) => value): number {
  let total = 0;
  for (const row of rows) total += change(targets.data[row * targets.width + column]! * targets.scale + targets.shift);
  return total / rows.length;
}

/** Probabilities keep this far from 0 and 1, for their logarithms. */
const leastProbability = 1e-6;

/** What suits losses as a constant output, from the means of targets: as it is for numbers, or as a logit; as a logarithm of a rate; as a side. */
const constants: readonly ((value: number) => number)[] = [(value) => value, (value) => Math.log(Math.max(value, leastProbability)), Math.sign];

/** The cost of constant predictions, as scalars by name; the least of them is about that of the best one. */
function constantOutputs(goal: Goal, data: Dataset, rows: Int32Array): Record<string, Node> {
  let first = 0;
  const centres = goal.outputs.map(({ targetKind: { kind, width, classes } }): number[] => {
    const from = first, side = (value: number): number => (value > 0 ? 1 : -1);
    const means = Array.from({ length: width }, (_, i) => meanTarget(data, rows, from + i, kind === 'signs' ? side : undefined));
    const within = (share: number): number => Math.min(Math.max(share, leastProbability), 1 - leastProbability);
    first += width;
    if (kind !== 'labels' && kind !== 'probabilities') return means;
    if (kind === 'labels') return Array.from({ length: classes }, (_, label) => Math.log(within(meanTarget(data, rows, from, (value) => Number(value === label)))));
    return means.map((mean) => (width === classes && width > 1 ? Math.log(within(mean)) : Math.log(within(mean) / (1 - within(mean)))));
  });
  const costs = constants.map((change): Node | undefined => {
    try {
      const outputs = goal.outputs.map(({ name }, i) => ({ name, node: broadcastTo(constant([centres[i]!.map(change)]), ['rows', centres[i]!.length]) }));
      return goalOutputs(goal, { outputs, penalties: [] }, [])['loss']!;
    } catch (error) {
      // A loss that takes more outputs than there are targets, such as the parameters of a density.
      if (error instanceof DenselyError) return undefined;
      throw error;
    }
  });
  return Object.fromEntries(costs.flatMap((cost, i) => (cost === undefined ? [] : [[`constant${i}`, cost]])));
}

/** A history with the diagnosis at the end of the run; where it went step by step, with the size of its updates. */
export async function diagnosed(store: Store, model: Model, goal: Goal, data: Dataset, history: History, stepwise?: { readonly trainer: Trainer; readonly schedule: Schedule }): Promise<History> {
  const diagnosis = await store.gate.through(async () => {
    const updates = stepwise && (await probeUpdates(store, model, stepwise.trainer, data, stepwise.schedule, history.epochs.length - 1));
    return diagnoseModel(store, model, goal, data, {
      seed: 0, curves: history, shuffled: stepwise?.schedule.order === undefined ? stepwise?.schedule.shuffle : undefined, updateNorm: (parameter) => updates?.get(parameter),
    });
  });
  return { ...history, diagnosis };
}

/** How far a step like those of the last epoch would move each parameter; the step is taken back. */
async function probeUpdates(store: Store, model: Model, trainer: Trainer, data: Dataset, schedule: Schedule, epoch: number): Promise<Map<string, number>> {
  const { executable, scratch, program } = trainer.loaded, kept = store.state.slice();
  const { order: _order, ...plain } = schedule, block = prepareBlock(plain, epoch, 1, trainer.names.length, store.backend.allocate);
  const before = model.parameters.map(({ node }) => store.read(node));
  executable.bind({ state: store.state, scratch, sources: bindSources(program, data), sinks: block.sinks, order: block.order, batches: block.batches, hyper: block.hyper });
  try {
    await executable.runAsync(0, 1, schedule.stepsBefore);
    return new Map(model.parameters.map(({ name, node }, i) => {
      let moved = 0;
      store.view(node).forEach((value, j) => { moved += (value - before[i]![j]!) ** 2; });
      return [name, Math.sqrt(moved)];
    }));
  } finally {
    store.state.set(kept);
  }
}
