// CSV files as a stream of batches.

import { DataError } from '../../errors.ts';
import { checkOptions, invalid, quote } from '../../options.ts';
import type { Block } from '../block.ts';
import { KnownClasses, type ClassNames } from '../class-names.ts';
import { checkChoice, checkFormat, csvParser, formatOptions, tableOptions, type CsvOptions } from '../csv.ts';
import { planColumns, planNames, roles, type ColumnChoice, type CsvPlan } from '../csv-plan.ts';
import { piecesOf } from '../pieces.ts';
import { fileSource } from './file-source.ts';
import { filesOf, type Paths } from './paths.ts';
import { checkStream, streamOptions, type BatchSource, type StreamOptions } from './source.ts';
import { TargetCollector, type Survey } from './survey.ts';

/** How the names of CSV files in a folder end. */
export const csvEndings: readonly string[] = ['.csv', '.tsv', '.txt'];

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
  const settings = checkStream('streamCsv', options), classes = options.classes ?? null;
  const files = await openFiles('streamCsv', paths, options, checkClasses('streamCsv', options.classes, checkChoice('streamCsv', options).targets.length));
  return fileSource('streamCsv', { layout: files.plan.layout, classes, length: null, count: files.count, read: async function* (file) { for await (const { block } of files.read(file)) yield block; } }, settings);
}

/** Reads all rows of CSV files once: how many they are, and what their target is. At most `most` different numbers are told. */
export async function surveyCsv(paths: Paths, options: CsvOptions, most: number): Promise<Survey> {
  const collector = new TargetCollector(most), files = await openFiles('streamCsv', paths, options, collector.classNames), { layout, targetWidth } = files.plan;
  let isLabelled = false;
  for (let file = 0; file < files.count; file++) {
    for await (const { block, labelled } of files.read(file)) {
      collector.add(block, targetWidth);
      isLabelled ||= labelled;
    }
  }
  return collector.finish(layout.inputNames, layout.targetNames, isLabelled);
}

interface CsvFiles {
  /** That of the first file. */
  readonly plan: CsvPlan;
  readonly count: number;
  read(file: number): AsyncGenerator<{ readonly block: Block; /** The target holds names. */ readonly labelled: boolean }, void, undefined>;
}

/** Looks into the first of some files, whose columns are those of all. */
async function openFiles(caller: string, paths: Paths, options: CsvOptions, classNames: ClassNames | KnownClasses): Promise<CsvFiles> {
  const format = checkFormat(caller, options), choice = checkChoice(caller, options), files = await filesOf(caller, 'paths', paths, csvEndings);
  let first: CsvPlan | null = null;

  async function* read(file: number): AsyncGenerator<{ block: Block; labelled: boolean }, void, undefined> {
    const path = files[file]!, where = `${caller} ${quote(path, Infinity)}`;
    const plan = (row: readonly string[]): CsvPlan => (first === null ? planColumns(where, row, format.header, choice) : samePlan(where, row, format.header, choice, first));
    const parser = csvParser(where, format, choice, classNames, plan);
    for await (const piece of piecesOf(path, where)) {
      parser.push(piece);
      first ??= parser.plan;
      if (parser.waiting > 0) yield { block: parser.drain(), labelled: parser.labelled };
    }
    parser.end();
    first ??= parser.plan;
    if (parser.waiting > 0) yield { block: parser.drain(), labelled: parser.labelled };
  }

  for await (const _part of read(0)) break;
  return { plan: first!, count: files.length, read };
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
