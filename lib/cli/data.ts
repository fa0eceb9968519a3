// Data that a command line names, and what their target is: classes or numbers.
import { readCsv, type CsvOptions, type TableOptions } from '../data/csv.ts';
import { Dataset, type NumberArray } from '../data/dataset.ts';
import { readNpz } from '../data/npy.ts';
import { fitPreprocessor } from '../data/preprocess/fit.ts';
import type { PreprocessorOptions } from '../data/preprocess/options.ts';
import type { Preprocessor } from '../data/preprocess/preprocessor.ts';
import { readIdxFolder } from '../data/idx.ts';
import { readJsonLines, readParquet } from '../data/rows/row-table.ts';
import { DataError } from '../errors.ts';
import { describe, oneOf, quote, suggestion } from '../options.ts';
import type { Network } from '../network/network.ts';
import type { ColumnNames } from '../network/persist.ts';
import { listOf, textOf, type Settings } from './configuration.ts';
import { UsageError } from './exit-codes.ts';
import { rowsOf } from './rows.ts';
import { isSeveral, kindOf } from './source-kind.ts';
import { readSeveral } from './several.ts';
import type { Terminal } from './terminal.ts';

/** What a network is to predict. */
export type Target =
  | { readonly kind: 'classes'; readonly count: number; /** Null where the targets are 0, 1, … themselves. */ readonly names: readonly string[] | null }
  | { readonly kind: 'numbers'; readonly width: number };

/** A column as the library takes it: a position where it is written as one that no name is mistaken for. */
export function columnReference(text: string, header: unknown): string | number {
  return /^-\d+$/.test(text) || (header === false && /^\d+$/.test(text)) ? Number(text) : text;
}

/** How comma-separated values are written down. */
export function formatOf(settings: Settings): Pick<CsvOptions, 'header' | 'delimiter'> {
  const delimiter = textOf(settings, 'delimiter'), header = settings['header'] as CsvOptions['header'] | undefined;
  return { ...(header !== undefined && { header }), ...(delimiter !== undefined && { delimiter: delimiter === 'tab' || delimiter === '\\t' ? '\t' : delimiter }) };
}

/** Which columns of a table are meant, and how it is written down. */
export interface TableChoice {
  readonly target: readonly (string | number)[] | undefined;
  readonly columns: readonly (string | number)[] | undefined;
  readonly format: Pick<CsvOptions, 'header' | 'delimiter'>;
  /** Makes the inputs of raw columns. */
  readonly preprocessor?: Preprocessor;
}

/** What settings choose, and for what they leave open the columns that a model was trained on. */
export function choiceOf(settings: Settings, network?: Network): TableChoice {
  const { header } = settings, { columns: model, preprocessor } = network ?? {}, chosen = (name: string): (string | number)[] | undefined => listOf(settings, name)?.map((text) => columnReference(text, header));
  // Without a header columns are called column0, column1 and so on: other names mean nothing there.
  const known = model !== undefined && (header !== false || model.inputs.every((name) => /^column\d+$/.test(name))) ? model : undefined;
  const choice = { target: chosen('target') ?? known?.targets, format: formatOf(settings) };
  if (preprocessor === undefined) return { ...choice, columns: chosen('columns') ?? known?.inputs };
  if (settings['columns'] !== undefined) throw new UsageError('expected no --columns: the preprocessor of the model knows them');
  return { ...choice, target: choice.target ?? [preprocessor.target.name], columns: undefined, preprocessor };
}

/** Examples of a file, of standard input, of a folder or pattern of tables, or of a folder of IDX files, of which `part` is taken. */
export async function readData(source: string, part: 'train' | 'test', choice: TableChoice, terminal: Terminal): Promise<Dataset> {
  const { target, columns, format, preprocessor } = choice, kind = await kindOf(source);
  if (kind === 'idx') return (await readIdxFolder(source))[part];
  if (kind === 'npz') return readArrays(source);
  if (target === undefined) throw new UsageError('expected --target, the column to predict');
  if (preprocessor !== undefined) return preprocessor.read(await rowsOf(source, format, terminal));
  const options = { target, ...(columns && { columns }) };
  return hinted(() => readNumbers(source, kind, format, options, terminal));
}

