// What prediction gives: the outputs of a network, side by side and each by itself.
import type { Memory } from '../backend/backend.ts';
import type { Model } from './model.ts';
import { columnsOf } from './textbook.ts';

/** Outputs of a network: row-major, one row per example; several outputs lie side by side. */
export interface Prediction {
  readonly shape: readonly [rows: number, outputs: number];
  readonly data: Memory;
  /** Each output by itself, for a network of several. */
  readonly outputs?: Readonly<Record<string, Prediction>>;
}

/** Options of `predictSync`. */
export interface PredictSyncOptions {
  /** Where the outputs are written: an array of rows × outputs numbers in the network's precision. The result's `data` is this array. */
  readonly into?: Memory;
}

export function predictionOf({ prediction: { output, outputs } }: Model, rows: number, data: Memory): Prediction {
  const whole = { shape: [rows, Number(output.shape[1])] as const, data };
  if (outputs.length === 1) return whole;
  let first = 0;
  const parts = outputs.map(({ name, node }): [string, Prediction] => {
    const width = Number(node.shape[1]), part = columnsOf(whole, first, width);
    first += width;
    return [name, { shape: [rows, width], data: part.data }];
  });
  return { ...whole, outputs: Object.fromEntries(parts) };
}
