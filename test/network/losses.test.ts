// Losses and metrics against numbers worked out by hand, extreme logits among them.
import { describe, expect, test } from 'vitest';
import { dense, Network, type ActivationName, type Evaluation, type LossName, type LossSpec, type MetricName } from '../../lib/index.ts';
import { losses } from '../../lib/train/losses/registry.ts';
import { metrics } from '../../lib/train/metrics.ts';
import { backends } from '../helpers/backends.ts';

/** A network whose logits are its inputs. */
function identity(width: number, output: ActivationName, backend: 'native' | 'typescript'): Network {
  const network = new Network({ inputs: width, layers: [dense(width, output, { bias: false })], backend });
  network.setWeights([{ name: 'dense1.weight', data: Array.from({ length: width * width }, (_, i) => Number(i % (width + 1) === 0)) }]);
  return network;
}

interface Case {
  readonly loss: LossName;
  readonly options?: LossSpec['options'];
  readonly output?: ActivationName;
  readonly x: number[][];
  readonly y: number[] | number[][];
  readonly metrics?: MetricName[];
  readonly expected: Evaluation;
}

const e = Math.E, log2 = Math.log(2), log3 = Math.log(3);
const numbers = { x: [[1, 2, 3], [0, -1, 4]], y: [[1, 4, 0], [3, -1, 4]] };
const scores = { x: [[0.5, -2], [-1, 3]], metrics: ['accuracy' as const] };
const cases: [string, Case][] = [
  ['mean squared error: the mean over outputs and examples', {
    loss: 'meanSquaredError', x: [[1, 2, 3], [0, -1, 4]], y: [[1, 4, 0], [3, -1, 4]],
    // (0 + 4 + 9) / 3 and 9 / 3; (0 + 2 + 3) / 3 and 3 / 3.
    expected: { loss: (13 / 3 + 3) / 2, meanAbsoluteError: (5 / 3 + 1) / 2 },
  }],
  ['cross-entropy of even logits is log k', { loss: 'crossEntropy', x: [[0, 0, 0], [7, 7, 7]], y: [2, 0], expected: { loss: log3, accuracy: 0.5 } }],
  ['cross-entropy of labels', {
    loss: 'crossEntropy', output: 'softmax', x: [[1, 0, 0], [0, 2, 1]], y: [0, 2],
    expected: { loss: (Math.log(e + 2) - 1 + (Math.log(1 + e * e + e) - 1)) / 2, accuracy: 0.5 },
  }],
  ['cross-entropy of probabilities', {
    loss: 'crossEntropy', output: 'softmax', x: [[1, 0, 0]], y: [[0.25, 0.5, 0.25]], metrics: ['accuracy', 'meanAbsoluteError'],
    expected: { loss: Math.log(e + 2) - 0.25, accuracy: 0, meanAbsoluteError: (e / (e + 2) - 0.25 + (0.5 - 1 / (e + 2)) + Math.abs(1 / (e + 2) - 0.25)) / 3 },
  }],
  ['cross-entropy of extreme logits, right and wrong', { loss: 'crossEntropy', output: 'softmax', x: [[1e4, -1e4, 0], [1e4, -1e4, 0]], y: [0, 1], expected: { loss: 1e4, accuracy: 0.5 } }],
  ['cross-entropy of extreme logits, one-hot', { loss: 'crossEntropy', x: [[-1e4, -1e4, 1e4]], y: [[0, 1, 0]], expected: { loss: 2e4, accuracy: 0 } }],
  ['binary cross-entropy', {
    loss: 'binaryCrossEntropy', output: 'sigmoid', x: [[0, log3], [-log3, 0]], y: [[1, 1], [1, 0]],
    // σ(log 3) = ¾; a logit of 0 counts as class 0.
    expected: { loss: (Math.log(2) + Math.log(4 / 3) + Math.log(4) + Math.log(2)) / 4, accuracy: 0.5 },
  }],
  ['binary cross-entropy of probabilities', { loss: 'binaryCrossEntropy', x: [[log3]], y: [[0.25]], expected: { loss: 0.25 * Math.log(4 / 3) + 0.75 * Math.log(4), accuracy: 0 } }],
  ['binary cross-entropy of extreme logits', { loss: 'binaryCrossEntropy', output: 'sigmoid', x: [[1e4, -1e4], [1e4, -1e4]], y: [[1, 0], [0, 1]], expected: { loss: 5e3, accuracy: 0.5 } }],
  ['one half of the mean squared error', { loss: 'meanSquaredError', options: { half: true }, ...numbers, metrics: ['meanSquaredError'], expected: { loss: (13 / 3 + 3) / 4, meanSquaredError: (13 / 3 + 3) / 2 } }],
  ['mean absolute error', { loss: 'meanAbsoluteError', ...numbers, expected: { loss: (5 / 3 + 1) / 2, meanAbsoluteError: (5 / 3 + 1) / 2 } }],
  ['Huber, δ = 1', { loss: 'huber', ...numbers, metrics: [], expected: { loss: (1.5 + 2.5 + 2.5) / 6 } }],
  ['Huber, δ = 2', { loss: 'huber', options: { delta: 2 }, ...numbers, metrics: [], expected: { loss: (2 + 4 + 4) / 6 } }],
  ['log cosh', { loss: 'logCosh', ...numbers, metrics: [], expected: { loss: (Math.log(Math.cosh(2)) + 2 * Math.log(Math.cosh(3))) / 6 } }],
  ['log cosh far out', { loss: 'logCosh', x: [[1e4, -1e4]], y: [[0, 0]], metrics: [], expected: { loss: 1e4 - log2 } }],
  ['Poisson: metrics compare the rate', { loss: 'poisson', x: [[0, log3]], y: [[2, 1]], expected: { loss: (1 + 3 - log3) / 2, meanAbsoluteError: 1.5 } }],
  ['Poisson of rates', { loss: 'poisson', options: { logInput: false }, output: 'softplus', x: [[0]], y: [[2]], expected: { loss: log2 - 2 * Math.log(log2), meanAbsoluteError: 2 - log2 } }],
  ['binary cross-entropy, positive examples three times', {
    loss: 'binaryCrossEntropy', options: { positiveWeight: 3 }, output: 'sigmoid', x: [[0, log3]], y: [[1, 0]], expected: { loss: (3 * log2 + Math.log(4)) / 2, accuracy: 0 },
  }],
  ['binary cross-entropy of logits: metrics compare the probability', { loss: 'binaryCrossEntropy', x: [[log3]], y: [[0]], metrics: ['meanAbsoluteError', 'meanSquaredError'], expected: { loss: Math.log(4), meanAbsoluteError: 0.75, meanSquaredError: 0.5625 } }],
  ['cross-entropy with class weights: Σ w L / Σ w', {
    loss: 'crossEntropy', options: { classWeights: [1, 0.5, 3] }, output: 'softmax', x: [[1, 0, 0], [0, 2, 1]], y: [0, 2],
    expected: { loss: (Math.log(e + 2) - 1 + 3 * (Math.log(1 + e * e + e) - 1)) / 4, accuracy: 0.5 },
  }],
  ['cross-entropy with smoothed labels', { loss: 'crossEntropy', options: { labelSmoothing: 0.3 }, x: [[1, 0, 0]], y: [0], expected: { loss: Math.log(e + 2) - 0.8, accuracy: 1 } }],
  ['Kullback-Leibler divergence: cross-entropy less entropy; 0 log 0 is 0', {
    loss: 'kullbackLeibler', output: 'softmax', x: [[1, 0, 0]], y: [[0.5, 0.5, 0]], expected: { loss: Math.log(e + 2) - 0.5 - log2, meanAbsoluteError: (e / (e + 2) - 0.5 + (0.5 - 1 / (e + 2)) + 1 / (e + 2)) / 3 },
  }],
  ['Kullback-Leibler divergence from itself', { loss: 'kullbackLeibler', x: [[log3, 0]], y: [[0.75, 0.25]], expected: { loss: 0, meanAbsoluteError: 0 } }],
  ['hinge', { loss: 'hinge', ...scores, y: [[1, -1], [1, 1]], expected: { loss: (0.5 + 2) / 4, accuracy: 0.75 } }],
  ['hinge, 0 for -1', { loss: 'hinge', ...scores, y: [[1, 0], [1, 1]], expected: { loss: (0.5 + 2) / 4, accuracy: 0.75 } }],
  ['squared hinge', { loss: 'squaredHinge', ...scores, y: [[1, -1], [1, 1]], expected: { loss: (0.25 + 4) / 4, accuracy: 0.75 } }],
  ['multi-margin', { loss: 'multiMargin', x: [[1, 2, 0.5], [0, 0, 4]], y: [0, 2], expected: { loss: (2 + 0.5) / 6, accuracy: 0.5 } }],
  ['Gaussian of mean 1 and variance 4: metrics compare the mean', { loss: 'gaussianNegativeLogLikelihood', x: [[1, 2 * log2]], y: [[3]], expected: { loss: (2 * log2 + 1) / 2, meanAbsoluteError: 2 } }],
  ['Gaussian whose variance has shrunk', { loss: 'gaussianNegativeLogLikelihood', options: { minimumVariance: 0.25 }, x: [[1, -1e4]], y: [[1]], expected: { loss: -log2, meanAbsoluteError: 0 } }],
  ['mixture of ¼ N(1, 1) and ¾ N(−1, 4): metrics compare its mean', {
    loss: 'mixtureDensity', options: { components: 2 }, x: [[0, log3, 1, -1, 0, log2]], y: [[1]],
    expected: { loss: Math.log(Math.sqrt(2 * Math.PI)) - Math.log(0.25 + (0.75 / 2) * Math.exp(-0.5)), meanAbsoluteError: 1.5 },
  }],
];

