// What users say of the columns of raw rows: their kinds, and what becomes of them.

import { OptionError } from '../../errors.ts';
import { boolean, checkOptions, describe, invalid, nonEmptyString, oneOf, positiveInteger, quote } from '../../options.ts';

/** What a column holds. */
export type ColumnKind = 'numeric' | 'categorical' | 'boolean' | 'ignored';

/** What stands for a missing cell: a measure of the column, a constant, or nothing: such rows are refused. */
export type Missing<Measure extends string, Value> = Measure | 'refuse' | { readonly constant: Value };

/** A column of numbers. */
export interface NumericOptions {
  readonly kind?: 'numeric';
  /** Default 'mean'. 'mostFrequent' takes the least of equally frequent numbers. */
  readonly missing?: Missing<'mean' | 'median' | 'mostFrequent', number>;
  /** One more output, 1 where the cell is missing and else 0; default false. */
  readonly indicator?: boolean;
  /**
   * After missing cells are filled: 'standard' (the default) subtracts the mean and divides by the standard deviation (that of the
   * population, as in scikit-learn), 'minMax' maps the range to 0 to 1, 'robust' subtracts the median and divides by the distance
   * between the quartiles. A spread of zero divides by 1.
   */
  readonly scale?: 'standard' | 'minMax' | 'robust' | 'none';
}

/** A column of names. Numbers and truth values in it are taken as text. */
export interface CategoricalOptions {
  readonly kind?: 'categorical';
  /** 'oneHot' (the default): an output for each category. 'ordinal': one output, the number of the category. */
  readonly encoding?: 'oneHot' | 'ordinal';
  /** Default 'mostFrequent', the first in sorted order of equally frequent ones. */
  readonly missing?: Missing<'mostFrequent', string>;
  readonly indicator?: boolean;
  /**
   * What becomes of a category not seen while fitting: 'refuse' (the default), 'zeros' in all outputs of one-hot encoding, or
   * 'other', a category of its own behind all others.
   */
  readonly unseen?: 'refuse' | 'zeros' | 'other';
  /** Categories in fewer rows belong to 'other', which `unseen` must be; default 1. */
  readonly minFrequency?: number;
  /** The categories in order; default those seen, sorted by code units. */
  readonly categories?: readonly string[];
}

/** A column of truth values: true, false, 1, 0, or the words true, false, yes, no, t, f, y, n in any case. */
export interface BooleanOptions {
  readonly kind?: 'boolean';
  /** Default 'mostFrequent', false where both are. */
  readonly missing?: Missing<'mostFrequent', boolean>;
  readonly indicator?: boolean;
}

/** All that can be said of a column. */
export type ColumnOptions =
  | (NumericOptions & { readonly kind: 'numeric' }) | (CategoricalOptions & { readonly kind: 'categorical' })
  | (BooleanOptions & { readonly kind: 'boolean' }) | { readonly kind: 'ignored' };

/** The column to predict. */
export interface TargetOptions {
  readonly column: string;
  /** 'classes': names that become 0, 1, … in sorted order. 'auto' (the default): numbers where the sample has nothing else. */
  readonly kind?: 'classes' | 'number' | 'auto';
  /** Numbers are brought to mean 0 and standard deviation 1, which `restoreTargets` undoes; default false. */
  readonly standardize?: boolean;
}

/** Options of `fitPreprocessor`. */
export interface PreprocessorOptions {
  readonly target: string | TargetOptions;
  /** Columns by their names; what is not named is inferred. Default 'auto': all are. */
  readonly columns?: 'auto' | Readonly<Record<string, ColumnKind | ColumnOptions>>;
  /** What becomes of columns not named: their kinds are inferred ('auto', the default), or they are 'ignored'. */
  readonly remainder?: 'auto' | 'ignored';
  /** What is said of all columns of a kind, unless it is said of a column itself. */
  readonly defaults?: { readonly numeric?: NumericOptions; readonly categorical?: CategoricalOptions; readonly boolean?: BooleanOptions };
  /** Texts that stand for a missing cell, besides null, undefined and NaN; default '', '?', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'null', 'NULL'. */
  readonly missingValues?: readonly string[];
  /** Rows from which kinds are inferred; default 1000. */
  readonly sample?: number;
}

