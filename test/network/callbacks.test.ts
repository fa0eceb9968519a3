// Callbacks and early stopping: the best weights come back, whatever ended the run.
import { describe, expect, test } from 'vitest';
import { dense, earlyStopping, Network, sgd, type Callback, type EpochRecord } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, labelled, refusal } from '../helpers/networks.ts';

/** Every third label is wrong, so that learning them by heart makes other data worse. */
const noisy = (rows: number, seed: number): { x: number[][]; y: number[] } => {
  const { x, y } = labelled(rows, 6, 3, seed);
  return { x, y: y.map((label, i) => (i % 3 === 0 ? (label + 1) % 3 : label)) };
};
const train = noisy(30, 1), validation = noisy(40, 2);

/** Overfits quickly: many units, few examples, large steps. */
const make = (backend: 'native' | 'typescript'): Network => new Network({ inputs: 6, layers: [dense(24, 'tanh'), dense(3, 'softmax')], seed: 3, backend });
const optimizer = sgd({ learningRate: 0.5, momentum: 0.9 });

/** Validation loss and weights after every epoch. */
function recorder(network: Network): Callback & { losses: number[]; weights: string[] } {
  const losses: number[] = [], weights: string[] = [];
  return {
    losses, weights,
    onEpoch(record) {
      losses.push(record.validation!.loss);
      weights.push(bits(network));
    },
  };
}

const best = (losses: readonly number[]): number => losses.indexOf(Math.min(...losses));

describe.each(backends)('%s', (backend) => {
  test('stops after the epochs without improvement, with the weights of the best one', async () => {
    const network = make(backend), seen = recorder(network);
    const { epochs, stopped } = await network.fit(train, { epochs: 200, optimizer, validation, callbacks: [seen, earlyStopping({ patience: 4 })] });
    const at = best(seen.losses);
    expect(epochs.length).toBe(at + 5);
    expect(stopped).toBe(`loss has not improved since epoch ${at + 1}`);
    expect(bits(network)).toBe(seen.weights[at]);
    expect(bits(network)).not.toBe(seen.weights.at(-1));
  });

  test('the best weights also come back after the last epoch', async () => {
    const network = make(backend), seen = recorder(network);
    const { epochs, stopped } = await network.fit(train, { epochs: 30, optimizer, validation, callbacks: [seen, earlyStopping({ patience: 100 })] });
    expect(epochs.length).toBe(30);
    expect(stopped).toBeUndefined();
    expect(best(seen.losses)).toBeLessThan(29);
    expect(bits(network)).toBe(seen.weights[best(seen.losses)]);
  });

  test('after an abort', async () => {
    const network = make(backend), seen = recorder(network), controller = new AbortController();
    const abort: Callback = { onEpoch: ({ epoch }) => { if (epoch === 25) controller.abort(); } };
    expectRefusal(await refusal(() => network.fit(train, { epochs: 60, optimizer, validation, signal: controller.signal, callbacks: [seen, earlyStopping({ patience: 100 }), abort] })), 'ERR_ABORTED');
    expect(bits(network)).toBe(seen.weights[best(seen.losses)]);
  });

  test('after a loss that is no longer a number', async () => {
    const network = new Network({ inputs: 6, layers: [dense(3)], seed: 1, backend }), seen = recorder(network), y = train.y.map((label) => [label, -label, 1]), given = { x: train.x, y };
    expectRefusal(await refusal(() => network.fit(given, { epochs: 2000, batchSize: 30, optimizer: sgd({ learningRate: 3 }), validation: given, callbacks: [seen, earlyStopping({ patience: 3000 })] })), 'ERR_NON_FINITE');
    expect(bits(network)).toBe(seen.weights[best(seen.losses)]);
  });

  test('without restoring, the last weights stay; a metric can be watched, and a least change asked for', async () => {
    const network = make(backend), seen = recorder(network);
    await network.fit(train, { epochs: 40, optimizer, validation, callbacks: [seen, earlyStopping({ patience: 3, restoreBest: false })] });
    expect(bits(network)).toBe(seen.weights.at(-1));
    const watched = make(backend), records: EpochRecord[] = [];
    const { epochs } = await watched.fit(train, { epochs: 40, optimizer, validation, onEpoch: (record) => { records.push(record); }, callbacks: [earlyStopping({ monitor: 'accuracy', patience: 3, minDelta: 0.02 })] });
    let highest = -Infinity, since = 0;
    for (const record of records) {
      since = record.validation!.accuracy! > highest + 0.02 ? 0 : since + 1;
      if (since === 0) highest = record.validation!.accuracy!;
    }
    expect(since).toBe(3);
    expect(epochs).toEqual(records);
  });

  test('watches the training data where there are no others, and serves several runs', async () => {
    const network = make(backend), stopping = earlyStopping({ patience: 2, minDelta: 10 });
    for (let run = 0; run < 2; run++) expect((await network.fit(train, { epochs: 9, callbacks: [stopping] })).epochs.length).toBe(3);
  });

  test('callbacks are told of the beginning, every epoch and the end, in order, and may use the network', async () => {
    const network = make(backend), told: string[] = [];
    const tell = (name: string): Callback => ({
      onBegin: ({ epochs }) => { told.push(`${name} begin ${epochs}`); },
      async onEpoch({ epoch }, control) {
        await network.predict(train.x);
        told.push(`${name} ${epoch}`);
        if (epoch === 2) control.stop('enough');
      },
      onEnd: () => { told.push(`${name} end`); },
    });
    expect((await network.fit(train, { epochs: 5, callbacks: [tell('a'), tell('b')] })).stopped).toBe('enough');
    expect(told).toEqual(['a begin 5', 'b begin 5', 'a 1', 'b 1', 'a 2', 'b 2', 'a end', 'b end']);
  });

  test('an error of a callback ends the run, and the others are still told of the end', async () => {
    const network = make(backend), told: string[] = [];
    const failing: Callback = { onEpoch() { throw new Error('mine'); }, onEnd: () => { told.push('failing'); } };
    await expect(network.fit(train, { epochs: 5, callbacks: [failing, { onEnd: () => { told.push('other'); } }] })).rejects.toThrow('mine');
    expect(told).toEqual(['failing', 'other']);
    await network.fit(train);
  });

  test('what is not measured is not watched', async () => {
    expectRefusal(await refusal(() => make(backend).fit(train, { metrics: [], callbacks: [earlyStopping({ monitor: 'accuracy' })] })), 'ERR_OPTION', "'accuracy' is not");
    expectRefusal(await refusal(() => earlyStopping({ monitor: 'acuracy' })), 'ERR_OPTION', "did you mean 'accuracy'");
    expectRefusal(await refusal(() => make(backend).fit(train, { callbacks: [null as never] })), 'ERR_OPTION', "'callbacks'");
  });
});
