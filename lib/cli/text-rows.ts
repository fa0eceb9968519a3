// Rows of comma-separated text as they are written, a block at a time: memory is that of one block.
import { CARRIAGE_RETURN, findCell, LINE_FEED, type Cell } from '../data/csv-cell.ts';
import { DataError } from '../errors.ts';
import { quote } from '../options.ts';

/** Some rows in order. */
export interface RowBlock {
  readonly rows: readonly (readonly string[])[];
  /** The line each begins at, counted from 1. */
  readonly lines: readonly number[];
}

/** Longer cells are taken for a quote that was never closed. */
const longestCell = 2 ** 20;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Cells of a text in pieces; a row that is not complete waits for the next piece. */
class RowScanner {
  private readonly where: string;
  private readonly delimiter: number;
  private readonly cell: Cell = { from: 0, to: 0, quoted: false, escaped: false, newlines: 0 };
  private pending = Buffer.alloc(0);
  private line = 1;
  private columns = 0;
  private isNew = true;

  constructor(where: string, delimiter: number) {
    this.where = where;
    this.delimiter = delimiter;
  }

  /** The complete rows after the next bytes; those at the end of the data are complete. */
  push(bytes: Uint8Array, isEnd = false): RowBlock {
    this.pending = Buffer.concat([this.pending, bytes, ...(isEnd ? [Uint8Array.of(LINE_FEED)] : [])]);
    if (this.isNew && this.pending.length >= byteOrderMark.length) {
      this.isNew = false;
      if (this.pending.subarray(0, 3).equals(byteOrderMark)) this.pending = this.pending.subarray(3);
    }
    const rows: string[][] = [], lines: number[] = [];
    let at = 0;
    for (let next = this.readRow(at); next !== undefined; next = this.readRow(at)) {
      at = next.end;
      if (next.row.length === 1 && next.row[0] === '') continue;
      rows.push(next.row);
      lines.push(next.line);
    }
    this.pending = this.pending.subarray(at);
    if (isEnd && this.pending.length > 0) throw this.failure('expected a closing quote but the data ended', this.line);
    if (this.pending.length > longestCell * Math.max(1, this.columns)) throw this.failure('expected rows of at most 1 MiB a cell; is a quote not closed?', this.line);
    return { rows, lines };
  }

  /** The row that begins at `from`, or undefined where it is not complete. */
  private readRow(from: number): { row: string[]; line: number; end: number } | undefined {
    const { pending, cell, delimiter } = this, row: string[] = [];
    let at = from, newlines = 0;
    for (;;) {
      const stop = findCell(pending, at, pending.length, delimiter, cell);
      if (stop < 0) return undefined;
      if (cell.to < 0) throw this.failure('expected the end of the cell after its closing quote', this.line + newlines);
      row.push(this.text());
      newlines += cell.newlines;
      if (pending[stop] === delimiter) {
        at = stop + 1;
        continue;
      }
      const line = this.line;
      this.line += newlines + 1;
      this.checkCount(row, line);
      return { row, line, end: stop + (pending[stop] === CARRIAGE_RETURN ? 2 : 1) };
    }
  }

  private text(): string {
    const { from, to, quoted, escaped } = this.cell, text = this.pending.toString('utf8', from, to);
    return quoted ? (escaped ? text.replaceAll('""', '"') : text) : text.trim();
  }

  private checkCount(row: readonly string[], line: number): void {
    if (row.length === 1 && row[0] === '') return;
    if (this.columns === 0) this.columns = row.length;
    if (row.length !== this.columns) throw this.failure(`expected ${this.columns} cells but received ${row.length}`, line);
  }

  private failure(message: string, line: number): DataError {
    return new DataError(`[${this.where}] ${message} (line ${line})`);
  }
}

/** The rows of a source in blocks, the first line among them. */
export async function* textRows(source: AsyncIterable<Uint8Array | string>, where: string, delimiter: string): AsyncGenerator<RowBlock, void, undefined> {
  const scanner = new RowScanner(where, delimiter.charCodeAt(0));
  for await (const piece of source) {
    const block = scanner.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
    if (block.rows.length > 0) yield block;
  }
  const block = scanner.push(new Uint8Array(0), true);
  if (block.rows.length > 0) yield block;
}

/** A cell of CSV: in quotes where it has to be. */
export function csvCell(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Where errors about a source happen. */
export function readingFrom(source: string): string {
  return source === '-' ? 'predict standard input' : `predict ${quote(source, Infinity)}`;
}
