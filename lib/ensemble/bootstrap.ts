// Bootstrap samples: rows drawn with replacement, and the rows that were not drawn (Breiman, "Bagging predictors", 1996).
import { RandomStream, streams } from '../random/philox.ts';

/** Positions of a sample of `count` from `length` examples, drawn with replacement: a function of seed and number alone. */
export function bootstrapSample(length: number, count: number, seed: number, number: number): Int32Array {
  const random = new RandomStream(seed, streams.bootstrap, number);
  return Int32Array.from({ length: count }, () => random.below(length));
}

/** Positions of `length` examples that are not in the sample, in order. */
export function outOfBag(sample: Int32Array, length: number): Int32Array {
  const drawn = new Uint8Array(length);
  for (const position of sample) drawn[position] = 1;
  return Int32Array.from({ length }, (_, position) => position).filter((position) => drawn[position] === 0);
}
