// A preprocessor: raw rows of mixed columns in, rows of numbers out, the same while training and while serving.

import { DataError } from '../../errors.ts';
import { checkOptions, describe, quote } from '../../options.ts';
import { joinBlocks, type Block, type RowLayout } from '../block.ts';
import { Dataset } from '../dataset.ts';
import { csvRows } from '../rows/csv-rows.ts';
import { checkRows, chunksOf, RowSource, type GivenRows, type Row, type RowChunk } from '../rows/row-source.ts';
import { fileSource } from '../stream/file-source.ts';
import { checkStream, streamOptions, type BatchSource, type StreamOptions } from '../stream/source.ts';
import { encoderOf, outputsOf, targetEncoderOf, type Encode, type Failure, type FittedColumn, type FittedTarget } from './fitted.ts';
import { checkPreprocessorJson, type PreprocessorJson } from './json.ts';
import { RowReader } from './row-reader.ts';

/** What became of a column while a preprocessor was fitted. */
export interface ColumnReport {
  readonly column: string;
  readonly kind: FittedColumn['kind'];
  /** Why it has this kind. */
  readonly reason: string;
  /** Missing cells among all rows. */
  readonly missing: number;
  /** Outputs it has. */
  readonly outputs: number;
}

/** Turns raw rows into numbers as it was fitted to; made by `fitPreprocessor`, or of JSON by `Preprocessor.from`. */
export class Preprocessor {
  /** Columns of the raw rows in their order, the target among them. */
  readonly columns: readonly FittedColumn[];
  readonly target: FittedTarget;
  /** Outputs of a row: what a network has as inputs. */
  readonly inputs: number;
  /** One name per output: `age`, `city=Paris`, `city=(other)`, `age missing`. */
  readonly inputNames: readonly string[];
  /** Names of the classes that targets 0, 1, … stand for; null where the target is a number. */
  readonly classes: readonly string[] | null;
  /** What became of each column while fitting; null after `Preprocessor.from`. */
  readonly report: readonly ColumnReport[] | null;
  private readonly missingValues: readonly string[];
  private readonly reader: RowReader;
  private readonly rowFailures: readonly Failure[];
  private readonly encoders: readonly { readonly column: number; readonly at: number; readonly encode: Encode }[];
  private readonly targetColumn: number;
  private readonly encodeTarget: (value: unknown, failure: Failure) => number;

  /** @internal */
  constructor(fitted: { readonly columns: readonly FittedColumn[]; readonly missingValues: readonly string[] }, report: readonly ColumnReport[] | null) {
    const { columns, missingValues } = fitted, missing = new Set(missingValues);
    this.columns = columns;
    this.missingValues = missingValues;
    this.report = report;
    this.targetColumn = columns.findIndex(({ kind }) => kind === 'target');
    this.target = columns[this.targetColumn] as FittedTarget;
    this.classes = 'classes' in this.target ? this.target.classes : null;
    this.reader = new RowReader(columns.map(({ name }) => name), this.targetColumn);
    this.rowFailures = this.failuresOf('transformRow', () => '');
    this.encodeTarget = targetEncoderOf(this.target, missing);
    const inputNames: string[] = [];
    this.encoders = columns.flatMap((column, i) => {
      if (column.kind === 'ignored' || column.kind === 'target') return [];
      const at = inputNames.length;
      inputNames.push(...outputsOf(column));
      return [{ column: i, at, encode: encoderOf(column, missing) }];
    });
    this.inputNames = inputNames;
    this.inputs = inputNames.length;
  }

  /**
   * A preprocessor of what `toJSON` gave; nothing in it is believed.
   * @throws {ModelFormatError} On anything else.
   */
  static from(json: unknown): Preprocessor {
    return new Preprocessor(checkPreprocessorJson(json), null);
  }

  /** Plain JSON from which `Preprocessor.from` makes the same preprocessor. */
  toJSON(): PreprocessorJson {
    return { format: 'densely-preprocessor', version: 1, missingValues: this.missingValues, columns: this.columns };
  }

  /**
   * The outputs of one row, `[inputs]`. The target need not be there.
   * @throws {DataError} On an unknown column, a refused cell, an unseen category, or a cell of another kind.
   */
  transformRow(row: Row): Float32Array<ArrayBuffer> {
    const out = new Float32Array(this.inputs);
    this.encode(this.reader.readRow(row, 'transformRow', ''), out, 0, this.rowFailures);
    return out;
  }

  /** The outputs of rows whose targets need not be there, `[rows, inputs]`; as `transformRow`. */
  transformRows(rows: Iterable<Row>): { readonly shape: readonly [rows: number, inputs: number]; readonly data: Float32Array<ArrayBuffer> } {
    const where = 'transformRows', given = listed(where, rows), data = new Float32Array(given.length * this.inputs);
    let at = 0;
    const failures = this.failuresOf(where, () => `row ${at}, `);
    for (; at < given.length; at++) this.encode(this.reader.readRow(given[at]!, where, `row ${at}`), data, at * this.inputs, failures);
    return { shape: [given.length, this.inputs], data };
  }

