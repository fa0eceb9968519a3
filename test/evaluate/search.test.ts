// Search: grids and draws in exact numbers, files from which a search goes on, failures and signals.
import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adam, dense, Network, search, type SearchSpace } from '../../lib/index.ts';
import { entriesOf, planOf } from '../../lib/evaluate/search-space.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, labelled, refusal } from '../helpers/networks.ts';

const space = { units: [4, 8, 16], rate: { from: 1e-4, to: 1e-1, scale: 'log' }, layers: { from: 1, to: 3, integer: true } } as const;
const drawn = (of: SearchSpace, count: number, seed = 1): Record<string, unknown>[] => Array.from({ length: count }, (_, i) => planOf(entriesOf(of), 'random', seed).at(i));
const pathOf = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'densely-search-')), 'search.jsonl');
/** Smallest at rate 0.01 and 8 units. */
const score = ({ units, rate }: { units: number; rate: number }): number => Math.log10(rate / 0.01) ** 2 + (Math.log2(units) - 3) ** 2;

describe('spaces', () => {
  test('a grid is every combination, in order', async () => {
    const { trials } = await search({ a: ['x', 'y'], b: { from: 1, to: 100, scale: 'log', steps: 3 }, c: { from: 0, to: 2, integer: true } }, () => 1, { strategy: 'grid' });
    expect(trials.map(({ configuration }) => configuration)).toEqual(['x', 'y'].flatMap((a) => [1, 10, 100].flatMap((b) => [0, 1, 2].map((c) => ({ a, b, c })))));
    expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 18 }, (_, i) => i));
    expect((await search({ a: [1, 2, 3] }, () => 1, { strategy: 'grid', trials: 2 })).trials).toHaveLength(2);
  });

  test('drawn numbers are spread evenly on their scale', () => {
    const values = drawn(space, 3000), third = (share: (value: Record<string, unknown>) => boolean): number => values.filter(share).length / 3000;
    // Three standard deviations of a share of a third are 0.026.
    for (const units of [4, 8, 16]) expect(Math.abs(third((value) => value['units'] === units) - 1 / 3)).toBeLessThan(0.026);
    for (const layers of [1, 2, 3]) expect(Math.abs(third((value) => value['layers'] === layers) - 1 / 3)).toBeLessThan(0.026);
    for (const from of [1e-4, 1e-3, 1e-2]) expect(Math.abs(third(({ rate }) => (rate as number) >= from && (rate as number) < 10 * from) - 1 / 3)).toBeLessThan(0.026);
    const whole = drawn({ n: { from: 1, to: 1000, scale: 'log', integer: true }, x: { from: -1, to: 1 } }, 3000);
    expect(whole.every(({ n }) => Number.isInteger(n) && (n as number) >= 1 && (n as number) <= 1000)).toBe(true);
    expect(whole.some(({ n }) => n === 1)).toBe(true);
    expect(Math.abs(whole.filter(({ x }) => (x as number) < 0).length / 3000 - 0.5)).toBeLessThan(0.028);
  });

  test('draws go by seed and number; of lists alone nothing is drawn twice', () => {
    expect(drawn(space, 5)).toEqual(drawn(space, 9).slice(0, 5));
    expect(drawn(space, 5)).not.toEqual(drawn(space, 5, 2));
    const lists = { a: [1, 2, 3, 4], b: ['x', 'y', 'z'] };
    expect(planOf(entriesOf(lists), 'random', 1).count).toBe(12);
    expect(new Set(drawn(lists, 12).map((value) => JSON.stringify(value))).size).toBe(12);
    expect(drawn(lists, 12)).not.toEqual(drawn(lists, 12, 2));
  });
});

test('the best is found, whichever way is better, and concurrency changes nothing', async () => {
  const options = { trials: 60, seed: 4 }, least = await search(space, score, options);
  const strip = ({ trials }: typeof least): unknown => trials.map(({ number, configuration, score: value }) => ({ number, configuration, value }));
  expect(least.best!.score).toBe(Math.min(...least.trials.map((trial) => trial.score!)));
  expect(least.best!.score).toBe(score(least.best!.configuration));
  expect(least.best!.configuration.units).toBe(8);
  const most = await search(space, (each) => ({ score: -score(each), units: each.units }), { ...options, direction: 'maximize' });
  expect(most.best!.configuration).toEqual(least.best!.configuration);
  expect(most.best!.result).toEqual({ units: 8 });
  expect(strip(await search(space, (each) => new Promise((done) => { setTimeout(() => done(score(each)), 20 * Math.random()); }), { ...options, concurrency: 7 }))).toEqual(strip(least));
  expect(String(most)).toMatch(/^trial +score +units +rate +layers\n[^]*\n\n60 trials, 0 failed$/);
});