test('every loss and metric has a case here', () => {
  expect(new Set(cases.map(([, { loss }]) => loss))).toEqual(new Set(Object.keys(losses)));
  expect(new Set(cases.flatMap(([, { expected }]) => Object.keys(expected)))).toEqual(new Set(['loss', ...Object.keys(metrics)]));
});

describe.each(backends)('%s', (backend) => {
  test.each(cases)('%s', async (_name, { loss, options, output = 'linear', x, y, metrics: names, expected }) => {
    const found = await identity(x[0]!.length, output, backend).evaluate({ x, y }, { loss: options === undefined ? loss : { type: loss, options }, ...(names && { metrics: names }) });
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) {
      expect(Math.abs(Number(found[name as keyof Evaluation]) - value), name).toBeLessThan(2e-6 * Math.max(1, value));
    }
  });

  test.each([['crossEntropy', 'softmax', [0]], ['crossEntropy', 'softmax', [1]], ['binaryCrossEntropy', 'sigmoid', [[1, 1]]], ['binaryCrossEntropy', 'sigmoid', [[0, 0]]]] as const)('gradients of %s, %s stay right at extreme logits: targets %j', (loss, output, y) => {
    const network = identity(2, output, backend);
    const a = network.forward([[1e4, -1e4]]).data, targets = (y as readonly unknown[])[0];
    expect(Array.from(a)).toEqual([1, 0]);
    network.backward(y as never, { loss });
    const t = typeof targets === 'number' ? [0, 1].map((k) => Number(k === targets)) : targets as number[], width = loss === 'crossEntropy' ? 1 : 2;
    expect(Array.from(network.layers[0]!.gradients.dZ.data)).toEqual([0, 1].map((k) => (a[k]! - t[k]!) / width));
  });

  test.each(['sigmoid', 'tanh', 'relu', 'leakyRelu', 'elu', 'softplus', 'softmax'] as const)('%s is right far out', (name) => {
    const { data } = identity(3, name, backend).predictSync([[1e4, -1e4, 0]]);
    const expected = { sigmoid: [1, 0, 0.5], tanh: [1, -1, 0], relu: [1e4, 0, 0], leakyRelu: [1e4, -100, 0], elu: [1e4, -1, 0], softplus: [1e4, 0, Math.log(2)], softmax: [1, 0, 0] }[name];
    data.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected[i]!))));
  });

  test('evaluate takes means over examples, whatever the chunks, and adds the penalties', async () => {
    const network = identity(2, 'linear', backend), x = Array.from({ length: 1300 }, (_, i) => [i % 7, i / 1300]), y = x.map(([a]) => [a! - 1, 0]);
    const loss = x.reduce((total, [, b]) => total + (1 + b! * b!) / 2, 0) / 1300, error = x.reduce((total, [, b]) => total + (1 + b!) / 2, 0) / 1300;
    const found = await network.evaluate({ x, y });
    expect(found.loss).toBeCloseTo(loss, 5);
    expect(found.meanAbsoluteError).toBeCloseTo(error, 5);
    const penalised = new Network({ inputs: 2, layers: [dense(2, 'linear', { l1: 0.1, l2: 0.01 })], backend });
    penalised.setWeights([{ name: 'dense1.weight', data: [1, -2, 0, 3] }, { name: 'dense1.bias', data: [50, 50] }]);
    expect((await penalised.evaluate({ x: [[0, 0]], y: [[50, 50]] })).loss).toBeCloseTo(0.1 * 6 + 0.01 * 14, 5);
  });
});
