// Numbers in rows and columns: how a data set keeps them, and how what users pass is checked and turned into them.

import { types } from 'node:util';
import { DataError, ShapeError } from '../errors.ts';
import { describe } from '../options.ts';

/** A row-major table of numbers; a value is `raw · scale + shift`, and there are `data.length / width` rows. */
export interface Columns {
  readonly data: Float32Array | Uint8Array | Int32Array;
  /** Values per row. */
  readonly width: number;
  /** Factor of every raw value; 1/255 for bytes of grey. */
  readonly scale: number;
  /** Summand of every scaled value. */
  readonly shift: number;
}

/** The typed arrays whose elements are JavaScript numbers. */
export type NumberArray =
  | Float32Array | Float64Array | Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array;

/**
 * What is accepted as rows of numbers: an array of rows (arrays, typed arrays, or deeper nested arrays, which are flattened
 * in row-major order), or one flat array or typed array of all values, row by row.
 */
export type MatrixLike = NumberArray | readonly number[] | readonly MatrixLike[];

/** Rows of finite single-precision numbers. */
export interface Matrix {
  /** Row-major, `rows · width` values. The very array the user passed where that was a flat Float32Array. */
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
  /** Shape of one row as it was nested: `[width]`, or `[28, 28]` for rows that are matrices. */
  readonly shape: readonly number[];
  /** Whether the values are still to be checked: `matrix` was told that somebody does so later. */
  readonly unchecked?: boolean;
}

/** Numbers at or beyond this round to infinity in single precision: half a unit above the largest float. */
export const FLOAT32_LIMIT: number = 2 ** 128 - 2 ** 103;

/**
 * Turns rows of numbers as users pass them into one Float32Array. A flat Float32Array is checked and returned as it is; all
 * else is copied and rounded to single precision.
 * @param x Rows, or all values flat.
 * @param width Values per row; null takes it from the first row (1 for flat arrays).
 * @param where Begins every error sentence, as in `[predict] expected 64 features but received 63 (row 0)`.
 * @param noun What the values of a row are called in errors.
 * @param later Leaves the check of a flat Float32Array for finite values to the caller: prediction looks at them as it reads them.
 * @throws {ShapeError} On rows of a wrong or differing width.
 * @throws {DataError} On no rows, or a value that is not a finite number within single precision (row and column counted
 *   from 0).
 */
export function matrix(x: MatrixLike, width: number | null, where: string, noun = 'features', later = false): Matrix {
  const values: unknown = x;
  if (!isArray(values)) throw new DataError(`[${where}] expected rows of numbers but received ${describe(values)}`);
  if (values.length === 0) throw new DataError(`[${where}] expected at least one row but received none`);
  if (isNumberArray(values) || !isArray(values[0])) return flatMatrix(values, width ?? 1, where, noun, later);
  return nestedMatrix(values, width, where, noun);
}

/** Writes row `row` of `columns` to `out`, scaled, shifted and then rounded to single precision. */
export function decodeRow(columns: Columns, row: number, out: Float32Array): void {
  const { data, width, scale, shift } = columns;
  for (let column = 0; column < width; column++) out[column] = data[row * width + column]! * scale + shift;
}

type AnyArray = NumberArray | readonly unknown[];

function isNumberArray(value: unknown): value is NumberArray {
  // Not by `instanceof`, which knows only the classes of its own context; a DataView has no length.
  return ArrayBuffer.isView(value) && 'length' in value && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array);
}

function isArray(value: unknown): value is AnyArray {
  return Array.isArray(value) || isNumberArray(value);
}

function flatMatrix(values: AnyArray, width: number, where: string, noun: string, later: boolean): Matrix {
  const rows = Math.floor(values.length / width);
  if (values.length < width) throw new ShapeError(`[${where}] expected ${width} ${noun} but received ${values.length} (row 0)`);
  if (values.length !== rows * width) {
    throw new ShapeError(`[${where}] expected rows of ${width} ${noun} but received ${values.length} values, which is no multiple of ${width}`);
  }
  if (types.isFloat32Array(values)) {
    if (!later) checkFinite(values, width, where);
    return { data: values, rows, width, shape: [width], unchecked: later };
  }
  const data = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) copyNumbers(values, row * width, data, row * width, width, row, 0, where);
  return { data, rows, width, shape: [width] };
}

