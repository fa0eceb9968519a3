// Ill data: inputs out of scale or off their middle, features that never change, labels in order or out of balance.
import { describe, expect, test } from 'vitest';
import { dense, diagnose, dropout, gaussianNegativeLogLikelihood, Network, standardScaler, type Diagnosis, type FindingCode, type LayerSpec } from '../../lib/index.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends } from '../helpers/backends.ts';
import { labelled, rowsOf } from '../helpers/networks.ts';

const of = (layer: string, findings: Diagnosis['findings']) => findings.filter((finding) => finding.layer === layer);
const found = (report: Diagnosis, code: FindingCode) => report.findings.filter((finding) => finding.code === code);

/** Districts with the scales of California's housing: income, age, rooms, bedrooms, population, occupants, latitude, longitude; and a value. */
function housing(rows: number): { x: number[][]; y: number[][] } {
  const random = new RandomStream(12, 94);
  const x = Array.from({ length: rows }, () => [
    0.5 + 4 * random.uniform() ** 2 * 3, 1 + Math.floor(51 * random.uniform()), 2 + 6 * random.uniform(), 0.8 + 0.5 * random.uniform(),
    Math.exp(7 + random.normal()), 1 + 4 * random.uniform(), 32.5 + 9.5 * random.uniform(), -124.3 + 10 * random.uniform(),
  ]);
  return { x, y: x.map(([income, age]) => [0.4 * income! + 0.01 * age!]) };
}

