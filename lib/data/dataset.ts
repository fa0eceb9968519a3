// A data set: examples with their targets, in memory, and views of some of its rows that share that memory.

import { types } from 'node:util';
import { DataError, ShapeError } from '../errors.ts';
import { boolean, checkOptions, invalid, nonNegativeInteger, positiveInteger } from '../options.ts';
import { decodeRow, matrix, type Columns, type MatrixLike } from './columns.ts';
import { held } from './held.ts';
import { isNamed, joinTables, type Part, type Tables } from './parts.ts';
import { splitRows } from './split.ts';

export type { Columns, Matrix, MatrixLike, NumberArray } from './columns.ts';

/** What a Dataset is made of; names and shape have defaults. */
export interface DatasetParts {
  readonly inputs: Columns;
  readonly targets: Columns;
  /** Rows of this view, in order; null (the default) stands for all rows in order. */
  readonly index?: Int32Array | null;
  /** One name per input column; default `x0`, `x1`, …. */
  readonly inputNames?: readonly string[];
  /** One name per target column; default `y`, or `y0`, `y1`, … where there are several. */
  readonly targetNames?: readonly string[];
  /** Shape of one example, whose product is the input width; default `[width]`. */
  readonly shape?: readonly number[];
  /** Names of the classes that targets 0, 1, … stand for; default null. */
  readonly classes?: readonly string[] | null;
  /** Weight of each example in the loss, one column; default null: all count the same. */
  readonly weights?: Columns | null;
  /** Which columns belong to which input of a network of several, in order; default null. */
  readonly inputParts?: readonly Part[] | null;
  /** Which target columns belong to which output of a network of several, in order; default null. */
  readonly targetParts?: readonly Part[] | null;
}

/** What `Dataset.from` accepts. */
export interface DatasetSource {
  /** Examples: an array of rows, or all values flat together with `width` or `shape`; for a network of several inputs, by their names. */
  readonly x: Tables;
  /** Targets, one row per example: labels or numbers flat, or rows; for a network of several outputs, by their names. */
  readonly y: Tables;
  /** Weight of each example in the loss, not negative; default all the same. */
  readonly weights?: MatrixLike;
  /** Values per example where `x` is flat; default the product of `shape`, else 1. */
  readonly width?: number;
  /** Values per target where `y` is flat; default 1. */
  readonly targetWidth?: number;
  readonly shape?: readonly number[];
  readonly inputNames?: readonly string[];
  readonly targetNames?: readonly string[];
  readonly classes?: readonly string[];
}

/** Options of `Dataset.split`. */
export interface SplitOptions {
  /** Part of the rows to test on: a fraction between 0 and 1, or a count of rows; default 0.2. */
  readonly test?: number;
  /** Seed of the shuffle; default 0. The same seed always gives the same split. */
  readonly seed?: number;
  /** Keep the proportions of the target values in both parts; default false. */
  readonly stratify?: boolean;
}

/** Examples with their targets. Views made by `split`, `take` and `slice` share the memory of the whole. */
export class Dataset {
  readonly inputs: Columns;
  readonly targets: Columns;
  /** Rows of `inputs` and `targets` that this view consists of; null stands for all in order. */
  readonly index: Int32Array | null;
  /** Number of examples in this view, at least one. */
  readonly length: number;
  readonly inputNames: readonly string[];
  readonly targetNames: readonly string[];
  /** Shape of one example, as in `[28, 28]`. */
  readonly shape: readonly number[];
  /** Names of the classes that targets 0, 1, … stand for, or null. */
  readonly classes: readonly string[] | null;
  /** Weight of each example in the loss, or null. */
  readonly weights: Columns | null;
  readonly inputParts: readonly Part[] | null;
  readonly targetParts: readonly Part[] | null;
  /** Rows of the arrays, whatever the view. */
  private readonly rows: number;

