// Normalization over minibatches and examples, and scalers that measure the training data.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { batchNorm, dense, input, layerNorm, minMaxScaler, Network, sgd, standardScaler } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { labelled, largestDifference, rowsOf, weightsOf } from '../helpers/networks.ts';

const still = sgd({ learningRate: 1e-30 });
const columns = (table: readonly number[][]): number[][] => table[0]!.map((_, i) => table.map((row) => row[i]!));
const mean = (values: readonly number[]): number => values.reduce((so, value) => so + value, 0) / values.length;
const variance = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2));
/** Features of other sizes and places, one of them constant. */
const features = rowsOf(40, 3, 6).map(([a, b, c]) => [1000 + 50 * a!, 0.001 * b!, c! - 7, 4].map(Math.fround));
const targets = features.map(([a]) => [a! / 1000]);

describe.each(backends)('%s', (backend) => {
  test('running statistics are moving means over the minibatches, the variance by n − 1', async () => {
    const network = new Network({ inputs: 4, layers: [batchNorm({ momentum: 0.25 }), dense(1)], backend });
    await network.fit({ x: features, y: targets }, { epochs: 2, batchSize: 40, optimizer: still });
    const { 'batchNorm1.runningMean': means, 'batchNorm1.runningVariance': variances } = weightsOf(network), old = 0.75 ** 2;
    columns(features).forEach((column, i) => {
      expect(means![i]! / ((1 - old) * mean(column))).toBeCloseTo(1, 4);
      expect(variances![i]! / (old + (1 - old) * variance(column) * 40 / 39)).toBeCloseTo(1, 4);
    });
  });

  test('a minibatch of one row is finite and leaves the running statistics as they are', async () => {
    const network = new Network({ inputs: 4, layers: [batchNorm(), dense(1)], backend });
    await network.fit({ x: features, y: targets }, { epochs: 1, batchSize: 13, shuffle: false, optimizer: still });
    const after = weightsOf(network), first = new Network({ inputs: 4, layers: [batchNorm(), dense(1)], backend });
    await first.fit({ x: features.slice(0, 39), y: targets.slice(0, 39) }, { epochs: 1, batchSize: 13, shuffle: false, optimizer: still });
    expect(after['batchNorm1.runningMean']).toEqual(weightsOf(first)['batchNorm1.runningMean']);
    expect(after['batchNorm1.runningVariance']).toEqual(weightsOf(first)['batchNorm1.runningVariance']);
    for (const values of Object.values(after)) expect(values.every(Number.isFinite)).toBe(true);
  });

  test('minibatches have mean 0 and variance 1 in training; prediction of a row does not depend on the others', async () => {
    const network = new Network({ inputs: 3, layers: [batchNorm(), dense(2, 'softmax')], backend }), x = features.map((row) => row.slice(0, 3));
    const made = network.layers[0]!.forward(x);
    columns(Array.from({ length: 40 }, (_, row) => Array.from(made.data.subarray(row * 3, row * 3 + 3)))).forEach((column, i) => {
      expect(Math.abs(mean(column))).toBeLessThan(2e-3);
      const own = variance(x.map((row) => row[i]!));
      expect(variance(column)).toBeCloseTo(own / (own + 1e-5), 3);
    });
    await network.fit(labelled(50, 3, 2), { epochs: 5, batchSize: 10 });
    const rows = rowsOf(9, 3, 1), together = network.predictSync(rows).data;
    rows.forEach((row, i) => expect(largestDifference(network.predictSync([row]).data, together.subarray(2 * i, 2 * i + 2))).toBeLessThan(1e-6));
  });

  test('layers applied twice go on from their running statistics', async () => {
    const from = input(4), shared = batchNorm({ momentum: 0.5, affine: false });
    const network = new Network({ inputs: from, outputs: dense(1).apply(shared.apply(shared.apply(from))), backend });
    await network.fit({ x: features, y: targets }, { epochs: 1, batchSize: 40, optimizer: still });
    // The second application sees mean 0: half of half the mean is left.
    expect(weightsOf(network)['batchNorm1.runningMean']![0]! / (0.25 * mean(columns(features)[0]!))).toBeCloseTo(1, 3);
  });

  test('layerNorm gives every example mean 0 and variance 1', () => {
    const network = new Network({ inputs: 6, layers: [layerNorm({ epsilon: 1e-12 })], backend }), made = network.predictSync(rowsOf(5, 6, 2).map((row) => row.map((value) => 100 + 3 * value)));
    for (let row = 0; row < 5; row++) {
      const line = Array.from(made.data.subarray(row * 6, row * 6 + 6));
      expect(Math.abs(mean(line))).toBeLessThan(1e-4);
      expect(variance(line)).toBeCloseTo(1, 4);
    }
  });

  const scaled = {
    standardScaler: (value: number, column: readonly number[]) => (value - mean(column)) / (Math.max(...column) === Math.min(...column) ? 1 : Math.sqrt(variance(column))),
    minMaxScaler: (value: number, column: readonly number[]) => -1 + (3 * (value - Math.min(...column))) / (Math.max(...column) - Math.min(...column) || 1),
  };
  test.each([['standardScaler', standardScaler()], ['minMaxScaler', minMaxScaler({ from: -1, to: 2 })]] as const)('%s: scikit-learn\'s numbers, learned once, saved and applied in prediction', async (name, layer) => {
    const network = new Network({ inputs: 4, layers: [layer, dense(1)], seed: 2, backend });
    await network.fit({ x: features, y: targets }, { epochs: 1, batchSize: 7, optimizer: still });
    const expected = features.map((row) => row.map((value, i) => scaled[name](value, columns(features)[i]!)));
    expect(largestDifference(network.layers[0]!.forward(features).data, expected.flat())).toBeLessThan(2e-5);
    const plain = new Network({ inputs: 4, layers: [dense(1)], seed: 2, backend });
    const difference = (each: Network): number => largestDifference(each.predictSync(features).data, plain.predictSync(expected).data);
    expect(difference(network)).toBeLessThan(2e-5);
    await network.fit({ x: features.map((row) => row.map((value) => 2 * value + 1)), y: targets }, { epochs: 1, optimizer: still });
    expect(difference(network)).toBeLessThan(2e-5);
    const folder = await mkdtemp(join(tmpdir(), 'densely-scaler-')), path = join(folder, 'model.safetensors');
    await network.save(path);
    const loaded = await Network.load(path, { backend });
    expect(loaded.predictSync(features).data).toEqual(network.predictSync(features).data);
    await rm(folder, { recursive: true });
  });

  test('a scaler reads an input of the network', async () => {
    const network = new Network({ inputs: 4, layers: [dense(3), standardScaler(), dense(1)], backend });
    await expect(network.fit({ x: features, y: targets })).rejects.toThrow("[standardScaler 'standardScaler1'] expected to read an input of the network");
  });
});

test('what does not fit is refused', () => {
  expect(() => minMaxScaler({ from: 1, to: 1 })).toThrow("[minMaxScaler] expected 'from' to be less than 'to' but received 1 and 1");
  expect(() => batchNorm({ momentum: 1.5 })).toThrow("[batchNorm] expected 'momentum' to be a number in [0, 1] but received 1.5");
  expect(() => batchNorm({ epsilon: 0 })).toThrow("[batchNorm] expected 'epsilon' to be a number in (0, 1] but received 0");
  expect(() => layerNorm({ eps: 1 } as object)).toThrow("[layerNorm] unknown option 'eps'; known are 'epsilon', 'affine'");
});
