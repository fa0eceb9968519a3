// XOR: by hand, exactly, and learnt from random weights.
import { describe, expect, test } from 'vitest';
import { dense, Network, sgd } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';

const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
const y = [0, 1, 1, 0];

describe.each(backends)('%s', (backend) => {
  test('by hand: W = [[1, 1], [1, 1]], c = [0, -1], w = [1, -2], b = 0 give exactly 0, 1, 1, 0', async () => {
    const network = new Network({ inputs: 2, layers: [dense(2, 'relu'), dense(1)], backend });
    network.setWeights([
      { name: 'dense1.weight', data: [1, 1, 1, 1] }, { name: 'dense1.bias', data: [0, -1] },
      { name: 'dense2.weight', data: [1, -2] }, { name: 'dense2.bias', data: [0] },
    ]);
    expect(network.backend).toBe(backend);
    const later = await network.predict(x), now = network.predictSync(x);
    expect(later.shape).toEqual([4, 1]);
    expect(Array.from(later.data)).toEqual(y);
    expect(Array.from(now.data)).toEqual(y);
    expect(x.map((row) => network.predictSync(row).data[0])).toEqual(y);
    expect(network.layers.map(({ name }) => name)).toEqual(['dense1', 'dense2']);
    expect(await network.evaluate({ x, y })).toEqual({ loss: 0, meanAbsoluteError: 0 });
  });

  test.each([
    ['sigmoid', 'binaryCrossEntropy'], ['linear', 'meanSquaredError'],
  ] as const)('learnt by SGD with a %s output', async (output, loss) => {
    const network = new Network({ inputs: 2, layers: [dense(8, 'tanh'), dense(1, output)], seed: 3, backend });
    const history = await network.fit({ x, y }, { epochs: 3000, batchSize: 4, loss, optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) });
    expect(history.epochs[0]!.loss).toBeGreaterThan(0.1);
    expect(history.epochs.at(-1)!.loss).toBeLessThan(0.01);
    expect((await network.evaluate({ x, y }, { loss })).loss).toBeLessThan(0.01);
    expect(Array.from(network.predictSync(x).data).map((value) => Math.round(value) + 0)).toEqual(y);
  });
});