describe.each(backends)('on %s', (backend) => {
  const chain = (inputs: number, ...layers: LayerSpec[]): Network => new Network({ inputs, seed: 3, backend, layers });

  test('housing as it comes: inputs out of scale, and large; standardised: healthy', async () => {
    const data = housing(500), report = await diagnose(chain(8, dense(16, 'relu'), dense(1)), data);
    expect(found(report, 'unscaled-inputs').map(({ severity, layer }) => [severity, layer])).toEqual([['severe', 'dense1'], ['warning', 'dense1']]);
    expect(found(report, 'unscaled-inputs')[1]!.evidence['widest']).toBeGreaterThan(2000);
    expect(found(report, 'unscaled-inputs')[0]!.evidence['feature']).toBe(4);
    const scaled = chain(8, standardScaler(), dense(16, 'relu'), dense(1)), before = scaled.weights();
    const healthy = await diagnose(scaled, data);
    expect(healthy.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    // The scaler was measured for the diagnosis alone.
    expect(scaled.weights()).toEqual(before);
  });

  test('inputs on one side of 0, also through dropout', async () => {
    const x = rowsOf(200, 6, 2), shifted = x.map((row) => row.map((value) => value + 10)), y = labelled(200, 6, 2, 2).y;
    for (const layers of [[dense(5, 'tanh'), dense(2, 'softmax')], [dropout(0.001), dense(5, 'tanh'), dense(2, 'softmax')]]) {
      expect(of('dense1', found(await diagnose(chain(6, ...layers), { x: shifted, y }), 'one-sided-inputs'))).toMatchObject([{ severity: 'warning', layer: 'dense1' }]);
      expect(found(await diagnose(chain(6, ...layers), { x, y }), 'one-sided-inputs')).toEqual([]);
    }
    expect(found(await diagnose(chain(6, dense(2, 'softmax')), { x: x.map((row) => row.map(Math.abs)), y }), 'one-sided-inputs')).toMatchObject([{ severity: 'info', evidence: { sameSign: 1 } }]);
  });

  test('features that never change, by name', async () => {
    const x = rowsOf(100, 5, 3).map((row) => row.map((value, i) => (i === 2 ? 0.25 : value)));
    const [finding] = found(await diagnose(chain(5, dense(2, 'softmax')), { x, y: labelled(100, 5, 2, 3).y }), 'constant-features');
    expect(finding).toMatchObject({ severity: 'info', evidence: { features: 1, first: 2 } });
    expect(finding!.message).toContain('x2');
    expect(found(await diagnose(chain(1, dense(2, 'softmax')), { x: [[1], [1], [1]], y: [0, 1, 0] }), 'constant-features')).toMatchObject([{ severity: 'severe' }]);
  });

  test('bytes that nobody scaled', async () => {
    const random = new RandomStream(3, 94), x = Array.from({ length: 100 }, () => Array.from({ length: 9 }, () => random.below(256))), y = x.map((row) => Number(row[0]! > 127));
    const layers = [dense(4, 'relu'), dense(2, 'softmax')];
    expect(found(await diagnose(chain(9, ...layers), { x, y }), 'unscaled-inputs')).toMatchObject([{ severity: 'warning', layer: 'dense1' }]);
    expect(found(await diagnose(chain(9, ...layers), { x: x.map((row) => row.map((value) => value / 255)), y }), 'unscaled-inputs')).toEqual([]);
  });

  test('labels in order', async () => {
    const { x, y } = labelled(300, 4, 3), order = y.map((_, i) => i).toSorted((a, b) => y[a]! - y[b]!);
    const sorted = { x: order.map((i) => x[i]!), y: order.map((i) => y[i]!) }, network = chain(4, dense(3, 'softmax'));
    expect(found(await diagnose(network, sorted, { shuffle: false }), 'sorted-labels')).toMatchObject([{ severity: 'warning', evidence: { changes: 2 } }]);
    expect(found(await diagnose(network, sorted), 'sorted-labels')).toMatchObject([{ severity: 'info' }]);
    expect(found(await diagnose(network, sorted, { shuffle: true }), 'sorted-labels')).toEqual([]);
    expect(found(await diagnose(network, { x, y }, { shuffle: false }), 'sorted-labels')).toEqual([]);
    const unshuffled = await network.fit(sorted, { epochs: 1, shuffle: false, diagnose: true });
    expect(found(unshuffled.diagnosis!, 'sorted-labels')).toMatchObject([{ severity: 'warning' }]);
    expect(found((await network.fit(sorted, { epochs: 1, diagnose: true })).diagnosis!, 'sorted-labels')).toEqual([]);
  });

  test.each([
    ['labels', 3, 'softmax', (label: number) => label], ['one column a class', 3, 'softmax', (label: number) => [0, 1, 2].map((k) => Number(k === label))],
    ['a probability', 1, 'sigmoid', (label: number) => Number(label === 2)],
  ] as const)('classes out of balance, as %s', async (_what, outputs, name, target) => {
    const x = rowsOf(330, 4, 5), y = x.map((_, i) => (i % 33 === 0 ? 2 : i % 2)), targets = { x, y: y.map((label) => target(label)) as number[] };
    const [finding] = found(await diagnose(chain(4, dense(outputs, name)), targets), 'class-imbalance');
    expect(finding).toMatchObject({ severity: 'warning', evidence: { rarest: 10 } });
    expect(found(await diagnose(chain(4, dense(outputs, name)), { x, y: x.map((_, i) => target(i % 3)) as number[] }), 'class-imbalance')).toEqual([]);
  });

  test('looks at a sample of large data, drawn by seed', async () => {
    const data = labelled(3000, 4, 3), network = chain(4, dense(3, 'softmax'));
    const [one, again, other] = [await diagnose(network, data), await diagnose(network, data), await diagnose(network, data, { seed: 1 })];
    expect([one.examples, one.loss === again.loss, one.loss === other.loss]).toEqual([1024, true, false]);
    expect((await diagnose(network, data, { examples: 3000 })).loss).toBeCloseTo((await network.evaluate(data)).loss, 5);
  });

  test('the loss of the best constant prediction', async () => {
    const y = [0, 0, 0, 1, 1, 2, 0, 1], x = rowsOf(8, 2, 1), entropy = -[0.5, 0.375, 0.125].reduce((so, share) => so + share * Math.log(share), 0);
    expect((await diagnose(chain(2, dense(3, 'softmax')), { x, y })).constantLoss).toBeCloseTo(entropy, 5);
    expect((await diagnose(chain(2, dense(3, 'softmax')), { x, y: y.map((label) => [0, 1, 2].map((k) => Number(k === label))) })).constantLoss).toBeCloseTo(entropy, 4);
    expect((await diagnose(chain(2, dense(1, 'sigmoid')), { x, y: y.map((label) => Number(label === 0)) })).constantLoss).toBeCloseTo(Math.log(2), 5);
    const mean = y.reduce((a, b) => a + b, 0) / 8, signs = y.map((label) => (label === 0 ? -1 : 1));
    // Three of eight are on the other side, at a distance of 2.
    expect((await diagnose(chain(2, dense(1)), { x, y: signs.map((sign, i) => (i === 1 ? 1 : sign)) }, { loss: 'hinge' })).constantLoss).toBeCloseTo((2 * 3) / 8, 5);
    expect((await diagnose(chain(2, dense(1)), { x, y }, { loss: 'poisson' })).constantLoss).toBeCloseTo(mean - mean * Math.log(mean), 4);
    expect((await diagnose(chain(2, dense(2)), { x, y }, { loss: gaussianNegativeLogLikelihood() })).constantLoss).toBeUndefined();
    expect((await diagnose(chain(2, dense(1)), { x, y })).constantLoss).toBeCloseTo(y.reduce((so, value) => so + (value - mean) ** 2, 0) / 8, 5);
  });
});
