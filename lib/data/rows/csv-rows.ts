// The rows of comma-separated files as text, cell by cell.

import { checkOptions, quote } from '../../options.ts';
import { CARRIAGE_RETURN } from '../csv-cell.ts';
import { checkFormat, formatOptions, type CsvFormat } from '../csv.ts';
import { CsvScanner } from '../csv-scanner.ts';
import { planNames } from '../csv-plan.ts';
import { piecesOf } from '../pieces.ts';
import { filesOf, type Paths } from '../stream/paths.ts';
import { RowSource, type RowChunk } from './row-source.ts';

/**
 * The rows of CSV files, plain or gzip, with all cells as text: what a preprocessor is fitted to and applied to.
 * @param paths A file, a folder, a pattern or a list of these, as for `streamCsv`.
 * @throws {DataError} While they are read: on missing or surplus cells and open quotes, with file and line.
 */
export function csvRows(paths: Paths, format: CsvFormat = {}): RowSource {
  checkOptions('csvRows', format, formatOptions);
  const { header, delimiter } = checkFormat('csvRows', format);
  return new RowSource(() => filesOf('csvRows', 'paths', paths, ['.csv', '.tsv', '.txt']), (path) => {
    const where = `csvRows ${quote(path, Infinity)}`;
    return csvChunks(piecesOf(path, where), where, { header, delimiter });
  });
}

/** The rows of comma-separated text that comes in pieces, with a format that `checkFormat` gave. */
export async function* csvChunks(pieces: AsyncIterable<Uint8Array>, where: string, { header, delimiter }: ReturnType<typeof checkFormat>): AsyncGenerator<RowChunk, void, undefined> {
  const scanner = new RecordScanner(where, delimiter, header);
  for await (const piece of pieces) {
    scanner.push(piece);
    yield* scanner.drain();
  }
  scanner.end();
  yield* scanner.drain();
}

/** Collects rows of text. */
class RecordScanner extends CsvScanner {
  private readonly header: boolean | 'auto';
  private names: readonly string[] | null = null;
  private current: string[] = [];
  private rows: string[][] = [];
  private lines: number[] = [];

  constructor(where: string, delimiter: number, header: boolean | 'auto') {
    super(where, delimiter);
    this.header = header;
  }

  /** The complete rows since the last call, if there are any. */
  drain(): RowChunk[] {
    const { rows, lines, names, where } = this;
    if (rows.length === 0) return [];
    this.rows = [];
    this.lines = [];
    return [{ names, rows, where, place: (row) => `line ${lines[row]}` }];
  }

  protected override begin(firstRow: readonly string[]): void {
    const { named, names } = planNames(firstRow, this.header);
    this.names = names;
    if (!named) this.add([...firstRow]);
  }

  protected override nameOf(column: number): string | null {
    return this.names?.[column] ?? null;
  }

  protected override scanRows(from: number): number {
    const { work, cell, delimiter, pending: end } = this, columns = this.names!.length;
    let at = from;
    while (at < end) {
      if (this.column === 0) {
        const next = this.afterBlankLine(at);
        if (next > at) {
          at = next;
          continue;
        }
      }
      const stop = this.find(at);
      if (stop < 0) return at;
      this.current.push(this.text());
      this.line += cell.newlines;
      if (work[stop] === delimiter) {
        at = stop + 1;
        if (++this.column === columns) throw this.wrongCount(columns, 'more');
        continue;
      }
      if (this.column + 1 !== columns) throw this.wrongCount(columns, String(this.column + 1));
      at = stop + (work[stop] === CARRIAGE_RETURN ? 2 : 1);
      this.add(this.current);
      this.current = [];
      this.column = 0;
      this.line++;
    }
    return at;
  }

  private add(row: string[]): void {
    this.rows.push(row);
    this.lines.push(this.line);
  }
}
