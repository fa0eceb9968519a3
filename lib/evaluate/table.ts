// What reports are made from: predictions and targets as tables of doubles, whatever they were given as.
import { Dataset } from '../data/dataset.ts';
import { DataError, ShapeError } from '../errors.ts';
import { describe } from '../options.ts';

/** Rows of numbers: what `network.predict` resolves to, an array of rows, or one number a row. */
export type Predictions = { readonly shape: readonly number[]; readonly data: ArrayLike<number> } | ArrayLike<number> | readonly ArrayLike<number>[];

/** What is right: rows of numbers, or a data set, whose targets are taken. */
export type Targets = Dataset | Predictions;

export interface Numbers {
  /** Row-major. */
  readonly data: Float64Array;
  readonly rows: number;
  readonly width: number;
  /** Given as one flat array of numbers, not as rows. */
  readonly isFlat: boolean;
}

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);

function ofDataset({ targets, index, length }: Dataset): Numbers {
  const { width, data, scale, shift } = targets;
  const rowAt = (position: number): number => (index === null ? position : index[position]!);
  const values = Float64Array.from({ length: length * width }, (_, i) => data[rowAt(Math.floor(i / width)) * width + (i % width)]! * scale + shift);
  return { rows: length, width, isFlat: false, data: values };
}

function ofRows(values: readonly ArrayLike<unknown>[], where: string, what: string): Numbers {
  const width = values[0]!.length, data = new Float64Array(values.length * width);
  values.forEach((row, at) => {
    if (!isList(row) || row.length !== width) {
      throw new ShapeError(`[${where}] expected ${what} in rows of ${width} but received ${isList(row) ? row.length : describe(row)} (row ${at})`);
    }
    for (let i = 0; i < width; i++) data[at * width + i] = numberAt(row[i], where, what, at);
  });
  return { data, rows: values.length, width, isFlat: false };
}

function numberAt(value: unknown, where: string, what: string, row: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new DataError(`[${where}] expected ${what} to be finite numbers but received ${describe(value)} (row ${row})`);
  return value;
}

/**
 * Targets or predictions as a table, in double precision.
 * @param where Begins every error sentence. @param what What the numbers are called in it.
 * @throws {DataError} on values that are not finite numbers or where there are none, {ShapeError} on ragged rows.
 */
export function numbersOf(values: Targets, where: string, what: string): Numbers {
  if (values instanceof Dataset) return ofDataset(values);
  const shaped = typeof values === 'object' && values !== null && !isList(values) && 'shape' in values ? values : undefined;
  const list: unknown = shaped?.data ?? values;
  if (!isList(list)) throw new DataError(`[${where}] expected ${what} as rows, a prediction or a data set but received ${describe(values)}`);
  if (list.length === 0) throw new DataError(`[${where}] expected at least one row of ${what} but received none`);
  if (shaped === undefined && isList(list[0])) return ofRows(list as readonly ArrayLike<unknown>[], where, what);
  const width = shaped === undefined ? 1 : shaped.shape.slice(1).reduce((so, dimension) => so * dimension, 1), rows = list.length / width;
  if (shaped !== undefined && rows !== shaped.shape[0]) throw new ShapeError(`[${where}] expected ${what} of shape [${shaped.shape.join(', ')}] but received ${list.length} values`);
  return { data: Float64Array.from({ length: list.length }, (_, i) => numberAt(list[i], where, what, Math.floor(i / width))), rows, width, isFlat: shaped === undefined };
}

/** As many rows in both. */
export function checkRows(where: string, targets: Numbers, predictions: Numbers, what: string): void {
  if (targets.rows !== predictions.rows) throw new ShapeError(`[${where}] expected a prediction for each of ${targets.rows} ${what} but received ${predictions.rows}`);
}
