// Counts by size, in buckets whose bounds are fixed and evenly spaced on a logarithmic scale.

/** A histogram as plain data. */
export interface HistogramData {
  /** Upper bounds of the buckets, included; one more bucket without a bound follows. */
  readonly bounds: readonly number[];
  /** Values in each bucket, one more than there are bounds. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** Powers of `ratio` times `first`, `count` of them, to 3 significant digits. */
export function logarithmicBounds(first: number, ratio: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Number((first * ratio ** i).toPrecision(3)));
}

export class Histogram {
  private readonly bounds: readonly number[];
  private readonly counts: Float64Array;
  private sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  add(value: number): void {
    let low = 0, high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= this.bounds[middle]!) high = middle;
      else low = middle + 1;
    }
    this.counts[low]!++;
    this.sum += value;
  }

  data(): HistogramData {
    return { bounds: this.bounds, counts: [...this.counts], count: this.counts.reduce((so, count) => so + count, 0), sum: this.sum };
  }
}

/**
 * The value below which a share `quantile` of the values lies, by linear interpolation within its bucket, as Prometheus'
 * `histogram_quantile`: NaN without values, the last bound where it lies beyond all.
 */
export function quantileOf({ bounds, counts, count }: HistogramData, quantile: number): number {
  if (count === 0) return Number.NaN;
  const rank = quantile * count;
  let before = 0;
  for (let i = 0; i < bounds.length; i++) {
    const inside = counts[i]!, lower = i === 0 ? 0 : bounds[i - 1]!;
    if (before + inside >= rank && inside > 0) return lower + ((bounds[i]! - lower) * Math.max(0, rank - before)) / inside;
    before += inside;
  }
  return bounds.at(-1)!;
}
