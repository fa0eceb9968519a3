// Values at the edges of single precision: logits of ±10⁴, denormal numbers, columns and rows without variance, weights that are not finite.
import { describe, expect, test } from 'vitest';
import { batchNorm, dense, fitPreprocessor, layerNorm, minMaxScaler, Network, sgd, standardScaler, type Layer, type LossName, type LossSpec } from '../../lib/index.ts';
import { losses } from '../../lib/train/losses/registry.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, refusal, rowsOf } from '../helpers/networks.ts';

/** A loss at logits of one example, and its gradient by them. */
interface Case {
  readonly loss: LossName;
  readonly options?: LossSpec['options'];
  readonly logits: readonly number[];
  readonly y: number | readonly number[];
  readonly expected: number;
  readonly gradient: readonly number[];
}

const L = 1e4, log2 = Math.log(2), halfLog2Pi = Math.log(2 * Math.PI) / 2;
const cases: Case[] = [
  { loss: 'meanSquaredError', logits: [L, -L], y: [0, 0], expected: L * L, gradient: [L, -L] },
  { loss: 'meanAbsoluteError', logits: [L, -L], y: [0, 0], expected: L, gradient: [0.5, -0.5] },
  { loss: 'huber', logits: [L, -L], y: [0, 0], expected: L - 0.5, gradient: [0.5, -0.5] },
  { loss: 'logCosh', logits: [L, -L], y: [0, 0], expected: L - log2, gradient: [0.5, -0.5] },
  // A rate of e^−10000 is 0; that of e^10000 is beyond every precision.
  { loss: 'poisson', logits: [-L, -L], y: [0, 2], expected: L, gradient: [0, -1] },
  { loss: 'binaryCrossEntropy', logits: [L, -L], y: [1, 0], expected: 0, gradient: [0, 0] },
  { loss: 'binaryCrossEntropy', logits: [L, -L], y: [0, 1], expected: L, gradient: [0.5, -0.5] },
  { loss: 'binaryCrossEntropy', logits: [L, -L], y: [0.25, 0.75], expected: 0.75 * L, gradient: [0.375, -0.375] },
  { loss: 'binaryCrossEntropy', options: { positiveWeight: 3 }, logits: [L, -L], y: [0, 1], expected: 2 * L, gradient: [0.5, -1.5] },
  { loss: 'crossEntropy', logits: [L, -L, 0], y: 0, expected: 0, gradient: [0, 0, 0] },
  { loss: 'crossEntropy', logits: [L, -L, 0], y: 1, expected: 2 * L, gradient: [1, -1, 0] },
  { loss: 'crossEntropy', logits: [-L, -L, -L], y: 2, expected: Math.log(3), gradient: [1 / 3, 1 / 3, -2 / 3] },
  { loss: 'crossEntropy', logits: [L, -L, 0], y: [0.25, 0.5, 0.25], expected: 1.25 * L, gradient: [0.75, -0.5, -0.25] },
  { loss: 'crossEntropy', options: { labelSmoothing: 0.3 }, logits: [L, -L, 0], y: 0, expected: 0.3 * L, gradient: [0.2, -0.1, -0.1] },
  { loss: 'crossEntropy', options: { classWeights: [1, 0.5, 3] }, logits: [L, -L, 0], y: 1, expected: 2 * L, gradient: [1, -1, 0] },
  { loss: 'kullbackLeibler', logits: [L, -L, 0], y: [0.25, 0.5, 0.25], expected: 1.25 * L - 1.5 * log2, gradient: [0.75, -0.5, -0.25] },
  { loss: 'kullbackLeibler', logits: [L, -L, 0], y: [1, 0, 0], expected: 0, gradient: [0, 0, 0] },
  { loss: 'hinge', logits: [L, -L], y: [1, -1], expected: 0, gradient: [0, 0] },
  { loss: 'hinge', logits: [L, -L], y: [-1, 1], expected: L + 1, gradient: [0.5, -0.5] },
  { loss: 'squaredHinge', logits: [L, -L], y: [-1, 1], expected: (L + 1) ** 2, gradient: [L + 1, -L - 1] },
  { loss: 'multiMargin', logits: [L, -L, 0], y: 1, expected: (3 * L + 2) / 3, gradient: [1 / 3, -2 / 3, 1 / 3] },
  // Logarithms of variances: of one that is beyond every precision, and of one below the least.
  { loss: 'gaussianNegativeLogLikelihood', logits: [0, L], y: [3], expected: L / 2, gradient: [0, 0.5] },
  { loss: 'gaussianNegativeLogLikelihood', options: { minimumVariance: 0.25 }, logits: [1, -L], y: [2], expected: 2 - log2, gradient: [-4, 0] },
  // One component that counts, three deviations off; then one of the two that is infinitely wide.
  { loss: 'mixtureDensity', options: { components: 2 }, logits: [L, -L, 1, -1, 0, 0], y: [4], expected: halfLog2Pi + 4.5, gradient: [0, 0, -3, 0, -8, 0] },
  { loss: 'mixtureDensity', options: { components: 2 }, logits: [0, 0, 1, -1, 0, L], y: [4], expected: halfLog2Pi + 4.5 + log2, gradient: [-0.5, 0.5, -3, 0, -8, 0] },
];

const near = (found: number, expected: number): void => {
  expect(Math.abs(found - expected), `${found} instead of ${expected}`).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(expected)));
};

test('every loss has a case here', () => {
  expect(new Set(cases.map(({ loss }) => loss))).toEqual(new Set(Object.keys(losses)));
});

