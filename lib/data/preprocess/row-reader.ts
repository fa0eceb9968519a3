// The cells of raw rows in the order of the fitted columns, whatever form the rows have. A misspelt column is not a missing cell.

import { DataError } from '../../errors.ts';
import { describe, quote, suggestion } from '../../options.ts';
import type { Row, RowChunk } from '../rows/row-source.ts';

/** Reads rows whose columns are known by name. */
export class RowReader {
  private readonly names: readonly string[];
  private readonly target: number;
  private readonly positions: ReadonlyMap<string, number>;
  private readonly cells: unknown[];
  private chunkNames: readonly string[] | null = null;
  private order: Int32Array | null = null;

  /** `names` are all columns in the order of the data, `target` the place of the one to predict. */
  constructor(names: readonly string[], target: number) {
    this.names = names;
    this.target = target;
    this.positions = new Map(names.map((name, column) => [name, column]));
    this.cells = new Array<unknown>(names.length);
  }

  /** The cells of row `row` of a chunk, undefined where one is not there; valid until the next call. */
  read(chunk: RowChunk, row: number): readonly unknown[] {
    if (chunk.names === null) return this.readRow(chunk.rows[row]!, chunk.where, chunk.place(row));
    if (chunk.names !== this.chunkNames) {
      this.order = this.orderOf(chunk.names, chunk.where);
      this.chunkNames = chunk.names;
    }
    const given = chunk.rows[row] as readonly unknown[], order = this.order!;
    for (let column = 0; column < order.length; column++) this.cells[column] = order[column]! < 0 ? undefined : given[order[column]!];
    return this.cells;
  }

  /** The cells of an object, or of an array in the order of the columns, in which a last target may be left out. */
  readRow(row: Row, where: string, place: string): readonly unknown[] {
    const { names, cells } = this, at = place === '' ? '' : ` (${place})`;
    if (typeof row !== 'object' || row === null) throw new DataError(`[${where}] expected a row to be an object or an array but received ${describe(row)}${at}`);
    if (Array.isArray(row)) {
      const short = this.target === names.length - 1 && row.length === names.length - 1;
      if (row.length !== names.length && !short) throw new DataError(`[${where}] expected ${names.length} values but received ${row.length}${at}`);
      for (let column = 0; column < names.length; column++) cells[column] = row[column];
      return cells;
    }
    const object = row as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(object)) if (!this.positions.has(key)) throw this.unknown(key, where, at);
    for (let column = 0; column < names.length; column++) cells[column] = Object.hasOwn(object, names[column]!) ? object[names[column]!] : undefined;
    return cells;
  }

  /** Where each known column stands among those of a table, which has all but perhaps the target. */
  private orderOf(given: readonly string[], where: string): Int32Array {
    for (const name of given) if (!this.positions.has(name)) throw this.unknown(name, where, '');
    return Int32Array.from(this.names, (name, column) => {
      const at = given.indexOf(name);
      if (at < 0 && column !== this.target) throw new DataError(`[${where}] expected a column ${quote(name)} but there is none`);
      if (at >= 0 && given.includes(name, at + 1)) throw new DataError(`[${where}] expected one column named ${quote(name)} but received several`);
      return at;
    });
  }

  private unknown(name: string, where: string, at: string): DataError {
    return new DataError(`[${where}] unknown column ${quote(name)}, which the preprocessor was not fitted to${suggestion(name, this.names)}${at}`);
  }
}
