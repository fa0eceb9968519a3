import { describe, expect, test } from 'vitest';
import { measureAwaitedCalls, measureCalls, measureRun, percentile, planSteps, runClients } from '../../bench/timing.ts';
import { watchOthers } from '../../bench/others.ts';
import { spread } from '../../bench/statistics.ts';

/** A clock that only the work moves: no test waits, none depends on the machine. */
function fakeWork(milliseconds: (call: number) => number) {
  let now = 0;
  let calls = 0;
  return { clock: () => now, work: () => { now += milliseconds(calls++); }, calls: () => calls };
}

const repeat = (work: () => void) => (count: number): number => {
  for (let index = 0; index < count; index++) work();
  return count;
};

describe('measureRun', () => {
  test('measures one run of at least the asked time, after a slow first step', async () => {
    const fake = fakeWork((call) => (call === 0 ? 300 : 0.5));
    const { count, seconds } = await measureRun(repeat(fake.work), 1, fake.clock);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThan(1.5);
    expect((seconds * 1000) / count).toBeCloseTo(0.5, 6);
    expect(fake.calls()).toBeGreaterThan(count);
  });

  test('runs a step longer than the measurement twice, and one very much longer once', async () => {
    const long = fakeWork(() => 5000), endless = fakeWork(() => 12_000);
    expect(await measureRun(repeat(long.work), 1, long.clock)).toEqual({ count: 1, seconds: 5 });
    expect(long.calls()).toBe(2);
    expect(await measureRun(repeat(endless.work), 1, endless.clock)).toEqual({ count: 1, seconds: 12 });
    expect(endless.calls()).toBe(1);
  });

  test('counts the steps that were done, not those asked for', async () => {
    const fake = fakeWork(() => 1);
    const wholeEpochs = (count: number) => repeat(fake.work)(planSteps(count, 32, 320).steps);
    const { count, seconds } = await measureRun(wholeEpochs, 1, fake.clock);
    expect(count % 10).toBe(0);
    expect(seconds).toBeCloseTo(count / 1000, 9);
  });
});

test('measureCalls gives the median call and the slow ones, warm-up left out', () => {
  const fake = fakeWork((call) => (call < 5 ? 50 : call % 50 === 0 ? 3 : 1));
  const { p50, p99, count, seconds } = measureCalls(fake.work, 1, fake.clock);
  expect(p50).toBe(1000);
  expect(p99).toBe(3000);
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(fake.calls() - count).toBe(5);
});

test('measureAwaitedCalls waits for each call', async () => {
  const fake = fakeWork(() => 2);
  const { p50, count } = await measureAwaitedCalls(async () => { await Promise.resolve(); fake.work(); }, 1, fake.clock);
  expect(p50).toBe(2000);
  expect(count).toBe(500);
});

test('runClients has so many calls under way at once, and whole turns of them', async () => {
  const asked: number[] = [];
  let under = 0, most = 0;
  const made = await runClients(async (index) => {
    asked.push(index);
    most = Math.max(most, ++under);
    await Promise.resolve();
    under--;
  }, 4, 10);
  expect(made).toBe(12);
  expect(most).toBe(4);
  expect(asked.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index));
});

test('percentile is the nearest rank', () => {
  expect([0, 0.2, 0.5, 0.99, 1].map((share) => percentile([10, 20, 30, 40, 50], share))).toEqual([10, 10, 30, 50, 50]);
});

test('planSteps lays steps over part of an epoch or over whole epochs', () => {
  expect(planSteps(3, 32, 4096)).toEqual({ rows: 96, epochs: 1, steps: 3 });
  expect(planSteps(128, 32, 4096)).toEqual({ rows: 4096, epochs: 1, steps: 128 });
  expect(planSteps(129, 32, 4096)).toEqual({ rows: 4096, epochs: 2, steps: 256 });
  expect(planSteps(1000, 4, 4)).toEqual({ rows: 4, epochs: 1000, steps: 1000 });
});

test('spread is median, least and greatest', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spread([4, 1, 2, 10])).toEqual({ median: 3, min: 1, max: 10 });
  expect(() => spread([])).toThrow('internal:');
});

test('watchOthers counts what others work, not what this process does', () => {
  const now = { busy: 100, own: 10, clock: 5 };
  const others = watchOthers({ busy: () => now.busy, own: () => now.own, clock: () => now.clock });
  Object.assign(now, { busy: 104, own: 13, clock: 7 });
  expect(others()).toBeCloseTo(0.5, 12);
  // Processors are read in ticks, this process exactly: a quiet machine may come out below zero.
  Object.assign(now, { busy: 104, own: 14.1, clock: 7 });
  expect(others()).toBe(0);
});
