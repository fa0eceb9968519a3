// Networks in precision 'bfloat16': they learn as in single precision, and everything around the arithmetic stays as it is.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adam, checkpoint, Dataset, dense, Network, type NetworkOptions, sgd } from '../../lib/index.ts';
import { bfloat16Backends, withProcessors } from '../helpers/backends.ts';
import { bits, labelled, rowsOf } from '../helpers/networks.ts';
import { readDigits } from '../helpers/objectives.ts';

withProcessors(3);

const { x, labels } = readDigits();
const digits = Dataset.from({ x: Float32Array.from(x), y: Int32Array.from(labels), width: 64 }), { train, test: unseen } = digits.split({ test: 0.2, seed: 1 });

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-bfloat16-')); });
afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

describe.each(bfloat16Backends)('%s', (backend) => {
  const precision = 'bfloat16' as const;
  const small = (more: Partial<NetworkOptions> = {}): Network => new Network({ inputs: 6, layers: [dense(9, 'tanh'), dense(3, 'softmax')], seed: 5, backend, precision, ...more });

  test('the digits are learnt as well as in single precision', async () => {
    const accuracies = await Promise.all((['float32', precision] as const).map(async (each) => {
      const network = new Network({ inputs: 64, layers: [dense(64, 'relu'), dense(10, 'softmax')], seed: 3, backend, precision: each });
      await network.fit(train, { epochs: 20, batchSize: 32, optimizer: adam() });
      return (await network.evaluate(unseen)).accuracy!;
    }));
    expect(accuracies[0]).toBeGreaterThan(0.95);
    expect(Math.abs(accuracies[1]! - accuracies[0]!)).toBeLessThan(0.012);
  });

  test('one more step is a little off single precision, and no more', async () => {
    const data = labelled(40, 6, 3), networks = [small(), small({ precision: 'float32' })] as const;
    for (const network of networks) await network.fit(data, { epochs: 1, batchSize: 40, optimizer: sgd({ learningRate: 0.1 }) });
    const [found, expected] = networks.map((network) => network.weights().flatMap(({ data: values }) => Array.from(values)));
    const difference = Math.max(...expected!.map((value, i) => Math.abs(value - found![i]!)));
    expect(difference).toBeGreaterThan(1e-7);
    expect(difference).toBeLessThan(1e-3);
  });

  test('every prediction is of the weights of its moment', async () => {
    // Many rows are cut among threads, each of which packs weights for itself.
    const network = small({ threads: 2 }), [few, many] = [rowsOf(5, 6, 2), rowsOf(300, 6, 3)] as const;
    const check = async (): Promise<void> => {
      const fresh = small();
      fresh.setWeights(network.weights());
      for (const rows of [few, many, few]) {
        const expected = Array.from(fresh.predictSync(rows).data);
        expect(Array.from(network.predictSync(rows).data)).toEqual(expected);
        expect(Array.from((await network.predict(rows)).data)).toEqual(expected);
      }
    };
    await check();
    network.setWeights(network.weights().map(({ name, data }) => ({ name, data: data.map((value) => value / 2) })));
    await check();
    await network.fit(labelled(40, 6, 3), { epochs: 2, batchSize: 8, onEpoch: async () => { await network.predict(few); } });
    await check();
    await network.fit(labelled(40, 6, 3), { epochs: 2, optimizer: 'lbfgs' });
    await check();
    network.forward(few);
    network.backward([0, 1, 2, 0, 1].map((label) => [label]));
    network.update(0.5);
    await check();
  });

  test('weights are floats in files, whatever the precision that made them', async () => {
    const network = small(), path = join(folder, `${backend}.safetensors`), rows = rowsOf(3, 6, 4);
    await network.fit(labelled(40, 6, 3), { epochs: 2 });
    await network.save(path);
    const [same, single] = [await Network.load(path, { backend, precision }), await Network.load(path, { backend })];
    expect(bits(same)).toBe(bits(network));
    expect(bits(single)).toBe(bits(network));
    expect(same.predictSync(rows).data).toEqual(network.predictSync(rows).data);
    expect(single.predictSync(rows).data).not.toEqual(network.predictSync(rows).data);
    expect(network.predictSync(rows).data).toBeInstanceOf(Float32Array);
  });

  test('a run goes on from its checkpoint to the same bits', async () => {
    const data = labelled(50, 6, 3), whole = small(), place = join(folder, `${backend}-run`), begun = small(), resumed = small();
    await whole.fit(data, { epochs: 4, batchSize: 8 });
    await begun.fit(data, { epochs: 2, batchSize: 8, callbacks: [checkpoint(place)] });
    await resumed.fit(data, { epochs: 4, batchSize: 8, resume: place });
    expect(bits(resumed)).toBe(bits(whole));
  });

  test('an attached network has the precision of its owner, and follows it', () => {
    const owner = small(), attached = Network.attach(structuredClone(owner.share()), { backend }), rows = rowsOf(4, 6, 6);
    for (let i = 0; i < 4; i++) {
      expect(attached.predictSync(rows).data).toEqual(owner.predictSync(rows).data);
      expect(attached.predictSync(rows).data).toEqual(owner.predictSync(rows).data);
      owner.setWeights(owner.weights().map(({ name, data }) => ({ name, data: data.map((value) => value * 0.75) })));
    }
  });
});

test.runIf(bfloat16Backends.includes('native'))('training gives the same bits with any number of threads, and what the TypeScript backend gives', async () => {
  const data = labelled(300, 300, 10), make = (more: Partial<NetworkOptions>): Network => new Network({ inputs: 300, layers: [dense(200, 'tanh'), dense(100, 'relu'), dense(10, 'softmax')], seed: 2, precision: 'bfloat16', ...more });
  const networks = [make({ threads: 1 }), make({ threads: 2 }), make({ threads: 3 }), make({ backend: 'typescript' })];
  for (const network of networks) await network.fit(data, { epochs: 2, batchSize: 64, optimizer: sgd({ learningRate: 0.05 }) });
  const [first, second, third, other] = networks.map(bits);
  expect(second).toBe(first);
  expect(third).toBe(first);
  expect(other).not.toBe(first);
  const [native, typescript] = [networks[0]!, networks[3]!].map((network) => network.predictSync(rowsOf(20, 300, 7)).data);
  native!.forEach((value, i) => expect(Math.abs(value - typescript![i]!)).toBeLessThan(2e-3));
});
