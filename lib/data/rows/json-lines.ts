// JSON lines: a value of JSON on every line, an object or an array for each row.

import { DataError } from '../../errors.ts';
import { describe, quote } from '../../options.ts';
import { piecesOf } from '../pieces.ts';
import { filesOf, type Paths } from '../stream/paths.ts';
import { RowSource, type Row, type RowChunk } from './row-source.ts';

const LINE_FEED = 10;

/** A longer line is no row. */
const LONGEST_LINE = 2 ** 26;

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
  return new RowSource(() => filesOf(caller, 'paths', paths, ['.jsonl', '.ndjson', '.json']), (path) => readFile(caller, path));
}

async function* readFile(caller: string, path: string): AsyncGenerator<RowChunk, void, undefined> {
  const where = `${caller} ${quote(path, Infinity)}`;
  let rest: Buffer = Buffer.alloc(0), line = 1;
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
  for await (const piece of piecesOf(path, where)) {
    const end = piece.lastIndexOf(LINE_FEED);
    if (end < 0) {
      rest = Buffer.concat([rest, piece]);
      if (rest.length > LONGEST_LINE) throw new DataError(`[${where}] expected lines of at most ${LONGEST_LINE} bytes (line ${line})`);
      continue;
    }
    const whole = Buffer.concat([rest, piece.subarray(0, end)]);
    rest = Buffer.from(piece.subarray(end + 1));
    yield chunkOf(whole);
  }
  if (rest.length > 0) yield chunkOf(rest);
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
