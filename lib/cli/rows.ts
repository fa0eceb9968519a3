// Rows of files and of standard input as they are written, for what is made of them row by row.
import { checkFormat } from '../data/csv.ts';
import { csvChunks, csvRows } from '../data/rows/csv-rows.ts';
import { jsonLinesRows } from '../data/rows/json-lines.ts';
import { parquetRows } from '../data/rows/parquet.ts';
import { RowSource, type RowChunk } from '../data/rows/row-source.ts';
import type { TableChoice } from './data.ts';
import { kindOf } from './source-kind.ts';
import type { Terminal } from './terminal.ts';

async function* bytesOf(input: Terminal['input']): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of input) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

/** The rows of a source; those of standard input, which is CSV, can be read once. */
export async function rowsOf(source: string, format: TableChoice['format'], terminal: Terminal): Promise<RowSource> {
  if (source === '-') return new RowSource(async () => ['-'], () => csvChunks(bytesOf(terminal.input), 'standard input', checkFormat('csvRows', format)));
  const kind = await kindOf(source);
  if (kind === 'csv') return csvRows(source, format);
  return kind === 'jsonLines' ? jsonLinesRows(source) : parquetRows(source);
}

/** Rows as cells in the order of names. */
export interface CellChunk extends RowChunk { readonly names: readonly string[]; readonly rows: readonly (readonly unknown[])[] }

/** Chunks whose rows are cells in the order of names: objects have those of the first one. */
export async function* cellChunks(rows: RowSource): AsyncGenerator<CellChunk, void, undefined> {
  let first: readonly string[] | undefined;
  for (const read of await rows.files()) {
    for await (const chunk of read()) {
      const names = chunk.names ?? (first ??= namesOf(chunk.rows[0]!));
      const cells = chunk.rows.map((row) => (Array.isArray(row) ? row as readonly unknown[] : names.map((name) => (row as Readonly<Record<string, unknown>>)[name])));
      yield { ...chunk, names, rows: cells };
    }
  }
}

function namesOf(row: RowChunk['rows'][number]): string[] {
  return Array.isArray(row) ? row.map((_, i) => `column${i}`) : Object.keys(row);
}

/** A cell of CSV: in quotes where it has to be. */
export function csvCell(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