  /**
   * @throws {ShapeError} Where counts, widths, names and shape do not fit each other.
   * @throws {DataError} Where there are no rows.
   */
  constructor(parts: DatasetParts) {
    const { inputs, targets, index = null, classes = null, weights = null, inputParts = null, targetParts = null } = parts;
    const rows = rowsOf(inputs, 'inputs');
    const targetRows = rowsOf(targets, 'targets');
    if (rows !== targetRows) throw new ShapeError(`[Dataset] expected a target for each of ${rows} inputs but received ${targetRows}`);
    if (weights !== null) checkWeights(weights, rows);
    this.length = index === null ? rows : index.length;
    if (this.length === 0) throw new DataError('[Dataset] expected at least one row but received none');
    if (index !== null) checkIndex(index, rows);
    this.rows = rows;
    this.inputs = inputs;
    this.targets = targets;
    this.index = index;
    this.classes = classes;
    this.weights = weights;
    this.inputParts = inputParts;
    this.targetParts = targetParts;
    this.shape = parts.shape ?? [inputs.width];
    if (this.shape.reduce((so, dimension) => so * dimension, 1) !== inputs.width) {
      throw new ShapeError(`[Dataset] expected a shape of ${inputs.width} values but received [${this.shape.join(', ')}]`);
    }
    this.inputNames = parts.inputNames ?? names('x', inputs.width);
    this.targetNames = parts.targetNames ?? (targets.width === 1 ? ['y'] : names('y', targets.width));
    checkNames('input', this.inputNames, inputs.width);
    checkNames('target', this.targetNames, targets.width);
  }

  /**
   * @internal The same for threads to read: its memory stays until they have.
   * @throws {DataError} Where an array has gone to another thread, or has shrunk, since the data set was made of it.
   */
  held(where: string): Dataset {
    const { inputs, targets, weights, index, rows, length } = this;
    const whole = [inputs, targets, ...(weights === null ? [] : [weights])].every(({ data, width }) => data.length === rows * width);
    if (!whole || (index !== null && index.length !== length)) throw new DataError(`[${where}] expected the ${rows} rows of the data set but its memory has been transferred or has shrunk since`);
    const own = { inputs: heldColumns(inputs), targets: heldColumns(targets), weights: weights && heldColumns(weights), index: index && held(index) };
    const isSame = own.inputs === inputs && own.targets === targets && own.weights === weights && own.index === index;
    return isSame ? this : new Dataset({ ...this, ...own });
  }

  /**
   * A data set from arrays: `Dataset.from({ x: [[0, 1], [1, 1]], y: [1, 0] })`. Flat Float32Array, Uint8Array and Int32Array
   * are kept as they are, without a copy; all else is copied as single precision.
   * @throws {ShapeError} On ragged rows and on counts or widths that do not fit.
   * @throws {DataError} On no rows, or a value that is not a finite number (row and column counted from 0).
   */
  static from(source: DatasetSource): Dataset {
    checkOptions('Dataset.from', source, ['x', 'y', 'weights', 'width', 'targetWidth', 'shape', 'inputNames', 'targetNames', 'classes']);
    const { x, y, shape } = source;
    shape?.forEach((dimension) => positiveInteger('Dataset.from', 'shape', dimension));
    const width = source.width === undefined ? null : positiveInteger('Dataset.from', 'width', source.width);
    const targetWidth = source.targetWidth === undefined ? null : positiveInteger('Dataset.from', 'targetWidth', source.targetWidth);
    const product = shape?.reduce((so, dimension) => so * dimension, 1);
    const { columns: inputs, rowShape, parts: inputParts } = toColumns(x, width ?? product ?? null, "Dataset.from 'x'", 'features');
    const { columns: targets, parts: targetParts } = toColumns(y, targetWidth, "Dataset.from 'y'", 'targets');
    const weights = source.weights === undefined ? null : toColumns(source.weights, 1, "Dataset.from 'weights'", 'weights').columns;
    const rows = inputs.data.length / inputs.width;
    const targetRows = targets.data.length / targets.width;
    if (rows !== targetRows) {
      const hint = inputs.width === 1 && rows % targetRows === 0 ? "; a flat 'x' needs 'width'" : '';
      throw new ShapeError(`[Dataset.from] expected as many rows in 'y' as the ${rows} in 'x' but received ${targetRows}${hint}`);
    }
    return new Dataset({
      inputs, targets, weights, inputParts, targetParts, shape: shape ?? rowShape, classes: source.classes ?? null,
      ...(source.inputNames && { inputNames: source.inputNames }), ...(source.targetNames && { targetNames: source.targetNames }),
    });
  }

