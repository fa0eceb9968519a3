// Which columns of comma-separated data are inputs and which are targets, by their names or positions.

import { OptionError } from '../errors.ts';
import { invalid, quote, suggestion } from '../options.ts';
import type { RowLayout } from './block.ts';
import { parseDecimal } from './decimal.ts';

/** A column by its name, or by its position counted from 0 (negative: from the end). */
export type ColumnReference = string | number;

/** What becomes of the cells of a column. */
export const roles = { skip: 0, input: 1, target: 2, label: 3 } as const;

/** What the first row decides: whether it holds names, and what becomes of each column. */
export interface CsvPlan {
  /** The first row holds names, not data. */
  readonly header: boolean;
  readonly names: readonly string[];
  /** Per column a value of `roles`. */
  readonly roles: Uint8Array;
  /** Per column its place among the inputs or the targets, behind which the weight stands. */
  readonly slots: Int32Array;
  readonly layout: RowLayout;
  readonly inputWidth: number;
  /** Targets of a row, and its weight where there is one. */
  readonly targetWidth: number;
  /** The target may hold class names instead of numbers. */
  readonly labels: boolean;
}

/** Which columns are meant. */
export interface ColumnChoice {
  readonly targets: readonly ColumnReference[];
  /** The inputs, in order; undefined stands for all columns but the targets and the weights. */
  readonly columns: readonly ColumnReference[] | undefined;
  /** The column of weights, if there is one. */
  readonly weights: ColumnReference | undefined;
}

/**
 * Plans a table by its first row.
 * @param header Whether that row holds names; 'auto': it does if none of its cells is a number.
 * @throws {OptionError} On columns that are not there, are meant twice, or are not told apart by their name.
 */
export function planColumns(
  where: string, firstRow: readonly string[], header: boolean | 'auto', { targets, columns, weights }: ColumnChoice,
): CsvPlan {
  const { named, names } = planNames(firstRow, header);
  const plan = { role: new Uint8Array(names.length), slots: new Int32Array(names.length) };
  const assign = (column: number, role: number, slot: number): void => {
    if (plan.role[column] !== roles.skip) throw new OptionError(`[${where}] expected each column once but received ${quote(names[column]!)} twice among target and columns`);
    plan.role[column] = role;
    plan.slots[column] = slot;
  };
  const outputs = targets.map((reference) => resolve(where, 'target', reference, names));
  outputs.forEach((column, slot) => assign(column, roles.target, slot));
  if (weights !== undefined) assign(resolve(where, 'weights', weights, names), roles.target, targets.length);
  // A line of names may be most of a file: no lists are made here but those that stay.
  const inputs = columns === undefined ? columnsOf(plan.role, roles.skip) : Int32Array.from(columns, (reference) => resolve(where, 'columns', reference, names));
  if (inputs.length === 0) throw new OptionError(`[${where}] expected at least one input column besides the target but received none`);
  const inputNames = new Array<string>(inputs.length);
  inputs.forEach((column, slot) => {
    assign(column, roles.input, slot);
    inputNames[slot] = names[column]!;
  });
  return {
    header: named, names, roles: plan.role, slots: plan.slots,
    layout: { inputNames, targetNames: outputs.map((column) => names[column]!), weighted: weights !== undefined },
    inputWidth: inputs.length, targetWidth: targets.length + (weights === undefined ? 0 : 1), labels: targets.length === 1,
  };
}

/** Positions of the columns of one role. */
function columnsOf(role: Uint8Array, wanted: number): Int32Array {
  const found = new Int32Array(role.length);
  let count = 0;
  for (let column = 0; column < role.length; column++) if (role[column] === wanted) found[count++] = column;
  return found.subarray(0, count);
}

/** The names of columns by the first row, and whether that row holds them. */
export function planNames(firstRow: readonly string[], header: boolean | 'auto'): { named: boolean; names: readonly string[] } {
  const named = header === 'auto' ? !firstRow.some(isNumber) : header;
  return { named, names: named ? firstRow : firstRow.map((_, column) => `column${column}`) };
}

/** Position of the column that `reference` means. */
function resolve(where: string, option: string, reference: unknown, names: readonly string[]): number {
  if (typeof reference === 'number') {
    const column = reference < 0 ? reference + names.length : reference;
    if (!Number.isSafeInteger(column) || column < 0 || column >= names.length) {
      throw invalid(where, option, `one of ${names.length} columns`, reference);
    }
    return column;
  }
  if (typeof reference !== 'string') throw invalid(where, option, 'the name or position of a column', reference);
  const column = names.indexOf(reference);
  if (column < 0) {
    const known = names.slice(0, 8).map((name) => quote(name)).join(', ') + (names.length > 8 ? ', …' : '');
    const near = suggestion(reference, names);
    throw new OptionError(`[${where}] unknown column ${quote(reference)} in '${option}'${near === '' ? `; the columns are ${known}` : near}`);
  }
  if (names.includes(reference, column + 1)) throw new OptionError(`[${where}] expected one column named ${quote(reference)} but received several; name it by its position`);
  return column;
}

function isNumber(text: string): boolean {
  const bytes = Buffer.from(text.trim());
  return !Number.isNaN(parseDecimal(bytes, 0, bytes.length));
}
