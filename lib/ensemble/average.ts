// Averages over the predictions of several networks, and how far these lie apart.
import type { Memory } from '../backend/backend.ts';
import type { Prediction } from '../network/prediction.ts';
import { columnsOf } from '../network/textbook.ts';

/** An average over networks, row-major as theirs. */
export interface EnsemblePrediction extends Prediction {
  /** Standard deviation over the members, √((1/K) Σ (aₖ − ā)²), of every number of `data`: the members' disagreement, a measure of uncertainty. */
  readonly spread: Memory;
  /** Each output by itself, for networks of several. */
  readonly outputs?: Readonly<Record<string, EnsemblePrediction>>;
}

/** The mean of `values`, and their standard deviation; sums are made in doubles, in the order given. */
function momentsOf(values: readonly Memory[]): { mean: Memory; spread: Memory } {
  const count = values.length, mean = values[0]!.slice(), spread = values[0]!.slice();
  for (let i = 0; i < mean.length; i++) {
    let sum = 0, squares = 0;
    for (const each of values) sum += each[i]!;
    const center = sum / count;
    for (const each of values) squares += (each[i]! - center) ** 2;
    mean[i] = center;
    spread[i] = Math.sqrt(squares / count);
  }
  return { mean, spread };
}

/** The mean of predictions of one shape, with its spread. */
export function average(predictions: readonly Prediction[]): EnsemblePrediction {
  const { shape, outputs } = predictions[0]!;
  const { mean, spread } = momentsOf(predictions.map(({ data }) => data));
  if (outputs === undefined) return { shape, data: mean, spread };
  let first = 0;
  const parts = Object.entries(outputs).map(([name, part]): [string, EnsemblePrediction] => {
    const from = first, width = part.shape[1], cut = (data: Memory): Memory => columnsOf({ shape, data }, from, width).data;
    first += width;
    return [name, { shape: part.shape, data: cut(mean), spread: cut(spread) }];
  });
  return { shape, data: mean, spread, outputs: Object.fromEntries(parts) };
}
