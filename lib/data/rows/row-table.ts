// Rows of JSON or Parquet as rows of numbers: the first row says which fields there are, and how many numbers each holds.

import { DataError } from '../../errors.ts';
import { checkOptions, describe, quote } from '../../options.ts';
import { blockDataset, joinBlocks, type Block, type RowLayout } from '../block.ts';
import { ClassNames, type KnownClasses } from '../class-names.ts';
import { FLOAT32_LIMIT } from '../columns.ts';
import { checkChoice, tableOptions, type TableOptions } from '../csv.ts';
import { planColumns, roles, type ColumnChoice } from '../csv-plan.ts';
import type { Dataset } from '../dataset.ts';
import { checkClasses } from '../stream/csv-stream.ts';
import { fileSource } from '../stream/file-source.ts';
import type { Paths } from '../stream/paths.ts';
import { checkStream, streamOptions, type BatchSource, type StreamOptions } from '../stream/source.ts';
import { TargetCollector, type Survey } from '../stream/survey.ts';
import { jsonLinesSource } from './json-lines.ts';
import { parquetSource } from './parquet.ts';
import type { Row, RowChunk, RowSource } from './row-source.ts';

/** Options of `streamJsonLines`. */
export interface JsonLinesStreamOptions extends TableOptions, StreamOptions {
  /** The names of the classes, in the order of their numbers, where the target holds names. */
  readonly classes?: readonly string[];
}

/**
 * Reads a data set from JSON lines: on every line an object, whose fields are chosen as the columns of `readCsv`, or an array. Values are numbers,
 * true and false (1 and 0), or arrays of numbers, which become several inputs. One target may hold class names.
 * @throws {OptionError} On unknown options and on fields that the first row does not have.
 * @throws {DataError} On a bad or missing value (line counted from 1), or no rows.
 * @example const data = await readJsonLines('flowers.jsonl', { target: 'species', columns: ['length', 'width'] });
 */
export async function readJsonLines(paths: Paths, options: TableOptions): Promise<Dataset> {
  return readRows('readJsonLines', jsonLinesSource('readJsonLines', paths), options);
}

/**
 * Reads a data set of the columns of Parquet files. Needs the package `hyparquet`.
 * @throws {OptionError} On unknown options and columns, and where `hyparquet` is not installed.
 * @throws {DataError} On a bad or missing value (row counted from 0), no rows, or a file that cannot be read.
 */
export async function readParquet(paths: Paths, options: TableOptions): Promise<Dataset> {
  return readRows('readParquet', parquetSource('readParquet', paths), options);
}

/**
 * Streams JSON lines files, plain or gzip, whose rows need not fit in memory; options as for `readJsonLines` and `streamCsv`.
 * @throws {OptionError} On unknown options and on fields that the first row does not have.
 * @throws {DataError} On a folder or pattern without files. While batches are read, as `readJsonLines`, with file and line.
 */
export async function streamJsonLines(paths: Paths, options: JsonLinesStreamOptions): Promise<BatchSource> {
  const caller = 'streamJsonLines';
  checkOptions(caller, options, [...tableOptions, ...streamOptions, 'classes']);
  const choice = checkChoice(caller, options), settings = checkStream(caller, options), classNames = checkClasses(caller, options.classes, choice.targets.length);
  const files = await jsonLinesSource(caller, paths).files();
  const table = new RowTable(caller, choice, classNames);
  for await (const chunk of files[0]!()) {
    if (chunk.rows.length === 0) continue;
    table.read({ ...chunk, rows: chunk.rows.slice(0, 1) });
    break;
  }
  const { layout } = table;
  return fileSource(caller, { layout, classes: options.classes ?? null, length: null, count: files.length, async* read(file) {
    for await (const chunk of files[file]!()) yield table.read(chunk);
  } }, settings);
}

/** Reads all rows of JSON lines files once: how many they are, and what their target is. At most `most` different numbers are told. */
export async function surveyJsonLines(paths: Paths, options: TableOptions, most: number): Promise<Survey> {
  const caller = 'streamJsonLines', collector = new TargetCollector(most), choice = checkChoice(caller, options), table = new RowTable(caller, choice, collector.classNames);
  for (const read of await jsonLinesSource(caller, paths).files()) {
    for await (const chunk of read()) {
      const block = table.read(chunk);
      collector.add(block, block.targets.length / Math.max(1, block.rows));
    }
  }
  const { inputNames, targetNames } = table.layout;
  return collector.finish(inputNames, targetNames, table.labelled);
}

/** A data set of rows for the function `caller`. */
export async function readRows(caller: string, source: RowSource, options: TableOptions): Promise<Dataset> {
  checkOptions(caller, options, tableOptions);
  const classNames = new ClassNames(), table = new RowTable(caller, checkChoice(caller, options), classNames), blocks: Block[] = [];
  for (const read of await source.files()) for await (const chunk of read()) blocks.push(table.read(chunk));
  const { layout } = table, whole = joinBlocks(blocks);
  return blockDataset(layout, whole, table.labelled ? classNames.sort(whole.targets, layout.targetNames.length + (layout.weighted ? 1 : 0)) : null);
}

/** A field of the rows: where its numbers go. */
interface Field {
  readonly key: string | number;
  readonly name: string;
  readonly role: number;
  readonly offset: number;
  /** Numbers it holds; null where it is one and no array. */
  readonly width: number | null;
}

