// What may happen while a fit is in flight, after it was stopped, and after dispose.
import { describe, expect, test } from 'vitest';
import { AbortedError, dense, dropout, Network, sgd, type FitOptions } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, labelled, refusal, rowsOf } from '../helpers/networks.ts';

const data = labelled(640, 20, 5), x = rowsOf(33, 20, 4);

describe.each(backends)('%s', (backend) => {
  const build = (seed = 3): Network => new Network({ inputs: 20, layers: [dense(64, 'relu'), dropout(0.2), dense(5, 'softmax')], seed, backend });

  test.each([['several epochs in a block', {}], ['epoch by epoch', { onEpoch: () => undefined }]])('predict and evaluate get their turn during fit and change nothing: %s', async (_name, more) => {
    const options: FitOptions = { epochs: 6, batchSize: 32, ...more };
    const alone = build(), network = build();
    await alone.fit(data, options);
    let running = true, answers = 0;
    const fit = network.fit(data, options).then(() => { running = false; });
    // Each asks again as soon as it is answered: neither may keep fit from going on.
    const ask = async (question: () => Promise<ArrayLike<number>>): Promise<void> => {
      while (running) {
        expect(Array.from(await question()).every(Number.isFinite)).toBe(true);
        answers++;
      }
    };
    await Promise.all([
      fit, ask(async () => (await network.predict(x)).data), ask(async () => (await network.predict(x[0]!)).data),
      ask(async () => Object.values(await network.evaluate(data)) as number[]),
    ]);
    expect(answers).toBeGreaterThan(6);
    expect(bits(network)).toBe(bits(alone));
  });

  test('predict answers for the values it was given, whatever becomes of the array meanwhile', async () => {
    const network = build(), controller = new AbortController(), rows = 1100;
    const buffer = Float32Array.from(rowsOf(rows, 20, 6).flat()), expected = network.predictSync(buffer.slice()).data;
    const fit = refusal(() => network.fit(data, { epochs: 1_000_000, optimizer: sgd({ learningRate: 0 }), signal: controller.signal }));
    const answer = network.predict(buffer);
    buffer.fill(1);
    expect((await answer).data).toEqual(expected);
    controller.abort();
    await fit;
    const later = network.predict(buffer.fill(0.5));
    buffer.fill(1);
    expect((await later).data).toEqual(network.predictSync(buffer.fill(0.5)).data);
  });

  test('predict sees weights on their way', async () => {
    const network = build(), before = String(network.predictSync(x).data), controller = new AbortController();
    const fit = refusal(() => network.fit(data, { epochs: 1_000_000, optimizer: sgd({ learningRate: 0.1 }), signal: controller.signal }));
    const seen = new Set<string>();
    for (let i = 0; i < 50; i++) seen.add(String((await network.predict(x)).data));
    controller.abort();
    await fit;
    seen.delete(before);
    expect(seen.size).toBeGreaterThan(1);
  });

  test('what cannot wait is refused during fit, and the fit goes on', async () => {
    const network = build(), controller = new AbortController();
    network.forward(x);
    const layer = network.layers[0]!;
    const fit = refusal(() => network.fit(data, { epochs: 1_000_000, signal: controller.signal }));
    const refused: Record<string, () => unknown> = {
      fit: () => network.fit(data), predictSync: () => network.predictSync(x), weights: () => network.weights(), setWeights: () => network.setWeights([]),
      dispose: () => network.dispose(), forward: () => network.forward(x), backward: () => network.backward(data.y.slice(0, 33)), update: () => network.update(0.1),
      layerForward: () => layer.forward(x), layerBackward: () => layer.backward(rowsOf(33, 64, 1)), layerUpdate: () => layer.update(0.1),
    };
    for (const pause of [0, 1, 5]) {
      for (const call of Object.values(refused)) {
        expectRefusal(await refusal(call), 'ERR_BUSY');
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    controller.abort();
    expect((await fit).code).toBe('ERR_ABORTED');
    await network.fit(data);
    network.dispose();
  });

  test('dispose and fit are refused in onEpoch as well', async () => {
    const network = build();
    await network.fit(data, {
      onEpoch: async () => {
        expectRefusal(await refusal(() => network.dispose()), 'ERR_BUSY', 'dispose');
        expectRefusal(await refusal(() => network.fit(data)), 'ERR_BUSY', 'fit');
      },
    });
  });

  test('after dispose every method says so', async () => {
    const network = build(), layer = network.layers[0]!;
    network.forward(x);
    await network.fit(data);
    network.dispose();
    network.dispose();
    const calls: Record<string, () => unknown> = {
      fit: () => network.fit(data), evaluate: () => network.evaluate(data), predict: () => network.predict(x), predictSync: () => network.predictSync(x),
      weights: () => network.weights(), setWeights: () => network.setWeights([]), save: () => network.save('/nowhere/model'), summary: () => network.summary(),
      forward: () => network.forward(x), backward: () => network.backward(data.y.slice(0, 33)), update: () => network.update(0.1),
      layerForward: () => layer.forward(x), layerBackward: () => layer.backward(rowsOf(33, 64, 1)), layerUpdate: () => layer.update(0.1),
    };
    for (const call of Object.values(calls)) expectRefusal(await refusal(call), 'ERR_DISPOSED', 'was disposed');
  });

  test('aborted before the run: nothing has changed', async () => {
    const network = build(), before = bits(network), reason = new Error('not today');
    const error = await refusal(() => network.fit(data, { signal: AbortSignal.abort(reason) }));
    expectRefusal(error, 'ERR_ABORTED', 'before');
    expect(error).toBeInstanceOf(AbortedError);
    expect(error.name).toBe('AbortError');
    expect(error.cause).toBe(reason);
    expect(bits(network)).toBe(before);
  });

  test('aborted during the run: the weights reached stay, and the next fit works', async () => {
    const network = build(), before = bits(network), reason = { because: 'enough' }, controller = new AbortController();
    setTimeout(() => controller.abort(reason), 30);
    const error = await refusal(() => network.fit(data, { epochs: 1_000_000, signal: controller.signal }));
    expectRefusal(error, 'ERR_ABORTED', /after epoch \d+/);
    expect(error.cause).toBe(reason);
    expect(bits(network)).not.toBe(before);
    expect((await network.fit(data, { epochs: 2, signal: new AbortController().signal })).epochs).toHaveLength(2);
  });

  test('aborted in onEpoch: the epochs done are counted, and the weights are theirs', async () => {
    const network = build(), same = build(), controller = new AbortController();
    const error = await refusal(() => network.fit(data, { epochs: 9, signal: controller.signal, onEpoch: ({ epoch }) => { if (epoch === 3) controller.abort(); } }));
    expectRefusal(error, 'ERR_ABORTED', 'after epoch 3');
    await same.fit(data, { epochs: 3 });
    expect(bits(network)).toBe(bits(same));
    // The next run goes on with new draws and orders, as after a run of three epochs.
    await Promise.all([network.fit(data), same.fit(data)]);
    expect(bits(network)).toBe(bits(same));
  });

  test('two networks train at once as they do one after the other', async () => {
    const expected = [];
    for (const seed of [1, 2]) {
      const network = build(seed);
      await network.fit(data, { epochs: 6 });
      expected.push(bits(network));
    }
    const together = [build(1), build(2)];
    const finished: number[] = [];
    await Promise.all(together.map((network, i) => network.fit(data, { epochs: 6, onEpoch: () => { finished.push(i); } })));
    expect(together.map(bits)).toEqual(expected);
    // Their epochs alternate: neither waits for the other's end.
    expect(finished.indexOf(1)).toBeLessThan(finished.lastIndexOf(0));
    expect(finished.indexOf(0)).toBeLessThan(finished.lastIndexOf(1));
  });
});
