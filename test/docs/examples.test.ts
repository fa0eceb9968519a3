// The examples that are graphs run as they stand, and the figures they print are right.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

async function linesOf(example: string): Promise<string[]> {
  const { stdout, stderr } = await run(process.execPath, [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'examples', example)], { cwd: root });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
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
