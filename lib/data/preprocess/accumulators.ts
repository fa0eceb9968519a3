// What is gathered of each column in the pass that fits a preprocessor, and the fitted columns it becomes.

import { DataError } from '../../errors.ts';
import { describe, quote } from '../../options.ts';
import { isMissing, nameIn, numberIn, truthIn } from './cells.ts';
import type { Failure, FittedColumn, FittedTarget } from './fitted.ts';
import type { ColumnSettings, Missing, TargetOptions } from './options.ts';
import { Frequencies, MOST_CATEGORIES, NumericStatistics } from './statistics.ts';

/** Takes the cells of one column. */
export interface Accumulator {
  readonly missing: number;
  add(value: unknown, failure: Failure): void;
  finish(): FittedColumn;
}

type Numeric = Extract<ColumnSettings, { kind: 'numeric' }>;
type Categorical = Extract<ColumnSettings, { kind: 'categorical' }>;
type Boolean = Extract<ColumnSettings, { kind: 'boolean' }>;

const where = 'fitPreprocessor';

/** What gathers a column of the given settings; `missing` are the texts of missing cells. */
export function accumulatorOf(name: string, settings: ColumnSettings, missing: ReadonlySet<string>): Accumulator {
  if (settings.kind === 'numeric') return new NumericAccumulator(name, settings, missing);
  if (settings.kind === 'categorical') return new CategoricalAccumulator(name, settings, missing);
  if (settings.kind === 'boolean') return new BooleanAccumulator(name, settings, missing);
  return { missing: 0, add: () => undefined, finish: () => ({ name, kind: 'ignored' }) };
}

/** What stands for missing cells: the constant, a measure, or null where they are refused. */
function fillOf<Value>(name: string, missing: Missing<string, Value>, measures: Readonly<Record<string, () => Value | null>>): Value | null {
  if (typeof missing === 'object') return missing.constant;
  if (missing === 'refuse') return null;
  const value = measures[missing]!();
  if (value === null) throw new DataError(`[${where}] expected at least one value in column ${quote(name)} but all cells are missing; ignore it, or fill it with a constant`);
  return value;
}

const tooMany = (name: string): DataError => new DataError(`[${where}] expected at most ${MOST_CATEGORIES} different values in column ${quote(name)} but received more; ignore it, or take it as numbers`);

class NumericAccumulator implements Accumulator {
  private readonly statistics: NumericStatistics;
  private readonly frequencies: Frequencies<number> | null;
  private readonly name: string;
  private readonly settings: Numeric;
  private readonly texts: ReadonlySet<string>;

  constructor(name: string, settings: Numeric, texts: ReadonlySet<string>) {
    this.name = name;
    this.settings = settings;
    this.texts = texts;
    this.statistics = new NumericStatistics(settings.missing === 'median' || settings.scale === 'robust');
    this.frequencies = settings.missing === 'mostFrequent' ? new Frequencies() : null;
  }

  get missing(): number {
    return this.statistics.missing;
  }

  add(value: unknown, failure: Failure): void {
    if (isMissing(value, this.texts)) {
      if (this.settings.missing === 'refuse') throw failure('expected a value but the cell is missing');
      this.statistics.missing++;
      return;
    }
    const number = numberIn(value);
    if (Number.isNaN(number)) throw failure(`expected a finite number but received ${describe(value)}`);
    this.statistics.add(number);
    if (this.frequencies?.add(number) === false) throw tooMany(this.name);
  }

  finish(): FittedColumn {
    const { name, statistics, settings: { indicator, missing, scale } } = this, none = statistics.count === 0;
    const fill = fillOf(name, missing, {
      mean: () => (none ? null : statistics.mean), median: () => (none ? null : statistics.median()), mostFrequent: () => this.frequencies!.mostFrequent(),
    });
    if (none && fill === null) throw new DataError(`[${where}] expected at least one row but received none`);
    const [shift, spread] = this.affine(scale, fill ?? 0);
    if (!Number.isFinite(shift) || !Number.isFinite(spread)) throw new DataError(`[${where}] expected numbers of a finite spread in column ${quote(name)}`);
    return { name, kind: 'numeric', fill, indicator, shift, scale: spread === 0 ? 1 : spread };
  }

  private affine(scale: Numeric['scale'], fill: number): [shift: number, scale: number] {
    const { statistics } = this;
    if (scale === 'none') return [0, 1];
    if (scale === 'standard') {
      const { mean, deviation } = statistics.count === 0 ? { mean: fill, deviation: 0 } : statistics.moments(fill);
      return [mean, deviation];
    }
    if (scale === 'minMax') {
      const [minimum, maximum] = statistics.range(fill);
      return [minimum, maximum - minimum];
    }
    const [first, median, third] = statistics.quartiles(fill);
    return [median, third - first];
  }
}

class CategoricalAccumulator implements Accumulator {
  private readonly frequencies = new Frequencies<string>();
  private readonly given: ReadonlySet<string> | null;
  private readonly name: string;
  private readonly settings: Categorical;
  private readonly texts: ReadonlySet<string>;

