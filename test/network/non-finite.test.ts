// A loss that becomes non-finite stops the run and brings back the weights of the last good epoch.
import { describe, expect, test } from 'vitest';
import { dense, dropout, Network, NonFiniteError, sgd, type FitOptions } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, refusal, regression } from '../helpers/networks.ts';

async function failure(network: Network, data: Parameters<Network['fit']>[0], options: FitOptions): Promise<NonFiniteError> {
  const error = await refusal(() => network.fit(data, options));
  expectRefusal(error, 'ERR_NON_FINITE', /the loss became (NaN|Infinity) in epoch \d+, batch \d+/);
  expect(error).toBeInstanceOf(NonFiniteError);
  return error as NonFiniteError;
}

describe.each(backends)('%s', (backend) => {
  const data = regression(23, 4, 2);
  const build = (): Network => new Network({ inputs: 4, layers: [dense(6), dropout(0.25), dense(2)], seed: 6, backend });

  test.each([
    ['many epochs in a block', {}], ['epoch by epoch', { onEpoch: () => undefined }], ['with validation', { validation: regression(7, 4, 2, 2) }],
    ['with momentum', { optimizer: sgd({ learningRate: 0.2, momentum: 0.9 }) }],
  ])('%s: the weights are exactly those after the last good epoch', async (_name, more) => {
    const options: FitOptions = { epochs: 10_000, batchSize: 5, optimizer: sgd({ learningRate: 0.8 }), ...more };
    const network = build();
    const { epoch, batch, message } = await failure(network, data, options);
    expect(epoch).toBeGreaterThan(1);
    expect(batch).toBeGreaterThanOrEqual(1);
    expect(batch).toBeLessThanOrEqual(5);
    expect(message).toMatch(new RegExp(`epoch ${epoch}, batch ${batch} by the (outputs|loss at the outputs) of layer 'dense.'; the weights are those after epoch ${epoch - 1}`));
    const same = build();
    await same.fit(data, { ...options, epochs: epoch - 1 });
    expect(bits(network)).toBe(bits(same));
    // Both go on alike: random draws and orders as well.
    for (const each of [network, same]) each.setWeights(build().weights());
    expect((await network.fit(data)).epochs).toEqual((await same.fit(data)).epochs);
    expect(bits(network)).toBe(bits(same));
  });

  test('in the first epoch: the weights are those before the run', async () => {
    const network = build(), before = bits(network);
    const { epoch, batch } = await failure(network, data, { epochs: 3, batchSize: 2, optimizer: sgd({ learningRate: 1e30 }) });
    expect(epoch).toBe(1);
    expect(batch).toBeGreaterThan(1);
    expect(bits(network)).toBe(before);
  });

  test('in the very last update, which no loss comes after', async () => {
    const network = build(), before = bits(network);
    const error = await refusal(() => network.fit(data, { batchSize: 23, optimizer: sgd({ learningRate: 3e38 }) }));
    expectRefusal(error, 'ERR_NON_FINITE', /the weights of layer 'dense2' became NaN or infinite in epoch 1, batch 1; the weights are those after epoch 0/);
    expect(bits(network)).toBe(before);
  });

  test('far into a long run, with predictions all the time', async () => {
    // w is multiplied by -1.01 a step, and its square overflows after some 4,450 steps.
    const slow = { x: [[1], [1]], y: [0, 0] };
    const make = (): Network => new Network({ inputs: 1, layers: [dense(1, 'linear', { bias: false, initializer: 'constant' })], backend });
    const options: FitOptions = { epochs: 100_000, batchSize: 1, optimizer: sgd({ learningRate: 1.005 }) };
    const network = make();
    const answers: Promise<unknown>[] = [];
    const asking = setInterval(() => answers.push(network.predict([1])), 1);
    const { epoch } = await failure(network, slow, options);
    clearInterval(asking);
    await Promise.all(answers);
    expect(epoch).toBeGreaterThan(1000);
    const same = make();
    await same.fit(slow, { ...options, epochs: epoch - 1 });
    expect(bits(network)).toBe(bits(same));
  });
});
