// The same seed gives the same bits: run after run, on any number of threads; and the backends agree.
import { describe, expect, test } from 'vitest';
import { adam, Dataset, dense, dropout, Network, sgd, type NetworkOptions, type OptimizerSpec } from '../../lib/index.ts';
import { backends, withProcessors } from '../helpers/backends.ts';
import { bits, labelled, largestDifference, rowsOf } from '../helpers/networks.ts';

withProcessors(8);

interface Case { readonly name: string; readonly options: NetworkOptions; readonly data: Dataset; readonly batchSize: number; readonly epochs: number; readonly optimizer: OptimizerSpec }

/** 300-200-100-10 gives every thread of the team something to do; 7-5-3 runs on one. */
const cases: Case[] = [
  {
    name: 'a network for the team', batchSize: 64, epochs: 3, optimizer: adam({ learningRate: 1e-3 }), data: Dataset.from(labelled(300, 300, 10)),
    options: { inputs: 300, seed: 12, layers: [dense(200, 'relu', { l2: 1e-4 }), dropout(0.3), dense(100, 'tanh', { l1: 1e-5 }), dropout(0.1), dense(10, 'softmax')] },
  },
  {
    name: 'a small network', batchSize: 8, epochs: 4, optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }), data: Dataset.from(labelled(45, 7, 3)),
    options: { inputs: 7, seed: 4, layers: [dense(5, 'elu'), dropout(0.4), dense(3, 'softmax')] },
  },
];

async function trained({ options, data, batchSize, epochs, optimizer }: Case, more: Partial<NetworkOptions>): Promise<{ network: Network; record: string }> {
  const network = new Network({ ...options, ...more });
  const history = await network.fit(data, { batchSize, epochs, optimizer });
  const { data: predicted } = await network.predict(rowsOf(70, network.inputs, 8));
  return { network, record: `${bits(network)}\n${JSON.stringify(history.epochs)}\n${JSON.stringify(await network.evaluate(data))}\n${Array.from(predicted).join(' ')}` };
}

describe.each(cases)('$name', (example) => {
  describe.each(backends)('%s', (backend) => {
    test('two runs are equal, another seed is not', async () => {
      const { record } = await trained(example, { backend });
      expect((await trained(example, { backend })).record).toBe(record);
      expect((await trained(example, { backend, seed: 99 })).record).not.toBe(record);
    });

    test('epochs one by one are as epochs in one block', async () => {
      const { network } = await trained(example, { backend });
      const watched = new Network({ ...example.options, backend });
      await watched.fit(example.data, { batchSize: example.batchSize, epochs: example.epochs, optimizer: example.optimizer, onEpoch: () => undefined, validation: example.data });
      expect(bits(watched)).toBe(bits(network));
    });
  });

  test.runIf(backends.includes('native')).each([2, 3, 8])('1 and %i threads are equal', async (threads) => {
    const { record } = await trained(example, { backend: 'native', threads: 1 });
    expect((await trained(example, { backend: 'native', threads })).record).toBe(record);
    expect((await trained(example, { backend: 'native' })).record).toBe(record);
  });

  test.runIf(backends.includes('native'))('the backends agree after 20 steps', async () => {
    const perEpoch = Math.ceil(example.data.length / example.batchSize);
    const run = async (backend: 'native' | 'typescript'): Promise<Network> => (await trained({ ...example, epochs: Math.ceil(20 / perEpoch) }, { backend })).network;
    const native = (await run('native')).weights(), typescript = (await run('typescript')).weights();
    native.forEach(({ data }, i) => expect(largestDifference(data, typescript[i]!.data)).toBeLessThan(1e-4));
  });
});

// Floats may be read where they lie; bytes are converted first. The last batches have fewer examples than the layer has units.
describe.each(backends)('%s: floats and bytes of the same value train to the same bits', (backend) => {
  test.each([[150, 64, 24, 40], [1100, 1000, 33, 20], [1100, 500, 70, 784], [5100, 5000, 24, 12]])('%i examples, %i at once, %i units of %i inputs', async (length, batchSize, units, width) => {
    const random = rowsOf(length, width, 5).flat(), y = Int32Array.from({ length }, (_, i) => i % 3);
    const x = Uint8Array.from(random, (value) => Math.abs(value * 100) % 4);
    for (const shuffle of [false, true]) {
      const trainedOn = async (values: Uint8Array | Float32Array, threads: number): Promise<string> => {
        const network = new Network({ inputs: width, seed: 3, layers: [dense(units, 'tanh'), dense(3, 'softmax')], backend, threads });
        await network.fit(Dataset.from({ x: values, y, width }), { batchSize, epochs: 2, shuffle, optimizer: sgd({ learningRate: 0.01 }) });
        return bits(network);
      };
      const expected = await trainedOn(x, 1);
      for (const threads of [1, 2, 8]) expect(await trainedOn(Float32Array.from(x), threads)).toBe(expected);
    }
  });
});

test('dropout drops the same units on every backend, new ones every step, and as many as it says', () => {
  const x = rowsOf(37, 53, 3).map((row) => row.map((value) => Math.abs(value) + 0.1));
  const masks = backends.map((backend) => {
    const [layer] = new Network({ inputs: 53, layers: [dropout(0.3), dense(2)], seed: 7, backend }).layers;
    return [1, 2, 3].map(() => {
      const { data } = layer!.forward(x);
      data.forEach((value, i) => expect(value === 0 ? 0 : value / layer!.cache.x.data[i]!).toBeCloseTo(value === 0 ? 0 : 1 / 0.7, 5));
      return Array.from(data, (value) => Number(value !== 0));
    });
  });
  for (const [first, second, third] of masks) {
    expect(first).toEqual(masks[0]![0]);
    expect(second).toEqual(masks[0]![1]);
    expect(third).toEqual(masks[0]![2]);
    expect(first).not.toEqual(second);
    const kept = [...first!, ...second!, ...third!];
    expect(kept.reduce((a, b) => a + b, 0) / kept.length).toBeCloseTo(0.7, 1);
  }
});

test('two dropout layers of one network draw apart from each other', () => {
  const network = new Network({ inputs: 40, layers: [dropout(0.5), dropout(0.5), dense(1)], seed: 1, backend: 'typescript' });
  const ones = [Array.from({ length: 40 }, () => 1)];
  const [first, second] = network.layers.slice(0, 2).map((layer) => Array.from(layer.forward(ones).data));
  expect(first).not.toEqual(second);
});