/** Reads a table of numbers. */
async function readNumbers(source: string, kind: 'csv' | 'jsonLines' | 'parquet', format: TableChoice['format'], options: TableOptions, terminal: Terminal): Promise<Dataset> {
  if (kind === 'jsonLines') return readJsonLines(source, options);
  if (kind === 'parquet') return readParquet(source, options);
  if (await isSeveral(source)) return readSeveral(source, { ...format, ...options });
  return readCsv(source === '-' ? terminal.input : source, { ...format, ...options });
}

/** Says how columns that are no numbers can be read. */
export async function hinted<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DataError) || !/expected a (number|value) but|an empty cell/.test(error.message)) throw error;
    throw new DataError(`${error.message}; --preprocess auto takes names and missing cells`, { cause: error });
  }
}

/** The arrays x and y of a NumPy archive. */
async function readArrays(path: string): Promise<Dataset> {
  const { x, y } = await readNpz(path), where = quote(path, Infinity);
  if (x === undefined || y === undefined) throw new DataError(`expected arrays called x and y in ${where}`);
  const [rows = 0, ...shape] = x.shape, targetWidth = y.shape.slice(1).reduce((so, dimension) => so * dimension, 1);
  if (rows === 0 || shape.length === 0) throw new DataError(`expected x in ${where} to have at least one row and two dimensions but its shape is [${x.shape.join(', ')}]`);
  return Dataset.from({ x: x.data as NumberArray, y: y.data as NumberArray, shape, targetWidth });
}

/** The value of a target, row by row. */
function targetAt({ targets, index }: Dataset, position: number): number {
  const row = index === null ? position : index[position]!;
  return targets.data[row * targets.width]! * targets.scale + targets.shift;
}

/** More classes than these are not guessed from numbers, nor classes with fewer examples each on average; and most that may be asked for of a stream. */
const mostGuessed = 100, leastExamples = 5, mostAsked = 100_000;

/** What is known of the targets of examples. */
export interface TargetFacts {
  readonly length: number | null;
  readonly targetNames: readonly string[];
  /** Names of the classes, where the target holds names. */
  readonly classes: readonly string[] | null;
  /** The different numbers of a single target, in order; null where they are too many for classes. */
  values(): readonly number[] | null;
}

/** The facts of data in memory. */
export function factsOf(data: Dataset): TargetFacts {
  return {
    length: data.length, targetNames: data.targetNames, classes: data.classes,
    values() {
      const found = new Set<number>();
      for (let i = 0; i < data.length; i++) found.add(targetAt(data, i));
      return [...found].sort((a, b) => a - b);
    },
  };
}

/** Most different numbers that are looked for where a task is given, or is to be guessed. */
export function mostValues(task: 'classes' | 'numbers' | null): number {
  return task === 'classes' ? mostAsked : mostGuessed;
}

/** What the target of training data is; `task` says it, or null where it has to be seen from the values. */
export function targetOf(facts: TargetFacts, task: 'classes' | 'numbers' | null): Target {
  const { targetNames, classes, length } = facts, width = targetNames.length;
  if (task === 'numbers' && classes !== null) throw new DataError(`expected numbers in column ${quote(targetNames[0]!)} but it holds names such as ${quote(classes[0]!)}`);
  if (width > 1 && task === 'classes') throw new UsageError(`expected one target with --task classes but received ${width}`);
  if (width > 1 || task === 'numbers') return { kind: 'numbers', width };
  if (classes !== null) return classTarget(classes.length, classes);
  const values = facts.values();
  if (values === null && task === 'classes') throw new DataError(`expected at most ${mostAsked} classes in column ${quote(targetNames[0]!)} but there are more`);
  if (values === null) return { kind: 'numbers', width };
  const count = values.length, inOrder = values.every((value, i) => value === i);
  const guessed = inOrder && count >= 2 && count <= mostGuessed && (count === 2 || length! >= leastExamples * count);
  if (task === null && !guessed) return { kind: 'numbers', width };
  return classTarget(count, inOrder ? null : values.map(String));
}

