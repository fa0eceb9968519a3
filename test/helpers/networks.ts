// What tests of networks share: seeded data, weights as bits, and the form of every refusal.
import { expect } from 'vitest';
import { DenselyError, type ErrorCode, type Network } from '../../lib/index.ts';
import { RandomStream } from '../../lib/random/philox.ts';

/** Normal numbers as rows. */
export function rowsOf(rows: number, width: number, seed: number): number[][] {
  const random = new RandomStream(seed, 90);
  return Array.from({ length: rows }, () => Array.from({ length: width }, () => Math.fround(random.normal())));
}

/** Examples with labels: which of the first `classes` features is the largest. */
export function labelled(rows: number, width: number, classes: number, seed = 1): { x: number[][]; y: number[] } {
  const x = rowsOf(rows, width, seed);
  return { x, y: x.map((row) => row.indexOf(Math.max(...row.slice(0, classes)))) };
}

/** Examples with smooth targets of `outputs` numbers. */
export function regression(rows: number, width: number, outputs: number, seed = 1): { x: number[][]; y: number[][] } {
  const x = rowsOf(rows, width, seed);
  return { x, y: x.map((row) => Array.from({ length: outputs }, (_, k) => Math.sin(row[k % width]! + k) + 0.5 * row[(k + 1) % width]!)) };
}

/** All weights, bit for bit, as text. */
export function bits(network: Network): string {
  return network.weights().map(({ name, data }) => `${name} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`).join('\n');
}

/** Weights by name. */
export function weightsOf(network: Network): Record<string, number[]> {
  return Object.fromEntries(network.weights().map(({ name, data }) => [name, Array.from(data)]));
}

/** The error of a call that must fail, at once or as a rejection. */
export async function refusal(call: () => unknown): Promise<DenselyError> {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    return error as DenselyError;
  }
  throw new Error(`expected a refusal but got ${String(result)}`);
}

/** Holds an error to the one form: a code, and one sentence that begins with [where] and contains `parts`. */
export function expectRefusal(error: DenselyError, code: ErrorCode, ...parts: readonly (string | RegExp)[]): void {
  expect(error, String((error as Error).stack)).toBeInstanceOf(DenselyError);
  expect(error.message).toMatch(/^\[[^\]]+\] \S.*[^.\s]$/);
  expect(error.message).not.toMatch(/\n|(?<!received )undefined|internal|\[object/);
  expect(error.message.length).toBeLessThan(320);
  expect(error.code, error.message).toBe(code);
  for (const part of parts) expect(error.message).toEqual(typeof part === 'string' ? expect.stringContaining(part) : expect.stringMatching(part));
}

/** The largest difference of two lists. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    largest = difference <= largest ? largest : difference;
  }
  return largest;
}
