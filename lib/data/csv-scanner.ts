// Comma-separated text in pieces of any size: what readers of its cells share. Unfinished cells wait for the next piece.

import { DataError } from '../errors.ts';
import { quote } from '../options.ts';
import { CARRIAGE_RETURN, findCell, LINE_FEED, type Cell } from './csv-cell.ts';

/** A cell that began in one piece of data and has not ended after this many bytes is refused: its quote is not closed. */
const LONGEST_UNFINISHED_CELL = 2 ** 20;

/** Takes bytes by `push` until `end`; memory is that of one piece of data and one cell. */
export abstract class CsvScanner {
  protected readonly where: string;
  protected readonly delimiter: number;
  protected readonly cell: Cell = { from: 0, to: 0, quoted: false, escaped: false, newlines: 0 };
  /** Bytes not read yet, with two zeros behind them, on which every inner loop stops. */
  protected work: Buffer<ArrayBuffer> = Buffer.alloc(0);
  protected pending = 0;
  protected line = 1;
  protected column = 0;
  private started = false;
  private firstRow: string[] | null = [];

  /**
   * @param where Begins every error sentence, as in `readCsv 'digits.csv'`.
   * @param delimiter The byte between cells.
   */
  constructor(where: string, delimiter: number) {
    this.where = where;
    this.delimiter = delimiter;
  }

  /** Called once with the cells of the first row that is not blank, before `line` counts its end. */
  protected abstract begin(firstRow: readonly string[]): void;

  /** Reads the complete cells of the pending bytes, from `from` on; returns where the first incomplete cell begins. */
  protected abstract scanRows(from: number): number;

  /** The name of a column in errors, or null where none is known. */
  protected abstract nameOf(column: number): string | null;

  /** Takes the next bytes, which are copied; throws DataError at the first bad cell or row. */
  push(bytes: Uint8Array): void {
    this.append(bytes);
    if (!this.started && this.pending < 3) return;
    this.scan();
  }

  /** Ends the data. Throws DataError where that is inside quotes, or where there was none. */
  end(): void {
    // Ends a last line without newline; after one with, it is one more blank line.
    this.append(Uint8Array.of(LINE_FEED));
    this.scan();
    if (this.pending > 0) throw this.failure('expected a closing quote but the data ended');
    if (this.firstRow !== null) throw new DataError(`[${this.where}] expected rows of numbers but received no data at all`);
  }

  protected find(at: number): number {
    const stop = findCell(this.work, at, this.pending, this.delimiter, this.cell);
    if (this.cell.to < 0) throw this.failure(`expected the end of the cell after its closing quote but received ${quote(String.fromCharCode(this.work[stop]!))}`);
    return stop;
  }

  /** Position behind the line end at `at`, or `at` where there is none. */
  protected afterBlankLine(at: number): number {
    const { work } = this;
    const skipped = work[at] === LINE_FEED ? 1 : work[at] === CARRIAGE_RETURN && work[at + 1] === LINE_FEED ? 2 : 0;
    if (skipped > 0) this.line++;
    return at + skipped;
  }

  /** Text of the cell last found. */
  protected text(): string {
    const { from, to, quoted, escaped } = this.cell;
    const text = this.work.toString('utf8', from, to);
    return quoted ? (escaped ? text.replaceAll('""', '"') : text) : text.trim();
  }

  protected failure(message: string): DataError {
    const name = this.nameOf(this.column);
    return new DataError(`[${this.where}] ${message} (line ${this.line}, column ${name === null ? this.column : quote(name)})`);
  }

  protected wrongCount(expected: number, received: string): DataError {
    return new DataError(`[${this.where}] expected ${expected} cells but received ${received} (line ${this.line})`);
  }

  private append(bytes: Uint8Array): void {
    const end = this.pending + bytes.length;
    if (this.work.length < end + 2) {
      const larger = Buffer.alloc(Math.max(end + 2, 2 * this.work.length));
      this.work.copy(larger, 0, 0, this.pending);
      this.work = larger;
    }
    this.work.set(bytes, this.pending);
    this.work.fill(0, end, end + 2);
    this.pending = end;
  }

  /** Reads all cells that are complete and keeps the rest pending. */
  private scan(): void {
    let at = 0;
    if (!this.started) {
      at = this.byteOrderMark();
      this.started = true;
    }
    if (this.firstRow !== null) at = this.scanFirstRow(at, this.firstRow);
    if (this.firstRow === null) at = this.scanRows(at);
    this.work.copyWithin(0, at, this.pending);
    this.pending -= at;
    if (this.pending > LONGEST_UNFINISHED_CELL) throw this.failure('expected a cell of at most 1 MiB; is a quote not closed?');
  }

  private byteOrderMark(): number {
    const [first, second, third] = this.work;
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
      throw new DataError(`[${this.where}] expected UTF-8 but received UTF-16`);
    }
    return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
  }

  /** Collects the first row that is not blank as text; returns where the unread bytes begin. */
  private scanFirstRow(from: number, firstRow: string[]): number {
    const { work, cell, delimiter, pending: end } = this;
    let at = from;
    while (at < end) {
      if (firstRow.length === 0) {
        const next = this.afterBlankLine(at);
        if (next > at) {
          at = next;
          continue;
        }
      }
      const stop = this.find(at);
      if (stop < 0) return at;
      firstRow.push(this.text());
      this.line += cell.newlines;
      if (work[stop] === delimiter) {
        at = stop + 1;
        this.column++;
        continue;
      }
      this.firstRow = null;
      this.begin(firstRow);
      this.column = 0;
      this.line++;
      return stop + (work[stop] === CARRIAGE_RETURN ? 2 : 1);
    }
    return at;
  }
}
