// Units with parameters, merging layers, noise layers: by hand and by their statistics.
import { describe, expect, test } from 'vitest';
import {
  activityRegularization, add, alphaDropout, average, concatenate, dense, gaussianDropout, gaussianNoise, highway, input, maskingNoise, maximum, maxout, minimum,
  multiply, Network, prelu, sgd, subtract, type Layer, type SymbolicTensor,
} from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { largestDifference, regression, rowsOf, weightsOf } from '../helpers/networks.ts';

const x = rowsOf(6, 3, 5);

describe.each(backends)('%s', (backend) => {
  const chainOf = (inputs: number, ...layers: Layer[]): Network => new Network({ inputs, layers, seed: 4, backend });
  const affine = (row: readonly number[], weight: readonly number[], bias: readonly number[]): number[] => bias.map((b, unit) => row.reduce((so, value, i) => so + value * weight[unit * row.length + i]!, b));

  test('maxout is the largest of its pieces, piece by piece in memory', () => {
    const network = chainOf(3, maxout(4, 2, { biasInitializer: 'randomNormal' })), { 'maxout1.weight': weight, 'maxout1.bias': bias } = weightsOf(network);
    expect(network.weights().map(({ shape }) => shape)).toEqual([[8, 3], [8]]);
    const expected = x.flatMap((row) => {
      const z = affine(row, weight!, bias!);
      return Array.from({ length: 4 }, (_, unit) => Math.max(z[unit]!, z[4 + unit]!));
    });
    expect(largestDifference(network.predictSync(x).data, expected)).toBeLessThan(1e-5);
  });

  test('two opposite pieces are the absolute value, which maxout learns', async () => {
    const inputs = Array.from({ length: 41 }, (_, i) => [(i - 20) / 10]), network = chainOf(1, maxout(1, 2));
    await network.fit({ x: inputs, y: inputs.map(([value]) => [Math.abs(value!)]) }, { epochs: 300, batchSize: 41, optimizer: sgd({ learningRate: 0.2 }) });
    expect(largestDifference(network.predictSync(inputs).data, inputs.map(([value]) => Math.abs(value!)))).toBeLessThan(0.01);
  });

  test('a highway layer mixes input and transformation by its gates', () => {
    const network = chainOf(3, highway('tanh', { gateBias: -2 })), found = weightsOf(network);
    expect(Object.keys(found)).toEqual(['weight', 'bias', 'gateWeight', 'gateBias'].map((name) => `highway1.${name}`));
    expect(found['highway1.gateBias']).toEqual([-2, -2, -2]);
    const expected = x.flatMap((row) => {
      const h = affine(row, found['highway1.weight']!, found['highway1.bias']!).map(Math.tanh);
      const t = affine(row, found['highway1.gateWeight']!, found['highway1.gateBias']!).map((value) => 1 / (1 + Math.exp(-value)));
      return row.map((value, i) => t[i]! * h[i]! + (1 - t[i]!) * value);
    });
    expect(largestDifference(network.predictSync(x).data, expected)).toBeLessThan(1e-5);
    const closed = chainOf(3, highway('relu', { gateBias: -30 }));
    expect(largestDifference(closed.predictSync(x).data, x.flat())).toBeLessThan(1e-6);
  });

  test('prelu has one slope or one for each unit', () => {
    const one = chainOf(3, prelu()), each = chainOf(3, prelu({ perUnit: true, initial: -0.5 }));
    expect(weightsOf(one)).toEqual({ 'prelu1.weight': [0.25] });
    expect(weightsOf(each)).toEqual({ 'prelu1.weight': [-0.5, -0.5, -0.5] });
    expect(largestDifference(one.predictSync(x).data, x.flat().map((value) => (value > 0 ? value : 0.25 * value)))).toBeLessThan(1e-6);
  });

  const merges: [string, () => Layer, (parts: number[]) => number][] = [
    ['add', add, (parts) => parts.reduce((a, b) => a + b)], ['subtract', subtract, (parts) => parts.reduce((a, b) => a - b)],
    ['multiply', multiply, (parts) => parts.reduce((a, b) => a * b)], ['average', average, (parts) => parts.reduce((a, b) => a + b) / parts.length],
    ['maximum', maximum, (parts) => Math.max(...parts)], ['minimum', minimum, (parts) => Math.min(...parts)],
  ];
  test.each(merges)('%s, of two inputs and of three', (_name, layer, merged) => {
    const tables = [rowsOf(5, 4, 1), rowsOf(5, 4, 2), rowsOf(5, 4, 3)];
    for (const count of [2, 3]) {
      const parts = Array.from({ length: count }, () => input(4)), network = new Network({ inputs: parts, outputs: layer().apply(...parts), backend });
      const found = network.predictSync(tables[0]!.map((_, row) => tables.slice(0, count).flatMap((table) => table[row]!))).data;
      const expected = tables[0]!.flatMap((line, row) => line.map((_, i) => merged(tables.slice(0, count).map((table) => table[row]![i]!))));
      expect(largestDifference(found, expected)).toBeLessThan(1e-6);
    }
  });

  test('concatenate puts features side by side', () => {
    const [a, b] = [input(1), input(2)], network = new Network({ inputs: { a, b }, outputs: concatenate().apply(b, a), backend });
    expect(Array.from(network.predictSync([[1, 2, 3], [4, 5, 6]]).data)).toEqual([2, 3, 1, 5, 6, 4]);
  });

  test('a skip connection passes the input on beside the layer', () => {
    const from = input(3), network = new Network({ inputs: from, outputs: add().apply(from, dense(3, 'tanh').apply(from)), seed: 2, backend });
    const alone = new Network({ inputs: 3, layers: [dense(3, 'tanh')], seed: 2, backend });
    expect(largestDifference(network.predictSync(x).data, Array.from(alone.predictSync(x).data, (value, i) => value + x.flat()[i]!))).toBeLessThan(1e-6);
  });

  /** What a layer makes of ones in training: 4 × 5000 numbers. */
  const noisy = (layer: Layer, value = 1): Float32Array | Float64Array => {
    const network = chainOf(5000, layer, dense(1));
    return network.layers[0]!.forward(Array.from({ length: 4 }, () => Array<number>(5000).fill(value))).data;
  };
  const meanOf = (values: ArrayLike<number>): number => Array.from(values).reduce((so, value) => so + value, 0) / values.length;
  const squaredAbout = (values: ArrayLike<number>, centre: number): number => meanOf(Array.from(values, (value) => (value - centre) ** 2));

  test('noise layers have the mean and variance they promise', () => {
    const gaussian = noisy(gaussianNoise(0.3)), mean = meanOf(gaussian);
    expect(mean).toBeCloseTo(1, 1.8);
    expect(Math.sqrt(squaredAbout(gaussian, mean))).toBeCloseTo(0.3, 1.8);
    expect(meanOf(Array.from(gaussian, (value) => ((value - mean) / 0.3) ** 4))).toBeCloseTo(3, 0);
    const masked = noisy(maskingNoise(0.3), 2);
    expect(new Set(masked)).toEqual(new Set([0, 2]));
    expect(meanOf(masked)).toBeCloseTo(2 * 0.7, 1.4);
    const factors = noisy(gaussianDropout(0.2));
    expect(meanOf(factors)).toBeCloseTo(1, 1.5);
    expect(Math.abs(squaredAbout(factors, 1) - 0.25)).toBeLessThan(0.02);
    const alpha = new Set(Array.from(noisy(alphaDropout(0.2), 0), (value) => value.toFixed(4))), scale = 1 / Math.sqrt(0.8 * (1 + 0.2 * 1.7580993408473766 ** 2));
    const summand = scale * 0.2 * 1.7580993408473766;
    expect(alpha).toEqual(new Set([summand.toFixed(4), (summand - scale * 1.7580993408473766).toFixed(4)]));
  });

  test('alpha dropout keeps mean 0 and variance 1', () => {
    const layer = chainOf(5000, alphaDropout(0.3), dense(1)).layers[0]!, made = layer.forward(rowsOf(4, 5000, 7)).data;
    expect(Math.abs(meanOf(made))).toBeLessThan(0.03);
    expect(Math.abs(squaredAbout(made, 0) - 1)).toBeLessThan(0.04);
  });

  test.each([['gaussianNoise', gaussianNoise(0.5)], ['gaussianDropout', gaussianDropout()], ['maskingNoise', maskingNoise(0.5)], ['alphaDropout', alphaDropout()]] as const)(
    '%s: other numbers every step, none in prediction', (_name, layer) => {
      const network = chainOf(3, layer, dense(3, 'linear', { initializer: 'identity' }));
      expect(network.predictSync(x).data).toEqual(Float32Array.from(x.flat()));
      const [first, second] = [network.layers[0]!.forward(x).data, network.layers[0]!.forward(x).data];
      expect(first).not.toEqual(second);
      expect(first).not.toEqual(Float32Array.from(x.flat()));
    });

  test('activityRegularization adds to the cost and passes its input on', async () => {
    const data = regression(8, 3, 3), network = chainOf(3, activityRegularization({ l1: 0.5, l2: 0.25 }), dense(3)), plain = chainOf(3, dense(3));
    expect(network.predictSync(x).data).toEqual(plain.predictSync(x).data);
    const expected = data.x.flat().reduce((so, value) => so + (0.5 * Math.abs(value) + 0.25 * value ** 2) / 8, 0);
    expect((await network.evaluate(data)).loss - (await plain.evaluate(data)).loss).toBeCloseTo(expected, 4);
  });
});