function nestedMatrix(examples: readonly unknown[], width: number | null, where: string, noun: string): Matrix {
  const shape = exampleShape(examples[0]);
  const found = shape.reduce((product, dimension) => product * dimension, 1);
  if (found === 0) throw new ShapeError(`[${where}] expected ${width ?? 'at least one'} ${noun} but received none (row 0)`);
  if (width !== null && found !== width) throw new ShapeError(`[${where}] expected ${width} ${noun} but received ${found} (row 0)`);
  const data = new Float32Array(examples.length * found);
  const rule = width === null ? `${found} ${noun}, as in row 0,` : `${found} ${noun}`;
  for (let row = 0; row < examples.length; row++) {
    fill(examples[row], shape, 0, row * found, found, { data, row, first: row * found, where, rule });
  }
  return { data, rows: examples.length, width: found, shape };
}

/** Lengths along the first element of each level: the shape all examples must have. */
function exampleShape(example: unknown): number[] {
  const shape: number[] = [];
  for (let value = example; isArray(value); value = value[0]) shape.push(value.length);
  return shape;
}

interface Filling {
  readonly data: Float32Array;
  readonly row: number;
  /** Offset of the row's first value. */
  readonly first: number;
  readonly where: string;
  readonly rule: string;
}

/** Writes one (part of an) example of shape `shape[depth...]`, `size` values in all, at `offset`. */
function fill(value: unknown, shape: readonly number[], depth: number, offset: number, size: number, filling: Filling): void {
  const { data, row, first, where, rule } = filling;
  if (!isArray(value)) throw new ShapeError(`[${where}] expected ${rule} but received ${describe(value)} (row ${row})`);
  if (value.length !== shape[depth]) {
    const part = shape.length === 1 ? '' : ` in part of an example of shape [${shape.join(', ')}]`;
    throw new ShapeError(`[${where}] expected ${part === '' ? rule : `${shape[depth]} values`} but received ${value.length}${part} (row ${row})`);
  }
  if (depth === shape.length - 1) {
    copyNumbers(value, 0, data, offset, size, row, offset - first, where);
    return;
  }
  const part = size / value.length;
  for (let i = 0; i < value.length; i++) fill(value[i], shape, depth + 1, offset + i * part, part, filling);
}

/** Copies `count` numbers; the first one copied is column `column` of row `row` in errors. */
function copyNumbers(
  source: AnyArray, from: number, target: Float32Array, to: number, count: number, row: number, column: number, where: string,
): void {
  for (let i = 0; i < count; i++) {
    const value = source[from + i];
    if (typeof value !== 'number' || !(value < FLOAT32_LIMIT && value > -FLOAT32_LIMIT)) throw badValue(value, row, column + i, where);
    target[to + i] = value;
  }
}

function badValue(value: unknown, row: number, column: number, where: string): DataError {
  const expected = typeof value === 'number' && Number.isFinite(value) ? 'a number within single precision' : 'a finite number';
  return new DataError(`[${where}] expected ${expected} but received ${describe(value)} (row ${row}, column ${column})`);
}

/** Throws DataError naming row and column of the first NaN or infinity; `first` is the number of the first row. */
export function checkFinite(data: Float32Array, width: number, where: string, first = 0): void {
  // 0 · v is 0 for every finite v and NaN for all others; four sums, since one alone waits for its own last addition.
  let a = 0, b = 0, c = 0, d = 0, i = 0;
  for (; i + 4 <= data.length; i += 4) {
    a += 0 * data[i]!;
    b += 0 * data[i + 1]!;
    c += 0 * data[i + 2]!;
    d += 0 * data[i + 3]!;
  }
  for (; i < data.length; i++) a += 0 * data[i]!;
  if (a + b + c + d === 0) return;
  const bad = data.findIndex((value) => !Number.isFinite(value));
  throw badValue(data[bad], first + Math.floor(bad / width), bad % width, where);
}
