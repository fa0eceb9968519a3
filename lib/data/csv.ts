// Data sets from comma-separated files, streams and texts.

import { fileURLToPath } from 'node:url';
import type { Dataset } from './dataset.ts';
import { checkOptions, invalid, quote } from '../options.ts';
import { blockDataset } from './block.ts';
import { ClassNames, type KnownClasses } from './class-names.ts';
import { CsvParser } from './csv-parser.ts';
import { planColumns, type ColumnChoice, type ColumnReference, type CsvPlan } from './csv-plan.ts';
import { piecesOf } from './pieces.ts';

export type { ColumnReference } from './csv-plan.ts';

/** How comma-separated text is written down. */
export interface CsvFormat {
  /**
   * Whether the first row holds names; default true. 'auto': it does if none of its cells is a number. Without names, columns
   * are called `column0`, `column1`, ….
   */
  readonly header?: boolean | 'auto';
  /** One ASCII character between cells; default a comma. */
  readonly delimiter?: string;
}

/** Which columns, or fields, of a table are inputs, targets and weights. */
export interface TableOptions {
  /** The column, or columns, to predict. */
  readonly target: ColumnReference | readonly ColumnReference[];
  /** The columns that become inputs, in this order; default all but the target and the weights. */
  readonly columns?: readonly ColumnReference[];
  /** The column with the weight of each example in the loss; default none: all count the same. */
  readonly weights?: ColumnReference;
}

/** Options of `readCsv` and `parseCsv`. */
export interface CsvOptions extends CsvFormat, TableOptions {}

/** Pieces of a file: bytes of UTF-8, or text. Node streams and web streams are such. */
export type CsvSource = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

const PIECE = 2 ** 20;

/**
 * Reads a data set from a CSV file (RFC 4180: quoted cells, CRLF or LF; UTF-8, with or without byte order mark), plain or gzip.
 * Cells of inputs must be finite decimal numbers and are rounded to single precision. One target column may hold class names
 * instead: they become 0, 1, … in sorted order, with the names in `dataset.classes`. Blank lines are skipped. Memory is that of
 * the data set while it grows; the file is read in pieces.
 * @param source Path or file URL, or a stream or other iterable of pieces of the file.
 * @throws {OptionError} On unknown options and on columns that the file does not have.
 * @throws {DataError} On a bad, empty, missing or surplus cell (line counted from 1), an open quote, or no rows.
 * @example const { train, test } = (await readCsv('digits.csv', { target: 'label' })).split();
 */
export async function readCsv(source: string | URL | CsvSource, options: CsvOptions): Promise<Dataset> {
  if (typeof source === 'string' || source instanceof URL) {
    const path = typeof source === 'string' ? source : fileURLToPath(source);
    const where = `readCsv ${quote(path, Infinity)}`;
    const { parser, finish } = reader(where, 'readCsv', options);
    for await (const piece of piecesOf(path, where)) parser.push(piece);
    return finish();
  }
  const { parser, finish } = reader('readCsv', 'readCsv', options);
  const encode = textEncoder();
  for await (const piece of source) parser.push(encode(piece));
  return finish();
}

/** `readCsv` of a text in memory, at once. */
export function parseCsv(text: string | Uint8Array, options: CsvOptions): Dataset {
  const { parser, finish } = reader('parseCsv', 'parseCsv', options);
  const encode = textEncoder();
  for (let at = 0; at < text.length; at += PIECE) {
    parser.push(encode(typeof text === 'string' ? text.slice(at, at + PIECE) : text.subarray(at, at + PIECE)));
  }
  return finish();
}

/** Encodes pieces of text as UTF-8; half a surrogate pair at the end of one waits for the next. */
export function textEncoder(): (piece: Uint8Array | string) => Uint8Array {
  let half = '';
  return (piece) => {
    if (typeof piece !== 'string') return piece;
    const text = half + piece;
    const last = text.charCodeAt(text.length - 1);
    half = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : '';
    return Buffer.from(half === '' ? text : text.slice(0, -1));
  };
}

/** The names of the options in `CsvFormat`. */
export const formatOptions: readonly string[] = ['header', 'delimiter'];

/** The names of the options in `TableOptions`. */
export const tableOptions: readonly string[] = ['target', 'columns', 'weights'];

/** How text is written down, checked, with defaults. */
export function checkFormat(caller: string, { header = true, delimiter = ',' }: CsvFormat): { header: boolean | 'auto'; delimiter: number } {
  if (typeof header !== 'boolean' && header !== 'auto') throw invalid(caller, 'header', "true, false or 'auto'", header);
  if (typeof delimiter !== 'string' || !/^[\t -~]$/.test(delimiter) || /["+\-.\deE]/.test(delimiter)) {
    throw invalid(caller, 'delimiter', 'one ASCII character that is no part of a number or quote', delimiter);
  }
  return { header, delimiter: delimiter.charCodeAt(0) };
}

/** The columns that are meant, as far as they can be checked before the table is seen. */
export function checkChoice(caller: string, { target, columns, weights }: TableOptions): ColumnChoice {
  const targets = Array.isArray(target) ? target : [target];
  if (targets.length === 0) throw invalid(caller, 'target', 'a column or columns', target);
  if (columns !== undefined && (!Array.isArray(columns) || columns.length === 0)) throw invalid(caller, 'columns', 'an array of columns', columns);
  return { targets, columns, weights };
}

/** A parser by checked options; `plan` decides by the first row, by default as the options say. */
export function csvParser(
  where: string, format: ReturnType<typeof checkFormat>, choice: ColumnChoice, classNames: ClassNames | KnownClasses,
  plan: (firstRow: readonly string[]) => CsvPlan = (firstRow) => planColumns(where, firstRow, format.header, choice),
): CsvParser {
  return new CsvParser(where, format.delimiter, plan, classNames);
}

function reader(where: string, caller: string, options: CsvOptions): { parser: CsvParser; finish(): Dataset } {
  checkOptions(caller, options, [...tableOptions, ...formatOptions]);
  const classNames = new ClassNames();
  const parser = csvParser(where, checkFormat(caller, options), checkChoice(caller, options), classNames);
  return {
    parser,
    finish() {
      parser.end();
      const block = parser.drain(), { layout, targetWidth } = parser.plan!;
      const classes = parser.labelled ? classNames.sort(block.targets, targetWidth) : null;
      return blockDataset(layout, block, classes);
    },
  };
}
