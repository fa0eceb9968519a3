// The lines of a history: what was measured, epoch by epoch, in training and in validation.
import { OptionError } from '../errors.ts';
import { oneOf } from '../options.ts';

/** A line of a chart. */
export interface Series {
  readonly name: string;
  /** One value per point; NaN leaves a gap. */
  readonly values: ArrayLike<number>;
  /** Where the points are (default 1, 2, 3 and so on). */
  readonly x?: ArrayLike<number>;
}

/** Measures of an epoch by name, and those of validation. */
export interface CurvePoint {
  readonly epoch: number;
  readonly loss: number;
  readonly validation?: object;
}

/** What `fit` returns, as far as charts need it. */
export interface Curves { readonly epochs: readonly CurvePoint[] }

const notMeasured = new Set(['epoch', 'learningRate', 'seconds']);

/** The measures that an epoch tells of, the loss first; or those of `wanted`, each of which must be there. */
export function measuresIn(epochs: readonly CurvePoint[], where: string, wanted?: readonly string[]): string[] {
  const present = Object.entries(epochs[0]!).filter(([name, value]) => typeof value === 'number' && !notMeasured.has(name)).map(([name]) => name);
  if (wanted === undefined) return present;
  if (!Array.isArray(wanted) || wanted.length === 0) throw new OptionError(`[${where}] expected 'measures' to be an array of names, one of ${present.join(', ')}`);
  return wanted.map((name) => oneOf(where, 'measures', name, present));
}

/** The line of a measure in training, and in validation where there was any. */
export function seriesOf(epochs: readonly CurvePoint[], measure: string): Series[] {
  const value = (from: object | undefined): number => (from as Record<string, number> | undefined)?.[measure] ?? Number.NaN;
  const x = epochs.map(({ epoch }) => epoch), series: Series[] = [{ name: 'training', x, values: epochs.map(value) }];
  if (epochs.some(({ validation }) => validation !== undefined)) series.push({ name: 'validation', x, values: epochs.map(({ validation }) => value(validation)) });
  return series;
}