  constructor(name: string, settings: Categorical, texts: ReadonlySet<string>) {
    this.name = name;
    this.settings = settings;
    this.given = settings.categories && new Set(settings.categories);
    this.texts = texts;
  }

  get missing(): number {
    return this.frequencies.missing;
  }

  add(value: unknown, failure: Failure): void {
    const { unseen, missing } = this.settings;
    if (isMissing(value, this.texts)) {
      if (missing === 'refuse') throw failure('expected a value but the cell is missing');
      this.frequencies.missing++;
      return;
    }
    const text = nameIn(value);
    if (text === null) throw failure(`expected a category but received ${describe(value)}`);
    if (this.given !== null && unseen === 'refuse' && !this.given.has(text)) throw failure(`expected one of the given categories but received ${quote(text)}`);
    if (!this.frequencies.add(text)) throw tooMany(this.name);
  }

  finish(): FittedColumn {
    const { name, frequencies, settings: { encoding, indicator, missing, unseen, minFrequency, categories: given } } = this;
    const fill = fillOf(name, missing, { mostFrequent: () => frequencies.mostFrequent() });
    const { counts } = frequencies;
    if (fill !== null && (frequencies.missing > 0 || typeof missing === 'object')) counts.set(fill, (counts.get(fill) ?? 0) + frequencies.missing);
    // A constant is a category, however rare: missing cells are meant to be told apart.
    const seen = [...counts].filter(([category, count]) => count >= minFrequency || (typeof missing === 'object' && category === fill)).map(([category]) => category).toSorted();
    const categories = given ?? seen;
    if (given !== null && fill !== null && unseen === 'refuse' && !given.includes(fill)) throw new DataError(`[${where}] expected what stands for missing cells of column ${quote(name)} among its categories but received ${quote(fill)}`);
    if (categories.length === 0 && unseen !== 'other') throw new DataError(`[${where}] expected at least one category in column ${quote(name)} but received none`);
    return { name, kind: 'categorical', fill, indicator, encoding, categories, unseen };
  }
}

class BooleanAccumulator implements Accumulator {
  missing = 0;
  private balance = 0;
  private any = false;
  private readonly name: string;
  private readonly settings: Boolean;
  private readonly texts: ReadonlySet<string>;

  constructor(name: string, settings: Boolean, texts: ReadonlySet<string>) {
    this.name = name;
    this.settings = settings;
    this.texts = texts;
  }

  add(value: unknown, failure: Failure): void {
    if (isMissing(value, this.texts)) {
      if (this.settings.missing === 'refuse') throw failure('expected a value but the cell is missing');
      this.missing++;
      return;
    }
    const truth = truthIn(value);
    if (truth === null) throw failure(`expected a truth value but received ${describe(value)}`);
    this.any = true;
    this.balance += truth ? 1 : -1;
  }

  finish(): FittedColumn {
    const { name, settings: { missing, indicator } } = this;
    return { name, kind: 'boolean', fill: fillOf(name, missing, { mostFrequent: () => (this.any ? this.balance > 0 : null) }), indicator };
  }
}

/** Gathers the column to predict; its missing cells are always refused. */
export class TargetAccumulator implements Accumulator {
  readonly missing = 0;
  readonly kind: 'classes' | 'number';
  private readonly options: Required<TargetOptions>;
  private readonly texts: ReadonlySet<string>;
  private readonly classes = new Frequencies<string>();
  private readonly statistics = new NumericStatistics(false);

  constructor(options: Required<TargetOptions>, kind: 'classes' | 'number', texts: ReadonlySet<string>) {
    this.options = options;
    this.kind = kind;
    this.texts = texts;
  }

  add(value: unknown, failure: Failure): void {
    if (isMissing(value, this.texts)) throw failure('expected a target but the cell is missing');
    if (this.kind === 'number') {
      const number = numberIn(value);
      if (Number.isNaN(number)) throw failure(`expected a finite number but received ${describe(value)}; kind: 'classes' takes names`);
      this.statistics.add(number);
      return;
    }
    const name = nameIn(value);
    if (name === null) throw failure(`expected a class name but received ${describe(value)}`);
    if (!this.classes.add(name)) throw tooMany(this.options.column);
  }

  finish(): FittedTarget {
    const { column: name, standardize } = this.options;
    if (this.kind === 'classes') return { name, kind: 'target', classes: [...this.classes.counts.keys()].toSorted() };
    if (!standardize) return { name, kind: 'target', shift: 0, scale: 1 };
    const { mean, deviation } = this.statistics.moments(0);
    if (!Number.isFinite(mean) || !Number.isFinite(deviation)) throw new DataError(`[${where}] expected targets of a finite spread in column ${quote(name)}`);
    return { name, kind: 'target', shift: mean, scale: deviation === 0 ? 1 : deviation };
  }
}
