// Measures of the features of a data set.
import type { Columns } from './columns.ts';

/** By feature, over all rows. */
export interface Statistics {
  readonly mean: Float64Array;
  /** Mean of the squared differences from the mean. */
  readonly variance: Float64Array;
  readonly minimum: Float64Array;
  readonly maximum: Float64Array;
}

/** Values looked at before the event loop has its turn: about a millisecond. */
const pauseAfter = 2 ** 18;

/** Statistics of the rows in `index` (null = all), in doubles and by Welford's recurrence (1962), so that large means cost no digits. */
export async function statisticsOf({ data, width, scale, shift }: Columns, index: Int32Array | null): Promise<Statistics> {
  const rows = index?.length ?? data.length / width;
  const mean = new Float64Array(width), squares = new Float64Array(width);
  const minimum = new Float64Array(width).fill(Infinity), maximum = new Float64Array(width).fill(-Infinity);
  let pending = 0;
  for (let position = 0; position < rows; position++) {
    const row = index === null ? position : index[position]!;
    for (let column = 0; column < width; column++) {
      const value = data[row * width + column]! * scale + shift;
      const before = value - mean[column]!;
      mean[column]! += before / (position + 1);
      squares[column]! += before * (value - mean[column]!);
      if (value < minimum[column]!) minimum[column] = value;
      if (value > maximum[column]!) maximum[column] = value;
    }
    pending += width;
    if (pending >= pauseAfter) {
      pending = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { mean, variance: squares.map((sum) => sum / rows), minimum, maximum };
}
