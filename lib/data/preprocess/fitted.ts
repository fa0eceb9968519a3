// Columns as they were fitted: plain JSON, the outputs each of them has, and how a cell becomes numbers.

import { describe, quote } from '../../options.ts';
import { FLOAT32_LIMIT } from '../columns.ts';
import { isMissing, nameIn, numberIn, truthIn } from './cells.ts';

/** A column of numbers: (number − shift) / scale. */
export interface FittedNumeric {
  readonly name: string;
  readonly kind: 'numeric';
  /** What stands for a missing cell; null refuses it. */
  readonly fill: number | null;
  /** The last output is 1 where the cell is missing. */
  readonly indicator: boolean;
  readonly shift: number;
  readonly scale: number;
}

/** A column of categories. */
export interface FittedCategorical {
  readonly name: string;
  readonly kind: 'categorical';
  readonly fill: string | null;
  readonly indicator: boolean;
  readonly encoding: 'oneHot' | 'ordinal';
  readonly categories: readonly string[];
  readonly unseen: 'refuse' | 'zeros' | 'other';
}

/** A column of truth values. */
export interface FittedBoolean {
  readonly name: string;
  readonly kind: 'boolean';
  readonly fill: boolean | null;
  readonly indicator: boolean;
}

/** The column to predict: class names, or numbers as (number − shift) / scale. */
export type FittedTarget =
  | { readonly name: string; readonly kind: 'target'; readonly classes: readonly string[] }
  | { readonly name: string; readonly kind: 'target'; readonly shift: number; readonly scale: number };

/** A column of the raw rows, in their order. */
export type FittedColumn = FittedNumeric | FittedCategorical | FittedBoolean | FittedTarget | { readonly name: string; readonly kind: 'ignored' };

/** Tells what is wrong with a cell, with its place. */
export type Failure = (message: string) => Error;

/** Writes the outputs of a cell from `at` on. */
export type Encode = (value: unknown, out: Float32Array, at: number, failure: Failure) => void;

/** The names of a column's outputs. */
export function outputsOf(column: FittedColumn): string[] {
  if (column.kind === 'ignored' || column.kind === 'target') return [];
  const own = column.kind === 'categorical' && column.encoding === 'oneHot'
    ? [...column.categories, ...(column.unseen === 'other' ? ['(other)'] : [])].map((category) => `${column.name}=${category}`) : [column.name];
  return column.indicator ? [...own, `${column.name} missing`] : own;
}

/** What writes a column's outputs, which are zero before. */
export function encoderOf(column: FittedNumeric | FittedCategorical | FittedBoolean, missing: ReadonlySet<string>): Encode {
  const encode = { numeric: numericEncoder, boolean: booleanEncoder, categorical: categoricalEncoder }[column.kind] as (column: FittedColumn) => Encode;
  const { fill, indicator } = column, present = encode(column), last = outputsOf(column).length - 1;
  return (value, out, at, failure) => {
    if (!isMissing(value, missing)) {
      present(value, out, at, failure);
      return;
    }
    if (fill === null) throw failure('expected a value but the cell is missing');
    present(fill, out, at, failure);
    if (indicator) out[at + last] = 1;
  };
}

function numericEncoder({ shift, scale }: FittedNumeric): Encode {
  return (value, out, at, failure) => {
    const number = (numberIn(value) - shift) / scale;
    if (number < FLOAT32_LIMIT && number > -FLOAT32_LIMIT) out[at] = number;
    else throw failure(`expected a ${Number.isNaN(number) ? 'finite number' : 'number within single precision after scaling'} but received ${describe(value)}`);
  };
}

function booleanEncoder(): Encode {
  return (value, out, at, failure) => {
    const truth = truthIn(value);
    if (truth === null) throw failure(`expected a truth value but received ${describe(value)}`);
    out[at] = truth ? 1 : 0;
  };
}

function categoricalEncoder({ categories, encoding, unseen }: FittedCategorical): Encode {
  const numbers = new Map(categories.map((category, number) => [category, number]));
  return (value, out, at, failure) => {
    const name = nameIn(value);
    if (name === null) throw failure(`expected a category but received ${describe(value)}`);
    const number = numbers.get(name) ?? (unseen === 'other' ? categories.length : -1);
    if (number < 0 && unseen === 'refuse') throw failure(`expected one of ${categories.length} categories but received ${quote(name)}; unseen: 'zeros' or 'other' takes it`);
    if (encoding === 'ordinal') out[at] = number;
    else if (number >= 0) out[at + number] = 1;
  };
}

/** What makes a number of the target's cell. */
export function targetEncoderOf(target: FittedTarget, missing: ReadonlySet<string>): (value: unknown, failure: Failure) => number {
  const out = new Float32Array(1);
  const classes = 'classes' in target ? new Map(target.classes.map((name, number) => [name, number])) : null;
  const number = 'classes' in target ? null : numericEncoder({ name: target.name, kind: 'numeric', fill: null, indicator: false, shift: target.shift, scale: target.scale });
  return (value, failure) => {
    if (isMissing(value, missing)) throw failure('expected a target but the cell is missing');
    if (classes === null) {
      number!(value, out, 0, failure);
      return out[0]!;
    }
    const name = nameIn(value), label = name === null ? undefined : classes.get(name);
    if (label === undefined) throw failure(`expected one of ${classes.size} classes but received ${describe(value)}`);
    return label;
  };
}