  /**
   * Two disjoint views that together hold every row once, in shuffled order.
   * @throws {OptionError} On impossible options.
   * @throws {DataError} Where one part would be empty.
   */
  split(options: SplitOptions = {}): { train: Dataset; test: Dataset } {
    checkOptions('split', options, ['test', 'seed', 'stratify']);
    const part = options.test ?? 0.2;
    const seed = nonNegativeInteger('split', 'seed', options.seed ?? 0);
    const stratify = boolean('split', 'stratify', options.stratify ?? false);
    if (typeof part !== 'number' || !(part > 0) || (part > 1 && !Number.isSafeInteger(part))) {
      throw invalid('split', 'test', 'a fraction between 0 and 1 or a count of rows', part);
    }
    const count = part < 1 ? Math.round(part * this.length) : part;
    if (count < 1 || count >= this.length) {
      throw new DataError(`[split] expected at least one row in each part but received test ${part} of ${this.length} rows`);
    }
    const rows = splitRows(this.targets, this.rowNumbers(), count, seed, stratify);
    return { train: this.view(rows.train), test: this.view(rows.test) };
  }

  /** A view of the first `count` rows, or of all where there are fewer. Throws OptionError unless `count` is positive. */
  take(count: number): Dataset {
    return this.slice(0, positiveInteger('take', 'count', count));
  }

  /**
   * A view of rows `begin` (counted from 0) up to but without `end`; negative ones count from the end, as in `Array.slice`.
   * @throws {DataError} Where no row is left.
   */
  slice(begin = 0, end: number = this.length): Dataset {
    if (!Number.isSafeInteger(begin)) throw invalid('slice', 'begin', 'an integer', begin);
    if (!Number.isSafeInteger(end)) throw invalid('slice', 'end', 'an integer', end);
    const from = Math.min(begin < 0 ? Math.max(begin + this.length, 0) : begin, this.length);
    const to = Math.min(end < 0 ? Math.max(end + this.length, 0) : end, this.length);
    if (from >= to) throw new DataError(`[slice] expected at least one of ${this.length} rows but received rows ${begin} to ${end}`);
    if (this.index !== null) return this.view(this.index.subarray(from, to));
    return new Dataset({ ...this.description(), inputs: part(this.inputs, from, to), targets: part(this.targets, from, to), weights: this.weights && part(this.weights, from, to) });
  }

  /** A view of the rows at `positions` of this one, in their order; a row may be there several times. */
  select(positions: ArrayLike<number>): Dataset {
    const rows = Int32Array.from(positions, (position, i) => {
      if (!Number.isSafeInteger(position) || position < 0 || position >= this.length) throw invalid('select', `positions[${i}]`, `a row of ${this.length}`, position);
      return this.index === null ? position : this.index[position]!;
    });
    return this.view(rows);
  }

  /** The example at `position` of this view (negative: from the end), as values after scale and shift; a copy. */
  row(position: number): { x: Float32Array; y: Float32Array } {
    const at = position < 0 ? position + this.length : position;
    if (!Number.isSafeInteger(at) || at < 0 || at >= this.length) throw invalid('row', 'position', `a row of ${this.length}`, position);
    const row = this.index === null ? at : this.index[at]!;
    const x = new Float32Array(this.inputs.width);
    const y = new Float32Array(this.targets.width);
    decodeRow(this.inputs, row, x);
    decodeRow(this.targets, row, y);
    return { x, y };
  }

