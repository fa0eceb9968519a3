// Greedy layer-wise pre-training: it helps deep sigmoid networks, the weights are the encoders', and it stops cleanly.
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam, add, batchNorm, Dataset, dense, dropout, input, maskingNoise, Network, pretrain, readCsv, sgd, standardScaler, type LayerSpec, type PretrainOptions,
} from '../../lib/index.ts';
import { derivedSeed } from '../../lib/random/derive.ts';
import { streams } from '../../lib/random/philox.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, refusal, rowsOf, weightsOf } from '../helpers/networks.ts';

let digits: Dataset;
beforeAll(async () => {
  const whole = await readCsv('examples/data/digits.csv', { target: 'label' });
  digits = new Dataset({ ...whole, inputs: { ...whole.inputs, scale: whole.inputs.scale / 16 } }).split({ test: 900, seed: 1 }).train;
});

const x = rowsOf(40, 5, 3).map((row) => row.map((value) => 1 / (1 + Math.exp(-value))));

describe.each(backends)('%s', (backend) => {
  const sigmoids: LayerSpec[] = [dense(48, 'sigmoid'), dense(40, 'sigmoid'), dense(32, 'sigmoid'), dense(24, 'sigmoid'), dense(10, 'softmax')];
  const small = (layers: LayerSpec[] = [dense(4, 'sigmoid'), dense(3, 'sigmoid'), dense(2, 'softmax')]): Network => new Network({ inputs: 5, seed: 8, backend, layers });
  const quick = { epochs: 3, batchSize: 7, optimizer: sgd({ learningRate: 0.5 }) } satisfies PretrainOptions;

  test('a deep sigmoid network that fine-tuning alone does not move learns the digits', async () => {
    const build = (): Network => new Network({ inputs: 64, seed: 2, backend, layers: sigmoids });
    const plain = build(), pretrained = build(), fit = { epochs: 8, optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) };
    const records = await pretrain(pretrained, digits, { epochs: 12, decoder: 'sigmoid', noise: { masking: 0.2 }, optimizer: adam({ learningRate: 0.01 }) });
    expect(records.map(({ layer }) => layer)).toEqual(['dense1', 'dense2', 'dense3', 'dense4']);
    for (const { history: { epochs } } of records) expect(epochs.at(-1)!.loss).toBeLessThan(0.8 * epochs[0]!.loss);
    const [without, after] = [await plain.fit(digits, fit), await pretrained.fit(digits, fit)];
    expect(without.epochs.at(-1)!.loss).toBeGreaterThan(2);
    expect(after.epochs.at(-1)!.loss).toBeLessThan(0.4);
    expect(after.epochs.at(-1)!.accuracy).toBeGreaterThan(0.9);
  });

  test('each layer is the encoder of an autoencoder of what the layers below make of the data', async () => {
    const network = small(), before = weightsOf(network);
    const records = await pretrain(network, x, { ...quick, noise: { gaussian: 0.1 }, seed: 77 });
    let below: ArrayLike<number>[] = x;
    for (const [i, units] of [4, 3].entries()) {
      const width = below[0]!.length;
      const own = new Network({ inputs: width, seed: derivedSeed(77, streams.pretraining, i), backend, layers: [{ type: 'gaussianNoise', options: { deviation: 0.1 } }, dense(units, 'sigmoid'), dense(width)] });
      own.setWeights(['weight', 'bias'].map((part) => ({ name: `dense1.${part}`, data: before[`dense${i + 1}.${part}`]! })));
      const flat = Float32Array.from(below.flatMap((row) => Array.from(row)));
      const { epochs } = await own.fit(Dataset.from({ x: flat, y: flat, width, targetWidth: width }), quick);
      expect(records[i]!.history.epochs).toEqual(epochs);
      for (const part of ['weight', 'bias']) expect(weightsOf(network)[`dense${i + 1}.${part}`]).toEqual(weightsOf(own)[`dense1.${part}`]);
      expect(weightsOf(network)[`dense${i + 1}.weight`]).not.toEqual(before[`dense${i + 1}.weight`]);
      const encoder = new Network({ inputs: width, backend, layers: [dense(units, 'sigmoid')] });
      encoder.setWeights(own.weights().filter(({ name }) => name.startsWith('dense1')));
      const { data } = encoder.predictSync(flat);
      below = below.map((_, row) => data.slice(row * units, (row + 1) * units));
    }
    expect(weightsOf(network)['dense3.weight']).toEqual(before['dense3.weight']);
  });

  test('the output layer too, where asked for', async () => {
    const network = small(), before = weightsOf(network);
    expect((await pretrain(network, x, { ...quick, output: true })).map(({ layer }) => layer)).toEqual(['dense1', 'dense2', 'dense3']);
    expect(weightsOf(network)['dense3.weight']).not.toEqual(before['dense3.weight']);
  });

  test('a data set, a view of it and arrays give the same; targets and seeds of others do not count', async () => {
    const set = Dataset.from({ x, y: x.map((_, i) => i % 2) });
    const shifted = Dataset.from({ x: [...x.slice(20), ...x.slice(0, 20)], y: x.map(() => 0) });
    const view = new Dataset({ ...shifted, index: Int32Array.from(x, (_, i) => (i + 20) % 40) });
    const results = [];
    for (const given of [x, Float32Array.from(x.flat()), set, view]) {
      const network = small();
      results.push([await pretrain(network, given, quick).then((records) => records.map(({ history }) => history.epochs)), bits(network)]);
    }
    for (const result of results) expect(result).toEqual(results[0]);
    const other = small();
    await pretrain(other, x, { ...quick, seed: 1 });
    expect(bits(other)).not.toBe(results[0]![1]);
  });

  test('weights of the examples count in every layer', async () => {
    const half = x.map((_, i) => (i < 20 ? 1 : 0)), [weighted, taken] = [small(), small()];
    const full = { epochs: 3, batchSize: 40, optimizer: sgd({ learningRate: 0.5 }) };
    await pretrain(weighted, Dataset.from({ x, y: half, weights: half }), full);
    await pretrain(taken, x.slice(0, 20), full);
    for (const [name, values] of Object.entries(weightsOf(weighted))) weightsOf(taken)[name]!.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 5));
  });

  test('what follows a dense layer is trained with it; scalers and noise before the first one are applied as in prediction', async () => {
    const layers = [standardScaler(), maskingNoise(0.3), dense(4), batchNorm(), { type: 'activation', options: { activation: 'tanh' } }, dropout(0.2), dense(3, 'tanh'), dense(2, 'softmax')];
    const network = small(layers), initial = weightsOf(network);
    await pretrain(network, x, quick);
    const after = weightsOf(network), mean = x[0]!.map((_, k) => x.reduce((total, row) => total + row[k]!, 0) / 40);
    after['standardScaler1.mean']!.forEach((value, k) => expect(value).toBeCloseTo(mean[k]!, 5));
    for (const name of Object.keys(initial).filter((each) => each.startsWith('batchNorm1.') || each.startsWith('dense1.w'))) expect(after[name], name).not.toEqual(initial[name]);
    // The scaler is set once: fine-tuning on other data leaves it as it is.
    await network.fit({ x: x.map((row) => row.map((value) => 5 * value)), y: x.map((_, i) => i % 2) });
    expect(weightsOf(network)['standardScaler1.mean']).toEqual(after['standardScaler1.mean']);
  });

  test('sparsity lowers the mean activation of the hidden units', async () => {
    const activity = async (options: PretrainOptions): Promise<number> => {
      const network = small([dense(6, 'sigmoid'), dense(2, 'softmax')]);
      await pretrain(network, x, { epochs: 60, batchSize: 10, optimizer: adam({ learningRate: 0.05 }), ...options });
      const { data } = network.layers[0]!.forward(x);
      return Array.from(data as ArrayLike<number>).reduce((a, b) => a + b, 0) / data.length;
    };
    const [plain, sparse] = [await activity({}), await activity({ sparsity: { rate: 0.1, weight: 1 } })];
    expect(plain).toBeGreaterThan(0.25);
    expect(Math.abs(sparse - 0.1)).toBeLessThan(0.05);
    expectRefusal(await refusal(() => pretrain(small([dense(4, 'tanh'), dense(2)]), x, { sparsity: {} })), 'ERR_OPTION', "'sigmoid'");
  });

  test('cancelled in the second layer: the first keeps its encoder, the second is as it was', async () => {
    const done = small(), cancelled = small(), before = weightsOf(cancelled), controller = new AbortController(), seen: string[] = [];
    const run = pretrain(cancelled, x, {
      ...quick, signal: controller.signal, onLayer: ({ layer }) => { seen.push(layer); },
      onEpoch: (_record, layer) => { if (layer === 'dense2') controller.abort(); },
    });
    expectRefusal(await refusal(() => run), 'ERR_ABORTED');
    expect(seen).toEqual(['dense1']);
    await pretrain(done, x, { ...quick, onLayer: ({ layer }) => { seen.push(layer); } });
    expect(seen).toEqual(['dense1', 'dense1', 'dense2']);
    expect(weightsOf(cancelled)['dense1.weight']).toEqual(weightsOf(done)['dense1.weight']);
    expect(weightsOf(cancelled)['dense2.weight']).toEqual(before['dense2.weight']);
    expectRefusal(await refusal(() => pretrain(done, x, { signal: controller.signal })), 'ERR_ABORTED', 'before the first layer');
  });

  test('a loss that is no number leaves the network as it was', async () => {
    const network = small(), before = bits(network);
    expectRefusal(await refusal(() => pretrain(network, x.map((row) => row.map((value) => value * 1e30)), quick)), 'ERR_NON_FINITE');
    expect(bits(network)).toBe(before);
  });

  test('the network can be used while a layer is pre-trained', async () => {
    const network = small(), run = pretrain(network, x, { ...quick, epochs: 30 });
    const predictions = await Promise.all([1, 2, 3].map(() => network.predict(x)));
    await run;
    expect(predictions.map(({ shape }) => shape)).toEqual([[40, 2], [40, 2], [40, 2]]);
  });

  test('what cannot work is refused before anything is changed', async () => {
    const value = input(5), hidden = dense(5, 'tanh').apply(value), shared = dense(5, 'tanh');
    const network = small(), before = bits(network);
    const graph = new Network({ inputs: value, backend, outputs: dense(2).apply(add().apply(value, hidden)) });
    const twice = new Network({ inputs: value, backend, outputs: dense(2).apply(shared.apply(shared.apply(value))) });
    const refusals: [() => unknown, string, string][] = [
      [() => pretrain(graph, x), 'ERR_OPTION', 'chain of layers'],
      [() => pretrain(twice, x), 'ERR_OPTION', 'chain of layers'],
      [() => pretrain(small([dense(2)]), x), 'ERR_OPTION', 'below that of its output'],
      [() => pretrain({} as never, x), 'ERR_OPTION', "'network'"],
      [() => pretrain(network, x, { epoch: 1 } as never), 'ERR_OPTION', "did you mean 'epochs'"],
      [() => pretrain(network, x, { epochs: 0 }), 'ERR_OPTION', "'epochs'"],
      [() => pretrain(network, x, { noise: 0.3 as never }), 'ERR_OPTION', "'noise'"],
      [() => pretrain(network, x, { noise: { masking: 1 } }), 'ERR_OPTION', "'rate'"],
      [() => pretrain(network, x, { noise: { salt: 1 } as never }), 'ERR_OPTION', "'salt'"],
      [() => pretrain(network, x, { decoder: 'sigmod' as never }), 'ERR_OPTION', 'activation'],
      [() => pretrain(network, [[1, 2, 3]]), 'ERR_SHAPE', '5 features'],
      [() => pretrain(network, x.map((row) => row.map((each) => each + 1)), { decoder: 'sigmoid' }), 'ERR_DATA', 'from 0 to 1'],
      [async () => { const run = network.fit({ x, y: x.map(() => 1) }, { optimizer: sgd({ learningRate: 0 }) }); try { await pretrain(network, x); } finally { await run; } }, 'ERR_BUSY', 'in flight'],
    ];
    for (const [call, code, part] of refusals) expectRefusal(await refusal(call), code as never, part);
    expect(bits(network)).toBe(before);
    network.dispose();
    expectRefusal(await refusal(() => pretrain(network, x)), 'ERR_DISPOSED', 'disposed');
  });
});