  /** @internal The outputs of a chunk of rows whose targets need not be there; errors say where a row stands. */
  transformChunk(chunk: RowChunk): Float32Array<ArrayBuffer> {
    const data = new Float32Array(chunk.rows.length * this.inputs);
    let row = 0;
    const failures = this.failuresOf(chunk.where, () => `${chunk.place(row)}, `);
    for (; row < chunk.rows.length; row++) this.encode(this.reader.read(chunk, row), data, row * this.inputs, failures);
    return data;
  }

  /**
   * A data set of rows with their targets.
   * @throws {DataError} As `transformRow`, with the row counted from 0; on a missing target or an unknown class; on no rows.
   */
  transform(rows: Iterable<Row>): Dataset {
    const where = 'transform', given = listed(where, rows);
    return this.dataset([this.blockOf({ names: null, rows: given, where, place: (row) => `row ${row}` })], where);
  }

  /** `transform` of the rows of files (a path is one of CSV) or of an asynchronous iterable. */
  async read(rows: RowSource | GivenRows | string | URL): Promise<Dataset> {
    const blocks: Block[] = [];
    for await (const chunk of chunksOf(sourceOf('read', rows), 'read')) blocks.push(this.blockOf(chunk));
    return this.dataset(blocks, 'read');
  }

  /**
   * Batches of rows that need not fit in memory, in a seeded order as those of `streamCsv`. Rows of a program are iterated anew for every
   * epoch.
   * @throws {DataError} While batches are read, as `transform`, with file and line.
   */
  async stream(rows: RowSource | GivenRows | string | URL, options: StreamOptions = {}): Promise<BatchSource> {
    checkOptions('stream', options, streamOptions);
    const settings = checkStream('stream', options), source = sourceOf('stream', rows);
    const files = source instanceof RowSource ? await source.files() : [() => chunksOf(source, 'stream')];
    const read = async function* (this: Preprocessor, file: number): AsyncGenerator<Block, void, undefined> {
      for await (const chunk of files[file]!()) yield this.blockOf(chunk);
    };
    return fileSource('stream', { layout: this.layout(), classes: this.classes, length: null, count: files.length, read: read.bind(this) }, settings);
  }

  /** Predictions of a numeric target in the units of the raw rows. Throws DataError where the targets are classes. */
  restoreTargets(values: ArrayLike<number>): Float64Array {
    const { target } = this;
    if ('classes' in target) throw new DataError('[restoreTargets] expected a numeric target but it has classes; their names are in `classes`');
    return Float64Array.from(values, (value) => value * target.scale + target.shift);
  }

  private layout(): RowLayout {
    return { inputNames: this.inputNames, targetNames: [this.target.name], weighted: false };
  }

  private encode(cells: readonly unknown[], out: Float32Array, at: number, failures: readonly Failure[]): void {
    for (const { column, at: offset, encode } of this.encoders) encode(cells[column], out, at + offset, failures[column]!);
  }

  private blockOf(chunk: RowChunk): Block {
    const rows = chunk.rows.length, inputs = new Float32Array(rows * this.inputs), targets = new Float32Array(rows), { targetColumn } = this;
    let row = 0;
    const failures = this.failuresOf(chunk.where, () => `${chunk.place(row)}, `);
    for (; row < rows; row++) {
      const cells = this.reader.read(chunk, row);
      this.encode(cells, inputs, row * this.inputs, failures);
      targets[row] = this.encodeTarget(cells[targetColumn], failures[targetColumn]!);
    }
    return { rows, inputs, targets };
  }

  /** For each column what tells of a bad cell; `place` names the row in hand, followed by a comma. */
  private failuresOf(where: string, place: () => string): Failure[] {
    return this.columns.map(({ name }) => (message) => new DataError(`[${where}] ${message} (${place()}column ${quote(name)})`));
  }

  private dataset(blocks: readonly Block[], where: string): Dataset {
    const whole = joinBlocks(blocks);
    if (whole.rows === 0) throw new DataError(`[${where}] expected at least one row but received none`);
    return new Dataset({
      inputs: { data: whole.inputs, width: this.inputs, scale: 1, shift: 0 }, targets: { data: whole.targets, width: 1, scale: 1, shift: 0 },
      inputNames: this.inputNames, targetNames: [this.target.name], classes: this.classes,
    });
  }
}

function listed(where: string, rows: Iterable<Row>): readonly Row[] {
  if (typeof rows !== 'object' || rows === null || !(Symbol.iterator in rows)) throw new DataError(`[${where}] expected rows, as an array or another iterable, but received ${describe(rows)}`);
  return Array.isArray(rows) ? rows : [...rows];
}

function sourceOf(where: string, rows: RowSource | GivenRows | string | URL): RowSource | GivenRows {
  if (typeof rows === 'string' || rows instanceof URL) return csvRows(rows);
  checkRows(where, rows);
  return rows;
}