describe.each(backends)('%s', (backend) => {
  /** A network whose outputs are its inputs. */
  const identity = (width: number, factor = 1): Network => {
    const network = new Network({ inputs: width, layers: [dense(width, 'linear', { bias: false })], backend });
    network.setWeights([{ name: 'dense1.weight', data: Array.from({ length: width * width }, (_, i) => (i % (width + 1) === 0 ? factor : 0)) }]);
    return network;
  };

  test.each(cases.map((each) => [`${each.loss} ${JSON.stringify(each.options ?? {})}, logits ${each.logits.join(' ')}, targets ${String(each.y)}`, each] as const))('%s', async (_name, { loss: type, options = {}, logits, y, expected, gradient }) => {
    const network = identity(logits.length), loss = { type, options }, data = { x: [[...logits]], y: [y] as number[] };
    near((await network.evaluate(data, { loss, metrics: [] })).loss, expected);
    network.forward(data.x);
    near(network.backward(data.y, { loss }), expected);
    network.layers[0]!.gradients.dZ.data.forEach((value, i) => near(value, gradient[i]!));
  });

  const least = 2 ** -149, denormal = [least, -3 * least, 2 ** -127, -(2 ** -130)];
  test.each([1, 2, 7, 40, 700])('denormal inputs and weights are not lost, %i rows', (rows) => {
    const x = Array.from({ length: rows }, (_, i) => denormal.map((value) => (i % 2 === 0 ? value : -value)));
    expect(Array.from(identity(4).predictSync(x).data)).toEqual(x.flat());
    const ones = Array.from({ length: rows }, () => [1, -1, 2 ** 20, 8]);
    expect(Array.from(identity(4, 2 ** -140).predictSync(ones).data)).toEqual(ones.flat().map((value) => value * 2 ** -140));
  });

  test('weights that are denormal stay so, and a fit on denormal data learns from their targets alone', async () => {
    const network = identity(2, 5 * least);
    expect(Array.from(network.weights()[0]!.data)).toEqual([5 * least, 0, 0, 5 * least]);
    await network.fit({ x: rowsOf(12, 2, 1).map((row) => row.map((value) => value * 2 ** -140)), y: rowsOf(12, 2, 2) }, { epochs: 3, batchSize: 4, optimizer: sgd({ learningRate: 0.5 }) });
    expect(network.weights()[0]!.data.every((value) => Math.abs(value) < 2 ** -130)).toBe(true);
  });

  // The first column is constant, the second differs by less than the least normal number, the third is like any other.
  const columns = Array.from({ length: 8 }, (_, i) => [7, i % 2 === 0 ? 0 : least, i]);
  test.each<[string, Layer, (row: number[]) => number[]]>([
    ['standardScaler', standardScaler(), ([, , third]) => [0, 0, (third! - 3.5) / Math.sqrt(5.25)]],
    ['minMaxScaler', minMaxScaler(), ([, , third]) => [0, 0, third! / 7]],
    ['minMaxScaler of another range', minMaxScaler({ from: -1, to: 1e6 }), ([, , third]) => [-1, -1, -1 + third! / 7 * (1e6 + 1)]],
  ])('%s only shifts columns without variance', async (_name, layer, scaled) => {
    const network = new Network({ inputs: 3, layers: [layer, dense(3, 'linear', { bias: false })], backend });
    await network.fit({ x: columns, y: columns }, { optimizer: sgd({ learningRate: 1e-30 }) });
    network.setWeights([{ name: 'dense1.weight', data: [1, 0, 0, 0, 1, 0, 0, 0, 1] }]);
    network.predictSync(columns).data.forEach((value, i) => near(value, scaled(columns[Math.floor(i / 3)]!)[i % 3]!));
  });

  test.each<[string, Layer, number[][]]>([
    ['batchNorm of columns without variance', batchNorm(), columns], ['batchNorm of one row', batchNorm(), [[1, 2, 3]]],
    ['layerNorm of rows without variance', layerNorm(), columns.map((_, i) => [i, i, i])], ['layerNorm of rows of zeros', layerNorm(), columns.map(() => [0, 0, 0])],
    ['layerNorm of denormal rows', layerNorm(), columns.map(() => [least, 0, -least])],
  ])('%s', async (_name, layer, x) => {
    const network = new Network({ inputs: 3, layers: [layer, dense(1)], backend });
    const { epochs } = await network.fit({ x, y: x.map((_, i) => i % 2) }, { epochs: 20, batchSize: 8, optimizer: sgd({ learningRate: 0.1 }) });
    expect(epochs.at(-1)!.loss).toBeLessThan(1);
    expect(network.weights().every(({ data }) => data.every(Number.isFinite))).toBe(true);
    expect(network.predictSync(x).data.every(Number.isFinite)).toBe(true);
  });

  test.each([Infinity, -Infinity, NaN, 1e39])('a weight of %d is refused before anything has changed', async (value) => {
    const network = new Network({ inputs: 2, layers: [dense(2), dense(1)], backend }), before = bits(network);
    const error = await refusal(() => network.setWeights([{ name: 'dense1.weight', data: [1, 2, 3, 4] }, { name: 'dense2.weight', data: [0, value] }]));
    expectRefusal(error, 'ERR_OPTION', "'dense2.weight", `received ${value}`);
    expect(bits(network)).toBe(before);
  });
});

test.each(['standard', 'minMax', 'robust'] as const)('preprocessors only shift columns without variance: %s', async (scale) => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ a: 0.1, b: i % 2 === 0 ? 0 : 2 ** -149, y: i }));
  const preprocessor = await fitPreprocessor(rows, { target: 'y', columns: { a: { kind: 'numeric', scale }, b: { kind: 'numeric', scale } } });
  const { data } = preprocessor.transformRows(rows);
  expect(data.every((value, i) => (i % 2 === 0 ? value === 0 : Math.abs(value) <= 1))).toBe(true);
});
