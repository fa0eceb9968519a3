// A predictor's network is replaced under load: every answer is entirely of one network.
import { describe, expect, test } from 'vitest';
import { createPredictor, dense, fitPreprocessor, Network } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, refusal, rowsOf } from '../helpers/networks.ts';

describe.each(backends)('%s', (backend) => {
  const inputs = 6, hidden = 40, outputs = 4;
  const layersOf = () => [dense(hidden, 'linear'), dense(outputs)];

  /** A network whose every output is `value`, through both layers. */
  function constant(value: number): Network {
    const network = new Network({ inputs, layers: layersOf(), backend });
    network.setWeights(network.weights().map(({ name, shape, data }) => {
      const fill = name === 'dense1.bias' ? value : name === 'dense2.weight' ? 1 / hidden : 0;
      return { name, shape, data: new Float32Array(data.length).fill(fill) };
    }));
    return network;
  }

  test('under load, each answer is of one network and the last one wins', async () => {
    const predictor = createPredictor(constant(1), { maxBatch: 32, maxDelay: 0 }), seen = new Set<number>();
    let running = true, answers = 0;
    const ask = async (rows: number): Promise<void> => {
      while (running) {
        const { data } = await predictor.predict(rowsOf(rows, inputs, rows)), [first] = data;
        const rounded = Math.round(first!);
        expect([...data].every((value) => Math.abs(value - rounded) < 1e-3), String(data)).toBe(true);
        seen.add(rounded);
        answers++;
      }
    };
    const asking = [1, 2, 5, 31, 33, 70].map(ask);
    for (let value = 2; value <= 30; value++) {
      const next = constant(value), before = await predictor.swap(next);
      expect(predictor.network).toBe(next);
      before.dispose();
      const { data } = await predictor.predict(rowsOf(3, inputs, 1));
      expect(data[0]).toBeCloseTo(value, 3);
    }
    running = false;
    await Promise.all(asking);
    expect(answers).toBeGreaterThan(60);
    expect(seen.size).toBeGreaterThan(5);
    expect(predictor.metrics()).toMatchObject({ swaps: 29, failed: 0 });
    await predictor.close();
  });

  test('calls made before are answered by the network before, which is given back after its last one', async () => {
    const first = constant(1), second = constant(2), predictor = createPredictor(first, { maxBatch: 8, maxDelay: 60_000 });
    const running = predictor.predict(rowsOf(8, inputs, 1)), waiting = predictor.predict(rowsOf(2, inputs, 2));
    let isRunning = true;
    const old = waiting.then(({ data }) => { isRunning = false; return data; });
    const swapped = predictor.swap(second), later = predictor.predict(rowsOf(8, inputs, 3));
    expect(await swapped).toBe(first);
    expect(isRunning).toBe(false);
    first.dispose();
    expect((await running).data[0]).toBeCloseTo(1, 4);
    expect((await old)[0]).toBeCloseTo(1, 4);
    expect((await later).data[0]).toBeCloseTo(2, 4);
    await predictor.close();
  });

  test('a network with other inputs or outputs is refused, and the present one goes on', async () => {
    const predictor = createPredictor(constant(3));
    const wide = new Network({ inputs: 7, layers: layersOf(), backend }), few = new Network({ inputs, layers: [dense(3)], backend });
    expectRefusal(await refusal(() => predictor.swap(wide)), 'ERR_SHAPE', "[swap] expected a network from 'input' of 6 to 'output' of 4 but received one from 'input' of 7 to 'output' of 4");
    expectRefusal(await refusal(() => predictor.swap(few)), 'ERR_SHAPE', "'output' of 3");
    expectRefusal(await refusal(() => predictor.swap({} as Network)), 'ERR_OPTION', 'a Network');
    expect((await predictor.predict(rowsOf(1, inputs, 1))).data[0]).toBeCloseTo(3, 4);
    await predictor.close();
  });

  test('raw rows go through the preprocessor of the network that answers them', async () => {
    const rows = (scale: number) => [1, 2, 3, 6].map((a, i) => ({ a: a * scale, b: i, y: a }));
    /** The first output is the standardized column a. */
    const build = async (scale: number): Promise<Network> => {
      const columns = { a: { kind: 'numeric', scale: 'standard' }, b: { kind: 'numeric', scale: 'none' } } as const;
      const network = new Network({ inputs: 2, layers: [dense(1)], backend, preprocessor: await fitPreprocessor(rows(scale), { target: 'y', columns }) });
      network.setWeights([{ name: 'dense1.weight', data: [1, 0] }, { name: 'dense1.bias', data: [0] }]);
      return network;
    };
    const first = await build(1), second = await build(100), predictor = createPredictor(first, { maxDelay: 60_000 });
    const small = [{ a: 6, b: 0 }], large = [{ a: 600, b: 0 }], before = predictor.predict(small), swapped = predictor.swap(second), after = predictor.predict(large);
    await swapped;
    void predictor.close();
    const expected = first.predictSync(small).data[0]!;
    expect(expected).toBeGreaterThan(1);
    expect((await before).data[0]).toBeCloseTo(expected, 5);
    expect((await after).data[0]).toBeCloseTo(expected, 5);
  });
});
