// Rows as they are written down, before anything is made of them: cells of text, or values of JSON, from any number of files.

import { DataError } from '../../errors.ts';
import { describe } from '../../options.ts';

/** A row: values by the names of their columns, or in order. */
export type Row = Readonly<Record<string, unknown>> | readonly unknown[];

/** Some rows in order, and where they come from. */
export interface RowChunk {
  /** Rows are arrays in the order of these names; null where rows are objects, or arrays without names. */
  readonly names: readonly string[] | null;
  readonly rows: readonly Row[];
  /** Begins every error sentence; it names the file. */
  readonly where: string;
  /** Where a row stands, as in `line 3`. */
  place(row: number): string;
}

/** Rows of files, which are read anew by every loop over them. */
export class RowSource implements AsyncIterable<Row> {
  private readonly list: () => Promise<readonly string[]>;
  private readonly readFile: (path: string) => AsyncIterable<RowChunk>;

  constructor(list: () => Promise<readonly string[]>, read: (path: string) => AsyncIterable<RowChunk>) {
    this.list = list;
    this.readFile = read;
  }

  /** One reader for each file, in order. */
  async files(): Promise<(() => AsyncIterable<RowChunk>)[]> {
    return (await this.list()).map((path) => () => this.readFile(path));
  }

  /** Rows as objects, or as arrays where there are no names. */
  async* [Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for (const read of await this.files()) {
      for await (const { names, rows } of read()) {
        for (const row of rows) yield names === null ? row : Object.fromEntries(names.map((name, i) => [name, (row as readonly unknown[])[i]]));
      }
    }
  }
}

/** Rows that a program has or makes. */
export type GivenRows = Iterable<Row> | AsyncIterable<Row>;

const CHUNK_ROWS = 256;

/** Rows of any source in chunks; rows of a program are counted from 0 in errors. */
export async function* chunksOf(rows: RowSource | GivenRows, where: string): AsyncGenerator<RowChunk, void, undefined> {
  if (rows instanceof RowSource) {
    for (const read of await rows.files()) yield* read();
    return;
  }
  let chunk: Row[] = [], first = 0;
  const take = (): RowChunk => {
    const begin = first, taken = chunk;
    first += taken.length;
    chunk = [];
    return { names: null, rows: taken, where, place: (row) => `row ${begin + row}` };
  };
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length === CHUNK_ROWS) yield take();
  }
  if (chunk.length > 0) yield take();
}

/** Throws DataError unless `rows` can be iterated. */
export function checkRows(where: string, rows: unknown): void {
  const iterable = typeof rows === 'object' && rows !== null && (Symbol.iterator in rows || Symbol.asyncIterator in rows);
  if (!iterable) throw new DataError(`[${where}] expected rows, as an array or another iterable, but received ${describe(rows)}`);
}
