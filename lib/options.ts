// Checks of options and names, in one sentence shape: [where] expected 'name' to be … but received ….

import { OptionError } from './errors.ts';

/**
 * Damerau-Levenshtein distance of two words (optimal string alignment: insertions, deletions, replacements and swaps of
 * two neighbours count one each, and no part is edited twice).
 */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let distance = Math.min(previous[j]! + 1, current[j - 1]! + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforePrevious[j - 2]! + 1);
      }
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/** Words longer than this are never compared: no name of ours is, and the distance takes quadratic time. */
const LONGEST_COMPARED = 64;

/**
 * The candidate most like `word`, or null where none is near: at most a third of the letters of the longer word may
 * differ, or one of a short word, but never all. Case does not count; the first of equals wins.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  if (word.length > LONGEST_COMPARED) return null;
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    if (candidate.length > LONGEST_COMPARED) continue;
    const longer = Math.max(word.length, candidate.length);
    const allowed = Math.max(1, Math.floor(longer / 3));
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= allowed && distance < longer && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean 'x'?` for the nearest candidate, or an empty string. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const best = nearest(word, candidates);
  return best === null ? '' : `; did you mean '${best}'?`;
}

/** A value as an error sentence shows it: short, on one line, with its type plain to see. Never throws. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'boolean' || value === null || value === undefined) return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  if (ArrayBuffer.isView(value)) {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    return 'length' in value ? `a ${name} of length ${String(value.length)}` : `a ${name}`;
  }
  return 'an object';
}

/** Text in single quotes on one line, cut after `longest` characters (default 40). */
export function quote(text: string, longest = 40): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return `'${cut.replace(/[\p{Cc}\u2028\u2029]/gu, escapeCharacter)}'`;
}

function escapeCharacter(character: string): string {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Refuses options with unknown names: `[fit] unknown option 'epoch'; did you mean 'epochs'?`.
 * @param where The function the user called, as in `fit`.
 * @param options What the user passed.
 * @param known Every name that has a meaning.
 * @param what What the names are called in the sentence.
 * @throws {OptionError} On an unknown name, or where `options` is not an object.
 */
export function checkOptions(where: string, options: object, known: readonly string[], what = 'option'): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new OptionError(`[${where}] expected the ${what}s to be an object but received ${describe(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = suggestion(name, known);
    throw new OptionError(`[${where}] unknown ${what} ${quote(name)}${near === '' && known.length > 0 ? `; known are ${list(known)}` : near}`);
  }
}

function list(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}

/** The one sentence all validators throw: `[where] expected 'name' to be <expected> but received <value>`. */
export function invalid(where: string, name: string, expected: string, value: unknown): OptionError {
  return new OptionError(`[${where}] expected '${name}' to be ${expected} but received ${describe(value)}`);
}

/** Returns `value` if it is a safe integer of at least one; throws OptionError otherwise. */
export function positiveInteger(where: string, name: string, value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw invalid(where, name, 'a positive integer', value);
  return value as number;
}

/** Returns `value` if it is a safe integer of at least zero; throws OptionError otherwise. */
export function nonNegativeInteger(where: string, name: string, value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalid(where, name, 'a non-negative integer', value);
  return value as number;
}

/** Returns `value` if it is a finite number; throws OptionError otherwise. */
export function finiteNumber(where: string, name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(where, name, 'a finite number', value);
  return value;
}

/** Returns `value` if it is a finite number of at least zero; throws OptionError otherwise. */
export function nonNegativeNumber(where: string, name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw invalid(where, name, 'a non-negative number', value);
  return value;
}

/** An interval of numbers; an end is part of it unless said otherwise. */
export interface Interval {
  readonly from: number;
  readonly to: number;
  /** The lower end itself is outside; default false. */
  readonly openFrom?: boolean;
  /** The upper end itself is outside; default false. */
  readonly openTo?: boolean;
}

/** Returns `value` if it is a number in the interval, as in `[0, 1)`; throws OptionError otherwise. */
export function numberIn(where: string, name: string, value: unknown, interval: Interval): number {
  const { from, to, openFrom = false, openTo = false } = interval;
  const above = (number: number): boolean => (openFrom ? number > from : number >= from);
  const below = (number: number): boolean => (openTo ? number < to : number <= to);
  if (typeof value !== 'number' || !above(value) || !below(value)) {
    throw invalid(where, name, `a number in ${openFrom ? '(' : '['}${from}, ${to}${openTo ? ')' : ']'}`, value);
  }
  return value;
}

/** Returns `value` if it is true or false; throws OptionError otherwise. */
export function boolean(where: string, name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalid(where, name, 'true or false', value);
  return value;
}

/** Returns `value` if it is a function or undefined; throws OptionError otherwise. */
export function optionalFunction<Value>(where: string, name: string, value: Value): Value {
  if (value !== undefined && typeof value !== 'function') throw invalid(where, name, 'a function', value);
  return value;
}

/** Returns `value` if it is a text with at least one character; throws OptionError otherwise. */
export function nonEmptyString(where: string, name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalid(where, name, 'a non-empty string', value);
  return value;
}

/**
 * Returns `value` if it is one of `choices`; throws OptionError with the nearest one otherwise:
 * `[dense] expected 'activation' to be one of 'relu', 'tanh' but received 'rleu'; did you mean 'relu'?`.
 */
export function oneOf<Choice extends string>(where: string, name: string, value: unknown, choices: readonly Choice[]): Choice {
  for (const choice of choices) if (choice === value) return choice;
  const near = typeof value === 'string' ? suggestion(value, choices) : '';
  throw new OptionError(`[${where}] expected '${name}' to be one of ${list(choices)} but received ${describe(value)}${near}`);
}

/** A choice with its options, as plain data. */
export interface Spec {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * The checked description of a choice from a registry: given as such a description, or `byName` (default true; then with default options).
 * `also` says what else the caller takes, for the sentence: `a non-negative number or a schedule, `; `others` are names besides.
 */
export function checkSpec<Checked extends Spec>(
  where: string, name: string, value: unknown, types: Readonly<Record<string, { check(options: Spec['options']): Checked }>>, { also = '', others = [], byName = true }: { also?: string; others?: readonly string[]; byName?: boolean } = {},
): Checked {
  const isName = typeof value === 'string', type = isName ? value : (value as Partial<Spec> | null)?.type;
  if (typeof type === 'string' && (byName || !isName) && Object.hasOwn(types, type)) return types[type]!.check(typeof value === 'string' ? {} : (value as Spec).options ?? {});
  const names = [...Object.keys(types), ...others], hint = typeof type === 'string' ? suggestion(type, names) : '';
  throw new OptionError(`[${where}] expected '${name}' to be ${also}one of ${names.join(', ')} but received ${describe(value)}${hint}`);
}
