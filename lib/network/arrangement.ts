// How tables of examples are written down: one example, a row or a column for each. Inside, examples are rows.
import type { Memory, Precision } from '../backend/backend.ts';
import { matrix, type MatrixLike } from '../data/columns.ts';
import { ShapeError } from '../errors.ts';
import { describe, oneOf } from '../options.ts';

/** A table of numbers with its shape, row-major. */
export interface Table {
  readonly shape: readonly number[];
  readonly data: Memory;
}

/** `'rows'`: [examples, features]. `'columns'`: [features, examples], as in `Z = W X + b`. `'vector'`: [features], one example. */
export type Arrangement = 'rows' | 'columns' | 'vector';

/** Options of the textbook interface: `forward`, `backward` and `update`. */
export interface ArrangementOptions {
  /** How examples are arranged in what is given and in what comes back (default `'rows'`). */
  readonly arrangement?: Arrangement;
}

const arrangements: readonly Arrangement[] = ['rows', 'columns', 'vector'];

export function checkArrangement(where: string, value: unknown): Arrangement {
  return oneOf(where, 'arrangement', value ?? 'rows', arrangements);
}

function transposed({ data }: { data: Memory }, lines: number, columns: number): Memory {
  const result = data.slice();
  for (let i = 0; i < lines; i++) for (let j = 0; j < columns; j++) result[j * lines + i] = data[i * columns + j]!;
  return result;
}

/** A table of rows in another arrangement. */
export function arranged(table: Table, arrangement: Arrangement): Table {
  const [rows, width] = table.shape as [number, number];
  if (arrangement === 'rows') return table;
  if (arrangement === 'vector') return { shape: [width], data: table.data };
  return { shape: [width, rows], data: transposed(table, rows, width) };
}

/** Rows of `width` numbers from values in an arrangement; always memory of its own, in the precision of `like` where values are a table of that. */
export function rowsOf(values: MatrixLike | Table, width: number, arrangement: Arrangement, precision: Precision, where: string): { rows: number; data: Memory } {
  if (typeof values !== 'object' || values === null) throw new ShapeError(`[${where}] expected rows of ${width} features but received ${describe(values)}`);
  const isTable = 'data' in values;
  const given = isTable ? values.data : values;
  if (isTable) checkShape(values, width, arrangement, where);
  const isOwnKind = isTable && given instanceof (precision === 'float64' ? Float64Array : Float32Array);
  // Columns as nested arrays are as many lists as features, each as long as there are examples.
  const read = (each: number | null): { rows: number; data: Memory } => {
    if (isOwnKind) return { rows: given.length / width, data: given };
    const found = matrix(given, each, where);
    return { rows: found.data.length / width, data: found.data === given ? found.data.slice() : found.data };
  };
  if (arrangement === 'rows') return read(width);
  if (arrangement === 'vector') {
    const { rows, data } = read(width);
    if (rows !== 1) throw new ShapeError(`[${where}] expected one example of ${width} features but received ${rows}`);
    return { rows, data };
  }
  const isFlat = isTable || ArrayBuffer.isView(values) || typeof (values as readonly unknown[])[0] === 'number';
  const { rows, data } = read(isFlat ? (isTable ? values.shape[1]! : 1) : null);
  if (!Number.isInteger(rows) || (!isFlat && (values as readonly unknown[]).length !== width)) throw new ShapeError(`[${where}] expected columns of ${width} features`);
  return { rows, data: transposed({ data }, width, rows) };
}

function checkShape({ shape, data }: Table, width: number, arrangement: Arrangement, where: string): void {
  const features = arrangement === 'rows' ? shape[1] : shape[0], rank = arrangement === 'vector' ? 1 : 2;
  if (shape.length !== rank || features !== width || data.length !== shape.reduce((a, b) => a * b, 1)) {
    throw new ShapeError(`[${where}] expected ${width} features but received shape [${shape.join(', ')}] with ${data.length} values`);
  }
}