test('what does not fit is refused, by the name of the layer', () => {
  const refused = (make: (from: SymbolicTensor) => SymbolicTensor, sentence: string): void => {
    const from = input(3);
    expect(() => new Network({ inputs: from, outputs: make(from) })).toThrow(sentence);
  };
  refused((from) => add().apply(from, dense(4).apply(from)), "[add 'add1'] expected inputs of one shape but received [rows, 3], [rows, 4]");
  refused((from) => add().apply(add().apply(from, from), dense(2).apply(from)), "[add 'add2'] expected inputs of one shape but received [rows, 3], [rows, 2]");
  refused((from) => concatenate().apply(dense(3).apply(from)), "[concatenate 'concatenate1'] expected two inputs or more but received one; apply it as concatenate().apply(a, b)");
  refused((from) => dense(3).apply(from, from), "[dense 'dense1'] expected one input but received 2");
  expect(() => new Network({ inputs: 3, layers: [multiply()] })).toThrow("[multiply 'multiply1'] expected two inputs or more but received one");
  expect(() => maxout(3, 0)).toThrow("[maxout] expected 'pieces' to be a positive integer but received 0");
  expect(() => prelu({ perUnits: true } as object)).toThrow("[prelu] unknown option 'perUnits'; did you mean 'perUnit'?");
  expect(() => gaussianNoise(-1)).toThrow("[gaussianNoise] expected 'deviation' to be a non-negative number but received -1");
  expect(() => maskingNoise(1)).toThrow("[maskingNoise] expected 'rate' to be a number in [0, 1) but received 1");
  expect(() => highway('rellu' as 'relu')).toThrow("[highway] expected an activation, one of");
});
