// Mean loss of predicted probabilities, computed here and not by the library: a check from outside.

import type { NetworkShape } from './cases.ts';

/** Mean cross-entropy in nats. `probabilities` is `[rows, classes]` (`crossEntropy`) or `[rows]` (`binaryCrossEntropy`). */
export function meanLoss(loss: NetworkShape['loss'], probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const rows = labels.length;
  const classes = probabilities.length / rows;
  if (!Number.isInteger(classes)) throw new Error(`[loss] expected whole rows for ${rows} labels but received ${probabilities.length} probabilities`);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    const likelihood = loss === 'crossEntropy' ? probabilities[row * classes + label]!
      : label === 1 ? probabilities[row]! : 1 - probabilities[row]!;
    sum -= Math.log(likelihood);
  }
  return sum / rows;
}

/** One sentence where a loss is not a number or did not go down, `undefined` where all is well. */
export function lossComplaint(before: number | undefined, after: number | undefined): string | undefined {
  if (before === undefined || after === undefined) return 'reported no loss';
  if (!Number.isFinite(before) || !Number.isFinite(after)) return `has a loss that is not finite (${before}, then ${after})`;
  if (after >= before) return `has a loss that did not go down (${before}, then ${after})`;
  return undefined;
}
