// Data sets from comma-separated files, streams and texts.

import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { checkOptions, invalid, quote } from '../options.ts';
import { CsvParser, type CsvTable } from './csv-parser.ts';
import { planColumns, roles, type ColumnReference } from './csv-plan.ts';
import { Dataset } from './dataset.ts';

export type { ColumnReference } from './csv-plan.ts';

/** Options of `readCsv` and `parseCsv`. */
export interface CsvOptions {
  /** The column, or columns, to predict. */
  readonly target: ColumnReference | readonly ColumnReference[];
  /**
   * Whether the first row holds names; default true. 'auto': it does if none of its cells is a number. Without names, columns
   * are called `column0`, `column1`, ….
   */
  readonly header?: boolean | 'auto';
  /** One ASCII character between cells; default a comma. */
  readonly delimiter?: string;
  /** The columns that become inputs, in this order; default all but the target. */
  readonly columns?: readonly ColumnReference[];
}

/** Pieces of a file: bytes of UTF-8, or text. Node streams and web streams are such. */
export type CsvSource = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

const PIECE = 2 ** 20;

/**
 * Reads a data set from a CSV file (RFC 4180: quoted cells, CRLF or LF; UTF-8, with or without byte order mark). Cells of
 * inputs must be finite decimal numbers and are rounded to single precision. One target column may hold class names instead:
 * they become 0, 1, … in sorted order, with the names in `dataset.classes`. Blank lines are skipped. Memory is that of the data
 * set while it grows; the file is read in pieces.
 * @param source Path or file URL, or a stream or other iterable of pieces of the file.
 * @throws {OptionError} On unknown options and on columns that the file does not have.
 * @throws {DataError} On a bad, empty, missing or surplus cell (line counted from 1), an open quote, or no rows.
 * @example const { train, test } = (await readCsv('digits.csv', { target: 'label' })).split();
 */
export async function readCsv(source: string | URL | CsvSource, options: CsvOptions): Promise<Dataset> {
  if (typeof source === 'string' || source instanceof URL) {
    const path = typeof source === 'string' ? source : fileURLToPath(source);
    const parser = createParser(`readCsv ${quote(path, Infinity)}`, 'readCsv', options);
    await pushFile(path, parser);
    return toDataset(parser.finish());
  }
  const parser = createParser('readCsv', 'readCsv', options);
  const encode = textEncoder();
  for await (const piece of source) parser.push(encode(piece));
  return toDataset(parser.finish());
}

/** `readCsv` of a text in memory, at once. */
export function parseCsv(text: string | Uint8Array, options: CsvOptions): Dataset {
  const parser = createParser('parseCsv', 'parseCsv', options);
  const encode = textEncoder();
  for (let at = 0; at < text.length; at += PIECE) {
    parser.push(encode(typeof text === 'string' ? text.slice(at, at + PIECE) : text.subarray(at, at + PIECE)));
  }
  return toDataset(parser.finish());
}

async function pushFile(path: string, parser: CsvParser): Promise<void> {
  const file = await open(path, 'r');
  try {
    const piece = new Uint8Array(PIECE);
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, PIECE, null);
      if (bytesRead === 0) return;
      parser.push(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Encodes pieces of text as UTF-8; half a surrogate pair at the end of one waits for the next. */
function textEncoder(): (piece: Uint8Array | string) => Uint8Array {
  let half = '';
  return (piece) => {
    if (typeof piece !== 'string') return piece;
    const text = half + piece;
    const last = text.charCodeAt(text.length - 1);
    half = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : '';
    return Buffer.from(half === '' ? text : text.slice(0, -1));
  };
}

function toDataset({ plan, inputs, targets, classes }: CsvTable): Dataset {
  const named = (role: number, width: number): string[] => {
    const result = new Array<string>(width);
    plan.roles.forEach((given, column) => {
      if (given === role) result[plan.slots[column]!] = plan.names[column]!;
    });
    return result;
  };
  return new Dataset({
    inputs: { data: inputs, width: plan.inputWidth, scale: 1, shift: 0 },
    targets: { data: targets, width: plan.targetWidth, scale: 1, shift: 0 },
    inputNames: named(roles.input, plan.inputWidth),
    targetNames: named(roles.target, plan.targetWidth),
    classes,
  });
}

function createParser(where: string, caller: string, options: CsvOptions): CsvParser {
  checkOptions(caller, options, ['target', 'header', 'delimiter', 'columns']);
  const { target, header = true, delimiter = ',', columns } = options;
  if (typeof header !== 'boolean' && header !== 'auto') throw invalid(caller, 'header', "true, false or 'auto'", header);
  if (typeof delimiter !== 'string' || !/^[\t -~]$/.test(delimiter) || /["+\-.\deE]/.test(delimiter)) {
    throw invalid(caller, 'delimiter', 'one ASCII character that is no part of a number or quote', delimiter);
  }
  const targets = Array.isArray(target) ? target : [target];
  if (targets.length === 0) throw invalid(caller, 'target', 'a column or columns', target);
  if (columns !== undefined && (!Array.isArray(columns) || columns.length === 0)) throw invalid(caller, 'columns', 'an array of columns', columns);
  return new CsvParser(where, delimiter.charCodeAt(0), (firstRow) => planColumns(where, firstRow, header, targets, columns));
}
