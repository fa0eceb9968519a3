// Losses and their options: what is refused and how, class weights with weights of examples, and predictions of densities.
import { describe, expect, test } from 'vitest';
import {
  binaryCrossEntropy, crossEntropy, dense, gaussianNegativeLogLikelihood, gaussianOf, hinge, huber, meanSquaredError, mixtureDensity, mixtureOf, mixtureOutputs, multiMargin, Network, poisson, sgd,
  type LossName, type LossSpec,
} from '../../lib/index.ts';
import * as graph from '../../lib/graph.ts';
import { losses } from '../../lib/train/losses/registry.ts';
import { metrics } from '../../lib/train/metrics.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, labelled, refusal } from '../helpers/networks.ts';

const network = (outputs: number, backend: 'native' | 'typescript' = 'typescript'): Network => new Network({ inputs: 2, layers: [dense(outputs)], backend });
const x = [[1, 2], [3, 4]];

describe('options are refused in a sentence', () => {
  test.each<[string, () => LossSpec, string]>([
    ['an unknown one', () => huber({ dleta: 1 } as object), "[huber] unknown option 'dleta'; did you mean 'delta'?"],
    ['δ of 0', () => huber({ delta: 0 }), "[huber] expected 'delta' to be a number in (0, Infinity) but received 0"],
    ['half of a number', () => meanSquaredError({ half: 0.5 as unknown as boolean }), "[meanSquaredError] expected 'half' to be true or false but received 0.5"],
    ['too much smoothing', () => crossEntropy({ labelSmoothing: 1.5 }), "[crossEntropy] expected 'labelSmoothing' to be a number in [0, 1] but received 1.5"],
    ['weights that are negative', () => crossEntropy({ classWeights: [1, -1] }), "[crossEntropy] expected 'classWeights' to be an array of non-negative numbers, one of them positive at least, but received an array of length 2"],
    ['weights that are all 0', () => crossEntropy({ classWeights: [0, 0] }), "[crossEntropy] expected 'classWeights' to be an array of non-negative numbers, one of them positive at least, but received an array of length 2"],
    ['weights that are text', () => crossEntropy({ classWeights: '12' as never }), "[crossEntropy] expected 'classWeights' to be an array of non-negative numbers, one of them positive at least, but received '12'"],
    ['a weight of 0', () => binaryCrossEntropy({ positiveWeight: 0 }), "[binaryCrossEntropy] expected 'positiveWeight' to be a number in (0, Infinity) but received 0"],
    ['an epsilon of 0', () => poisson({ epsilon: 0 }), "[poisson] expected 'epsilon' to be a number in (0, Infinity) but received 0"],
    ['a third power', () => multiMargin({ power: 3 as 2 }), "[multiMargin] expected 'power' to be 1 or 2 but received 3"],
    ['a variance of 0', () => gaussianNegativeLogLikelihood({ minimumVariance: 0 }), "[gaussianNegativeLogLikelihood] expected 'minimumVariance' to be a number in [1e-30, Infinity) but received 0"],
    ['no components', () => mixtureDensity({} as { components: number }), "[mixtureDensity] expected 'components' to be a positive integer but received undefined"],
    ['another covariance', () => mixtureDensity({ components: 2, covariance: 'full' as 'diagonal' }), "[mixtureDensity] expected 'covariance' to be one of 'diagonal', 'spherical' but received 'full'"],
  ])('%s', (_name, make, sentence) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTION', message: sentence }) as Error);
  });

  test.each(Object.entries(losses))('%s knows no other options, and takes its own back', (name, type) => {
    expect(() => type.check({ colour: 1 })).toThrow(`[${name}] unknown option 'colour'`);
    const { options } = type.check(name === 'mixtureDensity' ? { components: 2 } : {});
    expect(type.check(JSON.parse(JSON.stringify(options)) as LossSpec['options'])).toEqual({ type: name, options });
  });

  test('a reduction that is none', () => {
    const y = graph.input('y', ['rows', 3]);
    expect(() => graph.huber(y, y, { reduction: 'sum' as 'mean' })).toThrow("[huber] expected 'reduction' to be one of 'mean', 'none' but received 'sum'");
    expect(() => graph.crossEntropy(y, y, { reduction: 'sum' as 'mean', classWeights: [1, 1, 1] })).toThrow("[crossEntropy] expected 'reduction'");
  });
});

test('multi-margin of two classes', async () => {
  const two = network(2), [a, b, c, d] = two.predictSync(x).data, part = (right: number, wrong: number): number => Math.max(0, 1 - right + wrong) / 2;
  const { loss } = await two.evaluate({ x, y: [0, 1] }, { loss: 'multiMargin' });
  expect(loss).toBeCloseTo((part(a!, b!) + part(d!, c!)) / 2, 5);
});

