// PyTorch's numbers: optimizers, clipping and schedules in whole runs of 51 steps on every backend, and the learning rates of its
// schedulers. The numbers are in torch-optimizers.json, made in double precision by make_torch_optimizers.py.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dense, Network, type Clip, type NamedTensor, type ScheduleSpec } from '../../lib/index.ts';
import { optimizers } from '../../lib/train/optimizers/registry.ts';
import { schedules, startSchedule } from '../../lib/train/schedules/registry.ts';
import { backends } from '../helpers/backends.ts';

interface Golden {
  batch: number;
  x: number[][];
  labels: number[];
  start: Record<string, number[] | number[][]>;
  runs: { optimizer: keyof typeof optimizers; options: Record<string, unknown>; clip?: Clip; losses: number[]; rates: number[]; weights: Record<string, Record<string, number[]>> }[];
  schedules: { schedule: ScheduleSpec & { type: keyof typeof schedules }; per: 'epoch' | 'step'; rates: number[] }[];
  observed: number[];
  plateaus: { options: Record<string, unknown>; rates: number[] }[];
}
const golden = JSON.parse(readFileSync(new URL('torch-optimizers.json', import.meta.url), 'utf8')) as Golden;

const configurations = [
  { name: 'float64', backend: 'typescript', precision: 'float64', lossError: 1e-10, weightError: 1e-10 },
  ...backends.map((backend) => ({ name: backend, backend, precision: 'float32', lossError: 1e-5, weightError: 1e-4 }) as const),
] as const;

/** Largest difference relative to the largest value expected. */
function difference(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value) / largest));
}

/** Largest relative difference of single values; rounding of the largest passes for what is 0 in theory. */
function eachDifference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const rounding = 1e-15 * Math.max(...expected);
  return Math.max(...expected.map((value, i) => Math.max(0, Math.abs(actual[i]! - value) - rounding) / Math.max(value, rounding)));
}

const title = (value: object): string => JSON.stringify(value).replaceAll('"', '');

describe.each(configurations)('$name', ({ backend, precision, lossError, weightError }) => {
  test.each(golden.runs.map((run) => ({ ...run, title: `${run.optimizer} ${title(run.options)} ${run.clip ? title(run.clip) : ''}` })))('$title', async ({ optimizer, options, clip, losses, rates, weights }) => {
    const network = new Network({ inputs: 5, layers: [dense(4, 'tanh'), dense(3, 'softmax')], backend, precision });
    network.setWeights(Object.entries(golden.start).map(([name, values]) => ({ name, data: values.flat() })));
    const found: Record<string, NamedTensor[]> = {};
    const { epochs } = await network.fit({ x: golden.x, y: golden.labels }, {
      epochs: losses.length, batchSize: golden.batch, shuffle: false, optimizer: { type: optimizer, options }, ...(clip && { clip }),
      onEpoch: ({ epoch }) => { found[epoch] = network.weights(); },
    });
    expect(eachDifference(epochs.map(({ learningRate }) => learningRate), rates)).toBeLessThan(1e-10);
    expect(difference(epochs.map(({ loss }) => loss), losses)).toBeLessThan(lossError);
    for (const [epoch, tensors] of Object.entries(weights)) {
      for (const { name, data } of found[epoch]!) expect(difference(data, tensors[name]!), `${name} after epoch ${epoch}`).toBeLessThan(weightError);
    }
    expect(Object.keys(weights)).toEqual(['1', String(losses.length)]);
  });
});

describe('rates', () => {
  test.each(golden.schedules.map((each) => ({ ...each, title: `${each.schedule.type} ${title(each.schedule.options)}` })))('$title', ({ schedule, per, rates }) => {
    const running = startSchedule(schedules[schedule.type].check(schedule.options)), count = rates.length;
    const moment = (t: number) => (per === 'step' ? { step: t, epoch: Math.floor(t / 4), stepsPerEpoch: 4, epochs: count / 4 } : { step: 7 * t + 3, epoch: t, stepsPerEpoch: 7, epochs: count });
    expect(eachDifference(rates.map((_, t) => running.rate(moment(t))), rates)).toBeLessThan(1e-10);
    expect(new Set(rates).size).toBeGreaterThan(3);
    // A function of the moment: the same in any order.
    if (running.observe === undefined) expect(running.rate(moment(5))).toBe(running.rate(moment(5)));
  });

  test.each(golden.plateaus.map((each) => ({ ...each, title: `reduceOnPlateau ${title(each.options)}` })))('$title', ({ options, rates }) => {
    const running = startSchedule(schedules.reduceOnPlateau.check(options));
    const found = golden.observed.map((loss, epoch) => {
      const rate = running.rate({ step: 3 * epoch, epoch, stepsPerEpoch: 3, epochs: 40 });
      running.observe!({ loss });
      return rate;
    });
    expect(eachDifference(found, rates)).toBeLessThan(1e-10);
    expect(new Set(rates).size).toBeGreaterThan(1);
  });
});

test('every optimizer, schedule and kind of clipping is held to numbers of PyTorch', () => {
  const before = ['sgd', 'adam', 'adamw'], types = (list: { type: string }[]) => new Set(list.map(({ type }) => type));
  expect(new Set([...before, ...golden.runs.map(({ optimizer }) => optimizer)])).toEqual(new Set(Object.keys(optimizers)));
  expect(new Set([...types(golden.schedules.map(({ schedule }) => schedule)), 'constant', 'reduceOnPlateau'])).toEqual(new Set(Object.keys(schedules)));
  expect(new Set(golden.runs.flatMap(({ clip }) => Object.keys(clip ?? {})))).toEqual(new Set(['value', 'norm', 'globalNorm']));
});
