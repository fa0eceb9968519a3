// softmax, log-softmax and log-sum-exp over the middle of [outer, k, inner], and cross-entropy from logits.
import type { Memory } from '../backend.ts';
import { extent, memoryOf, whole, type Preparation } from './context.ts';

/** Largest of k values, and the sum of their exponentials after subtracting it, which are left in `exponentials`. */
function stableSum(exponentials: Float64Array, values: Memory, at: number, k: number, stride: number): { largest: number; sum: number } {
  let largest = -Infinity;
  for (let c = 0; c < k; c++) largest = Math.max(largest, values[at + c * stride]!);
  // All −∞ has no finite largest; subtracting 0 instead gives a sum of 0 and not NaN.
  if (largest === -Infinity) largest = 0;
  let sum = 0;
  for (let c = 0; c < k; c++) sum += exponentials[c] = Math.exp(values[at + c * stride]! - largest);
  return { largest, sum };
}

export const softmax: Preparation = ({ ins, outs, attributes }) => {
  const x = ins[0]!, y = outs[0]!;
  const [kind, o, k, n] = attributes as [number, number, number, number];
  const exponentials = new Float64Array(k);
  return whole((context) => {
    const from = memoryOf(context, x), to = memoryOf(context, y);
    const outer = extent(o, context.rows), inner = extent(n, context.rows);
    for (let i = 0; i < outer; i++) for (let j = 0; j < inner; j++) {
      const at = x.offset + i * k * inner + j;
      const { largest, sum } = stableSum(exponentials, from, at, k, inner);
      if (kind === 2) {
        to[y.offset + i * inner + j] = largest + Math.log(sum);
        continue;
      }
      const target = y.offset + i * k * inner + j, logSum = Math.log(sum);
      for (let c = 0; c < k; c++) {
        to[target + c * inner] = kind === 0 ? exponentials[c]! / sum : from[at + c * inner]! - largest - logSum;
      }
    }
  });
};

export const softmaxCrossEntropy: Preparation = ({ ins, outs, attributes }) => {
  const [z, t] = ins as [typeof ins[0] & object, typeof ins[0] & object];
  const [loss, delta] = outs as [typeof outs[0] & object, typeof outs[0]];
  const [k, sparse] = attributes as [number, number];
  const exponentials = new Float64Array(k);
  return whole((context) => {
    const rows = context.rows;
    const logits = memoryOf(context, z), targets = memoryOf(context, t), losses = memoryOf(context, loss);
    const deltas = delta === undefined ? undefined : memoryOf(context, delta);
    for (let r = 0; r < rows; r++) {
      const at = z.offset + r;
      const { largest, sum } = stableSum(exponentials, logits, at, k, rows);
      const logSum = largest + Math.log(sum);
      const label = sparse === 1 ? targets[t.offset + r]! : -1;
      let total = sparse === 1 ? 1 : 0, result = 0;
      if (sparse === 1) {
        result = Number.isInteger(label) && label >= 0 && label < k ? logSum - logits[at + label * rows]! : NaN;
      } else {
        for (let c = 0; c < k; c++) {
          const target = targets[t.offset + c * rows + r]!;
          total += target;
          // A class without probability adds nothing, even where its logit is −∞.
          if (target !== 0) result += target * (logSum - logits[at + c * rows]!);
        }
      }
      losses[loss.offset + r] = result;
      if (deltas === undefined) continue;
      for (let c = 0; c < k; c++) {
        const target = sparse === 1 ? (c === label ? 1 : 0) : targets[t.offset + c * rows + r]!;
        deltas[delta!.offset + c * rows + r] = exponentials[c]! / sum * total - target;
      }
    }
  });
};