describe('what does not fit an output is refused', () => {
  test.each<[string, number, LossName | LossSpec, unknown[], string]>([
    ['class weights of other classes', 3, crossEntropy({ classWeights: [1, 2] }), [0, 1], "[crossEntropy] expected 'classWeights' to be one number for each of the 3 outputs but received 2"],
    ['weights of other outputs', 3, binaryCrossEntropy({ positiveWeight: [1, 2] }), [[0, 1, 1], [0, 0, 1]], "expected 'positiveWeight' to be one number for each of the 3 outputs but received 2"],
    ['an odd number for means and variances', 3, 'gaussianNegativeLogLikelihood', [[1], [1]], 'expected an even number of outputs'],
    ['more targets than means', 4, 'gaussianNegativeLogLikelihood', [[1, 2, 3], [1, 2, 3]], 'expected targets of 2 columns, one for every mean, but they have 3'],
    ['outputs of no mixture', 7, mixtureDensity({ components: 2 }), [[1], [1]], '[mixtureDensity] expected 2 × (2k + 1) outputs for targets of k numbers but the network has 7'],
    ['targets of another mixture', 10, mixtureDensity({ components: 2 }), [[1], [1]], 'expected targets of 2 columns, as 10 outputs are for, but they have 1'],
    ['labels for hinge', 3, hinge(), [1, 0], 'expected targets of 3 columns, one per output, but they have 1'],
    ['columns for multi-margin', 3, 'multiMargin', [[1, 0, 0], [1, 0, 0]], 'expected targets of 1 column of labels but they have 3'],
    ['one class', 1, 'multiMargin', [0, 0], "expected at least 2 outputs, one per class, but the network has 1; use 'hinge' for one"],
  ])('%s', async (_name, outputs, loss, y, sentence) => {
    expectRefusal(await refusal(() => network(outputs).evaluate({ x, y: y as number[][] }, { loss })), 'ERR_OPTION', sentence);
  });

  test.each<[string, LossName, number[][], string]>([
    ['targets of ½ for hinge', 'hinge', [[1, -1], [0.5, 1]], 'expected targets of -1 and 1, or of 0 and 1, but received 0.5 (row 1, column 0)'],
    ['targets of 2 for squared hinge', 'squaredHinge', [[1, 2], [0, 1]], 'received 2 (row 0, column 1)'],
    ['negative counts', 'poisson', [[1, 2], [0, -3]], 'expected targets that are not negative but received -3 (row 1, column 1)'],
    ['probabilities above 1', 'kullbackLeibler', [[1, 2], [0, 1]], 'expected targets from 0 to 1 but received 2 (row 0, column 1)'],
  ])('%s', async (_name, loss, y, sentence) => {
    expectRefusal(await refusal(() => network(2).fit({ x, y }, { loss })), 'ERR_DATA', sentence);
  });

  test.each(['exp', 'softplus'] as const)('%s for the logarithm of a rate', async (activation) => {
    const rates = new Network({ inputs: 2, layers: [dense(1, activation)], backend: 'typescript' });
    const sentence = `expected a linear output, the logarithm of the rate, but it has ${activation}; for an output that is the rate say logInput: false`;
    expectRefusal(await refusal(() => rates.evaluate({ x, y: [[1], [2]] }, { loss: 'poisson' })), 'ERR_OPTION', sentence);
    expect((await rates.evaluate({ x, y: [[1], [2]] }, { loss: poisson({ logInput: false }) })).loss).toBeGreaterThan(-1);
  });

  test('accuracy where nothing is right or wrong', async () => {
    const error = await refusal(() => network(2).evaluate({ x, y: [[1, 2], [3, 4]] }, { loss: 'huber', metrics: ['accuracy'] }));
    expectRefusal(error, 'ERR_OPTION', '[accuracy] expected a loss of classes, such as crossEntropy, but received huber');
  });

  test('every metric says which way is better', () => {
    for (const { better } of Object.values(metrics)) expect(['higher', 'lower']).toContain(better);
  });
});

