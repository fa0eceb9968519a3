// Which rows train and which test: a seeded shuffle, with the proportions of the classes kept where asked.

import { streams } from '../random/philox.ts';
import { shuffle } from '../random/shuffle.ts';
import type { Columns } from './columns.ts';

/**
 * Shuffles `rows` (in place) and parts them in two, with exactly `count` for testing. Stratified, every distinct target row is
 * a class and gives its share of `count`, rounded by largest remainder.
 */
export function splitRows(
  targets: Columns, rows: Int32Array, count: number, seed: number, stratify: boolean,
): { train: Int32Array; test: Int32Array } {
  shuffle(rows, seed, streams.split);
  if (!stratify) return { train: rows.slice(count), test: rows.slice(0, count) };
  const classOf = classNumbers(targets, rows);
  const quota = apportion(countClasses(classOf), count);
  const train = new Int32Array(rows.length - count);
  const test = new Int32Array(count);
  let trained = 0, tested = 0;
  for (let i = 0; i < rows.length; i++) {
    const left = quota[classOf[i]!]!;
    if (left > 0) {
      quota[classOf[i]!] = left - 1;
      test[tested++] = rows[i]!;
    } else {
      train[trained++] = rows[i]!;
    }
  }
  return { train, test };
}

/** Numbers the distinct target rows in order of appearance; one number per entry of `rows`. */
export function classNumbers({ data, width }: Columns, rows: Int32Array): Int32Array {
  const known = new Map<number | string, number>();
  return rows.map((row) => {
    const key = width === 1 ? data[row]! : data.subarray(row * width, (row + 1) * width).join();
    const number = known.get(key) ?? known.size;
    if (number === known.size) known.set(key, number);
    return number;
  });
}

function countClasses(classOf: Int32Array): number[] {
  const counts: number[] = [];
  for (const number of classOf) counts[number] = (counts[number] ?? 0) + 1;
  return counts;
}

/**
 * Shares of `seats` in proportion to `counts`, whole and exact in sum: each class gets the whole part of its share, and what is
 * left goes one by one to the largest remainders, the first of equals first (Hamilton's method).
 */
export function apportion(counts: readonly number[], seats: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const quota = counts.map((count) => Math.floor((count * seats) / total));
  const left = seats - quota.reduce((sum, seat) => sum + seat, 0);
  const remainder = counts.map((count) => (count * seats) % total);
  const order = counts.map((_, i) => i).sort((a, b) => remainder[b]! - remainder[a]! || a - b);
  for (const i of order.slice(0, left)) quota[i]!++;
  return quota;
}
