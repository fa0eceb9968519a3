// Measures of a column, gathered in one pass over its cells, missing ones counted apart.

import { RandomStream, streams } from '../../random/philox.ts';

/** Numbers of a column whose quantiles are wanted are kept as they are up to here, and beyond as a uniform sample of as many. */
export const SAMPLE = 2 ** 20;

/** A column with more different values is not one of categories. */
export const MOST_CATEGORIES = 2 ** 16;

/** Mean and spread by Welford's recurrence (1962), range and, where wanted, a sample for quantiles. */
export class NumericStatistics {
  count = 0;
  missing = 0;
  mean = 0;
  private squares = 0;
  private minimum = Infinity;
  private maximum = -Infinity;
  private sample: Float64Array | null;
  private readonly random = new RandomStream(0, streams.sample);

  constructor(quantiles: boolean) {
    this.sample = quantiles ? new Float64Array(1024) : null;
  }

  add(value: number): void {
    const before = value - this.mean;
    this.mean += before / ++this.count;
    this.squares += before * (value - this.mean);
    if (value < this.minimum) this.minimum = value;
    if (value > this.maximum) this.maximum = value;
    if (this.sample !== null) this.keep(this.sample, value);
  }

  /** Mean and standard deviation (of the population) of all cells, the missing ones filled with `fill`. */
  moments(fill: number): { mean: number; deviation: number } {
    const { count, missing, mean, squares } = this, all = count + missing, apart = fill - mean;
    if (missing === 0) return { mean, deviation: Math.sqrt(squares / count) };
    return { mean: mean + (apart * missing) / all, deviation: Math.sqrt((squares + (apart * apart * count * missing) / all) / all) };
  }

  /** Least and largest of all cells, the missing ones filled. */
  range(fill: number): [minimum: number, maximum: number] {
    return this.missing === 0 ? [this.minimum, this.maximum] : [Math.min(this.minimum, fill), Math.max(this.maximum, fill)];
  }

  /** The median of the cells that are there. */
  median(): number {
    return quantile(this.sorted(), 0.5);
  }

  /** Quartiles of all cells, the missing ones filled. */
  quartiles(fill: number): [first: number, median: number, third: number] {
    const there = this.sorted(), filled = Math.round((this.missing * there.length) / Math.max(1, this.count));
    const all = new Float64Array(there.length + (this.count === 0 ? 1 : filled)).fill(fill);
    all.set(there);
    all.sort();
    return [quantile(all, 0.25), quantile(all, 0.5), quantile(all, 0.75)];
  }

  private sorted(): Float64Array {
    return this.sample!.slice(0, Math.min(this.count, SAMPLE)).sort();
  }

  /** Algorithm R (Vitter, 1985): every number has the same chance to be among those kept. */
  private keep(sample: Float64Array, value: number): void {
    const slot = this.count <= SAMPLE ? this.count - 1 : this.random.below(this.count);
    if (slot >= SAMPLE) return;
    if (slot === sample.length) {
      this.sample = new Float64Array(2 * sample.length);
      this.sample.set(sample);
    }
    this.sample![slot] = value;
  }
}

/** The quantile of sorted numbers, between two neighbours in proportion (NumPy's default, definition 7 of Hyndman and Fan, 1996). */
function quantile(sorted: Float64Array, part: number): number {
  const at = (sorted.length - 1) * part, below = Math.floor(at), above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (at - below);
}

/** How often each value occurs. */
export class Frequencies<Value extends string | number> {
  readonly counts = new Map<Value, number>();
  missing = 0;

  /** Counts a value; false where there are too many different ones. */
  add(value: Value): boolean {
    const before = this.counts.get(value);
    this.counts.set(value, (before ?? 0) + 1);
    return before !== undefined || this.counts.size <= MOST_CATEGORIES;
  }

  /** The value that occurs most, the least of equals; null where there is none. */
  mostFrequent(): Value | null {
    let best: Value | null = null, most = 0;
    for (const [value, count] of this.counts) {
      if (count > most || (count === most && value < best!)) [best, most] = [value, count];
    }
    return best;
  }
}
