// fit on the whole data, with L-BFGS and conjugate gradients.
import { describe, expect, test } from 'vitest';
import { batchNorm, conjugateGradient, dense, dropout, earlyStopping, lbfgs, Network, sgd, type EpochRecord } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, labelled, largestDifference, refusal, regression } from '../helpers/networks.ts';

const methods = [['lbfgs', lbfgs()], ['conjugateGradient', conjugateGradient()]] as const;

describe.each(backends)('%s', (backend) => {
  const make = (seed = 1): Network => new Network({ inputs: 6, layers: [dense(5, 'tanh', { l2: 1e-3 }), dense(3, 'softmax')], seed, backend });
  const data = labelled(150, 6, 3);

  test.each(methods)('%s: the loss never rises, and is lower after few iterations than after as many epochs of descent', async (_name, optimizer) => {
    const network = make(), before = await network.evaluate(data);
    const { epochs, steps } = await network.fit(data, { optimizer, epochs: 40, validation: labelled(50, 6, 3, 2) });
    for (let i = 1; i < epochs.length; i++) expect(epochs[i]!.loss).toBeLessThanOrEqual(epochs[i - 1]!.loss);
    expect(epochs[0]!.loss).toBeLessThan(before.loss);
    expect(steps).toBe(epochs.length);
    expect(Object.keys(epochs[0]!)).toEqual(['epoch', 'loss', 'accuracy', 'learningRate', 'validation']);
    const after = await network.evaluate(data);
    expect(after.loss).toBeCloseTo(epochs.at(-1)!.loss, 5);
    expect(after.accuracy).toBeCloseTo(epochs.at(-1)!.accuracy!, 6);
    const descended = make();
    await descended.fit(data, { optimizer: sgd({ learningRate: 0.5 }), epochs: 40, batchSize: 150 });
    expect(after.loss).toBeLessThan((await descended.evaluate(data)).loss);
  });

  test.each(methods)('%s: a linear fit ends at the solution of the normal equations', async (_name, optimizer) => {
    const { x, y } = regression(60, 3, 1), network = new Network({ inputs: 3, layers: [dense(1)], backend });
    const { stopped } = await network.fit({ x, y }, { optimizer, epochs: 200 });
    expect(stopped).toMatch(/gradient|rounding|changes/);
    network.forward(x);
    network.backward(y);
    const { dW, db } = network.layers[0]!.gradients;
    // A loss f in single precision shows no decrease below 2⁻²³ f, so that √(2 · 2⁻²³ f · curvature) may be left of the gradient; here f is 0.039.
    for (const value of [...dW!.data, ...db!.data]) expect(Math.abs(value)).toBeLessThan(1.5e-4);
  });

  test('more rows than one chunk give the same as minibatches of all rows would, with and without weights', async () => {
    const large = labelled(5000, 6, 3), weights = large.y.map((label, i) => 1 + label + (i % 2));
    for (const given of [large, { ...large, weights }]) {
      const network = make(4), one = make(4);
      const { epochs } = await network.fit(given, { optimizer: 'lbfgs', epochs: 1 });
      expect((await network.evaluate(given)).loss).toBeCloseTo(epochs[0]!.loss, 5);
      // The first step of L-BFGS goes along the gradient: as one step of descent does.
      await one.fit(given, { optimizer: sgd({ learningRate: 1e-3 }), batchSize: 5000 });
      const start = make(4).weights(), [a, b] = [network, one].map((each) => each.weights().map(({ data: values }, i) => values.map((value, j) => value - start[i]!.data[j]!)));
      const flat = (parts: ArrayLike<number>[]): number[] => parts.flatMap((part) => Array.from(part));
      const p = flat(a!), q = flat(b!), dot = (s: number[], t: number[]): number => s.reduce((so, value, i) => so + value * t[i]!, 0);
      expect(dot(p, q) / Math.sqrt(dot(p, p) * dot(q, q))).toBeGreaterThan(0.999);
    }
  });

  test('predictions in between see the weights of the last iteration', async () => {
    const network = make(), seen: number[] = [];
    await network.fit(data, { optimizer: 'lbfgs', epochs: 10, onEpoch: async ({ loss }) => { seen.push((await network.evaluate(data)).loss - loss); } });
    expect(largestDifference(seen, seen.map(() => 0))).toBeLessThan(1e-5);
  });

  test('dropout draws the same at every point', async () => {
    const network = new Network({ inputs: 6, layers: [dense(12, 'tanh'), dropout(0.4), dense(3, 'softmax')], backend });
    const { epochs } = await network.fit(data, { optimizer: 'lbfgs', epochs: 15 });
    for (let i = 1; i < epochs.length; i++) expect(epochs[i]!.loss).toBeLessThanOrEqual(epochs[i - 1]!.loss);
  });

  test('callbacks stop it and bring back weights; a signal ends it with the best point', async () => {
    const network = make(), records: EpochRecord[] = [];
    const { stopped, epochs } = await network.fit(data, { optimizer: 'lbfgs', epochs: 50, onEpoch: (record) => { records.push(record); }, callbacks: [{ onEpoch: ({ epoch }, control) => { if (epoch === 3) control.stop('enough'); } }, earlyStopping()] });
    expect(stopped).toBe('enough');
    expect(epochs).toEqual(records);
    expect(epochs.length).toBe(3);
    const controller = new AbortController(), other = make();
    expectRefusal(await refusal(() => other.fit(data, { optimizer: 'lbfgs', epochs: 50, signal: controller.signal, onEpoch: ({ epoch }) => { if (epoch === 3) controller.abort(); } })), 'ERR_ABORTED', 'iteration 3');
    expect(bits(other)).toBe(bits(network));
  });

  test('what it cannot do is refused, before anything changes', async () => {
    const network = make(), before = bits(network);
    expectRefusal(await refusal(() => network.fit(data, { optimizer: 'lbfgs', batchSize: 10 })), 'ERR_OPTION', "no 'batchSize'");
    expectRefusal(await refusal(() => network.fit(data, { optimizer: { type: 'lbfgs', options: { memori: 3 } } })), 'ERR_OPTION', "'memory'");
    expectRefusal(await refusal(() => network.fit(data, { optimizer: 'lbfg' as never })), 'ERR_OPTION', "did you mean 'lbfgs'");
    const normal = new Network({ inputs: 6, layers: [dense(4), batchNorm(), dense(3, 'softmax')], backend });
    expectRefusal(await refusal(() => normal.fit(data, { optimizer: 'lbfgs' })), 'ERR_OPTION', 'statistics');
    const bound = new Network({ inputs: 6, layers: [dense(3, 'softmax', { maxNorm: 2 })], backend });
    expectRefusal(await refusal(() => bound.fit(data, { optimizer: 'lbfgs' })), 'ERR_OPTION', "'dense1.weight'");
    expect(bits(network)).toBe(before);
  });
});