function classTarget(count: number, names: readonly string[] | null): Target {
  if (count < 2) throw new DataError(`expected at least 2 classes but the target is ${names === null ? '0' : quote(names[0]!)} throughout`);
  return { kind: 'classes', count, names };
}

/** The task that settings name, or null. */
export function taskOf(settings: Settings): 'classes' | 'numbers' | null {
  const task = textOf(settings, 'task');
  return task === undefined || task === 'auto' ? null : oneOf('train', 'task', task, ['classes', 'numbers'] as const);
}

/** The same data with targets numbered by the names of the model's classes. */
export function withClasses(data: Dataset, names: readonly string[] | null): Dataset {
  if (names === null || data.targets.width !== 1) return data;
  if (data.classes !== null && data.classes.join('\0') === names.join('\0')) return data;
  const numbers = new Map(names.map((name, i) => [name, i])), rows = data.targets.data.length, { targets } = data;
  const nameOf = (value: number): string => data.classes?.[value] ?? String(value);
  const labels = Int32Array.from({ length: rows }, (_, row) => numbers.get(nameOf(targets.data[row]! * targets.scale + targets.shift)) ?? -1);
  // Rows that a view leaves out may have classes that nobody asks for.
  for (let i = 0; i < data.length; i++) {
    const name = nameOf(targetAt(data, i));
    if (!numbers.has(name)) throw new DataError(`expected one of the ${names.length} classes of the model in column ${quote(data.targetNames[0]!)} but received ${quote(name)}${suggestion(name, names)}`);
  }
  return new Dataset({ ...data, targets: { data: labels, width: 1, scale: 1, shift: 0 }, classes: names });
}

/** What a model remembers of the columns it was trained on. */
export function columnNamesOf({ inputNames, targetNames }: { readonly inputNames: readonly string[]; readonly targetNames: readonly string[] }, target: Target): ColumnNames {
  return { inputs: inputNames, targets: targetNames, classes: target.kind === 'classes' ? target.names : null };
}

/** The choice with a preprocessor fitted to the raw columns of a file. */
export async function preprocessed(source: string, choice: TableChoice, options: Omit<PreprocessorOptions, 'target'>, task: 'classes' | 'numbers' | null, terminal: Terminal): Promise<TableChoice> {
  const [column, ...others] = choice.target ?? [];
  if (source === '-' || ['npz', 'idx'].includes(await kindOf(source))) throw new UsageError(`expected a file of rows with --preprocess but received ${source === '-' ? 'standard input' : quote(source, Infinity)}`);
  if (typeof column !== 'string' || others.length > 0) throw new UsageError('expected --preprocess with one target by its name');
  if (choice.columns !== undefined) throw new UsageError("expected no --columns with --preprocess, which takes 'column=ignored'");
  const kind = task === null ? 'auto' : task === 'numbers' ? 'number' : task;
  return { ...choice, preprocessor: await fitPreprocessor(await rowsOf(source, choice.format, terminal), { ...options, target: { column, kind } }) };
}

/** Data that a module of a configuration made itself. */
export function isDataset(value: unknown): value is Dataset {
  if (typeof value === 'string' || value === undefined) return false;
  if (typeof value === 'object' && value !== null && 'inputs' in value && 'targets' in value && 'split' in value) return true;
  throw new UsageError(`expected data to be a path or a Dataset but received ${describe(value)}`);
}
