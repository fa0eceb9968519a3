// Ill networks, each with exactly one illness made on purpose: it is found, named and measured.
import { describe, expect, test } from 'vitest';
import { activation, dense, diagnose, Network, prelu, type Diagnosis, type FindingCode, type LayerSpec } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { labelled } from '../helpers/networks.ts';

const data = labelled(400, 8, 3);
const found = (report: Diagnosis, code: FindingCode) => report.findings.filter((finding) => finding.code === code);
const graveCodes = (report: Diagnosis) => [...new Set(report.findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code))];

describe.each(backends)('on %s', (backend) => {
  const chain = (...layers: LayerSpec[]): Network => new Network({ inputs: 8, seed: 3, backend, layers });

  test('twelve sigmoid layers: gradients vanish at the first', async () => {
    const report = await diagnose(chain(...Array.from({ length: 12 }, () => dense(16, 'sigmoid')), dense(3, 'softmax')), data);
    const [finding] = found(report, 'vanishing-gradients');
    expect(finding).toMatchObject({ severity: 'severe', layer: 'dense1' });
    expect(finding!.evidence['ratio']).toBeLessThan(1e-6);
    expect(finding!.remedy).toContain('relu');
    expect(graveCodes(report)).toEqual(['vanishing-gradients']);
    // Every sigmoid layer takes a factor of at least 4 or so.
    const norms = report.layers.map(({ gradientNorm }) => gradientNorm);
    for (let i = 1; i < norms.length; i++) expect(norms[i]! / norms[i - 1]!).toBeGreaterThan(2);
  });

  test('weights ten times too large: gradients explode', async () => {
    const network = chain(dense(32, 'relu'), dense(32, 'relu'), dense(32, 'relu'), dense(32, 'relu'), dense(3, 'softmax'));
    expect(graveCodes(await diagnose(network, data))).toEqual([]);
    network.setWeights(network.weights().map((tensor) => ({ ...tensor, data: tensor.data.map((value) => 10 * value) })));
    const [finding] = found(await diagnose(network, data), 'exploding-gradients');
    expect(finding).toMatchObject({ layer: 'dense1', severity: expect.stringMatching('warning|severe') });
    expect(finding!.evidence['ratio']).toBeGreaterThan(300);
  });

  test.each(['relu', 'gelu'] as const)('biases of −100 before %s: the units are dead', async (name) => {
    const report = await diagnose(chain(dense(24, name), dense(10, name, { biasInitializer: { name: 'constant', scale: -100 } }), dense(3, 'softmax')), data);
    expect(found(report, 'dead-units')).toMatchObject([{ severity: 'severe', layer: 'dense2', evidence: { share: 1 } }]);
    expect(report.layers.map(({ dead }) => dead)).toEqual([0, 1, undefined]);
  });

  test('some units dead: their share, and a milder finding', async () => {
    const network = chain(dense(20, 'relu'), dense(3, 'softmax'));
    network.setWeights([{ name: 'dense1.bias', data: Float64Array.from({ length: 20 }, (_, unit) => (unit < 12 ? -50 : 0)) }]);
    expect(found(await diagnose(network, data), 'dead-units')).toMatchObject([{ severity: 'warning', layer: 'dense1', evidence: { share: 0.6 } }]);
    expect(found(await diagnose(chain(dense(20, 'leakyRelu', { biasInitializer: { name: 'constant', scale: -50 } }), dense(3, 'softmax')), data), 'dead-units')).toEqual([]);
  });

  test.each(['tanh', 'sigmoid', 'softsign', 'hardTanh'] as const)('large weights before %s: the units are saturated', async (name) => {
    const report = await diagnose(chain(dense(24, name, { initializer: { name: 'randomNormal', scale: 400 } }), dense(3, 'softmax')), data);
    expect(found(report, 'saturated-units')).toMatchObject([{ severity: 'severe', layer: 'dense1' }]);
    expect(report.layers[0]!.saturated).toBeGreaterThan(0.9);
    expect((await diagnose(chain(dense(24, name), dense(3, 'softmax')), data)).layers[0]!.saturated).toBe(0);
  });

  test('activations after one another, learned ones, and one that grows without end, are judged each by itself', async () => {
    const layers = [dense(20, 'tanh'), activation('relu'), prelu(), dense(12, 'exp'), dense(3, 'softmax')], report = await diagnose(chain(...layers), data);
    expect(report.layers.map(({ saturated, dead }) => [saturated, dead])).toEqual([[0, undefined], [undefined, 0], [undefined, 0], [undefined, 0], [undefined, undefined]]);
  });

  test('an output that is sure of itself is not ill', async () => {
    const report = await diagnose(new Network({ inputs: 8, backend, layers: [dense(1, 'sigmoid', { initializer: { name: 'randomNormal', scale: 50 } })] }), { x: data.x, y: data.y.map((label) => Number(label === 0)) });
    expect(found(report, 'saturated-units')).toEqual([]);
  });

  test('equal weights: units stay alike, and training does not tell them apart', async () => {
    const equal = { initializer: 'constant' } as const, network = chain(dense(6, 'tanh', equal), dense(3, 'softmax', equal));
    expect(found(await diagnose(network, data), 'symmetric-units')).toMatchObject([{ severity: 'severe', layer: 'dense1', evidence: { units: 6 } }]);
    await network.fit(data, { epochs: 2 });
    const weights = Array.from(network.weights()[0]!.data);
    expect(weights.slice(0, 8)).toEqual(weights.slice(8, 16));
    // An output layer that starts from 0 is no such case: its units have different gradients.
    expect(found(await diagnose(chain(dense(6, 'tanh'), dense(3, 'softmax', { initializer: 'zeros' })), data), 'symmetric-units')).toEqual([]);
  });

  test('weights that overflow: the layer with the first number that is none', async () => {
    const network = chain(dense(9, 'relu'), dense(5, 'relu'), dense(3));
    network.setWeights(network.weights().filter(({ name }) => name.endsWith('weight')).map((tensor) => ({ ...tensor, data: tensor.data.map((value) => 1e25 * value) })));
    const report = await diagnose(network, data, { loss: 'crossEntropy' });
    expect(report.findings.filter(({ code }) => code === 'non-finite')).toMatchObject([{ severity: 'severe', layer: 'dense2' }]);
    expect(report.healthy).toBe(false);
  });

  test('the size of updates, where a rate is given', async () => {
    const network = chain(dense(16, 'relu'), dense(3, 'softmax')), large = await diagnose(network, data, { learningRate: 20 });
    expect(found(large, 'large-updates').map(({ layer }) => layer)).toContain('dense2');
    for (const { weights } of large.layers) expect(weights!.updateRatio).toBeCloseTo(20 * weights!.gradientRatio, 6);
    expect(found(await diagnose(network, data, { learningRate: 1e-7 }), 'small-updates')).toMatchObject([{ severity: 'info' }, { severity: 'info' }]);
    expect((await diagnose(network, data)).layers[0]!.weights!.updateRatio).toBeUndefined();
    // Weights of 0 have no size that updates could be measured by.
    const [, zero] = (await diagnose(chain(dense(16, 'relu'), dense(3, 'softmax', { initializer: 'zeros' })), data, { learningRate: 1 })).layers;
    expect([zero!.weights!.norm, zero!.weights!.updateRatio]).toEqual([0, undefined]);
  });

  test('numbers of layers are those of the textbook', async () => {
    const network = chain(dense(5, 'tanh'), activation('relu'), dense(3, 'softmax')), few = labelled(13, 8, 3, 4);
    const report = await diagnose(network, few), loss = (network.forward(few.x), network.backward(few.y.map((label) => [label])));
    expect(report.loss).toBeCloseTo(loss, 5);
    expect(report.examples).toBe(13);
    network.layers.forEach((layer, i) => {
      const { a } = layer.cache, { dZ, dW } = layer.gradients, health = report.layers[i]!;
      const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values)), values = Array.from(a.data), mean = values.reduce((so, value) => so + value, 0) / values.length;
      expect(health.activation.mean).toBeCloseTo(mean, 5);
      expect(health.activation.standardDeviation).toBeCloseTo(Math.sqrt(values.reduce((so, value) => so + (value - mean) ** 2, 0) / values.length), 5);
      expect(health.activation.norm).toBeCloseTo(norm(a.data) / Math.sqrt(13), 5);
      // dZ of the textbook is each example's own.
      expect(health.gradientNorm).toBeCloseTo(norm(dZ.data) / Math.sqrt(13), 5);
      if (dW !== undefined) expect(health.weights!.gradientNorm).toBeCloseTo(norm(dW.data), 5);
    });
  });
});
