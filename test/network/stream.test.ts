// fit on batches that come one after the other: the same bits as on all data at once in that order.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adam, batchNorm, checkpoint, cosine, dense, dropout, earlyStopping, Network, sgd, standardScaler, streamCsv, type Callback, type GivenBatch, type Progress } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, labelled, refusal, regression } from '../helpers/networks.ts';

const data = labelled(230, 6, 3), batchSize = 7;
async function* batchesOf(given: { x: number[][]; y: number[] | number[][] }, size = batchSize): AsyncGenerator<GivenBatch> {
  for (let first = 0; first < given.x.length; first += size) {
    if (first % 3 === 0) await new Promise((resolve) => { setImmediate(resolve); });
    yield { x: given.x.slice(first, first + size), y: given.y.slice(first, first + size) as number[] };
  }
}

describe.each(backends)('%s', (backend) => {
  const make = (): Network => new Network({ inputs: 6, layers: [dense(9, 'relu'), dropout(0.2), batchNorm(), dense(3, 'softmax')], seed: 4, backend });
  const options = { epochs: 4, optimizer: adam({ learningRate: 0.01 }), clip: { globalNorm: 1 } } as const;

  test('a function of the epoch, a source and an iterable give the bits of the data set in that order', async () => {
    const whole = make(), history = await whole.fit(data, { ...options, batchSize, shuffle: false, validation: labelled(20, 6, 3, 2) });
    const streamed = make(), epochs: number[] = [];
    const found = await streamed.fit((epoch) => {
      epochs.push(epoch);
      return batchesOf(data);
    }, { ...options, validation: labelled(20, 6, 3, 2) });
    expect(found.epochs).toEqual(history.epochs);
    expect(found.steps).toBe(history.steps);
    expect(bits(streamed)).toBe(bits(whole));
    expect(epochs).toEqual([0, 1, 2, 3]);

    // An iterable is read on: here four times the data, in one.
    const once = make();
    async function* endless(): AsyncGenerator<GivenBatch> {
      for (;;) yield* batchesOf(data);
    }
    await once.fit(endless(), { ...options, stepsPerEpoch: 33 });
    expect(bits(once)).toBe(bits(whole));
    const again = await whole.fit(data, { ...options, batchSize, shuffle: false }), more = await streamed.fit(() => batchesOf(data), options);
    expect(more.epochs).toEqual(again.epochs);
    expect(bits(streamed)).toBe(bits(whole));
  });

  test('weights of examples and other targets', async () => {
    const numbers = regression(50, 4, 2), weights = numbers.x.map((_, i) => i % 3), net = (): Network => new Network({ inputs: 4, layers: [dense(2)], seed: 1, backend });
    const whole = net(), streamed = net(), optimizer = sgd({ learningRate: 0.1 });
    await whole.fit({ ...numbers, weights }, { batchSize: 10, shuffle: false, optimizer });
    await streamed.fit(async function* () {
      for (let first = 0; first < 50; first += 10) yield { x: Float32Array.from(numbers.x.slice(first, first + 10).flat()), y: numbers.y.slice(first, first + 10), weights: weights.slice(first, first + 10) };
    }, { optimizer });
    expect(bits(streamed)).toBe(bits(whole));
  });

  test('the digits from their file, in a seeded order', async () => {
    const source = await streamCsv('examples/data/digits.csv', { target: 'label', batchSize: 32, shuffleBuffer: 600, seed: 3 });
    const network = new Network({ inputs: 64, layers: [dense(32, 'relu'), dense(10, 'softmax')], backend });
    const progress: Progress[] = [], { epochs } = await network.fit(source, { epochs: 5, optimizer: adam({ learningRate: 5e-3 }), callbacks: [{ onPause: (at) => { progress.push(at); } }] });
    expect(epochs.at(-1)!.accuracy).toBeGreaterThan(0.95);
    expect(progress.at(-1)!).toMatchObject({ epoch: 5, step: 0, stepsPerEpoch: 57, examples: 5 * 1797 });
  });

  test('checkpoints and early stopping: resumed after an epoch, the same bits', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'densely-stream-')), whole = make(), run = { ...options, epochs: 9, validation: labelled(20, 6, 3, 2) };
    const reversed = { x: data.x.toReversed(), y: data.y.toReversed() }, stream = (epoch: number): AsyncGenerator<GivenBatch> => batchesOf(epoch % 2 === 0 ? data : reversed);
    const history = await whole.fit(stream, { ...run, callbacks: [earlyStopping({ patience: 3 })] });
    const controller = new AbortController(), stop: Callback = { onPause: ({ epoch }) => { if (epoch === 2) controller.abort(); } };
    expectRefusal(await refusal(() => make().fit(stream, { ...run, callbacks: [checkpoint(folder), earlyStopping({ patience: 3 }), stop], signal: controller.signal })), 'ERR_ABORTED');
    const resumed = make(), found = await resumed.fit(stream, { ...run, callbacks: [checkpoint(folder), earlyStopping({ patience: 3 })], resume: folder });
    expect(JSON.stringify([found.epochs, found.stopped])).toBe(JSON.stringify([history.epochs, history.stopped]));
    expect(bits(resumed)).toBe(bits(whole));
  });

  test('a loss that is no longer a number stops with the weights before it', async () => {
    const network = new Network({ inputs: 6, layers: [dense(1)], seed: 1, backend }), numbers = { x: data.x, y: data.y.map((label) => [label]) };
    const error = await refusal(() => network.fit(() => batchesOf(numbers), { epochs: 500, optimizer: sgd({ learningRate: 30 }) }));
    expectRefusal(error, 'ERR_NON_FINITE', 'batch');
    for (const { data: values } of network.weights()) for (const value of values) expect(Number.isFinite(value)).toBe(true);
  });

  test('an error of the reader ends the run, files are closed, and the next run works', async () => {
    const network = make();
    let closed = 0;
    async function* failing(): AsyncGenerator<GivenBatch> {
      try {
        yield* batchesOf({ x: data.x.slice(0, 70), y: data.y.slice(0, 70) });
        throw new Error('disk gone');
      } finally {
        closed++;
      }
    }
    await expect(network.fit(failing, options)).rejects.toThrow('disk gone');
    expect(closed).toBe(1);
    const controller = new AbortController();
    async function* slow(): AsyncGenerator<GivenBatch> {
      try {
        for (;;) {
          yield* batchesOf(data);
          controller.abort();
        }
      } finally {
        closed++;
      }
    }
    expectRefusal(await refusal(() => network.fit(slow(), { ...options, stepsPerEpoch: 1000, signal: controller.signal })), 'ERR_ABORTED');
    expect(closed).toBe(2);
    await network.fit(data);
  });

  test('what does not fit is refused, and names the batch', async () => {
    const ragged = [data.x[0]!, data.x[1]!.slice(1)];
    const given = (...list: unknown[]) => async function* (): AsyncGenerator<GivenBatch> { for (const batch of list) yield batch as GivenBatch; };
    const good = { x: data.x.slice(0, 3), y: data.y.slice(0, 3) };
    expectRefusal(await refusal(() => make().fit(given(good, { x: ragged, y: [0, 1] }))), 'ERR_SHAPE', 'batch 2 of epoch 1');
    expectRefusal(await refusal(() => make().fit(given(good, { x: data.x.slice(0, 4), y: [0, 1, 2, 0] }))), 'ERR_DATA', 'at most 3 rows');
    expectRefusal(await refusal(() => make().fit(given(good, { x: data.x.slice(0, 3), y: [0, 1] }))), 'ERR_SHAPE', 'targets for 3 rows');
    expectRefusal(await refusal(() => make().fit(given(good, { ...good, y: [0, 1, 7] }))), 'ERR_DATA', 'received 7');
    expectRefusal(await refusal(() => make().fit(given(good, { ...good, weights: [1, 1, 1] }))), 'ERR_SHAPE', 'no weights');
    expectRefusal(await refusal(() => make().fit(given(good, null))), 'ERR_DATA', 'received null');
    expectRefusal(await refusal(() => make().fit(given())), 'ERR_DATA', 'none in epoch 1');
    expectRefusal(await refusal(() => make().fit(batchesOf(data), { epochs: 2 })), 'ERR_DATA', 'none in epoch 2');
    expectRefusal(await refusal(() => make().fit((() => 5) as never)), 'ERR_DATA', 'received 5');
    expectRefusal(await refusal(() => make().fit(batchesOf(data), { shuffle: true })), 'ERR_OPTION', "'shuffle'");
    expectRefusal(await refusal(() => make().fit(batchesOf(data), { optimizer: 'lbfgs' })), 'ERR_OPTION', 'all data at once');
    expectRefusal(await refusal(() => make().fit(batchesOf(data), { validation: 0.1 })), 'ERR_OPTION', "'validation'");
    expectRefusal(await refusal(() => make().fit(batchesOf(data), { resume: 'x' })), 'ERR_OPTION', "'resume'");
    expectRefusal(await refusal(() => make().fit(data, { stepsPerEpoch: 3 })), 'ERR_OPTION', "'stepsPerEpoch'");
    expectRefusal(await refusal(() => make().fit(() => batchesOf(data), { optimizer: adam({ learningRate: cosine({ rate: 0.1, per: 'step' }) }) })), 'ERR_OPTION', "'stepsPerEpoch'");
    expectRefusal(await refusal(() => new Network({ inputs: 6, layers: [standardScaler(), dense(3, 'softmax')], backend }).fit(batchesOf(data))), 'ERR_OPTION', 'adapt');
  });
});
