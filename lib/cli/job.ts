// A training job: what settings ask for, turned into data, a network and options of fit.
import type { BackendChoice, Precision } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Batch, BatchSource } from '../data/stream/source.ts';
import { Ensemble } from '../ensemble/ensemble.ts';
import type { FitOptions } from '../network/fit-options.ts';
import { needsAdapting } from '../network/adapt.ts';
import { Network } from '../network/network.ts';
import type { NetworkOptions } from '../network/network-options.ts';
import { quote } from '../options.ts';
import type { MetricName } from '../train/metrics.ts';
import { isFraction, listOf, type Settings } from './configuration.ts';
import { choiceOf, columnNamesOf, factsOf, isDataset, preprocessed, readData, targetOf, taskOf, withClasses, type TableChoice, type Target } from './data.ts';
import { UsageError } from './exit-codes.ts';
import { several } from './format.ts';
import { withOutputLayer } from './output-layer.ts';
import { clipOf, layersOf, lossOf, optimizerOf, preprocessOf } from './specs.ts';
import { datasetOf } from './several.ts';
import { kindOf } from './source-kind.ts';
import { isStreamed, openTraining } from './stream.ts';
import type { Terminal } from './terminal.ts';

/** Everything a run needs but what takes part in it. */
export interface Job {
  /** What the data are called. */
  readonly source: string;
  /** Examples in memory, or batches that are read while they are trained on. */
  readonly data: { readonly whole: Dataset } | { readonly stream: BatchSource };
  readonly target: Target;
  readonly targetNames: readonly string[];
  readonly examples: number;
  /** With an ensemble, its first member. */
  readonly network: Network;
  readonly ensemble: Ensemble | undefined;
  /** The output layer was added. */
  readonly added: boolean;
  readonly fit: FitOptions;
}

/** Examples and their names, in memory or as a stream. */
interface Examples {
  readonly data: Job['data'];
  readonly target: Target;
  readonly length: number;
  readonly width: number;
  readonly inputNames: readonly string[];
  readonly targetNames: readonly string[];
}

const defaultEpochs = 20;

/** The options of where to run. */
export function machineOf(settings: Settings): { backend?: BackendChoice; threads?: number; precision?: Precision } {
  const { backend, threads, precision } = settings as Record<string, never>;
  return { ...(backend !== undefined && { backend }), ...(threads !== undefined && { threads }), ...(precision !== undefined && { precision }) };
}

/** Options of fit that the settings name as they are. */
function fitOptionsOf(settings: Settings): FitOptions {
  const { epochs = defaultEpochs, batchSize, shuffle } = settings as { epochs?: number; batchSize?: number; shuffle?: boolean };
  const loss = lossOf(settings['loss']), clip = clipOf(settings['clip']), metrics = listOf(settings, 'metrics') as MetricName[] | undefined;
  return {
    epochs, optimizer: optimizerOf(settings['optimizer'], { learningRate: settings['learningRate'] as number | undefined, schedule: settings['schedule'] }),
    ...(batchSize !== undefined && { batchSize }), ...(shuffle !== undefined && { shuffle }), ...(loss && { loss }), ...(clip && { clip }), ...(metrics && { metrics }),
  };
}

/** Losses whose targets are classes, or never are. */
function taskFor(settings: Settings): 'classes' | 'numbers' | null {
  const loss = lossOf(settings['loss'])?.type, asked = taskOf(settings);
  if (asked !== null || loss === undefined) return asked;
  return ['crossEntropy', 'binaryCrossEntropy', 'hinge', 'squaredHinge', 'multiMargin', 'kullbackLeibler'].includes(loss) ? null : 'numbers';
}

/** The part of the data to set aside, or other data. */
async function validationOf(settings: Settings, choice: TableChoice, names: readonly string[] | null, terminal: Terminal): Promise<FitOptions['validation']> {
  const given = settings['validation'];
  if (given === undefined) return undefined;
  if (typeof given === 'number' || (typeof given === 'string' && isFraction(given))) return Number(given);
  if (isDataset(given)) return withClasses(given, names);
  return withClasses(await readData(given as string, 'test', choice, terminal), names);
}

/** The columns that the settings choose, with a preprocessor where they ask for one. */
async function choiceFor(settings: Settings, task: 'classes' | 'numbers' | null, terminal: Terminal): Promise<TableChoice> {
  const choice = choiceOf(settings), options = preprocessOf(settings['preprocess']);
  if (options === undefined) return choice;
  if (typeof settings['data'] !== 'string') throw new UsageError('expected a file with --preprocess');
  return preprocessed(settings['data'], choice, options, task, terminal);
}

