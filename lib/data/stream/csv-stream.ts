// CSV files as a stream of batches.

import { DataError } from '../../errors.ts';
import { checkOptions, invalid, quote } from '../../options.ts';
import type { Block } from '../block.ts';
import { KnownClasses } from '../class-names.ts';
import { checkChoice, checkFormat, csvParser, formatOptions, tableOptions, type CsvOptions } from '../csv.ts';
import { planColumns, planNames, roles, type ColumnChoice, type CsvPlan } from '../csv-plan.ts';
import { piecesOf } from '../pieces.ts';
import { fileSource } from './file-source.ts';
import { filesOf, type Paths } from './paths.ts';
import { checkStream, streamOptions, type BatchSource, type StreamOptions } from './source.ts';

/** Options of `streamCsv`. */
export interface CsvStreamOptions extends CsvOptions, StreamOptions {
  /** The names of the classes, in the order of their numbers, where the target holds names. */
  readonly classes?: readonly string[];
}

/**
 * Streams CSV files, plain or gzip, whose rows need not fit in memory. The first file is looked into at once; its columns
 * are those of all: where there are names, every file has them, in any order.
 * @param paths A file, a folder (its files `.csv`, `.tsv` and `.txt`, also with `.gz`), a pattern as in `data/part-*.csv`, or a list of these.
 * @throws {OptionError} On unknown options and on columns that the files do not have.
 * @throws {DataError} On a folder or pattern without files. While batches are read, as `readCsv`, with file and line.
 * @example
 * const source = await streamCsv('clicks/', { target: 'clicked', batchSize: 256, seed: 1 });
 * for await (const { x, y, rows } of source.batches(0)) { … }
 */
export async function streamCsv(paths: Paths, options: CsvStreamOptions): Promise<BatchSource> {
  checkOptions('streamCsv', options, [...tableOptions, ...formatOptions, ...streamOptions, 'classes']);
  const format = checkFormat('streamCsv', options), choice = checkChoice('streamCsv', options), settings = checkStream('streamCsv', options);
  const classNames = checkClasses('streamCsv', options.classes, choice.targets.length);
  const files = await filesOf('streamCsv', 'paths', paths, ['.csv', '.tsv', '.txt']);
  let first: CsvPlan | null = null;

  async function* read(file: number): AsyncGenerator<Block, void, undefined> {
    const path = files[file]!, where = `streamCsv ${quote(path, Infinity)}`;
    const plan = (row: readonly string[]): CsvPlan => (first === null ? planColumns(where, row, format.header, choice) : samePlan(where, row, format.header, choice, first));
    const parser = csvParser(where, format, choice, classNames, plan);
    for await (const piece of piecesOf(path, where)) {
      parser.push(piece);
      first ??= parser.plan;
      if (parser.waiting > 0) yield parser.drain();
    }
    parser.end();
    first ??= parser.plan;
    if (parser.waiting > 0) yield parser.drain();
  }

  for await (const _block of read(0)) break;
  const { layout } = first!;
  return fileSource('streamCsv', { layout, classes: options.classes ?? null, length: null, count: files.length, read }, settings);
}

/** The class names of a stream, which are not known before all is read unless they are given. */
export function checkClasses(caller: string, classes: readonly string[] | undefined, targets: number): KnownClasses {
  if (classes === undefined) return new KnownClasses([]);
  if (targets > 1) throw invalid(caller, 'classes', 'left out where there are several targets', classes);
  if (!Array.isArray(classes) || classes.length === 0 || new Set(classes).size < classes.length || classes.some((name) => typeof name !== 'string')) {
    throw invalid(caller, 'classes', 'an array of different names', classes);
  }
  return new KnownClasses(classes);
}

/** The plan of a further file: the columns of the first one by their names, or by their places where there are none. */
function samePlan(where: string, row: readonly string[], header: boolean | 'auto', choice: ColumnChoice, first: CsvPlan): CsvPlan {
  const { named } = planNames(row, header);
  if (named !== first.header) throw new DataError(`[${where}] expected ${first.header ? 'names' : 'no names'} in the first row, as in the first file`);
  const lost = named ? first.names.find((name, column) => first.roles[column] !== roles.skip && !row.includes(name)) : undefined;
  if (lost !== undefined) throw new DataError(`[${where}] expected a column ${quote(lost)}, as in the first file, but there is none`);
  if (row.length !== first.names.length && choice.columns === undefined) throw new DataError(`[${where}] expected ${first.names.length} columns, as in the first file, but received ${row.length}`);
  return planColumns(where, row, named, named ? namedChoice(first) : choice);
}

/** The columns of a plan by their names; by their places where a name is not theirs alone. */
function namedChoice({ names, roles: given, slots, inputWidth, layout }: CsvPlan): ColumnChoice {
  const inputs: (string | number)[] = new Array<string>(inputWidth), targets: (string | number)[] = [];
  given.forEach((role, column) => {
    const name = names[column]!, reference = names.indexOf(name) === names.lastIndexOf(name) ? name : column;
    if (role === roles.input) inputs[slots[column]!] = reference;
    else if (role !== roles.skip) targets[slots[column]!] = reference;
  });
  return { columns: inputs, targets: targets.slice(0, layout.targetNames.length), weights: targets[layout.targetNames.length] };
}
