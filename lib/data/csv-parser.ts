// A streaming reader of comma-separated numbers (RFC 4180): bytes come in pieces of any size, single-precision rows go out.

import { DataError } from '../errors.ts';
import { quote } from '../options.ts';
import type { Block } from './block.ts';
import type { ClassNames, KnownClasses } from './class-names.ts';
import { CARRIAGE_RETURN, LINE_FEED } from './csv-cell.ts';
import { roles, type CsvPlan } from './csv-plan.ts';
import { CsvScanner } from './csv-scanner.ts';
import { parseDecimal, POWERS_OF_TEN } from './decimal.ts';

const MINUS = 45, ZERO = 48, POINT = 46;

/** Digits of a mantissa that always fits 32 bits with its sign. */
const SHORT_DIGITS = 9;

/** Rows there is room for at first, and values, of which a line of names alone may ask for many. */
const INITIAL_ROWS = 1024, INITIAL_VALUES = 2 ** 20;

/** Takes bytes by `push`, gives what was read by `drain`; memory is that of the rows not drained, one piece of data and one cell. */
export class CsvParser extends CsvScanner {
  private readonly decide: (firstRow: readonly string[]) => CsvPlan;
  private readonly classNames: ClassNames | KnownClasses;
  private rows = 0;
  /** Rows of `rows` that `drain` has given. */
  private taken = 0;
  /** Rows no longer in memory. */
  private gone = 0;
  private decided: CsvPlan | null = null;
  private roles = new Uint8Array(0);
  private inputs = new Float32Array(0);
  private targets = new Float32Array(0);

  /**
   * @param where Begins every error sentence, as in `readCsv 'digits.csv'`.
   * @param delimiter The byte between cells.
   * @param decide Called once with the cells of the first row that is not blank.
   * @param classNames Numbers class names where the first target is one.
   */
  constructor(where: string, delimiter: number, decide: (firstRow: readonly string[]) => CsvPlan, classNames: ClassNames | KnownClasses) {
    super(where, delimiter);
    this.decide = decide;
    this.classNames = classNames;
  }

  /** What the first row decided; null before it. */
  get plan(): CsvPlan | null {
    return this.decided;
  }

  /** The target holds class names. */
  get labelled(): boolean {
    return this.roles.includes(roles.label);
  }

  /** Rows read and not drained. */
  get waiting(): number {
    return this.rows - this.taken;
  }

  /** Ends the data. Throws DataError where that is inside quotes or where there are no rows. */
  override end(): void {
    super.end();
    if (this.rows + this.gone === 0) throw new DataError(`[${this.where}] expected at least one row below the header but received none`);
  }

  /** The complete rows since the last call; the arrays are overwritten by the next `push`. */
  drain(): Block {
    const { inputWidth, targetWidth } = this.decided ?? { inputWidth: 0, targetWidth: 0 };
    const { rows, taken } = this;
    this.taken = rows;
    return {
      rows: rows - taken, inputs: this.inputs.subarray(taken * inputWidth, rows * inputWidth), targets: this.targets.subarray(taken * targetWidth, rows * targetWidth),
    };
  }

  protected override nameOf(column: number): string | null {
    return this.decided === null ? null : this.decided.names[column] ?? String(column);
  }

  /** Plans the columns by the first row, and reads that row as data where it is. */
  protected override begin(firstRow: readonly string[]): void {
    const plan = this.decide(firstRow);
    this.decided = plan;
    this.roles = plan.roles.map((role, column) => (role === roles.target && this.namesGiven && this.mayBeLabel(column) ? roles.label : role));
    const room = (width: number): Float32Array<ArrayBuffer> => new Float32Array(width * Math.max(1, Math.min(INITIAL_ROWS, Math.floor(INITIAL_VALUES / width))));
    this.inputs = room(plan.inputWidth);
    this.targets = room(plan.targetWidth);
    for (this.column = 0; !plan.header && this.column < firstRow.length; this.column++) {
      const bytes = Buffer.from(firstRow[this.column]!);
      if (plan.roles[this.column] === roles.skip) continue;
      const value = this.value(bytes, 0, bytes.length, firstRow[this.column]!);
      (plan.roles[this.column] === roles.input ? this.inputs : this.targets)[plan.slots[this.column]!] = value;
    }
    this.rows = plan.header ? 0 : 1;
  }

  /** Lets go of the rows that were drained; the row that has begun moves to the front. */
  private forget({ inputWidth, targetWidth }: CsvPlan): void {
    const { taken, rows } = this;
    if (taken === 0) return;
    this.inputs.copyWithin(0, taken * inputWidth, (rows + 1) * inputWidth);
    this.targets.copyWithin(0, taken * targetWidth, (rows + 1) * targetWidth);
    this.gone += taken;
    this.rows -= taken;
    this.taken = 0;
  }

  /** The inner loop; returns where the first incomplete cell begins. */
  protected override scanRows(from: number): number {
    const plan = this.decided!;
    this.forget(plan);
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
        if (++column === columns) throw this.wrongCount(columns, 'more');
        continue;
      }
      if (column + 1 !== columns) throw this.wrongCount(columns, String(column + 1));
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

  /** The number, or the class, of a cell; `text` null reads it from the cell last found, where it is needed. */
  private value(bytes: Uint8Array, from: number, to: number, text: string | null): number {
    while (from < to && isSpace(bytes[from]!)) from++;
    while (to > from && isSpace(bytes[to - 1]!)) to--;
    const role = this.roles[this.column];
    const number = role === roles.label && this.classNames.known ? NaN : parseDecimal(bytes, from, to);
    if (Number.isFinite(number) && role !== roles.label) return number;
    const shown = text ?? this.text();
    if (from === to) throw this.failure('expected a value but received an empty cell');
    if (role === roles.label && this.classNames.known) return this.knownClass(shown);
    if (Number.isFinite(number)) throw this.failure(`expected a class name, as in the rows above, but received the number ${quote(shown)}`);
    if (number === Infinity || number === -Infinity) throw this.failure(`expected a number within single precision but received ${quote(shown)}`);
    if (/^[+-]?(nan|inf(inity)?)$/i.test(shown.trim())) throw this.failure(`expected a finite number but received ${quote(shown)}`);
    if (role === roles.target && this.mayBeLabel(this.column) && this.rows + this.gone === 0) this.roles[this.column] = roles.label;
    if (this.roles[this.column] !== roles.label) throw this.failure(`expected a number but received ${quote(shown)}`);
    return this.classNames.known ? this.knownClass(shown) : this.classNames.numberOf(shown);
  }

  private get namesGiven(): boolean {
    return this.classNames.known && this.classNames.names.length > 0;
  }

  /** Of a target's column: it is the only target, not the weight. */
  private mayBeLabel(column: number): boolean {
    return this.decided!.labels && this.decided!.slots[column] === 0;
  }

  private knownClass(name: string): number {
    const number = this.classNames.numberOf(name);
    if (number < 0) throw this.failure(`expected one of the names in 'classes' but received ${quote(name)}`);
    return number;
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
