// fit: what it reports, what it goes over, and that every step is the textbook's.
import { describe, expect, test } from 'vitest';
import { adam, Dataset, dense, Network, sgd, type EpochRecord, type FitOptions } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { bits, labelled, largestDifference, regression } from '../helpers/networks.ts';
import { layersFrom, oneHot, step, type ReferenceLayer } from '../helpers/reference.ts';

function expectWeights(network: Network, layers: readonly ReferenceLayer[], tolerance: number): void {
  const weights = network.weights();
  layers.forEach(({ W, b }, l) => {
    expect(largestDifference(weights[2 * l]!.data, W.flat())).toBeLessThan(tolerance);
    expect(largestDifference(weights[2 * l + 1]!.data, b)).toBeLessThan(tolerance);
  });
}

describe.each(backends)('%s', (backend) => {
  const classifier = (seed = 5): Network => new Network({ inputs: 6, layers: [dense(9, 'tanh'), dense(4, 'softmax')], seed, backend });
  const data = labelled(103, 6, 4);

  test('the loss falls, and the history says so epoch by epoch', async () => {
    const network = classifier();
    const history = await network.fit(data, { epochs: 12, batchSize: 10, optimizer: adam({ learningRate: 0.02 }) });
    expect(history.epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(history.steps).toBe(12 * 11);
    expect(history.seconds).toBeGreaterThan(0);
    for (const record of history.epochs) expect(Object.keys(record)).toEqual(['epoch', 'loss', 'accuracy', 'learningRate']);
    expect(history.epochs[11]!.loss).toBeLessThan(0.5 * history.epochs[0]!.loss);
    expect(history.epochs[11]!.accuracy).toBeGreaterThan(0.85);
  });

  test.each([[103, 1], [50, 3], [1000, 1], [7, 15]])('minibatches of %i make %i steps, the last one shorter, each as in double precision', async (batchSize, steps) => {
    const network = classifier(), layers = layersFrom(network.weights(), ['tanh', 'softmax']), t = oneHot(data.y, 4);
    const history = await network.fit(data, { epochs: 2, batchSize, shuffle: false, optimizer: sgd({ learningRate: 0.1 }) });
    expect(history.steps).toBe(2 * steps);
    for (const { loss } of history.epochs) {
      let mean = 0;
      for (let from = 0; from < 103; from += batchSize) {
        const part = data.x.slice(from, from + batchSize);
        mean += step(layers, part, t.slice(from, from + batchSize), 'crossEntropy', 0.1) * part.length / 103;
      }
      expect(loss).toBeCloseTo(mean, 5);
    }
    expectWeights(network, layers, 1e-5);
  });

  test('mean squared error of several outputs, as in double precision', async () => {
    const set = regression(19, 5, 3);
    const network = new Network({ inputs: 5, layers: [dense(7, 'sigmoid'), dense(3)], seed: 2, backend });
    const layers = layersFrom(network.weights(), ['sigmoid', 'linear']);
    await network.fit(set, { epochs: 3, batchSize: 8, shuffle: false, optimizer: sgd({ learningRate: 0.2 }) });
    for (let epoch = 0; epoch < 3; epoch++) for (let from = 0; from < 19; from += 8) step(layers, set.x.slice(from, from + 8), set.y.slice(from, from + 8), 'meanSquaredError', 0.2);
    expectWeights(network, layers, 1e-5);
  });

  test.each([{ l1: 0.03, l2: 0 }, { l1: 0, l2: 0.05 }, { l1: 0.02, l2: 0.04 }])('penalties %o reach weights and loss, not biases', async (penalties) => {
    const set = regression(11, 4, 2);
    const build = (options: object): Network => new Network({ inputs: 4, layers: [dense(6, 'tanh', { biasInitializer: 'randomNormal', ...options }), dense(2, 'linear', options)], seed: 9, backend });
    const network = build(penalties), plain = build({});
    const layers = layersFrom(network.weights(), ['tanh', 'linear'], penalties);
    const expected = step(layers, set.x, set.y, 'meanSquaredError', 0.1);
    const options: FitOptions = { batchSize: 11, optimizer: sgd({ learningRate: 0.1 }) };
    const history = await network.fit(set, options);
    await plain.fit(set, options);
    expect(history.epochs[0]!.loss).toBeCloseTo(expected, 5);
    expectWeights(network, layers, 1e-6);
    const [weight, bias] = network.weights(), [plainWeight, plainBias] = plain.weights();
    expect(largestDifference(weight!.data, plainWeight!.data)).toBeGreaterThan(1e-3);
    expect(largestDifference(bias!.data, plainBias!.data)).toBeLessThan(1e-6);
  });

  test('shuffling takes every example once an epoch, in a new order; without it the order is that given', async () => {
    // With a rate of 0 the loss of an epoch of single examples is the mean over those seen.
    const network = classifier();
    const still: FitOptions = { epochs: 3, batchSize: 1, optimizer: sgd({ learningRate: 0 }) };
    const { loss } = await network.evaluate(data);
    for (const shuffle of [true, false]) {
      for (const record of (await network.fit(data, { ...still, shuffle })).epochs) expect(record.loss).toBeCloseTo(loss, 5);
    }
    const run = async (options: FitOptions): Promise<string> => {
      const trained = classifier();
      await trained.fit(data, { batchSize: 10, ...options });
      return bits(trained);
    };
    expect(await run({ shuffle: true })).not.toBe(await run({ shuffle: false }));
    expect(await run({})).toBe(await run({ shuffle: true }));
    // An epoch is the same whether it is the second of a run or the first of a second run.
    const twice = classifier(), together = classifier();
    for (let i = 0; i < 2; i++) await twice.fit(data, { batchSize: 10, optimizer: 'sgd' });
    await together.fit(data, { batchSize: 10, epochs: 2, optimizer: 'sgd' });
    expect(bits(twice)).toBe(bits(together));
  });

  test('validation data are measured after every epoch, as evaluate measures them', async () => {
    const network = classifier(), validation = labelled(31, 6, 4, 2), seen: EpochRecord[] = [];
    const history = await network.fit(data, {
      epochs: 3, validation,
      onEpoch: async (record) => {
        expect(record.validation).toEqual(await network.evaluate(validation));
        seen.push(record);
      },
    });
    expect(history.epochs).toEqual(seen);
    expect(seen).toHaveLength(3);
    expect(Object.keys(seen[0]!.validation!)).toEqual(['loss', 'accuracy']);
  });

  test('a fraction for validation sets examples aside', async () => {
    const network = classifier(), set = Dataset.from(data);
    const history = await network.fit(set, { epochs: 2, batchSize: 8, validation: 0.25 });
    const { train, test: aside } = set.split({ test: 0.25, seed: 5 });
    expect(history.steps).toBe(2 * Math.ceil(train.length / 8));
    expect(history.epochs[1]!.validation).toEqual(await network.evaluate(aside));
    const same = classifier();
    await same.fit(train, { epochs: 2, batchSize: 8 });
    expect(bits(same)).toBe(bits(network));
  });

  test('onEpoch is awaited, and the network can be used in it and afterwards', async () => {
    const network = classifier();
    let inside = false;
    const seen: number[] = [];
    await network.fit(data, {
      epochs: 3,
      onEpoch: async ({ epoch }) => {
        expect(inside).toBe(false);
        inside = true;
        const later = await network.predict(data.x), now = network.predictSync(data.x);
        expect(later.data).toEqual(now.data);
        expect(network.forward(data.x).data).toEqual(now.data);
        expect(Number.isFinite((await network.evaluate(data)).loss)).toBe(true);
        expect(network.weights()).toHaveLength(4);
        await new Promise((resolve) => setTimeout(resolve, 2));
        inside = false;
        seen.push(epoch);
      },
    });
    expect(seen).toEqual([1, 2, 3]);
    const { data: values } = await network.predict(data.x);
    expect(values).toEqual(network.predictSync(data.x).data);
    expect(largestDifference(network.forward(data.x).data, values)).toBe(0);
    network.backward(data.y);
    network.update(0.1);
  });

  test('an error thrown in onEpoch ends the run and leaves a network that works', async () => {
    const network = classifier();
    await expect(network.fit(data, { epochs: 5, onEpoch: ({ epoch }) => { if (epoch === 2) throw new Error('enough'); } })).rejects.toThrow('enough');
    const same = classifier();
    await same.fit(data, { epochs: 2 });
    expect(bits(network)).toBe(bits(same));
    await network.fit(data);
  });

  test('loss and metrics follow the output unless they are given', async () => {
    const names = async (network: Network, set: { x: number[][]; y: number[] | number[][] }, options: FitOptions = {}): Promise<string[]> => {
      const fitted = Object.keys((await network.fit(set, options)).epochs[0]!).slice(1, -1);
      expect(Object.keys(await network.evaluate(set, { ...(options.loss && { loss: options.loss }), ...(options.metrics && { metrics: options.metrics }) }))).toEqual(fitted);
      return fitted;
    };
    const sides = { x: data.x, y: data.y.map((label) => label % 2) }, numbers = regression(20, 6, 1);
    const make = (units: number, activation: 'sigmoid' | 'linear' | 'softmax'): Network => new Network({ inputs: 6, layers: [dense(units, activation)], backend });
    expect(await names(make(4, 'softmax'), data)).toEqual(['loss', 'accuracy']);
    expect(await names(make(1, 'sigmoid'), sides)).toEqual(['loss', 'accuracy']);
    expect(await names(make(1, 'linear'), numbers)).toEqual(['loss', 'meanAbsoluteError']);
    expect(await names(make(4, 'linear'), data, { loss: 'crossEntropy' })).toEqual(['loss', 'accuracy']);
    expect(await names(make(1, 'sigmoid'), sides, { metrics: ['meanAbsoluteError', 'accuracy'] })).toEqual(['loss', 'meanAbsoluteError', 'accuracy']);
    expect(await names(make(1, 'sigmoid'), sides, { metrics: [] })).toEqual(['loss']);
  });

  test('several fits in a row go on from the weights reached, with any optimizer and batch size', async () => {
    const network = classifier();
    const before = (await network.evaluate(data)).loss;
    for (const optimizer of ['adam', 'sgd', sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }), 'adamw', 'adam'] as const) {
      const start = bits(network);
      await network.fit(data, { epochs: 2, optimizer, batchSize: 16 });
      expect(bits(network)).not.toBe(start);
      expect(network.predictSync(data.x).shape).toEqual([103, 4]);
    }
    expect((await network.evaluate(data)).loss).toBeLessThan(before);
  });
});