  /** All examples of this view as arrays of rows, for inspection; a copy. */
  toArrays(): { x: Float32Array[]; y: Float32Array[] } {
    const rows = Array.from({ length: this.length }, (_, position) => this.row(position));
    return { x: rows.map((row) => row.x), y: rows.map((row) => row.y) };
  }

  /** `index`, written out where it is null; a copy. */
  private rowNumbers(): Int32Array {
    return this.index === null ? Int32Array.from({ length: this.length }, (_, row) => row) : this.index.slice();
  }

  private view(index: Int32Array): Dataset {
    return new Dataset({ ...this.description(), inputs: this.inputs, targets: this.targets, weights: this.weights, index });
  }

  private description(): Omit<DatasetParts, 'inputs' | 'targets' | 'weights' | 'index'> {
    const { inputNames, targetNames, shape, classes, inputParts, targetParts } = this;
    return { inputNames, targetNames, shape, classes, inputParts, targetParts };
  }
}

function rowsOf({ data, width }: Columns, what: string): number {
  if (!Number.isSafeInteger(width) || width < 1) throw invalid('Dataset', `${what}.width`, 'a positive integer', width);
  if (data.length % width !== 0) throw new ShapeError(`[Dataset] expected ${what} in rows of ${width} values but received ${data.length} values`);
  return data.length / width;
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, column) => `${prefix}${column}`);
}

function checkNames(what: string, given: readonly string[], width: number): void {
  if (given.length !== width) throw new ShapeError(`[Dataset] expected ${width} ${what} names but received ${given.length}`);
}

/** Rows `from` up to `to` of the same memory. */
function part(columns: Columns, from: number, to: number): Columns {
  return { ...columns, data: columns.data.subarray(from * columns.width, to * columns.width) };
}

function heldColumns(columns: Columns): Columns {
  const data = held(columns.data);
  return data === columns.data ? columns : { ...columns, data };
}

/** Columns of user data, with the shape of one row. Flat integers of a kind Columns can hold are kept as they are. */
function toColumns(
  values: Tables, width: number | null, where: string, noun: string,
): { columns: Columns; rowShape: readonly number[]; parts: readonly Part[] | null } {
  if (isNamed(values)) {
    const { table, parts } = joinTables(values, null, where);
    return { columns: { data: table.data, width: table.width, scale: 1, shift: 0 }, rowShape: [table.width], parts };
  }
  const kept = types.isUint8ClampedArray(values) ? new Uint8Array(values.buffer, values.byteOffset, values.length) : values;
  const flatWidth = width ?? 1;
  if ((types.isUint8Array(kept) || types.isInt32Array(kept)) && kept.length > 0 && kept.length % flatWidth === 0) {
    return { columns: { data: kept, width: flatWidth, scale: 1, shift: 0 }, rowShape: [flatWidth], parts: null };
  }
  const { data, width: found, shape } = matrix(values, width, where, noun);
  return { columns: { data, width: found, scale: 1, shift: 0 }, rowShape: shape, parts: null };
}

/** Weights are kept as they are read: one column of numbers that are not negative, at least one of them positive. */
function checkWeights(weights: Columns, rows: number): void {
  if (rowsOf(weights, 'weights') !== rows || weights.width !== 1) throw new ShapeError(`[Dataset] expected a weight for each of ${rows} inputs but received ${weights.data.length}`);
  let largest = 0;
  weights.data.forEach((raw, row) => {
    const weight = raw * weights.scale + weights.shift;
    if (!(weight >= 0)) throw new DataError(`[Dataset] expected weights that are not negative but received ${weight} (row ${row})`);
    largest = Math.max(largest, weight);
  });
  if (largest === 0) throw new DataError('[Dataset] expected at least one weight above 0');
}

function checkIndex(index: Int32Array, rows: number): void {
  const bad = index.find((row) => row < 0 || row >= rows);
  if (bad !== undefined) throw new DataError(`[Dataset] expected an index of rows below ${rows} but received ${bad}`);
}