interface TablePlan {
  readonly fields: readonly Field[];
  /** Fields of a row, where all of them are meant; else null. */
  readonly count: number | null;
  readonly layout: RowLayout;
  readonly labelled: boolean;
  readonly inputWidth: number;
  readonly targetWidth: number;
}

/** Makes blocks of numbers of chunks of rows; the first row decides. */
class RowTable {
  private readonly caller: string;
  private readonly choice: ColumnChoice;
  private readonly classNames: ClassNames | KnownClasses;
  private plan: TablePlan | null = null;

  constructor(caller: string, choice: ColumnChoice, classNames: ClassNames | KnownClasses) {
    this.caller = caller;
    this.choice = choice;
    this.classNames = classNames;
  }

  get layout(): RowLayout {
    if (this.plan === null) throw new DataError(`[${this.caller}] expected at least one row but received none`);
    return this.plan.layout;
  }

  get labelled(): boolean {
    return this.plan?.labelled ?? false;
  }

  read({ rows, where, place }: RowChunk): Block {
    if (rows.length === 0) return { rows: 0, inputs: new Float32Array(0), targets: new Float32Array(0) };
    const { fields, count, inputWidth, targetWidth } = (this.plan ??= this.begin(rows[0]!, where));
    const inputs = new Float32Array(rows.length * inputWidth), targets = new Float32Array(rows.length * targetWidth);
    rows.forEach((row, i) => {
      const failure = (message: string, name: string): DataError => new DataError(`[${where}] ${message} (${place(i)}, field ${quote(name)})`);
      if (typeof row !== 'object' || row === null) throw new DataError(`[${where}] expected an object or an array but received ${describe(row)} (${place(i)})`);
      const size = Array.isArray(row) ? row.length : Object.keys(row).length;
      if (count !== null && size !== count) throw new DataError(`[${where}] expected ${count} fields, as in the first row, but received ${size} (${place(i)})`);
      for (const { key, name, role, offset, width } of fields) {
        const value: unknown = Object.hasOwn(row, key) ? (row as Record<string | number, unknown>)[key] : undefined;
        if (role === roles.label) targets[i * targetWidth + offset] = this.classOf(value, (message) => failure(message, name));
        else write(value, width, role === roles.input ? inputs : targets, i * (role === roles.input ? inputWidth : targetWidth) + offset, (message) => failure(message, name));
      }
    });
    return { rows: rows.length, inputs, targets };
  }

  private classOf(value: unknown, failure: (message: string) => DataError): number {
    if (typeof value !== 'string' || value === '') throw failure(`expected a class name but received ${describe(value)}`);
    const number = this.classNames.numberOf(value);
    if (number < 0) throw failure(`expected one of the names in 'classes' but received ${quote(value)}`);
    return number;
  }

  private begin(row: Row, where: string): TablePlan {
    const named = !Array.isArray(row), keys = named ? Object.keys(row) : [...row.keys()].map(String);
    const plan = planColumns(where, keys, named, this.choice);
    const value = (column: number): unknown => (row as Record<string, unknown>)[keys[column]!];
    const width = (column: number): number | null => (Array.isArray(value(column)) || ArrayBuffer.isView(value(column)) ? (value(column) as ArrayLike<unknown>).length : null);
    const labelled = plan.labels && plan.roles.some((role, column) => role === roles.target && plan.slots[column] === 0 && typeof value(column) === 'string');
    const columns = [...plan.roles.keys()].filter((column) => plan.roles[column] !== roles.skip).toSorted((a, b) => plan.slots[a]! - plan.slots[b]!);
    const fields: Field[] = [], names: Record<number, string[]> = { [roles.input]: [], [roles.target]: [] };
    for (const column of columns) {
      const role = plan.roles[column]!, own = names[role]!, parts = width(column), name = plan.names[column]!;
      const label = labelled && role === roles.target && plan.slots[column] === 0;
      fields.push({ key: keys[column]!, name, role: label ? roles.label : role, offset: own.length, width: parts });
      own.push(...(parts === null ? [name] : Array.from({ length: parts }, (_, i) => `${name}${i}`)));
    }
    const { weighted } = plan.layout, inputNames = names[roles.input]!, targetNames = names[roles.target]!;
    return {
      fields, labelled, count: this.choice.columns === undefined ? keys.length : null, inputWidth: inputNames.length, targetWidth: targetNames.length,
      layout: { inputNames, targetNames: weighted ? targetNames.slice(0, -1) : targetNames, weighted },
    };
  }
}

/** Writes one number, or `width` of them. */
function write(value: unknown, width: number | null, into: Float32Array, at: number, failure: (message: string) => DataError): void {
  if (width === null) {
    into[at] = numberOf(value, failure);
    return;
  }
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) throw failure(`expected an array of ${width} numbers but received ${describe(value)}`);
  const values = value as unknown as ArrayLike<unknown>;
  if (values.length !== width) throw failure(`expected ${width} numbers, as in the first row, but received ${values.length}`);
  for (let i = 0; i < width; i++) into[at + i] = numberOf(values[i], failure);
}

function numberOf(value: unknown, failure: (message: string) => DataError): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && number < FLOAT32_LIMIT && number > -FLOAT32_LIMIT) return number;
  const expected = typeof number === 'number' && Number.isFinite(number) ? 'a number within single precision' : typeof number === 'number' ? 'a finite number' : 'a number';
  throw failure(`expected ${expected} but received ${describe(value)}`);
}
