// What a graph is fed by name: values checked against the inputs that expect them.
import type { Source } from '../compile/program.ts';
import { OptionError, ShapeError } from '../errors.ts';
import { formatShape } from '../graph/shape.ts';
import { checkOptions } from '../options.ts';
import { flattenValues, type Values } from '../ops/variables.ts';
import type { Memory } from './backend.ts';

/** Whether values of shape `given` may be read as `expected`: flat, one flat part per row, or dimension by dimension. */
export function fits(given: readonly number[], { width, rows, shape }: Source): boolean {
  const count = given.reduce((a, b) => a * b, 1) / width;
  if (!(rows ? Number.isInteger(count) && count >= 1 : count === 1)) return false;
  const dimensions = shape.map((dimension) => (dimension === 'rows' ? count : dimension));
  const same = (other: readonly number[]): boolean => given.length === other.length && given.every((dimension, i) => dimension === other[i]);
  return given.length === 1 || same(dimensions) || (rows && same([count, width]));
}

/** Refuses two of one name among what is reached by name. */
export function checkNames(where: string, what: string, named: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (seen.has(name)) throw new OptionError(`[${where}] two ${what}s are named '${name}'`);
    seen.add(name);
  }
}

/** A scalar of the name, as an input that is fed. */
export const scalarSource = (name: string): Source => ({ name, width: 1, rows: false, shape: [] });

/** The values of every input in `expected`, in memory from `allocate`, and the number of rows (0 where no input has any). */
export function readFeeds(
  where: string, expected: readonly Source[], given: Readonly<Record<string, Values>>, allocate: (length: number) => Memory,
): { readonly values: Memory[]; readonly rows: number } {
  checkOptions(where, given, expected.map(({ name }) => name), 'input');
  let rows = 0;
  const values = expected.map((source): Memory => {
    const { name, width } = source, value = given[name];
    if (value === undefined) throw new OptionError(`[${where}] expected a value for '${name}'`);
    const { data, shape } = flattenValues(`[${where} '${name}']`, value, allocate);
    if (!fits(shape, source)) throw new ShapeError(`[${where}] expected values of shape ${formatShape(source.shape)} for '${name}' but received ${formatShape(shape)}`);
    const count = data.length / width;
    if (source.rows && rows !== 0 && rows !== count) throw new ShapeError(`[${where}] expected ${rows} rows for '${name}' as for the inputs before it but received ${count}`);
    if (source.rows) rows = count;
    return data;
  });
  return { values, rows };
}