describe.each(backends)('%s', (backend) => {
  test('class weights, weights of examples and chunks of data: one Σ s w L / Σ s w', async () => {
    const data = labelled(1300, 2, 2, 5), classWeights = [0.25, 4], weights = data.y.map((_, i) => (i % 7) / 3);
    const model = network(2, backend), loss = crossEntropy({ classWeights, labelSmoothing: 0.1 });
    const { data: z } = await model.predict(data.x);
    let total = 0, weight = 0;
    data.y.forEach((label, i) => {
      const log = Math.log(Math.exp(z[2 * i]!) + Math.exp(z[2 * i + 1]!));
      const each = [0, 1].reduce((so, k) => so + classWeights[k]! * (0.9 * Number(k === label) + 0.05) * (log - z[2 * i + k]!), 0);
      total += weights[i]! * each;
      weight += weights[i]! * classWeights[label]!;
    });
    const { loss: found } = await model.evaluate({ ...data, weights }, { loss });
    expect(Math.abs(found - total / weight)).toBeLessThan(1e-5 * found);
    // Without learning, the mean over an epoch of uneven minibatches is the same.
    const { epochs } = await model.fit({ ...data, weights }, { loss, epochs: 1, batchSize: 97, optimizer: sgd({ learningRate: 0 }) });
    expect(Math.abs(epochs[0]!.loss - total / weight)).toBeLessThan(1e-5 * found);
  });

  test('a Gaussian finds mean and deviation of data that spread by feature', async () => {
    const rows = Array.from({ length: 400 }, (_, i) => i % 2), y = rows.map((group, i) => [group === 0 ? 1 + 0.5 * Math.sign((i % 4) - 1) : -2 + 2 * Math.sign((i % 4) - 2)]);
    const model = new Network({ inputs: 2, layers: [dense(2, 'linear', { bias: false })], backend, seed: 4 });
    await model.fit({ x: rows.map((group) => [1 - group, group]), y }, { epochs: 400, batchSize: 400, loss: 'gaussianNegativeLogLikelihood', optimizer: sgd({ learningRate: 0.3 }) });
    const { means, standardDeviations } = gaussianOf(await model.predict([[1, 0], [0, 1]]));
    expect(means.shape).toEqual([2, 1]);
    [1, -2].forEach((value, i) => expect(means.data[i]).toBeCloseTo(value, 2));
    [0.5, 2].forEach((value, i) => expect(standardDeviations.data[i]).toBeCloseTo(value, 2));
  });
});

describe('predictions of densities', () => {
  test('a Gaussian', () => {
    const prediction = { shape: [2, 4], data: Float64Array.of(1, 2, Math.log(4), Math.log(9), 3, 4, -50, 0) };
    const { means, standardDeviations } = gaussianOf(prediction, { minimumVariance: 0.01 });
    expect([...means.data]).toEqual([1, 2, 3, 4]);
    expect(standardDeviations.shape).toEqual([2, 2]);
    [2, 3, 0.1, 1].forEach((value, i) => expect(standardDeviations.data[i]).toBeCloseTo(value, 12));
    expect(() => gaussianOf({ shape: [1, 3], data: new Float64Array(3) })).toThrow('[gaussianOf] expected an even number of outputs');
    expect(() => gaussianOf({ shape: [3], data: new Float64Array(3) })).toThrow('[gaussianOf] expected a prediction of shape [rows, outputs] but received [3]');
  });

  test.each(['diagonal', 'spherical'] as const)('a %s mixture gives the density that the loss is made of', (covariance) => {
    const options = { components: 3, covariance }, k = 2, outputs = mixtureOutputs(k, options), count = 4;
    expect(outputs).toBe(covariance === 'diagonal' ? 15 : 12);
    const y = Float64Array.from({ length: count * outputs }, (_, i) => Math.sin(1.7 * i)), t = Float64Array.from({ length: count * k }, (_, i) => Math.cos(2.3 * i));
    const { weights, means, standardDeviations } = mixtureOf({ shape: [count, outputs], data: y }, options);
    expect([weights.shape, means.shape, standardDeviations.shape]).toEqual([[count, 3], [count, 3, k], [count, 3, covariance === 'diagonal' ? k : 1]]);
    const output = graph.input('y', ['rows', outputs]), targets = graph.input('t', ['rows', k]);
    const value = graph.mixtureDensity(output, targets, { ...options, reduction: 'none' });
    const found = graph.compile({ outputs: { value } }, { backend: 'typescript', precision: 'float64' }).run({ y, t })['value']!.data;
    for (let row = 0; row < count; row++) {
      let density = 0;
      for (let c = 0; c < 3; c++) {
        let normal = weights.data[3 * row + c]!;
        for (let j = 0; j < k; j++) {
          const deviation = standardDeviations.data[covariance === 'diagonal' ? (3 * row + c) * k + j : 3 * row + c]!;
          normal *= Math.exp(-0.5 * ((t[row * k + j]! - means.data[(3 * row + c) * k + j]!) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
        }
        density += normal;
      }
      expect(found[row]).toBeCloseTo(-Math.log(density), 12);
    }
    expect(() => mixtureOf({ shape: [1, 7], data: new Float64Array(7) }, options)).toThrow('[mixtureDensity] expected 3 × ');
  });
});
