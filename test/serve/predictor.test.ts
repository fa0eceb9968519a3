// A predictor for many callers: everybody gets their own answer, in order, from full batches, within the queue's limit.
import { describe, expect, test } from 'vitest';
import { batchNorm, createPredictor, dense, input, Network, type BatchingPredictor, type Prediction } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, largestDifference, refusal, rowsOf } from '../helpers/networks.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe.each(backends)('%s', (backend) => {
  const build = (seed = 3): Network => new Network({ inputs: 5, layers: [dense(7, 'tanh'), dense(3, 'softmax')], seed, backend });

  test.each([
    ['without delay', { maxDelay: 0 }], ['the defaults', {}], ['a delay of whole milliseconds', { maxDelay: 3, maxBatch: 16 }], ['one row a batch', { maxBatch: 1 }],
  ])('each caller gets the answer for its own rows, in order: %s', async (_name, options) => {
    const network = build(), predictor = createPredictor(network, options), finished: number[] = [];
    const calls = Array.from({ length: 150 }, (_, i) => rowsOf(1 + (i % 4), 5, i));
    const answers = await Promise.all(calls.map(async (x, i) => {
      const answer = await predictor.predict(x);
      finished.push(i);
      return answer;
    }));
    answers.forEach(({ shape, data }, i) => {
      expect(shape).toEqual([calls[i]!.length, 3]);
      expect(largestDifference(data, network.predictSync(calls[i]!).data)).toBeLessThan(1e-6);
    });
    expect(finished).toEqual(calls.map((_, i) => i));
    await predictor.close();
  });

  test('rows are gathered: full batches at once, the rest after the delay, one large call by itself', async () => {
    const predictor = createPredictor(build(), { maxBatch: 16, maxDelay: 5 });
    const start = performance.now();
    await Promise.all([...Array.from({ length: 37 }, (_, i) => predictor.predict(rowsOf(1, 5, i))), predictor.predict(rowsOf(40, 5, 99)), predictor.predict(rowsOf(3, 5, 7))]);
    const { requests, rows, batches, batchRows, answered, waitingRows, runningRows } = predictor.metrics();
    // 16, 16, 5, then 40, then 3, which alone have to wait.
    expect({ requests, rows, batches, answered, waitingRows, runningRows }).toEqual({ requests: 39, rows: 80, batches: 5, answered: 39, waitingRows: 0, runningRows: 0 });
    expect(batchRows.sum).toBe(80);
    expect(Object.fromEntries(batchRows.counts.map((count, i) => [batchRows.bounds[i] ?? Infinity, count]).filter(([, count]) => count! > 0))).toEqual({ 4: 1, 8: 1, 16: 2, 64: 1 });
    expect(performance.now() - start).toBeGreaterThanOrEqual(4.9);
    await predictor.close();
  });

  test('a batch runs while the next is gathered', async () => {
    const wide = new Network({ inputs: 5, layers: [dense(600, 'tanh'), dense(600, 'tanh'), dense(3)], seed: 1, backend });
    const predictor = createPredictor(wide, { maxBatch: 64, maxDelay: 0 });
    const first = predictor.predict(rowsOf(64, 5, 1));
    expect(predictor.metrics()).toMatchObject({ runningRows: 64, waitingRows: 0 });
    const others = Array.from({ length: 20 }, (_, i) => predictor.predict(rowsOf(1, 5, i)));
    expect(predictor.metrics()).toMatchObject({ runningRows: 64, waitingRows: 20, batches: 1 });
    await Promise.all([first, ...others]);
    expect(predictor.metrics().batches).toBe(2);
    await predictor.close();
  });

  test('bad input is refused to its caller alone, before it enters a batch', async () => {
    const network = build(), predictor = createPredictor(network), good = rowsOf(2, 5, 1);
    const [before, narrow, nan, text, nothing, after] = await Promise.all([
      predictor.predict(good), refusal(() => predictor.predict([1, 2, 3])), refusal(() => predictor.predict([[1, 2, Number.NaN, 4, 5]])),
      refusal(() => predictor.predict([['a', 1, 2, 3, 4]] as never)), refusal(() => predictor.predict([])), predictor.predict(good),
    ]);
    expectRefusal(narrow, 'ERR_SHAPE', '[predict] expected 5 features but received 3');
    expectRefusal(nan, 'ERR_DATA', 'row 0, column 2');
    expectRefusal(text, 'ERR_DATA', "'a'");
    expectRefusal(nothing, 'ERR_DATA');
    for (const { data } of [before, after]) expect(largestDifference(data, network.predictSync(good).data)).toBeLessThan(1e-6);
    expect(predictor.metrics()).toMatchObject({ requests: 2, rows: 4, batches: 1, refused: { invalid: 4, overloaded: 0, closed: 0 } });
    await predictor.close();
  });

  test('an array may be used again as soon as predict has returned', async () => {
    const network = build(), predictor = createPredictor(network), x = Float32Array.from(rowsOf(1, 5, 1)[0]!), expected = [...network.predictSync(x).data];
    const answer = predictor.predict(x);
    x.fill(9);
    expect([...(await answer).data]).toEqual(expected);
    await predictor.close();
  });

  test('beyond the queue rows are refused, and those that wait are answered', async () => {
    const predictor = createPredictor(build(), { maxBatch: 8, maxQueue: 20 });
    // The first eight begin at once and wait no longer.
    const accepted = Array.from({ length: 27 }, (_, i) => predictor.predict(rowsOf(1, 5, i)));
    const overloaded = await refusal(() => predictor.predict(rowsOf(2, 5, 1)));
    expectRefusal(overloaded, 'ERR_OVERLOADED', '[predict] expected at most 20 rows to wait but 19 do and 2 more came');
    expect(overloaded.name).toBe('OverloadedError');
    accepted.push(predictor.predict(rowsOf(1, 5, 1)));
    expectRefusal(await refusal(() => predictor.predict(rowsOf(1, 5, 1))), 'ERR_OVERLOADED', 'but 20 do and 1 more came');
    expect(await Promise.all(accepted)).toHaveLength(28);
    expect(predictor.metrics()).toMatchObject({ answered: 28, refused: { overloaded: 2 } });
    await predictor.predict(rowsOf(20, 5, 1));
    expectRefusal(await refusal(() => predictor.predict(rowsOf(21, 5, 1))), 'ERR_OVERLOADED');
    await predictor.close();
  });

  test('close answers what waits, at once, and refuses what comes', async () => {
    const network = build(), predictor = createPredictor(network, { maxBatch: 4, maxDelay: 60_000 });
    const calls = Array.from({ length: 11 }, (_, i) => predictor.predict(rowsOf(1, 5, i)));
    const closed = predictor.close();
    expectRefusal(await refusal(() => predictor.predict(rowsOf(1, 5, 1))), 'ERR_DISPOSED', 'the predictor was closed');
    await closed;
    expect(predictor.metrics()).toMatchObject({ answered: 11, waitingRows: 0, runningRows: 0, refused: { closed: 1 } });
    expect(await Promise.all(calls)).toHaveLength(11);
    expect(predictor.close()).toBe(closed);
    expectRefusal(await refusal(() => predictor.swap(build(4))), 'ERR_DISPOSED');
    expect(network.predictSync(rowsOf(1, 5, 1)).shape).toEqual([1, 3]);
  });

  test('a batch that fails is told to its callers, and the next ones run', async () => {
    const network = build(), predictor = createPredictor(network);
    const lost = [refusal(() => predictor.predict(rowsOf(1, 5, 1))), refusal(() => predictor.predict(rowsOf(2, 5, 1)))];
    network.dispose();
    for (const error of await Promise.all(lost)) expectRefusal(error, 'ERR_DISPOSED', 'the network was disposed');
    expect(predictor.metrics()).toMatchObject({ failed: 2, answered: 0 });
    await predictor.swap(build());
    expect((await predictor.predict(rowsOf(2, 5, 1))).shape).toEqual([2, 3]);
    await predictor.close();
  });

  test('while the network trains, calls are answered between its minibatches', async () => {
    const network = build(), predictor = createPredictor(network), x = rowsOf(400, 5, 1), y = x.map((_, i) => i % 3);
    let running = true;
    const fit = network.fit({ x, y }, { epochs: 4000 }).then(() => { running = false; });
    let answers = 0;
    while (running) {
      expect([...(await predictor.predict(x[0]!)).data].reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      answers++;
    }
    await fit;
    expect(answers).toBeGreaterThan(1);
    await predictor.close();
  });

  test('several inputs and outputs by name', async () => {
    const left = input(4), right = input(2);
    const network = new Network({ inputs: { left, right }, outputs: { sum: dense(3).apply(left), other: dense(5).apply(right) }, backend, seed: 2 });
    const predictor = createPredictor(network), x = { left: rowsOf(3, 4, 1), right: rowsOf(3, 2, 2) };
    const [{ outputs }] = await Promise.all([predictor.predict(x), predictor.predict({ left: rowsOf(1, 4, 5), right: rowsOf(1, 2, 6) })]), expected = network.predictSync(x).outputs!;
    for (const name of ['sum', 'other']) {
      expect(outputs![name]!.shape).toEqual(expected[name]!.shape);
      expect(largestDifference(outputs![name]!.data, expected[name]!.data)).toBeLessThan(1e-6);
    }
    expectRefusal(await refusal(() => predictor.predict({ left: x.left } as never)), 'ERR_SHAPE', "'right'");
    await predictor.close();
  });

  test('networks and options that do not fit are refused', async () => {
    const network = build();
    const wrong: [unknown, unknown, string][] = [
      [{}, {}, "expected 'network' to be a Network"], [network, { maxBatch: 0 }, 'maxBatch'], [network, { maxBatch: 1.5 }, 'maxBatch'], [network, { maxDelay: -1 }, 'maxDelay'],
      [network, { maxDelay: Infinity }, 'maxDelay'], [network, { maxQueue: 0 }, 'maxQueue'], [network, { maxbatch: 3 }, "did you mean 'maxBatch'"],
      [new Network({ inputs: 5, layers: [batchNorm({ trackRunning: false }), dense(3)], backend }), {}, "'batchNorm1' computes over all rows"],
    ];
    for (const [given, options, part] of wrong) expectRefusal(await refusal(() => createPredictor(given as Network, options as never)), 'ERR_OPTION', '[createPredictor]', part);
    const gone = build();
    gone.dispose();
    expectRefusal(await refusal(() => createPredictor(gone)), 'ERR_DISPOSED');
    expect(createPredictor(new Network({ inputs: 5, layers: [batchNorm(), dense(3)], backend })).network.inputs).toBe(5);
  });

  test('nothing is left that keeps a process alive', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'Immediate').length;
    const predictor: BatchingPredictor = createPredictor(build(), { maxDelay: 2 });
    const answers: Prediction[] = await Promise.all([predictor.predict(rowsOf(1, 5, 1)), predictor.predict(rowsOf(1, 5, 2))]);
    await nextTurn();
    expect(answers).toHaveLength(2);
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'Immediate').length).toBeLessThanOrEqual(before);
  });
});
