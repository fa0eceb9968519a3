import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases, type BenchmarkCase } from '../../bench/cases.ts';
import { digitLikeData, makeData, readData, uniformStream, writeData } from '../../bench/data.ts';
import { readWeights, writeWeights } from '../../bench/weights-file.ts';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'densely-bench-test-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const smallCase = { ...cases.find(({ name }) => name === 'W4-32-adam')!, rows: 96 } as BenchmarkCase;

describe('data', () => {
  test('looks like digits: values of k/255 in [0, 1], a fifth lit, every class present', () => {
    const { x, y } = digitLikeData(500, 64, 10, 7);
    expect(x.every((value) => value >= 0 && value <= 1 && Math.abs(value * 255 - Math.round(value * 255)) < 1e-4)).toBe(true);
    const lit = x.filter((value) => value > 0).length / x.length;
    expect(lit).toBeGreaterThan(0.17);
    expect(lit).toBeLessThan(0.21);
    expect([...new Set(y)].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('is a function of its seed', () => {
    expect(digitLikeData(20, 5, 3, 1)).toEqual(digitLikeData(20, 5, 3, 1));
    expect(digitLikeData(20, 5, 3, 1).x).not.toEqual(digitLikeData(20, 5, 3, 2).x);
    const uniform = uniformStream(1);
    const mean = Array.from({ length: 10_000 }, uniform).reduce((sum, value) => sum + value, 0) / 10_000;
    expect(mean).toBeCloseTo(0.5, 1);
  });

  test('of W0 is XOR', () => {
    const { x, y } = makeData(cases[0]!);
    expect([...y].map((label, row) => [x[2 * row], x[2 * row + 1], label])).toEqual([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]);
  });

  test('comes back from its files as it was, and is written once', () => {
    const files = writeData(folder, smallCase);
    const written = statSync(files.x).mtimeMs;
    expect(readData(files)).toEqual(makeData(smallCase));
    expect(writeData(folder, smallCase)).toEqual(files);
    expect(statSync(files.x).mtimeMs).toBe(written);
  });
});

test('weights come back from their file as they were', () => {
  const weights = [
    { name: 'dense1.weight', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6.5) },
    { name: 'dense1.bias', shape: [3], data: Float32Array.of(-1, 0, 1) },
  ];
  const path = join(folder, 'weights.json');
  writeWeights(path, weights);
  expect(readWeights(path)).toEqual(weights);
});
