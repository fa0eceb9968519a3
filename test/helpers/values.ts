// Values for tests: seeded, in the domain that a sample asks for.
import { RandomStream } from '../../lib/random/philox.ts';
import type { Sample } from '../../lib/graph/node.ts';
import type { Shape } from '../../lib/graph/shape.ts';

/** Numbers of a static shape in the named domain; normal values keep away from kinks at 0. */
export function drawValues(shape: readonly number[], domain: string, random: RandomStream): Float64Array {
  const length = shape.reduce((a, b) => a * b, 1);
  const values = new Float64Array(length);
  const [name, argument] = domain.split(':');
  const k = Number(argument);
  for (let i = 0; i < length; i++) {
    const normal = random.normal();
    if (name === 'positive') values[i] = 0.3 + Math.abs(normal);
    else if (name === 'label') values[i] = random.below(k);
    else if (name === 'probability') values[i] = 0.05 + random.uniform();
    else values[i] = normal + Math.sign(normal) * 0.05;
  }
  if (name === 'probability') {
    for (let r = 0; r < length; r += k) {
      const sum = values.subarray(r, r + k).reduce((a, b) => a + b, 0);
      for (let c = 0; c < k; c++) values[r + c]! /= sum;
    }
  }
  return values;
}

export function withRows(shape: Shape, rows: number): number[] {
  return shape.map((dimension) => (dimension === 'rows' ? rows : dimension));
}

export function sampleValues(sample: Sample, rows: number, seed: number): Float64Array[] {
  return sample.shapes.map((shape, i) => drawValues(withRows(shape, rows), sample.domain?.[i] ?? 'normal', new RandomStream(seed, 99, i)));
}

/** Largest difference relative to the norm (root of the sum of squares) of the expected values. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0, norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    norm += expected[i]! ** 2;
    if (Number.isNaN(actual[i]!) !== Number.isNaN(expected[i]!)) return Infinity;
  }
  return difference / Math.max(Math.sqrt(norm / Math.max(1, expected.length)), 1e-3);
}
