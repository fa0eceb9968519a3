// Fitting a preprocessor: kinds by a sample of the first rows, measures by one pass over all of them.

import { DataError, OptionError } from '../../errors.ts';
import { quote, suggestion } from '../../options.ts';
import { csvRows } from '../rows/csv-rows.ts';
import { checkRows, chunksOf, RowSource, type GivenRows, type RowChunk } from '../rows/row-source.ts';
import { accumulatorOf, TargetAccumulator, type Accumulator } from './accumulators.ts';
import { isMissing, numberIn } from './cells.ts';
import { outputsOf } from './fitted.ts';
import { inferKind, type Inference } from './infer.ts';
import { checkPreprocessor, type PreprocessorOptions, type PreprocessorSettings } from './options.ts';
import { Preprocessor, type ColumnReport } from './preprocessor.ts';
import { RowReader } from './row-reader.ts';

const where = 'fitPreprocessor';

/**
 * Fits a preprocessor to raw rows, in one pass. Memory is that of the sample, of categories, and of a million numbers for
 * every column with a median or quartiles; of longer columns these are of a uniform sample.
 * @param rows Path of a CSV file or folder, `csvRows`, `jsonLinesRows` or `parquetRows`, or rows of a program: objects, or arrays,
 *   whose columns are called `column0`, `column1`, ….
 * @throws {OptionError} On unknown or impossible options, and on columns that are not there.
 * @throws {DataError} On a cell that is not of its column's kind or is refused, with its place; where there are no rows.
 * @example
 * const preprocessor = await fitPreprocessor('adult.csv', { target: 'income', defaults: { categorical: { unseen: 'zeros' } } });
 * const data = await preprocessor.read('adult.csv');
 */
export async function fitPreprocessor(rows: RowSource | GivenRows | string | URL, options: PreprocessorOptions): Promise<Preprocessor> {
  const settings = checkPreprocessor(options);
  const source = typeof rows === 'string' || rows instanceof URL ? csvRows(rows) : rows;
  checkRows(where, source);
  let plan: Plan | null = null, waiting: RowChunk[] = [], sampled = 0;
  for await (const chunk of chunksOf(source, where)) {
    if (plan === null) {
      waiting.push(chunk);
      sampled += chunk.rows.length;
      if (sampled < settings.sample) continue;
    }
    plan ??= planOf(waiting, settings);
    for (const each of waiting.length > 0 ? waiting : [chunk]) gather(each, plan);
    waiting = [];
  }
  if (sampled === 0) throw new DataError(`[${where}] expected at least one row but received none`);
  if (plan === null) {
    plan = planOf(waiting, settings);
    for (const each of waiting) gather(each, plan);
  }
  return finish(plan, settings);
}

interface Plan {
  readonly names: readonly string[];
  readonly reader: RowReader;
  readonly accumulators: readonly Accumulator[];
  readonly inferences: readonly Inference[];
}

/** Decides what becomes of every column, by the options and by the sample. */
function planOf(waiting: readonly RowChunk[], settings: PreprocessorSettings): Plan {
  const sample = firstRows(waiting, settings.sample), names = namesOf(sample), missing = new Set(settings.missingValues), { target } = settings;
  for (const [option, name] of [['target', target.column], ...[...settings.columns.keys()].map((name) => ['columns', name])] as const) {
    if (names.includes(name!)) continue;
    const near = suggestion(name!, names);
    throw new OptionError(`[${where}] unknown column ${quote(name!)} in '${option}'${near === '' ? `; the columns are ${names.slice(0, 8).map((each) => quote(each)).join(', ')}${names.length > 8 ? ', …' : ''}` : near}`);
  }
  const reader = new RowReader(names, names.indexOf(target.column)), cells: unknown[][] = names.map(() => []);
  for (const chunk of sample) chunk.rows.forEach((_, row) => reader.read(chunk, row).forEach((cell, column) => cells[column]!.push(cell)));
  const inferences = names.map((name, column): Inference => {
    const given = settings.columns.get(name);
    if (given !== undefined) return { kind: given.kind, reason: 'said in the options' };
    if (name === target.column) return { kind: 'ignored', reason: 'the target' };
    return settings.remainder === 'ignored' ? { kind: 'ignored', reason: 'not named in the options' } : inferKind(cells[column]!, missing);
  });
  const accumulators = names.map((name, column) => {
    if (name !== target.column) return accumulatorOf(name, settings.columns.get(name) ?? settings.ofKind(inferences[column]!.kind), missing);
    const numbers = cells[column]!.every((cell) => isMissing(cell, missing) || !Number.isNaN(numberIn(cell)));
    return new TargetAccumulator(target, target.kind === 'auto' ? (numbers ? 'number' : 'classes') : target.kind, missing);
  });
  return { names, reader, accumulators, inferences };
}

/** The first `count` rows, wherever chunks end. */
function firstRows(chunks: readonly RowChunk[], count: number): RowChunk[] {
  let left = count;
  return chunks.map((chunk) => {
    const rows = chunk.rows.slice(0, left);
    left -= rows.length;
    return { ...chunk, rows };
  });
}

/** All columns in the order in which they appear. */
function namesOf(sample: readonly RowChunk[]): string[] {
  const names = new Set<string>();
  for (const chunk of sample) {
    if (chunk.names !== null) {
      for (const name of chunk.names) names.add(name);
      continue;
    }
    chunk.rows.forEach((row, i) => {
      if (typeof row !== 'object' || row === null) throw new DataError(`[${chunk.where}] expected a row to be an object or an array but received ${String(row)} (${chunk.place(i)})`);
      if (Array.isArray(row)) row.forEach((_, column) => names.add(`column${column}`));
      else Object.keys(row).forEach((name) => names.add(name));
    });
  }
  return [...names];
}

function gather(chunk: RowChunk, { names, reader, accumulators, inferences }: Plan): void {
  let row = 0;
  const failures = names.map((name, column) => (message: string): DataError => {
    const { kind, reason } = inferences[column]!, hint = kind === 'ignored' || reason.startsWith('said') ? '' : `; it was taken as ${kind}: ${reason}`;
    return new DataError(`[${chunk.where}] ${message} (${chunk.place(row)}, column ${quote(name)})${hint}`);
  });
  for (; row < chunk.rows.length; row++) {
    const cells = reader.read(chunk, row);
    for (let column = 0; column < cells.length; column++) accumulators[column]!.add(cells[column], failures[column]!);
  }
}

function finish({ names, accumulators, inferences }: Plan, settings: PreprocessorSettings): Preprocessor {
  const columns = accumulators.map((accumulator) => accumulator.finish());
  const report = columns.map((column, i): ColumnReport => ({
    column: names[i]!, kind: column.kind, reason: inferences[i]!.reason, missing: accumulators[i]!.missing, outputs: outputsOf(column).length,
  }));
  if (report.every(({ outputs }) => outputs === 0)) throw new DataError(`[${where}] expected at least one column besides the target that is not ignored`);
  return new Preprocessor({ columns, missingValues: settings.missingValues }, report);
}
