// A streaming reader of comma-separated numbers (RFC 4180): bytes come in pieces of any size, single-precision rows go out.

import { DataError } from '../errors.ts';
import { quote } from '../options.ts';
import { ClassNames } from './class-names.ts';
import { findCell, LINE_FEED, CARRIAGE_RETURN, type Cell } from './csv-cell.ts';
import { roles, type CsvPlan } from './csv-plan.ts';
import { parseDecimal, POWERS_OF_TEN } from './decimal.ts';

/** What was read. */
export interface CsvTable {
  readonly plan: CsvPlan;
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  /** Class names in sorted order, whose positions are the targets; null where the target is a number. */
  readonly classes: readonly string[] | null;
}

const MINUS = 45, ZERO = 48, POINT = 46;

/** Digits of a mantissa that always fits 32 bits with its sign. */
const SHORT_DIGITS = 9;

/** A cell that began in one piece of data and has not ended after this many bytes is refused: its quote is not closed. */
const LONGEST_UNFINISHED_CELL = 2 ** 20;

const INITIAL_ROWS = 1024;

/** Takes bytes by `push`, gives the table by `finish`; memory is that of the table, one piece of data and one cell. */
export class CsvParser {
  private readonly where: string;
  private readonly delimiter: number;
  private readonly decide: (firstRow: readonly string[]) => CsvPlan;
  private readonly cell: Cell = { from: 0, to: 0, quoted: false, escaped: false, newlines: 0 };
  private readonly firstRow: string[] = [];
  private readonly classNames = new ClassNames();
  private work = new Uint8Array(0);
  private pending = 0;
  private started = false;
  private line = 1;
  private column = 0;
  private rows = 0;
  private plan: CsvPlan | null = null;
  private roles = new Uint8Array(0);
  private inputs = new Float32Array(0);
  private targets = new Float32Array(0);

  /**
   * @param where Begins every error sentence, as in `readCsv 'digits.csv'`.
   * @param delimiter The byte between cells.
   * @param decide Called once with the cells of the first row that is not blank.
   */
  constructor(where: string, delimiter: number, decide: (firstRow: readonly string[]) => CsvPlan) {
    this.where = where;
    this.delimiter = delimiter;
    this.decide = decide;
  }

  /** Takes the next bytes, which are copied; throws DataError at the first bad cell or row. */
  push(bytes: Uint8Array): void {
    this.append(bytes);
    if (!this.started && this.pending < 3) return;
    this.scan();
  }

  /** The table of all that was pushed. Throws DataError where the data ends inside quotes or has no rows. */
  finish(): CsvTable {
    // Ends a last line without newline; after one with, it is one more blank line.
    this.append(Uint8Array.of(LINE_FEED));
    this.scan();
    if (this.pending > 0) throw this.failure('expected a closing quote but the data ended');
    const { plan, rows } = this;
    if (plan === null) throw new DataError(`[${this.where}] expected rows of numbers but received no data at all`);
    if (rows === 0) throw new DataError(`[${this.where}] expected at least one row below the header but received none`);
    const targets = this.targets.slice(0, rows * plan.targetWidth);
    const classes = this.roles.includes(roles.label) ? this.classNames.sort(targets) : null;
    return { plan, inputs: this.inputs.slice(0, rows * plan.inputWidth), targets, classes };
  }

