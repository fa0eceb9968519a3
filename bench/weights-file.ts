// Weights on their way from the library to a peer: a JSON manifest and, beside it, the raw Float32 numbers.

import { readFileSync, writeFileSync } from 'node:fs';
import { bytesOf } from './data.ts';

export interface Weight {
  readonly name: string;
  /** Dense weights are `[out, in]`, biases `[out]`. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Writes `path` (the manifest) and `path.f32` (all numbers, in the manifest's order). */
export function writeWeights(path: string, weights: readonly Weight[]): void {
  const all = new Float32Array(weights.reduce((sum, { data }) => sum + data.length, 0));
  let offset = 0;
  for (const { data } of weights) {
    all.set(data, offset);
    offset += data.length;
  }
  writeFileSync(`${path}.f32`, all);
  writeFileSync(path, JSON.stringify(weights.map(({ name, shape }) => ({ name, shape }))));
}

export function readWeights(path: string): Weight[] {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { name: string; shape: number[] }[];
  const all = new Float32Array(bytesOf(`${path}.f32`));
  let offset = 0;
  return manifest.map(({ name, shape }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const data = all.slice(offset, offset + length);
    offset += length;
    return { name, shape, data };
  });
}