describe('files', () => {
  test('a search goes on where it was ended, and a longer one after it', async () => {
    const path = await pathOf(), options = { trials: 12, seed: 2, resume: path }, ran: number[] = [], seeds: number[] = [];
    const run = (each: { units: number; rate: number }, trial: { number: number; seed: number }): number => {
      ran.push(trial.number);
      seeds[trial.number] = trial.seed;
      return score(each);
    };
    const whole = await search(space, run, { ...options, resume: await pathOf() }), allSeeds = [...seeds];
    expect(new Set(allSeeds).size).toBe(12);
    for (const count of [3, 5]) {
      const controller = new AbortController();
      let ended = 0;
      ran.length = 0;
      expectRefusal(await refusal(() => search(space, run, { ...options, signal: controller.signal, onTrial: () => { if (++ended === count) controller.abort(); } })), 'ERR_ABORTED');
      expect(ran).toHaveLength(count);
      await appendFile(path, '{"number":11,"sco');
    }
    ran.length = 0;
    const found = await search(space, run, options);
    expect(ran).toEqual([8, 9, 10, 11]);
    expect(seeds).toEqual(allSeeds);
    const strip = ({ trials }: typeof found): unknown => trials.map(({ seconds: _seconds, ...trial }) => trial);
    expect(strip(found)).toEqual(strip(whole));
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as { number?: number; seconds: number });
    expect(lines).toHaveLength(13);
    expect(lines.slice(1)).toEqual(JSON.parse(JSON.stringify(found.trials)));
    ran.length = 0;
    expect((await search(space, run, { ...options, trials: 14 })).trials).toHaveLength(14);
    expect(ran).toEqual([12, 13]);
  });

  test('of another search, or of something else, are refused', async () => {
    const path = await pathOf();
    await search(space, score, { trials: 2, resume: path });
    const before = await readFile(path, 'utf8');
    expectRefusal(await refusal(() => search(space, score, { seed: 1, resume: path })), 'ERR_OPTION', 'same space, strategy, seed');
    await appendFile(path, '{"number":2}\n');
    expectRefusal(await refusal(() => search(space, score, { resume: path })), 'ERR_DATA', 'line 4');
    await writeFile(path, `${before}not\n`);
    expectRefusal(await refusal(() => search(space, score, { resume: path })), 'ERR_DATA', 'line 4');
  });

  test('failures are kept and not tried again; values that are no data come back whole', async () => {
    const path = await pathOf(), make = { optimizer: [adam({ learningRate: 0.1 }), adam()], f: [Math.max, Math.min] };
    let ran = 0;
    const run = ({ f }: { f: (a: number, b: number) => number }, { number }: { number: number }): number => {
      ran++;
      if (number === 1) throw new Error('no good');
      return number === 2 ? Number.NaN : f(1, 2);
    };
    for (let i = 0; i < 2; i++) {
      const found = await search(make, run, { strategy: 'grid', resume: path });
      expect(found.trials.map(({ score: value, error }) => value ?? error)).toEqual([2, 'no good', 'expected a trial to give a finite number as its score but received NaN', 1]);
      expect(found.best!.number).toBe(3);
      expect(found.best!.configuration).toEqual({ optimizer: make.optimizer[1], f: Math.min });
    }
    expect(ran).toBe(4);
    const none = await search({ a: [1] }, () => { throw new Error('x'); });
    expect(none.best).toBeUndefined();
    expect(String(none)).toContain('1 trials, 1 failed');
  });
});

test.each(backends)('%s: networks, side by side, stopped by the signal', async (backend) => {
  const data = labelled(90, 6, 3), validation = labelled(40, 6, 3, 2);
  const run = async ({ units, rate }: { units: number; rate: number }, { seed, signal }: { seed: number; signal: AbortSignal }): Promise<number> => {
    const network = new Network({ inputs: 6, seed, layers: [dense(units, 'relu'), dense(3, 'softmax')], backend });
    return (await network.fit(data, { epochs: 6, optimizer: adam({ learningRate: rate }), validation, signal })).epochs.at(-1)!.validation!.loss;
  };
  const one = await search(space, run, { trials: 6, seed: 3 }), three = await search(space, run, { trials: 6, seed: 3, concurrency: 3 });
  expect(three.trials.map((trial) => trial.score)).toEqual(one.trials.map((trial) => trial.score));
  expect(new Set(one.trials.map((trial) => trial.score)).size).toBe(6);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 30);
  expectRefusal(await refusal(() => search(space, (each, trial) => run(each, trial).then(async (value) => { await new Promise((done) => { setTimeout(done, 10); }); return value; }), { trials: 1e6, signal: controller.signal })), 'ERR_ABORTED');
});

test.each<[call: () => unknown, part: string]>([
  [() => search({}, () => 1), "'space'"],
  [() => search({ a: { from: 0, to: 1, scale: 'log' } }, () => 1), "[search 'a'] expected 'from' to be positive"],
  [() => search({ a: { from: 2, to: 1 } }, () => 1), 'less than'],
  [() => search({ a: { from: 0.5, to: 1, integer: true } }, () => 1), 'whole numbers'],
  [() => search({ a: { from: 0, to: 1, step: 3 } as never }, () => 1), "did you mean 'steps'"],
  [() => search({ a: { from: 0, to: 1 } }, () => 1, { strategy: 'grid' }), "'steps' for a range"],
  [() => search({ a: [1] }, 1 as never), "'run'"],
  [() => search({ a: [1] }, () => 1, { strategy: 'gird' as never }), "did you mean 'grid'"],
])('bad options %#', async (call, part) => {
  expectRefusal(await refusal(call), 'ERR_OPTION', part);
});
