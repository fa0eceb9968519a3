// Folds: a data set dealt out in parts of equal size, each of which is tested once on what the others trained.
import type { Dataset } from '../data/dataset.ts';
import { classNumbers } from '../data/split.ts';
import { OptionError } from '../errors.ts';
import { boolean, checkOptions, nonNegativeInteger, positiveInteger } from '../options.ts';
import { streams } from '../random/philox.ts';
import { shuffle } from '../random/shuffle.ts';

/** Options of `kFold`. */
export interface FoldOptions {
  /** Number of parts, at least 2 (default 5). */
  readonly folds?: number;
  /** Also deal out every class evenly; a class is a distinct row of targets (default false). */
  readonly stratify?: boolean;
  /** Seed of the order in which examples are dealt out (default 0). */
  readonly seed?: number;
}

export const foldOptionNames = ['folds', 'stratify', 'seed'] as const;

/** What trains and what tests in a fold: views of the data set. */
export interface FoldData {
  readonly train: Dataset;
  readonly test: Dataset;
  /** Positions of the test examples in the data set, ascending. */
  readonly positions: Int32Array;
}

/** The number of the fold of each example. @param repeat Another order for each. */
function dealtOut({ length, targets, index }: Dataset, folds: number, stratify: boolean, seed: number, repeat: number): Int32Array {
  const order = Int32Array.from({ length }, (_, position) => position), foldOf = new Int32Array(length);
  shuffle(order, seed, streams.folds, repeat);
  if (stratify) {
    const classOf = classNumbers(targets, index ?? Int32Array.from({ length }, (_, position) => position));
    // Sorting keeps the order within a class, and dealing goes on from one class to the next.
    order.sort((a, b) => classOf[a]! - classOf[b]!);
  }
  order.forEach((position, i) => { foldOf[position] = i % folds; });
  return foldOf;
}

/** The folds of one repeat, checked. */
export function foldsOf(where: string, data: Dataset, { folds: given, stratify: even, seed: first }: FoldOptions, repeat: number): FoldData[] {
  const folds = positiveInteger(where, 'folds', given ?? 5), stratify = boolean(where, 'stratify', even ?? false), seed = nonNegativeInteger(where, 'seed', first ?? 0);
  if (folds < 2 || folds > data.length) throw new OptionError(`[${where}] expected 'folds' to be from 2 to the ${data.length} examples but received ${folds}`);
  const foldOf = dealtOut(data, folds, stratify, seed, repeat), all = Int32Array.from({ length: data.length }, (_, position) => position);
  return Array.from({ length: folds }, (_, fold) => {
    const positions = all.filter((position) => foldOf[position] === fold);
    return { positions, test: data.select(positions), train: data.select(all.filter((position) => foldOf[position] !== fold)) };
  });
}

/**
 * A data set in `folds` parts, seeded: the sizes of the parts differ by one at most and, with `stratify`, so do the numbers of
 * each class in them. Every example tests in one fold and trains in the others; rows keep their order.
 * @throws {OptionError} on fewer than two folds, or more than examples.
 */
export function kFold(data: Dataset, options: FoldOptions = {}): FoldData[] {
  checkOptions('kFold', options, foldOptionNames);
  return foldsOf('kFold', data, options, 0);
}