/** The examples of a job. */
async function examplesOf(settings: Settings, choice: TableChoice, task: 'classes' | 'numbers' | null, terminal: Terminal): Promise<Examples> {
  const given = settings['data'];
  if (typeof given === 'string' && await isStreamed(given, settings)) {
    const { batchSize, seed = 0, shuffle = true, shuffleBuffer } = settings as { batchSize?: number; seed?: number; shuffle?: boolean; shuffleBuffer?: number };
    const options = { seed, ...(batchSize !== undefined && { batchSize }), ...(shuffle === false ? { shuffleBuffer: 0 } : shuffleBuffer !== undefined && { shuffleBuffer }) };
    const { source, target } = await openTraining(given, choice, options, task, terminal), { inputs: width, inputNames, targetNames, length } = source;
    return { data: { stream: source }, target, length: length!, width, inputNames, targetNames };
  }
  if (settings['shuffleBuffer'] !== undefined) throw new UsageError('expected --shuffle-buffer with --stream alone');
  const raw = isDataset(given) ? given : await readData(given as string, 'train', choice, terminal), { inputNames, targetNames, length } = raw;
  const target = targetOf(factsOf(raw), task), whole = withClasses(raw, target.kind === 'classes' ? target.names : null);
  return { data: { whole }, target, length, width: whole.inputs.width, inputNames, targetNames };
}

/** Most examples of a stream that layers which go by the data, such as scalers, measure. */
const mostMeasured = 65_536;

/** Lets the layers of a network that measure the data measure the beginning of a stream. */
async function measure(network: Network, source: BatchSource): Promise<void> {
  const batches: Batch[] = [];
  let rows = 0;
  for await (const batch of source.batches(0)) {
    batches.push(batch);
    if ((rows += batch.rows) >= mostMeasured) break;
  }
  await network.adapt(datasetOf(batches, source));
}

/** Options of fit for batches whose number is known. */
function streamOptions(fit: FitOptions, length: number): FitOptions {
  const { shuffle: _shuffle, batchSize = 32, ...rest } = fit;
  return { ...rest, stepsPerEpoch: Math.ceil(length / batchSize) };
}

/** Reads the data and builds the network; nothing is trained or written. */
export async function jobOf(settings: Settings, terminal: Terminal): Promise<Job> {
  const given = settings['data'], fit = fitOptionsOf(settings), { members } = settings as { members?: number };
  const specs = layersOf(settings['layers'] ?? '64:relu', 'layers');
  if (given === undefined) throw new UsageError('expected --data, the examples to learn from');
  if (given === '-' && settings['validation'] === '-') throw new UsageError('expected standard input for the data or for the validation data but received it for both');
  if (members === undefined && settings['bagging'] === true) throw new UsageError('expected --members with --bagging');
  const task = taskFor(settings), choice = await choiceFor(settings, task, terminal);
  const { data, target, length, width, ...names } = await examplesOf(settings, choice, task, terminal), classes = target.kind === 'classes' ? target.names : null;
  // The validation data have the same columns, whatever else theirs hold.
  const like = choice.preprocessor === undefined ? { ...choice, columns: choice.columns ?? names.inputNames } : choice;
  const validation = await validationOf(settings, like, classes, terminal);
  const { layers, added } = withOutputLayer(specs, target, fit.loss as ReturnType<typeof lossOf>);
  const options: NetworkOptions = { inputs: width, layers, ...(choice.preprocessor && { preprocessor: choice.preprocessor }), ...machineOf(settings), ...(settings['seed'] !== undefined && { seed: settings['seed'] as number }) };
  const ensemble = members === undefined ? undefined : new Ensemble({ members, network: options, bagging: settings['bagging'] === true });
  const networks = ensemble?.members ?? [new Network(options)];
  if (await isTable(given, names.inputNames)) for (const network of networks) network.columns = columnNamesOf(names, target);
  if ('stream' in data && needsAdapting(networks[0]!.internals.model)) await measure(networks[0]!, data.stream);
  const source = typeof given !== 'string' ? 'data' : given === '-' ? 'standard input' : quote(given, Infinity);
  const run = { ...('stream' in data ? streamOptions(fit, length) : fit), ...(validation !== undefined && { validation }) };
  return { source, data, target, targetNames: names.targetNames, examples: length, network: networks[0]!, ensemble, added, fit: run };
}

/** Whether columns have names of their own. Those that a data set gives its columns by itself are of no table. */
async function isTable(given: unknown, inputNames: readonly string[]): Promise<boolean> {
  return typeof given === 'string' ? !['npz', 'idx'].includes(await kindOf(given)) : inputNames[0] !== 'x0';
}

/** What data and target are, in a line: `'digits.csv': 1,797 examples of 64 numbers, 10 classes in 'label'`. */
export function describeData({ source, data, target, targetNames, examples, network }: Pick<Job, 'source' | 'data' | 'target' | 'targetNames' | 'examples' | 'network'>): string {
  const names = targetNames.map((name) => quote(name)).join(', ');
  const what = target.kind === 'numbers' ? (target.width === 1 ? `a number in ${names}` : `${target.width} numbers in ${names}`) : `${target.count} classes in ${names}${namesOf(target.names)}`;
  return `${source}${'stream' in data ? ', streamed' : ''}: ${several(examples, 'example')} of ${several(network.inputs, 'input')}, ${what}`;
}

/** A few names of classes. */
function namesOf(names: readonly string[] | null): string {
  if (names === null) return '';
  return `: ${names.slice(0, 6).map((name) => (name.includes(',') ? quote(name) : name)).join(', ')}${names.length > 6 ? ', …' : ''}`;
}
