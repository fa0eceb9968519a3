// The examples run as they stand, and the figures they print are right: those that need data of their own on data made here.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

async function linesOf(example: string, ...given: string[]): Promise<string[]> {
  const { stdout, stderr } = await run(process.execPath, [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'examples', example), ...given], { cwd: root });
  // Nothing but progress goes to the other stream.
  for (const line of stderr.split('\n')) expect(line).toMatch(/^$|^epoch +\d+\/\d+  loss \d/);
  return [...stderr.split('\n').filter((line) => line !== ''), ...stdout.trim().split('\n')];
}

const numbersIn = (line: string): number[] => [...line.matchAll(/-?\d+\.\d+/g)].map(([number]) => Number(number));

test('logistic regression: the loss falls, and digits not seen before are told apart', async () => {
  const lines = await linesOf('logistic-regression.ts');
  const losses = lines.slice(0, -1).map((line) => numbersIn(line)[0]!);
  expect(losses).toHaveLength(5);
  for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThan(losses[i - 1]!);
  expect(losses[0]).toBeLessThan(Math.LN2);
  const [loss, accuracy] = numbersIn(lines.at(-1)!) as [number, number];
  expect(loss).toBeLessThan(0.2);
  expect(accuracy).toBeGreaterThan(0.94);
  expect(accuracy).toBeLessThanOrEqual(1);
}, 120_000);

test('cubic polynomial: the coefficients are found, and what is left over is the noise', async () => {
  const lines = await linesOf('cubic-polynomial.ts');
  const rows = lines.slice(1, 5).map(numbersIn);
  expect(rows.map(([value]) => value)).toEqual([0.5, -1, 0.25, 0.8]);
  for (const [value, fitted] of rows) expect(Math.abs(fitted! - value!)).toBeLessThan(0.03);
  const [residual, noise] = numbersIn(lines.at(-1)!) as [number, number];
  expect(noise).toBe(0.1);
  expect(Math.abs(residual - noise)).toBeLessThan(0.012);
}, 120_000);

test('ensemble: the average beats every member, and the least certain digits are shown', async () => {
  const lines = await linesOf('ensemble.ts');
  const members = lines.slice(0, 5).map((line) => numbersIn(line)[0]!), [ensemble, outOfBag] = numbersIn(lines[5]!) as [number, number];
  expect(members).toHaveLength(5);
  for (const member of members) expect(member).toBeGreaterThan(0.9);
  expect(ensemble).toBeGreaterThan(Math.max(...members));
  expect(Math.abs(ensemble - outOfBag)).toBeLessThan(0.05);
  expect(lines.filter((line) => /^a \d, taken for a \d with probability 0\.\d\d ± 0\.\d\d$/.test(line))).toHaveLength(3);
}, 120_000);

test('approximation: by hand within the bound, which falls with the square of the width; learnt to the error wanted', async () => {
  const lines = await linesOf('approximation.ts');
  const rows = lines.slice(1, 7).map(numbersIn) as [number, number, number][];
  rows.forEach(([byHand, bound], i) => {
    expect(byHand).toBeLessThanOrEqual(bound + 1e-5);
    expect(byHand).toBeGreaterThan(bound / 2);
    if (i > 0) expect(byHand).toBeLessThan(rows[i - 1]![0] / 3);
  });
  const [reached, wanted] = numbersIn(lines.at(-1)!) as [number, number];
  expect(reached).toBe(Math.min(...rows.map(([, , learnt]) => learnt)));
  expect(reached).toBeLessThan(wanted);
}, 120_000);

test('sawtooth: few parameters in depth are exact, as many in width are not; learnt, depth comes nearer', async () => {
  const rows = (await linesOf('sawtooth.ts')).filter((line) => line.includes('layer')).map((line) => line.slice(36).trim().split(/ +/).map(Number));
  expect(rows.slice(0, 2)).toEqual([[49, 256, 0], [769, 256, 0]]);
  const [shallow, ...learnt] = rows.slice(2) as [number, number, number][];
  expect(shallow![0]).toBe(49);
  expect(shallow![1]).toBeLessThanOrEqual(17);
  expect(shallow![2]).toBeGreaterThan(0.5);
  expect(learnt).toHaveLength(6);
  for (let seed = 0; seed < 3; seed++) {
    const deep = learnt[2 * seed]!, wide = learnt[2 * seed + 1]!;
    expect(deep[0]).toBe(wide[0]);
    expect(deep[2]).toBeLessThan(0.85 * wide[2]);
  }
}, 120_000);

