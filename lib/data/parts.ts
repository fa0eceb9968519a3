// Tables side by side: the values of several inputs or outputs as one table whose columns belong to names.
import { ShapeError } from '../errors.ts';
import { quote } from '../options.ts';
import { matrix, type Matrix, type MatrixLike } from './columns.ts';

/** A table, or several by name with the same number of rows. */
export type Tables = MatrixLike | Readonly<Record<string, MatrixLike>>;

/** Neighbouring columns of a table that belong together. */
export interface Part { readonly name: string; readonly width: number }

export function isNamed(values: Tables): values is Readonly<Record<string, MatrixLike>> {
  return typeof values === 'object' && values !== null && !Array.isArray(values) && !ArrayBuffer.isView(values);
}

/** Tables by name as one, in the order of `expected` or, where null, in their own. Flat arrays are one number per row. */
export function joinTables(tables: Readonly<Record<string, MatrixLike>>, expected: readonly { readonly name: string; readonly width: number | null }[] | null, where: string): { table: Matrix; parts: Part[] } {
  const names = expected?.map(({ name }) => name) ?? Object.keys(tables);
  for (const name of Object.keys(tables)) if (!names.includes(name)) throw new ShapeError(`[${where}] expected values for ${names.map((each) => quote(each)).join(', ')} but received ${quote(name)}`);
  const found = names.map((name, i) => {
    if (tables[name] === undefined) throw new ShapeError(`[${where}] expected values for ${quote(name)}`);
    return matrix(tables[name], expected?.[i]!.width ?? null, `${where} ${quote(name)}`);
  });
  const rows = found[0]?.rows ?? 0;
  found.forEach((table, i) => {
    if (table.rows !== rows) throw new ShapeError(`[${where}] expected as many rows for ${quote(names[i]!)} as the ${rows} for ${quote(names[0]!)} but received ${table.rows}`);
  });
  const width = found.reduce((so, table) => so + table.width, 0);
  const data = new Float32Array(rows * width);
  let first = 0;
  for (const table of found) {
    for (let row = 0; row < rows; row++) data.set(table.data.subarray(row * table.width, (row + 1) * table.width), row * width + first);
    first += table.width;
  }
  return { table: { data, rows, width, shape: [width] }, parts: found.map((table, i) => ({ name: names[i]!, width: table.width })) };
}
