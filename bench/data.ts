// The benchmark's data: seeded numbers like MNIST's, made once per run and handed to every contestant as the same files.

import { mkdirSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchmarkCase } from './cases.ts';
import type { DataFiles } from './trial-types.ts';

export interface Data {
  /** `[rows, inputs]`, row by row. */
  readonly x: Float32Array;
  /** One label a row. */
  readonly y: Int32Array;
}

/** Uniform numbers in [0, 1) (mulberry32): the benchmark does not draw its data with the library it measures. */
export function uniformStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** MNIST has 19 % of its pixels lit. */
const litShare = 0.19;
/** Some labels are wrong, so that no network fits the data perfectly and runs on with gradients that underflow. */
const wrongLabelShare = 0.1;

/** Pixels in [0, 1] in steps of 1/255; the label is the class whose random direction fits a row best. */
export function digitLikeData(rows: number, inputs: number, classes: number, seed: number): Data {
  const uniform = uniformStream(seed);
  const x = new Float32Array(rows * inputs);
  for (let i = 0; i < x.length; i++) if (uniform() < litShare) x[i] = (1 + Math.floor(uniform() * 255)) / 255;
  const directions = Float64Array.from({ length: classes * inputs }, () => uniform() - 0.5);
  const mean = litShare * 0.5;
  const y = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = -Infinity;
    for (let label = 0; label < classes; label++) {
      let score = 0;
      for (let i = 0; i < inputs; i++) score += directions[label * inputs + i]! * (x[row * inputs + i]! - mean);
      if (score > best) { best = score; y[row] = label; }
    }
    if (uniform() < wrongLabelShare) y[row] = Math.floor(uniform() * classes);
  }
  return { x, y };
}

/** The data of a case: the four rows of XOR, or numbers like MNIST's. */
export function makeData(one: BenchmarkCase): Data {
  if (one.network.inputs === 2) return { x: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), y: Int32Array.of(0, 1, 1, 0) };
  return digitLikeData(one.rows, one.network.inputs, one.network.layers.at(-1)!.units, 42);
}

/** Writes the data of a case into `folder`, unless a case of the same shape already did. */
export function writeData(folder: string, one: BenchmarkCase): DataFiles {
  mkdirSync(folder, { recursive: true });
  const stem = join(folder, `${one.rows}x${one.network.inputs}`);
  const files = { x: `${stem}.x.f32`, y: `${stem}.y.i32` };
  if (!existsSync(files.y)) {
    const { x, y } = makeData(one);
    writeFileSync(files.x, x);
    writeFileSync(files.y, y);
  }
  return files;
}

export function readData(files: DataFiles): Data {
  return { x: new Float32Array(bytesOf(files.x)), y: new Int32Array(bytesOf(files.y)) };
}

/** A file's bytes in an ArrayBuffer of their own: Node's small Buffers share one, at any offset. */
export function bytesOf(path: string): ArrayBuffer {
  const file = readFileSync(path);
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
}