/** A kind with everything that is to be known of it. */
export type ColumnSettings =
  | { readonly kind: 'numeric'; readonly missing: Missing<'mean' | 'median' | 'mostFrequent', number>; readonly indicator: boolean; readonly scale: 'standard' | 'minMax' | 'robust' | 'none' }
  | {
    readonly kind: 'categorical'; readonly encoding: 'oneHot' | 'ordinal'; readonly missing: Missing<'mostFrequent', string>; readonly indicator: boolean;
    readonly unseen: 'refuse' | 'zeros' | 'other'; readonly minFrequency: number; readonly categories: readonly string[] | null;
  }
  | { readonly kind: 'boolean'; readonly missing: Missing<'mostFrequent', boolean>; readonly indicator: boolean }
  | { readonly kind: 'ignored' };

/** `PreprocessorOptions`, checked. */
export interface PreprocessorSettings {
  readonly target: Required<TargetOptions>;
  readonly columns: ReadonlyMap<string, ColumnSettings>;
  readonly remainder: 'auto' | 'ignored';
  readonly missingValues: readonly string[];
  readonly sample: number;
  /** The settings of a column whose kind was inferred. */
  ofKind(kind: ColumnKind): ColumnSettings;
}

export const kinds: readonly ColumnKind[] = ['numeric', 'categorical', 'boolean', 'ignored'];

const where = 'fitPreprocessor';
const missingTexts = ['', '?', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'null', 'NULL'];

/** Checks the options of `fitPreprocessor`; throws OptionError. */
export function checkPreprocessor(options: PreprocessorOptions): PreprocessorSettings {
  checkOptions(where, options, ['target', 'columns', 'remainder', 'defaults', 'missingValues', 'sample']);
  const { columns = 'auto', remainder = 'auto', defaults = {}, missingValues = missingTexts, sample = 1000 } = options;
  checkOptions(where, defaults, ['numeric', 'categorical', 'boolean'], 'kind');
  if (columns !== 'auto' && (typeof columns !== 'object' || columns === null || Array.isArray(columns))) throw invalid(where, 'columns', "'auto' or an object of columns", columns);
  if (!Array.isArray(missingValues) || missingValues.some((text) => typeof text !== 'string')) throw invalid(where, 'missingValues', 'an array of texts', missingValues);
  const ofKind = (kind: ColumnKind, own: object = {}, name = `defaults.${kind}`): ColumnSettings => (kind === 'ignored' ? { kind } : checkColumn(name, kind, { ...defaults[kind], ...own }));
  for (const kind of ['numeric', 'categorical', 'boolean'] as const) {
    const given: unknown = defaults[kind] ?? {};
    if (typeof given !== 'object' || given === null) throw invalid(where, `defaults.${kind}`, 'an object', given);
    if (((given as NumericOptions).kind ?? kind) !== kind) throw invalid(where, `defaults.${kind}.kind`, `left out or '${kind}'`, (given as NumericOptions).kind);
    ofKind(kind);
  }
  const named = Object.entries(columns === 'auto' ? {} : columns).map(([name, given]): [string, ColumnSettings] => {
    const own: unknown = typeof given === 'string' ? { kind: given } : given;
    if (typeof own !== 'object' || own === null) throw invalid(where, `columns.${name}`, 'a kind or options', given);
    return [name, ofKind(oneOf(where, `columns.${name}.kind`, (own as ColumnOptions).kind, kinds), own, `columns.${name}`)];
  });
  const target = checkTarget(options.target);
  if (named.some(([name]) => name === target.column)) throw new OptionError(`[${where}] expected each column once but received ${quote(target.column)} twice among target and columns`);
  return { target, columns: new Map(named), remainder: oneOf(where, 'remainder', remainder, ['auto', 'ignored']), missingValues, sample: positiveInteger(where, 'sample', sample), ofKind };
}

