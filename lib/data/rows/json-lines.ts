// JSON lines: a value of JSON on every line, an object or an array for each row.

import { DataError } from '../../errors.ts';
import { describe, quote } from '../../options.ts';
import { piecesOf } from '../pieces.ts';
import { filesOf, type Paths } from '../stream/paths.ts';
import { RowSource, type Row, type RowChunk } from './row-source.ts';

const LINE_FEED = 10;

/** A longer line is no row. */
const LONGEST_LINE = 2 ** 24;

/**
 * The rows of JSON lines files, plain or gzip; blank lines are skipped.
 * @param paths A file, a folder (its files `.jsonl`, `.ndjson` and `.json`, also with `.gz`), a pattern, or a list of these.
 * @throws {DataError} While they are read: on a line that is no JSON, or neither object nor array, with file and line.
 */
export function jsonLinesRows(paths: Paths): RowSource {
  return jsonLinesSource('jsonLinesRows', paths);
}

/** `jsonLinesRows` for the function `caller`. */
export function jsonLinesSource(caller: string, paths: Paths): RowSource {
  return new RowSource(() => filesOf(caller, 'paths', paths, ['.jsonl', '.ndjson', '.json']), (path) => {
    const where = `${caller} ${quote(path, Infinity)}`;
    return jsonLinesChunks(piecesOf(path, where), where);
  });
}

/** The rows of JSON lines that come in pieces. */
export async function* jsonLinesChunks(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, where: string): AsyncGenerator<RowChunk, void, undefined> {
  let rest: Buffer[] = [], length = 0, line = 1;
  const chunkOf = (bytes: Buffer): RowChunk => {
    const rows: Row[] = [], lines: number[] = [];
    for (const text of bytes.toString('utf8').split('\n')) {
      const json = line === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
      if (json.trim() !== '') {
        rows.push(parseRow(json, line, where));
        lines.push(line);
      }
      line++;
    }
    return { names: null, rows, where, place: (row) => `line ${lines[row]}` };
  };
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(LINE_FEED);
    if (end < 0) {
      rest.push(Buffer.from(piece));
      length += piece.length;
      if (length > LONGEST_LINE) throw new DataError(`[${where}] expected lines of at most ${LONGEST_LINE} bytes (line ${line})`);
      continue;
    }
    const whole = Buffer.concat([...rest, piece.subarray(0, end)]);
    rest = [Buffer.from(piece.subarray(end + 1))];
    length = rest[0]!.length;
    yield chunkOf(whole);
  }
  if (length > 0) yield chunkOf(Buffer.concat(rest));
}

function parseRow(json: string, line: number, where: string): Row {
  let row: unknown;
  try {
    row = JSON.parse(json);
  } catch (error) {
    throw new DataError(`[${where}] expected a line of JSON but received ${quote(json.trim())} (line ${line})`, { cause: error });
  }
  if (typeof row !== 'object' || row === null) throw new DataError(`[${where}] expected an object or an array but received ${describe(row)} (line ${line})`);
  return row as Row;
}