test('sparse autoencoder: units are as active as wanted, images come back, features are drawn', async () => {
  const lines = await linesOf('autoencoder.ts');
  const [active, wanted] = numbersIn(lines[0]!) as [number, number];
  expect(Math.abs(active / wanted - 1)).toBeLessThan(0.1);
  expect(numbersIn(lines[1]!)[0]).toBeLessThan(0.05);
  expect(await readFile(lines[2]!.replace('features drawn to ', ''), 'utf8')).toMatch(/^<svg[^]*data:image\/png/);
}, 120_000);

test('a large network, here a small one, prints its weights, steps and memory', async () => {
  const lines = await linesOf('large.ts', '50', '20');
  expect(lines[0]).toContain('0.1 million weights');
  const losses = lines.slice(1, -2).map((line) => numbersIn(line)[0]!);
  expect(losses).toHaveLength(20);
  expect(losses[19]).toBeLessThan(losses[0]! / 2);
  expect(numbersIn(lines.at(-1)!)[0]).toBeGreaterThan(0);
}, 120_000);

describe('with data from a folder', () => {
  let folder: string;

  /** An IDX file of bytes. */
  const idx = (shape: readonly number[], value: (i: number) => number): Uint8Array => {
    const count = shape.reduce((product, dimension) => product * dimension, 1), bytes = new Uint8Array(4 + 4 * shape.length + count), view = new DataView(bytes.buffer);
    view.setUint32(0, 0x0800 + shape.length);
    shape.forEach((dimension, i) => view.setUint32(4 + 4 * i, dimension));
    for (let i = 0; i < count; i++) bytes[4 + 4 * shape.length + i] = value(i);
    return bytes;
  };
  const noise = (i: number): number => Math.sin(12.9898 * i) * 43758.5453 % 1;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'densely-examples-'));
    // Class c has a bright bar across lines 2c and 2c + 1.
    for (const [kind, rows] of [['train', 256], ['t10k', 60]] as const) {
      await writeFile(join(folder, `${kind}-labels-idx1-ubyte`), idx([rows], (row) => row % 10));
      await writeFile(join(folder, `${kind}-images-idx3-ubyte`), idx([rows, 28, 28], (i) => (Math.floor(i % 784 / 56) === Math.floor(i / 784) % 10 ? 200 : 40) + 40 * noise(i + rows)));
    }
    const rows = Array.from({ length: 200 }, (_, row) => Array.from({ length: 8 }, (__, i) => Math.round(1000 * (1 + noise(8 * row + i))) / 10));
    const strength = (row: readonly number[]): number => 20 + row[0]! / 10 - row[1]! * row[2]! / 500;
    await writeFile(join(folder, 'concrete.csv'), ['a,b,c,d,e,f,g,h,compressive_strength_mpa', ...rows.map((row) => [...row, strength(row)].join(','))].join('\n'));
    await writeFile(join(folder, 'concrete_splits.json'), JSON.stringify({ test: [0, 1, 2].map((split) => Array.from({ length: 20 }, (_, i) => 3 * i + split)) }));
  });
  afterAll(() => rm(folder, { recursive: true }));

  // Batch normalisation needs its running means, besides weights.
  test.each([['mnist-800.ts', 8], ['mnist-dropout.ts', 8], ['mnist-maxout.ts', 8], ['mnist-cos.ts', 16]])('%s tells bars in ten places apart', async (example, epochs) => {
    const lines = await linesOf(example, folder, String(epochs));
    expect(lines).toHaveLength(epochs + 2);
    expect(lines.at(-1)).toMatch(/^test error \d+\.\d\d %$/);
    expect(numbersIn(lines.at(-1)!)[0]).toBeLessThan(20);
  }, 120_000);

  test('fashion.ts tells them apart with both networks', async () => {
    const lines = await linesOf('fashion.ts', folder, '8');
    for (const line of lines.slice(-2)) expect(numbersIn(line)[0]).toBeGreaterThan(0.8);
  }, 120_000);

  test('concrete.ts finds a smooth function to a fifth of its spread', async () => {
    const [perSplit, mean] = (await linesOf('concrete.ts', folder)).map(numbersIn);
    expect(perSplit).toHaveLength(3);
    expect(Math.abs(mean![0]! - perSplit!.reduce((a, b) => a + b, 0) / 3)).toBeLessThan(0.01);
    expect(mean![0]).toBeLessThan(18.5 / 5);
  }, 120_000);

  test('without a folder they say how they are started', async () => {
    await expect(linesOf('mnist-800.ts')).rejects.toThrow('usage: npm run example -- examples/mnist-800.ts FOLDER [epochs]');
  });
});
