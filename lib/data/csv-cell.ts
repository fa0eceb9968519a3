// Where a cell of comma-separated text ends (RFC 4180): quotes may hold delimiters, newlines and doubled quotes.

export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;
const QUOTE = 34;

/** Where the content of a cell lies, written by `findCell`. */
export interface Cell {
  from: number;
  /** End of the content, or -1 where something follows the closing quote. */
  to: number;
  quoted: boolean;
  /** The content holds doubled quotes. */
  escaped: boolean;
  /** Line feeds inside the quotes. */
  newlines: number;
}

/**
 * Finds the cell that begins at `at` and writes it to `cell`; returns the position of the delimiter, line feed or CRLF behind
 * it, or -1 where it does not end before `end`. Where text follows a closing quote, `cell.to` is -1 and the position that of
 * the text. Quotes inside an unquoted cell are part of it.
 */
export function findCell(bytes: Uint8Array, at: number, end: number, delimiter: number, cell: Cell): number {
  cell.quoted = bytes[at] === QUOTE;
  cell.escaped = false;
  cell.newlines = 0;
  cell.from = at;
  cell.to = at;
  return cell.quoted ? findQuoted(bytes, at + 1, end, delimiter, cell) : findPlain(bytes, at, end, delimiter, cell);
}

function findPlain(bytes: Uint8Array, from: number, end: number, delimiter: number, cell: Cell): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at];
    if (byte !== delimiter && byte !== LINE_FEED) continue;
    const stop = byte === LINE_FEED && at > from && bytes[at - 1] === CARRIAGE_RETURN ? at - 1 : at;
    cell.to = stop;
    return stop;
  }
  return -1;
}

function findQuoted(bytes: Uint8Array, from: number, end: number, delimiter: number, cell: Cell): number {
  cell.from = from;
  for (let at = from; at < end; at++) {
    const byte = bytes[at];
    if (byte === LINE_FEED) cell.newlines++;
    if (byte !== QUOTE) continue;
    if (at + 1 === end) return -1;
    const next = bytes[at + 1];
    if (next === QUOTE) {
      cell.escaped = true;
      at++;
      continue;
    }
    if (next === CARRIAGE_RETURN && at + 2 === end) return -1;
    const ends = next === delimiter || next === LINE_FEED || (next === CARRIAGE_RETURN && bytes[at + 2] === LINE_FEED);
    cell.to = ends ? at : -1;
    return at + 1;
  }
  return -1;
}