function checkTarget(target: string | TargetOptions): Required<TargetOptions> {
  const given: TargetOptions = typeof target === 'string' ? { column: target } : target;
  if (typeof given !== 'object' || given === null) throw invalid(where, 'target', 'the name of a column, or options with one', target);
  checkOptions(where, given, ['column', 'kind', 'standardize'], 'option of the target');
  const { column, kind = 'auto', standardize = false } = given;
  return {
    column: nonEmptyString(where, 'target', column), kind: oneOf(where, 'target.kind', kind, ['classes', 'number', 'auto']),
    standardize: boolean(where, 'target.standardize', standardize),
  };
}

function checkColumn(name: string, kind: Exclude<ColumnKind, 'ignored'>, given: object): ColumnSettings {
  const known = { numeric: ['scale'], categorical: ['encoding', 'unseen', 'minFrequency', 'categories'], boolean: [] }[kind];
  checkOptions(where, given, ['kind', 'missing', 'indicator', ...known], `option of '${name}'`);
  const indicator = boolean(where, `${name}.indicator`, (given as NumericOptions).indicator ?? false);
  if (kind === 'numeric') {
    const { missing = 'mean', scale = 'standard' } = given as NumericOptions;
    return { kind, missing: checkMissing(name, missing, ['mean', 'median', 'mostFrequent'], 'number'), indicator, scale: oneOf(where, `${name}.scale`, scale, ['standard', 'minMax', 'robust', 'none']) };
  }
  if (kind === 'boolean') return { kind, missing: checkMissing(name, (given as BooleanOptions).missing ?? 'mostFrequent', ['mostFrequent'], 'boolean'), indicator };
  const { encoding = 'oneHot', missing = 'mostFrequent', unseen = 'refuse', minFrequency = 1, categories = null } = given as CategoricalOptions;
  oneOf(where, `${name}.encoding`, encoding, ['oneHot', 'ordinal']);
  oneOf(where, `${name}.unseen`, unseen, ['refuse', 'zeros', 'other']);
  if (encoding === 'ordinal' && unseen === 'zeros') throw invalid(where, `${name}.unseen`, "'refuse' or 'other' for ordinal encoding, whose zero is a category", unseen);
  if (positiveInteger(where, `${name}.minFrequency`, minFrequency) > 1 && unseen !== 'other') throw invalid(where, `${name}.unseen`, "'other' where 'minFrequency' is above 1", unseen);
  if (categories !== null && (!Array.isArray(categories) || categories.length === 0 || categories.some((text) => typeof text !== 'string') || new Set(categories).size < categories.length)) {
    throw invalid(where, `${name}.categories`, 'an array of different texts', categories);
  }
  if (categories !== null && minFrequency > 1) throw invalid(where, `${name}.minFrequency`, "1 where 'categories' are given", minFrequency);
  return { kind, encoding, missing: checkMissing(name, missing, ['mostFrequent'], 'string'), indicator, unseen, minFrequency, categories };
}

function checkMissing<Measure extends string, Value>(name: string, missing: Missing<Measure, Value>, measures: readonly Measure[], type: 'number' | 'string' | 'boolean'): Missing<Measure, Value> {
  if (typeof missing === 'string') return oneOf(where, `${name}.missing`, missing, [...measures, 'refuse']) as Measure | 'refuse';
  const constant: unknown = typeof missing === 'object' && missing !== null ? (missing as { constant?: unknown }).constant : undefined;
  const right = typeof constant === type && (type !== 'number' || Number.isFinite(constant));
  if (!right) {
    throw new OptionError(`[${where}] expected '${name}.missing' to be one of ${[...measures, 'refuse'].map((measure) => `'${measure}'`).join(', ')} or { constant: a ${type} } but received ${describe(constant ?? missing)}`);
  }
  return { constant } as { constant: Value };
}
