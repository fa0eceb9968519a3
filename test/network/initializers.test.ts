// Initial weights: mean, variance and limits of every initializer, defaults, and the seed.
import { describe, expect, test } from 'vitest';
import { dense, Network, type ActivationName, type Initializer, type InitializerName } from '../../lib/index.ts';
import { activations } from '../../lib/layers/activations.ts';
import { drawInitial, initializers } from '../../lib/layers/initializers.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends } from '../helpers/backends.ts';

const fanIn = 200, fanOut = 300, count = fanIn * fanOut;

/** Initializers of whole matrices, which have tests of their own. */
type MatrixName = 'orthogonal' | 'identity';

/** Variance, and the largest value and the kurtosis where there is one (default that of uniform or normal numbers). */
const expected: Record<Exclude<InitializerName, MatrixName>, { readonly mean?: number; readonly variance: number; readonly limit?: number; readonly kurtosis?: number }> = {
  zeros: { variance: 0, limit: 0 },
  ones: { mean: 1, variance: 0, limit: 1 },
  constant: { mean: 0.1, variance: 0, limit: 0.1 },
  randomUniform: { variance: 0.05 ** 2 / 3, limit: 0.05 },
  randomNormal: { variance: 0.05 ** 2 },
  // Moments of a normal distribution cut off at ±2: 1 − 4φ(2)/Z and 3 − 12φ(2)/Z − 16φ(2)/Z with Z = 2Φ(2) − 1.
  truncatedNormal: { variance: 0.773741 * 0.05 ** 2, limit: 0.1, kurtosis: 2.3656 },
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

test('every initializer has its numbers here', () => {
  expect([...Object.keys(expected), 'orthogonal', 'identity'].toSorted()).toEqual(Object.keys(initializers).toSorted());
});

test.each(Object.keys(expected) as (keyof typeof expected)[])('%s', (name) => {
  const values = draw(name), { mean, variance, limit, kurtosis } = { mean: 0, kurtosis: undefined, ...expected[name] };
  const found = moments(values), deviation = Math.sqrt(variance);
  expect(Math.abs(found.mean - mean)).toBeLessThanOrEqual(5 * deviation / Math.sqrt(count) + 1e-12);
  expect(Math.abs(found.variance - variance)).toBeLessThanOrEqual(0.03 * variance + 1e-20);
  if (limit !== undefined) {
    expect(found.largest).toBeLessThanOrEqual(limit + 1e-15);
    expect(found.largest).toBeGreaterThanOrEqual(0.999 * limit);
  }
  if (variance > 0) {
    expect(Math.abs(found.kurtosis - (kurtosis ?? (limit === undefined ? 3 : 1.8)))).toBeLessThan(0.1);
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

/** A matrix of units × inputs. */
function drawMatrix(initializer: Initializer, units: number, inputs: number, { seed = 3, transposed = false } = {}): number[][] {
  const values = new Float64Array(units * inputs);
  drawInitial(values, { initializer, shape: transposed ? [inputs, units] : [units, inputs], fanIn: inputs, fanOut: units, transposed }, new RandomStream(seed, 1));
  return Array.from({ length: units }, (_, unit) => Array.from({ length: inputs }, (__, input) => values[transposed ? input * units + unit : unit * inputs + input]!));
}

describe('of whole matrices', () => {
  const inner = (a: readonly number[], b: readonly number[]): number => a.reduce((total, value, i) => total + value * b[i]!, 0);
  const transposed = (matrix: readonly number[][]): number[][] => matrix[0]!.map((_, i) => matrix.map((row) => row[i]!));

  test.each([[40, 40], [17, 60], [60, 17], [1, 5], [5, 1]])('orthogonal, %i × %i', (units, inputs) => {
    for (const scale of [1, Math.SQRT2]) {
      const matrix = drawMatrix({ name: 'orthogonal', scale }, units, inputs), lines = units <= inputs ? matrix : transposed(matrix);
      lines.forEach((a, i) => lines.forEach((b, j) => expect(Math.abs(inner(a, b) - (i === j ? scale ** 2 : 0)), `${i} ${j}`).toBeLessThan(1e-13)));
    }
    expect(drawMatrix('orthogonal', units, inputs)).toEqual(drawMatrix('orthogonal', units, inputs));
    if (units * inputs > 5) expect(drawMatrix('orthogonal', units, inputs)).not.toEqual(drawMatrix('orthogonal', units, inputs, { seed: 4 }));
  });

  test('orthogonal matrices are uniform: values have mean 0 and variance 1 / n, and those on the diagonal no preferred sign', () => {
    const matrices = Array.from({ length: 300 }, (_, seed) => drawMatrix('orthogonal', 12, 12, { seed }));
    const { mean, variance } = moments(matrices.flat(2));
    expect(Math.abs(mean)).toBeLessThan(0.005);
    expect(variance).toBeCloseTo(1 / 12, 3);
    const diagonal = moments(matrices.flatMap((matrix) => matrix.map((row, i) => row[i]!)));
    expect(Math.abs(diagonal.mean)).toBeLessThan(0.025);
    expect(Math.abs(diagonal.variance - 1 / 12)).toBeLessThan(0.01);
  });

  test('identity', () => {
    expect(drawMatrix('identity', 2, 3)).toEqual([[1, 0, 0], [0, 1, 0]]);
    expect(drawMatrix({ name: 'identity', scale: 0.5 }, 3, 2)).toEqual([[0.5, 0], [0, 0.5], [0, 0]]);
  });

  test.each(Object.keys(initializers) as InitializerName[])('%s gives the same numbers in either order of storage', (name) => {
    expect(drawMatrix(name, 5, 7, { transposed: true })).toEqual(drawMatrix(name, 5, 7));
  });

  test('biases are no matrices', () => {
    expect(() => dense(2, 'relu', { biasInitializer: 'orthogonal' })).toThrow("[dense] expected 'biasInitializer' to be an initializer of single values but 'orthogonal' makes matrices");
  });
});

test('weights that are masked are 0', () => {
  const values = new Float32Array(6), mask = Uint8Array.of(1, 0, 1, 0, 0, 1);
  drawInitial(values, { initializer: 'ones', shape: [2, 3], fanIn: 3, fanOut: 2, mask }, new RandomStream(1, 1));
  expect(Array.from(values)).toEqual(Array.from(mask));
});

describe.each(backends)('%s', (backend) => {
  test('a bias of 0.1 for rectified units', () => {
    const [, bias] = new Network({ inputs: 2, layers: [dense(3, 'relu', { biasInitializer: { name: 'constant', scale: 0.1 } })], backend }).weights();
    expect(Array.from(bias!.data)).toEqual([0.1, 0.1, 0.1].map(Math.fround));
  });

  test.each(Object.keys(activations) as ActivationName[])('the default for %s', (activation) => {
    const units = 300, network = new Network({ inputs: 200, layers: [dense(units, activation)], seed: 5, backend });
    const [weight, bias] = network.weights();
    expect(weight!.shape).toEqual([units, 200]);
    const { variance, limit } = expected[activations[activation].initializer];
    const rectified = ['relu', 'relu6', 'leakyRelu', 'elu', 'gelu', 'geluTanh', 'silu', 'mish', 'softplus', 'hardSwish'];
    expect(activations[activation].initializer).toBe(rectified.includes(activation) ? 'heNormal' : activation === 'selu' ? 'lecunNormal' : 'glorotUniform');
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
