// A training job: what settings ask for, turned into data, a network and options of fit.
import type { BackendChoice, Precision } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import type { FitOptions } from '../network/fit-options.ts';
import { Network } from '../network/network.ts';
import { quote } from '../options.ts';
import type { MetricName } from '../train/metrics.ts';
import { isFraction, listOf, type Settings } from './configuration.ts';
import { choiceOf, columnNamesOf, isDataset, isFolder, preprocessed, readData, targetOf, taskOf, withClasses, type TableChoice, type Target } from './data.ts';
import { UsageError } from './exit-codes.ts';
import { several } from './format.ts';
import { withOutputLayer } from './output-layer.ts';
import { kindOf } from './rows.ts';
import { clipOf, layersOf, lossOf, optimizerOf, preprocessOf } from './specs.ts';
import type { Terminal } from './terminal.ts';

/** Everything a run needs but what takes part in it. */
export interface Job {
  /** What the data are called. */
  readonly source: string;
  readonly data: Dataset;
  readonly target: Target;
  readonly network: Network;
  /** The output layer was added. */
  readonly added: boolean;
  readonly fit: FitOptions;
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

/** Reads the data and builds the network; nothing is trained or written. */
export async function jobOf(settings: Settings, terminal: Terminal): Promise<Job> {
  const given = settings['data'], fit = fitOptionsOf(settings), machine = machineOf(settings);
  const specs = layersOf(settings['layers'] ?? '64:relu', 'layers');
  if (given === undefined) throw new UsageError('expected --data, the examples to learn from');
  if (given === '-' && settings['validation'] === '-') throw new UsageError('expected standard input for the data or for the validation data but received it for both');
  const task = taskFor(settings), choice = await choiceFor(settings, task, terminal);
  const raw = isDataset(given) ? given : await readData(given as string, 'train', choice, terminal);
  const target = targetOf(raw, task), names = target.kind === 'classes' ? target.names : null, data = withClasses(raw, names);
  // The validation data have the same columns, whatever else theirs hold.
  const like = choice.preprocessor === undefined ? { ...choice, columns: choice.columns ?? raw.inputNames } : choice;
  const validation = await validationOf(settings, like, names, terminal);
  const { layers, added } = withOutputLayer(specs, target, fit.loss as ReturnType<typeof lossOf>);
  const network = new Network({ inputs: data.inputs.width, layers, ...(choice.preprocessor && { preprocessor: choice.preprocessor }), ...machine, ...(settings['seed'] !== undefined && { seed: settings['seed'] as number }) });
  // Names that a data set gives its columns by itself are those of no table.
  const isTable = typeof given !== 'string' ? raw.inputNames[0] !== 'x0' : (given === '-' || (kindOf(given) !== 'npz' && !(await isFolder(given))));
  if (isTable) network.columns = columnNamesOf(raw, target);
  const source = typeof given !== 'string' ? 'data' : given === '-' ? 'standard input' : quote(given, Infinity);
  return { source, data, target, network, added, fit: { ...fit, ...(validation !== undefined && { validation }) } };
}

/** What data and target are, in a line: `'digits.csv': 1,797 examples of 64 numbers, 10 classes in 'label'`. */
export function describeData({ source, data, target }: Pick<Job, 'source' | 'data' | 'target'>): string {
  const names = data.targetNames.map((name) => quote(name)).join(', ');
  const what = target.kind === 'numbers' ? (target.width === 1 ? `a number in ${names}` : `${target.width} numbers in ${names}`) : `${target.count} classes in ${names}${namesOf(target.names)}`;
  return `${source}: ${several(data.length, 'example')} of ${several(data.inputs.width, 'input')}, ${what}`;
}

/** A few names of classes. */
function namesOf(names: readonly string[] | null): string {
  if (names === null) return '';
  return `: ${names.slice(0, 6).map((name) => (name.includes(',') ? quote(name) : name)).join(', ')}${names.length > 6 ? ', …' : ''}`;
}
