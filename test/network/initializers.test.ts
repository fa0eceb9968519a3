// Initial weights: mean, variance and limits of every initializer, defaults, and the seed.
import { describe, expect, test } from 'vitest';
import { dense, Network, type ActivationName, type Initializer, type InitializerName } from '../../lib/index.ts';
import { activations } from '../../lib/layers/activations.ts';
import { drawInitial, initializers } from '../../lib/layers/initializers.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends } from '../helpers/backends.ts';

const fanIn = 200, fanOut = 300, count = fanIn * fanOut;

/** Variance, and the largest value where there is one. */
const expected: Record<InitializerName, { readonly mean?: number; readonly variance: number; readonly limit?: number }> = {
  zeros: { variance: 0, limit: 0 },
  constant: { mean: 0.1, variance: 0, limit: 0.1 },
  randomUniform: { variance: 0.05 ** 2 / 3, limit: 0.05 },
  randomNormal: { variance: 0.05 ** 2 },
  glorotUniform: { variance: 2 / (fanIn + fanOut), limit: Math.sqrt(6 / (fanIn + fanOut)) },
  glorotNormal: { variance: 2 / (fanIn + fanOut) },
  heUniform: { variance: 2 / fanIn, limit: Math.sqrt(6 / fanIn) },
  heNormal: { variance: 2 / fanIn },
  lecunUniform: { variance: 1 / fanIn, limit: Math.sqrt(3 / fanIn) },
  lecunNormal: { variance: 1 / fanIn },
};

function moments(values: ArrayLike<number>): { mean: number; variance: number; kurtosis: number; largest: number } {
  const list = Array.from(values), average = (power: number, around: number): number => list.reduce((total, value) => total + (value - around) ** power, 0) / list.length;
  const mean = average(1, 0), variance = average(2, mean);
  return { mean, variance, kurtosis: average(4, mean) / variance ** 2, largest: list.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) };
}

function draw(initializer: Initializer, seed = 3): Float64Array {
  const values = new Float64Array(count);
  drawInitial(values, { initializer, shape: [count], fanIn, fanOut }, new RandomStream(seed, 1));
  return values;
}

test.each(Object.keys(initializers) as InitializerName[])('%s', (name) => {
  const values = draw(name), { mean, variance, limit } = { mean: 0, ...expected[name] };
  const found = moments(values), deviation = Math.sqrt(variance);
  expect(Math.abs(found.mean - mean)).toBeLessThanOrEqual(5 * deviation / Math.sqrt(count) + 1e-12);
  expect(Math.abs(found.variance - variance)).toBeLessThanOrEqual(0.03 * variance + 1e-20);
  if (limit === undefined) expect(found.kurtosis).toBeCloseTo(3, 0);
  else {
    expect(found.largest).toBeLessThanOrEqual(limit + 1e-15);
    expect(found.largest).toBeGreaterThanOrEqual(0.999 * limit);
  }
  if (variance > 0) {
    expect(found.kurtosis).toBeCloseTo(limit === undefined ? 3 : 1.8, 0);
    expect(draw(name, 4)).not.toEqual(values);
  }
  expect(draw(name)).toEqual(values);
});

test('scale is that of the options', () => {
  expect(Array.from(draw({ name: 'constant', scale: -2 }).subarray(0, 2))).toEqual([-2, -2]);
  expect(moments(draw({ name: 'randomNormal', scale: 3 })).variance).toBeCloseTo(9, 0);
  expect(moments(draw({ name: 'randomUniform', scale: 0.5 })).largest).toBeCloseTo(0.5, 3);
  expect(() => dense(2, 'relu', { initializer: { name: 'heNormal', scale: 2 } as Initializer })).toThrow(/^\[dense\] unknown option 'scale'/);
});

describe.each(backends)('%s', (backend) => {
  test.each(Object.keys(activations) as ActivationName[])('the default for %s', (activation) => {
    const units = 300, network = new Network({ inputs: 200, layers: [dense(units, activation)], seed: 5, backend });
    const [weight, bias] = network.weights();
    expect(weight!.shape).toEqual([units, 200]);
    const { variance, limit } = expected[activations[activation].initializer];
    expect(['relu', 'leakyRelu', 'elu', 'softplus'].includes(activation)).toBe(activations[activation].initializer === 'heNormal');
    const found = moments(weight!.data);
    expect(Math.abs(found.variance - variance)).toBeLessThan(0.03 * variance);
    if (limit !== undefined) expect(found.largest).toBeLessThanOrEqual(Math.fround(limit) + 1e-7);
    expect(Array.from(bias!.data).every((value) => value === 0)).toBe(true);
  });

  test('by seed, and apart from each other within a network', () => {
    const build = (seed?: number): number[][] => new Network({ inputs: 6, layers: [dense(6, 'relu'), dense(6, 'relu'), dense(6, 'relu', { biasInitializer: 'randomNormal' })], backend, ...(seed !== undefined && { seed }) }).weights().map(({ data }) => Array.from(data));
    expect(build(1)).toEqual(build(1));
    expect(build()).toEqual(build(0));
    const [first, , second, , third, bias] = build(1);
    expect(first).not.toEqual(build(2)[0]);
    expect(first).not.toEqual(build(1 + 2 ** 32)[0]);
    expect(first).not.toEqual(second);
    expect(second).not.toEqual(third);
    expect(third!.slice(0, 6)).not.toEqual(bias);
  });
});

test('the same first weights on every backend', () => {
  const all = backends.map((backend) => new Network({ inputs: 9, layers: [dense(7, 'tanh'), dense(3, 'relu')], seed: 11, backend }).weights());
  for (const weights of all) expect(weights.map(({ data }) => Array.from(data))).toEqual(all[0]!.map(({ data }) => Array.from(data)));
});
