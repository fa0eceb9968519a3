// Cells of raw rows, as texts or as values of a program: what is missing, a number, a truth value or a category.

/** Words for truth values, in lower case. */
const words: ReadonlyMap<string, boolean> = new Map([
  ['true', true], ['false', false], ['yes', true], ['no', false], ['t', true], ['f', false], ['y', true], ['n', false], ['1', true], ['0', false],
]);

/** Whether a cell is missing, by the texts that stand for it. */
export function isMissing(value: unknown, texts: ReadonlySet<string>): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return texts.has(value.trim());
  return typeof value === 'number' && Number.isNaN(value);
}

/** The finite number in a cell, or NaN where there is none: decimal text, a number or a bigint. */
export function numberIn(value: unknown): number {
  const number = typeof value === 'string' ? decimal(value) : typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : NaN;
  return Number.isFinite(number) ? number : NaN;
}

/** The truth value in a cell, or null where there is none. */
export function truthIn(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return words.get(value.trim().toLowerCase()) ?? null;
  if (value === 1 || value === 1n) return true;
  return value === 0 || value === 0n ? false : null;
}

/** The name in a cell, or null where there is none. */
export function nameIn(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : null;
}

/** Number() of decimal text alone: not of hexadecimal, nor of nothing, nor of infinity. */
function decimal(text: string): number {
  return text === '' || /[^\d\s.eE+-]/.test(text) || !/\d/.test(text) ? NaN : Number(text);
}
