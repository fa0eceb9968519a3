// Parquet files by way of the package hyparquet, which is asked for only here: a row group at a time.

import { open } from 'node:fs/promises';
import { DataError, OptionError } from '../../errors.ts';
import { quote } from '../../options.ts';
import { filesOf, type Paths } from '../stream/paths.ts';
import { RowSource, type Row, type RowChunk } from './row-source.ts';

/** What is used of hyparquet. */
interface Hyparquet {
  parquetMetadataAsync(file: AsyncBuffer): Promise<Metadata>;
  parquetReadObjects(options: { file: AsyncBuffer; metadata: Metadata; rowStart: number; rowEnd: number; compressors?: unknown }): Promise<Row[]>;
}

interface Metadata {
  readonly row_groups: readonly { readonly num_rows: bigint }[];
}

/** A file as hyparquet reads it. */
interface AsyncBuffer {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/**
 * The rows of Parquet files, as objects; a row group is in memory at a time. Needs the package `hyparquet`, and for other compressions
 * than Snappy `hyparquet-compressors`.
 * @param paths A file, a folder (its files `.parquet`), a pattern, or a list of these.
 * @throws {OptionError} While they are read: where `hyparquet` is not installed.
 * @throws {DataError} While they are read: on a file that hyparquet cannot read.
 */
export function parquetRows(paths: Paths): RowSource {
  return parquetSource('parquetRows', paths);
}

/** `parquetRows` for the function `caller`. */
export function parquetSource(caller: string, paths: Paths): RowSource {
  return new RowSource(() => filesOf(caller, 'paths', paths, ['.parquet']), (path) => readFile(caller, path));
}

async function* readFile(caller: string, path: string): AsyncGenerator<RowChunk, void, undefined> {
  const where = `${caller} ${quote(path, Infinity)}`;
  const library = (await optional('hyparquet')) as Hyparquet | null;
  if (library === null) throw new OptionError(`[${caller}] Parquet needs the package 'hyparquet', which is not installed: npm install hyparquet`);
  const { compressors } = ((await optional('hyparquet-compressors')) ?? {}) as { compressors?: unknown };
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const file: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size) {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
        await handle.read(bytes, 0, bytes.length, start);
        return bytes.buffer;
      },
    };
    const metadata = await understood(where, () => library.parquetMetadataAsync(file));
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const first = rowStart, rowEnd = rowStart + Number(group.num_rows);
      const rows = await understood(where, () => library.parquetReadObjects({ file, metadata, rowStart, rowEnd, ...(compressors !== undefined && { compressors }) }));
      yield { names: null, rows, where, place: (row) => `row ${first + row}` };
      rowStart = rowEnd;
    }
  } finally {
    await handle.close();
  }
}

async function understood<Value>(where: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    throw new DataError(`[${where}] expected a Parquet file but it cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** A package that may not be there; null where it is not. */
async function optional(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}
