// Losses and metrics against numbers worked out by hand, extreme logits among them.
import { describe, expect, test } from 'vitest';
import { dense, Network, type ActivationName, type Evaluation, type LossName, type MetricName } from '../../lib/index.ts';
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
  readonly output?: ActivationName;
  readonly x: number[][];
  readonly y: number[] | number[][];
  readonly metrics?: MetricName[];
  readonly expected: Evaluation;
}

const e = Math.E, log3 = Math.log(3);
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
];

test('every loss and metric has a case here', () => {
  expect(new Set(cases.map(([, { loss }]) => loss))).toEqual(new Set(Object.keys(losses)));
  expect(new Set(cases.flatMap(([, { expected }]) => Object.keys(expected)))).toEqual(new Set(['loss', ...Object.keys(metrics)]));
});

describe.each(backends)('%s', (backend) => {
  test.each(cases)('%s', async (_name, { loss, output = 'linear', x, y, metrics: names, expected }) => {
    const found = await identity(x[0]!.length, output, backend).evaluate({ x, y }, { loss, ...(names && { metrics: names }) });
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