  /** Adds bytes behind the pending ones, and two zeros behind them, on which every inner loop stops. */
  private append(bytes: Uint8Array): void {
    const end = this.pending + bytes.length;
    if (this.work.length < end + 2) {
      const larger = new Uint8Array(Math.max(end + 2, 2 * this.work.length));
      larger.set(this.work.subarray(0, this.pending));
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
    if (this.plan === null) at = this.scanFirstRow(at);
    if (this.plan !== null) at = this.scanRows(at, this.plan);
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
  private scanFirstRow(from: number): number {
    const { work, cell, delimiter, pending: end } = this;
    let at = from;
    while (at < end) {
      if (this.firstRow.length === 0) {
        const next = this.afterBlankLine(at);
        if (next > at) {
          at = next;
          continue;
        }
      }
      const stop = this.find(at);
      if (stop < 0) return at;
      this.firstRow.push(this.text());
      this.line += cell.newlines;
      if (work[stop] === delimiter) {
        at = stop + 1;
        this.column++;
        continue;
      }
      this.begin();
      return stop + (work[stop] === CARRIAGE_RETURN ? 2 : 1);
    }
    return at;
  }

  /** Plans the columns by the first row, and reads that row as data where it is. */
  private begin(): void {
    const plan = this.decide(this.firstRow);
    this.plan = plan;
    this.roles = plan.roles.slice();
    this.inputs = new Float32Array(INITIAL_ROWS * plan.inputWidth);
    this.targets = new Float32Array(INITIAL_ROWS * plan.targetWidth);
    for (this.column = 0; !plan.header && this.column < this.firstRow.length; this.column++) {
      const bytes = Buffer.from(this.firstRow[this.column]!);
      if (plan.roles[this.column] === roles.skip) continue;
      const value = this.value(bytes, 0, bytes.length, this.firstRow[this.column]!);
      (plan.roles[this.column] === roles.input ? this.inputs : this.targets)[plan.slots[this.column]!] = value;
    }
    this.rows = plan.header ? 0 : 1;
    this.column = 0;
    this.line++;
  }

  /** The inner loop; returns where the first incomplete cell begins. */
  private scanRows(from: number, plan: CsvPlan): number {
    const { work, delimiter, pending: end, roles: role, cell } = this;
    const { slots, inputWidth, targetWidth } = plan;
    const columns = role.length;
    let { inputs, targets, column } = this;
    let inputBase = this.rows * inputWidth, targetBase = this.rows * targetWidth;
    let at = from;
    while (at < end) {
      if (column === 0 && work[at]! <= CARRIAGE_RETURN) {
        const next = this.afterBlankLine(at);
        if (next > at) {
          at = next;
          continue;
        }
      }
      // Short plain numbers, nearly all there are, are read here and now: at most nine digits, no exponent, no quotes.
      const digitsFrom = work[at] === MINUS ? at + 1 : at;
      let stop = digitsFrom, digits = 0, fraction = 0, mantissa = 0;
      let digit = work[stop]! - ZERO;
      while (digit >= 0 && digit <= 9) {
        mantissa = (Math.imul(mantissa, 10) + digit) | 0;
        digit = work[++stop]! - ZERO;
      }
      digits = stop - digitsFrom;
      if (digit === POINT - ZERO) {
        const fractionFrom = ++stop;
        digit = work[stop]! - ZERO;
        while (digit >= 0 && digit <= 9) {
          mantissa = (Math.imul(mantissa, 10) + digit) | 0;
          digit = work[++stop]! - ZERO;
        }
        fraction = stop - fractionFrom;
        digits += fraction;
      }
      const after = work[stop];
      const ends = after === delimiter || after === LINE_FEED || (after === CARRIAGE_RETURN && work[stop + 1] === LINE_FEED);
      let value = 0;
      if (ends && digits > 0 && digits <= SHORT_DIGITS && role[column]! < roles.label) {
        value = fraction === 0 ? mantissa : mantissa / POWERS_OF_TEN[fraction]!;
        if (work[at] === MINUS) value = -value;
      } else {
        this.column = column;
        stop = this.find(at);
        if (stop < 0) break;
        if (role[column] !== roles.skip) value = this.value(work, cell.from, cell.to, null);
        this.line += cell.newlines;
      }
      if (role[column] === roles.input) inputs[inputBase + slots[column]!] = value;
      else if (role[column] !== roles.skip) targets[targetBase + slots[column]!] = value;

      if (work[stop] === delimiter) {
        at = stop + 1;
        if (++column === columns) throw this.wrongCount('more');
        continue;
      }
      if (column + 1 !== columns) throw this.wrongCount(String(column + 1));
      at = stop + (work[stop] === CARRIAGE_RETURN ? 2 : 1);
      column = 0;
      this.line++;
      this.rows++;
      inputBase += inputWidth;
      targetBase += targetWidth;
      if (inputBase === inputs.length) inputs = this.inputs = doubled(inputs);
      if (targetBase === targets.length) targets = this.targets = doubled(targets);
    }
    this.column = column;
    return at;
  }

  private find(at: number): number {
    const stop = findCell(this.work, at, this.pending, this.delimiter, this.cell);
    if (this.cell.to < 0) throw this.failure(`expected the end of the cell after its closing quote but received ${quote(String.fromCharCode(this.work[stop]!))}`);
    return stop;
  }

  /** Position behind the line end at `at`, or `at` where there is none. */
  private afterBlankLine(at: number): number {
    const { work } = this;
    const skipped = work[at] === LINE_FEED ? 1 : work[at] === CARRIAGE_RETURN && work[at + 1] === LINE_FEED ? 2 : 0;
    if (skipped > 0) this.line++;
    return at + skipped;
  }

  /** Text of the cell last found. */
  private text(): string {
    const { from, to, quoted, escaped } = this.cell;
    const text = Buffer.from(this.work.buffer, from, to - from).toString('utf8');
    return quoted ? (escaped ? text.replaceAll('""', '"') : text) : text.trim();
  }

  /** The number, or the class, of a cell; `text` null reads it from the cell last found, where it is needed. */
  private value(bytes: Uint8Array, from: number, to: number, text: string | null): number {
    while (from < to && isSpace(bytes[from]!)) from++;
    while (to > from && isSpace(bytes[to - 1]!)) to--;
    const role = this.roles[this.column];
    const number = parseDecimal(bytes, from, to);
    if (Number.isFinite(number) && role !== roles.label) return number;
    const shown = text ?? this.text();
    if (from === to) throw this.failure('expected a value but received an empty cell');
    if (Number.isFinite(number)) throw this.failure(`expected a class name, as in the rows above, but received the number ${quote(shown)}`);
    if (number === Infinity || number === -Infinity) throw this.failure(`expected a number within single precision but received ${quote(shown)}`);
    if (/^[+-]?(nan|inf(inity)?)$/i.test(shown.trim())) throw this.failure(`expected a finite number but received ${quote(shown)}`);
    if (role === roles.target && this.plan!.labels && this.rows === 0) this.roles[this.column] = roles.label;
    if (this.roles[this.column] !== roles.label) throw this.failure(`expected a number but received ${quote(shown)}`);
    return this.classNames.numberOf(shown);
  }

  private failure(message: string): DataError {
    const name = this.plan === null ? `${this.column}` : quote(this.plan.names[this.column] ?? String(this.column));
    return new DataError(`[${this.where}] ${message} (line ${this.line}, column ${name})`);
  }

  private wrongCount(received: string): DataError {
    return new DataError(`[${this.where}] expected ${this.roles.length} cells but received ${received} (line ${this.line})`);
  }
}

/** Space or tab. */
function isSpace(byte: number): boolean {
  return byte === 32 || byte === 9;
}

function doubled(values: Float32Array): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(2 * values.length);
  larger.set(values);
  return larger;
}
