// Networks as graphs of layers: skips, gates, several inputs and outputs, shared layers, held against chains and formulas.
import { describe, expect, test } from 'vitest';
import { activation, add, concatenate, dense, dropout, input, Network, sgd, type Layer, type SymbolicTensor } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, labelled, largestDifference, refusal, rowsOf } from '../helpers/networks.ts';

const temporary = async (): Promise<string> => (await import('node:fs/promises')).mkdtemp(`${(await import('node:os')).tmpdir()}/densely-graph-`);

/** A net with an added and a concatenated skip. */
function skips(backend: 'native' | 'typescript', seed = 4): Network {
  const x = input(5), first = dense(7, 'tanh').apply(x), second = dense(7, 'relu').apply(first);
  const joined = concatenate().apply(add().apply(first, second), x);
  return new Network({ inputs: x, outputs: dense(3, 'softmax').apply(joined), seed, backend });
}

/** Two inputs, two outputs of different kinds, a trunk they share. */
function twins(backend: 'native' | 'typescript', seed = 6): Network {
  const picture = input(6), note = input(2);
  const trunk = dense(8, 'tanh').apply(concatenate().apply(dense(5, 'relu').apply(picture), note));
  return new Network({ inputs: { picture, note }, outputs: { kind: dense(4, 'softmax').apply(trunk), size: dense(2).apply(trunk) }, seed, backend });
}

const twinData = (rows: number): { x: { picture: number[][]; note: number[][] }; y: { kind: number[]; size: number[][] } } => {
  const { x: picture, y: kind } = labelled(rows, 6, 4, 2), note = rowsOf(rows, 2, 3);
  return { x: { picture, note }, y: { kind, size: note.map(([a, b]) => [a! * b!, a! - b!]) } };
};

describe.each(backends)('%s', (backend) => {
  test('a chain in functional form is the chain, bit for bit', async () => {
    const layers = (): Layer[] => [dense(6, 'relu'), dropout(0.3), dense(4, 'elu'), dense(3, 'softmax')], data = labelled(60, 5, 3);
    const chain = new Network({ inputs: 5, layers: layers(), seed: 3, backend });
    const x = input(5), functional = new Network({ inputs: x, outputs: layers().reduce<SymbolicTensor>((value, layer) => layer.apply(value), x), seed: 3, backend });
    expect(functional.summary()).toBe(chain.summary());
    const histories = await Promise.all([chain, functional].map((network) => network.fit(data, { epochs: 3 })));
    expect(histories[1]!.epochs).toEqual(histories[0]!.epochs);
    expect(bits(functional)).toBe(bits(chain));
  });

  test('one step of fit is forward, backward and update through the graph', async () => {
    const data = labelled(9, 5, 3), trained = skips(backend), byHand = skips(backend);
    await trained.fit(data, { batchSize: 9, shuffle: false, optimizer: sgd({ learningRate: 0.3 }) });
    const outputs = byHand.forward(data.x), predicted = await byHand.predict(data.x);
    expect(largestDifference(outputs.data, predicted.data)).toBeLessThan(1e-6);
    const loss = byHand.backward(data.y);
    byHand.update(0.3);
    expect(largestDifference(Float64Array.of(loss), Float64Array.of((await skips(backend).evaluate(data)).loss))).toBeLessThan(1e-6);
    byHand.weights().forEach(({ data: values }, i) => expect(largestDifference(values, trained.weights()[i]!.data)).toBeLessThan(1e-6));
    const [first, second, sum] = byHand.layers;
    // The gradient of the first layer's output comes through the sum, the second layer and by no other way.
    const through = Array.from(second!.gradients.dA.data, (value, i) => value + sum!.gradients.dInputs[0]!.data[i]!);
    expect(largestDifference(through, Array.from(first!.gradients.dZ.data, (value, i) => value / (1 - first!.cache.a.data[i]! ** 2)))).toBeLessThan(1e-4);
  });

  test('a layer applied twice has one set of weights, and the sum of both gradients', async () => {
    const shared = dense(5, 'tanh'), x = input(5);
    const network = new Network({ inputs: x, outputs: dense(2).apply(shared.apply(shared.apply(x))), seed: 8, backend });
    expect(network.layers.map(({ name }) => name)).toEqual(['dense1', 'dense1@2', 'dense2']);
    expect(network.weights().map(({ name }) => name)).toEqual(['dense1.weight', 'dense1.bias', 'dense2.weight', 'dense2.bias']);
    expect(network.summary()).toContain('2 layers applied 3 times');
    const apart = new Network({ inputs: 5, layers: [dense(5, 'tanh'), dense(5, 'tanh'), dense(2)], seed: 1, backend });
    const weights = network.weights();
    apart.setWeights([...weights.slice(0, 2), ...weights.slice(0, 2).map(({ name, data }) => ({ name: name.replace('dense1', 'dense2'), data })), ...weights.slice(2).map(({ name, data }) => ({ name: name.replace('dense2', 'dense3'), data }))]);
    const at = rowsOf(7, 5, 1), y = rowsOf(7, 2, 2);
    for (const each of [network, apart]) {
      each.forward(at);
      each.backward(y);
    }
    const [one, two] = apart.layers.map(({ gradients }) => gradients.dW!.data);
    network.update(1);
    const moved = network.weights()[0]!.data;
    expect(largestDifference(moved, weights[0]!.data.map((value, i) => value - one![i]! - two![i]!))).toBeLessThan(1e-6);
    const { data: fitted } = await (async () => {
      const other = new Network({ inputs: x, outputs: dense(2).apply(shared.apply(shared.apply(x))), seed: 8, backend });
      await other.fit({ x: at, y }, { batchSize: 7, shuffle: false, optimizer: sgd({ learningRate: 1 }) });
      return other.weights()[0]!;
    })();
    expect(largestDifference(fitted, moved)).toBeLessThan(2e-6);
  });

  test('several inputs and outputs go by name', async () => {
    const network = twins(backend), data = twinData(40);
    expect(network.inputs).toBe(8);
    expect(network.outputs).toBe(6);
    const options = { loss: { kind: 'crossEntropy', size: 'meanSquaredError' }, lossWeights: { size: 0.25 }, metrics: { kind: ['accuracy'], size: [] } } as const;
    const before = await network.evaluate(data, options), { epochs } = await network.fit(data, { ...options, epochs: 30, optimizer: 'adam', validation: twinData(10) });
    const after = await network.evaluate(data, options);
    expect(Object.keys(after)).toEqual(['loss', 'outputs']);
    expect(Object.keys(after.outputs!['kind']!)).toEqual(['loss', 'accuracy']);
    expect(Object.keys(after.outputs!['size']!)).toEqual(['loss']);
    expect(after.loss).toBeCloseTo(after.outputs!['kind']!.loss + 0.25 * after.outputs!['size']!.loss, 5);
    expect(after.loss).toBeLessThan(before.loss);
    expect(epochs.at(-1)!.validation!.outputs!['kind']!.loss).toBeGreaterThan(0);

    const { shape, data: whole, outputs } = await network.predict(data.x);
    expect(shape).toEqual([40, 6]);
    expect(outputs!['kind']!.shape).toEqual([40, 4]);
    expect(Array.from(outputs!['size']!.data.subarray(0, 2))).toEqual(Array.from(whole.subarray(4, 6)));
    expect(largestDifference(network.predictSync({ note: data.x.note.slice(3, 4), picture: data.x.picture.slice(3, 4) }).data, whole.slice(18, 24))).toBeLessThan(1e-5);
    const side = data.x.picture.map((row, i) => [...row, ...data.x.note[i]!]);
    expect((await network.predict(side)).data).toEqual(whole);
  });

  test('several outputs in the textbook: losses and gradients add up', () => {
    const network = twins(backend), data = twinData(11);
    network.forward(data.x);
    const both = network.backward(data.y, { lossWeights: { size: 0.5 } });
    const of = (kind: number, size: number): { loss: number; dW: ArrayLike<number> } => {
      network.forward(data.x);
      const loss = network.backward(data.y, { lossWeights: { kind, size } });
      return { loss, dW: network.layers[0]!.gradients.dW!.data };
    };
    network.forward(data.x);
    network.backward(data.y, { lossWeights: { size: 0.5 } });
    const sum = network.layers[0]!.gradients.dW!.data, first = of(1, 0), second = of(0, 1);
    expect(both).toBeCloseTo(first.loss + 0.5 * second.loss, 5);
    expect(largestDifference(sum, Array.from(first.dW, (value, i) => value + 0.5 * second.dW[i]!))).toBeLessThan(1e-6);
  });

  test('an output that other layers read gets both gradients', async () => {
    const make = (): Network => {
      const x = input(4), hidden = dense(3, 'tanh').apply(x);
      return new Network({ inputs: x, outputs: { hidden, end: dense(2).apply(hidden) }, seed: 5, backend });
    };
    const x = rowsOf(8, 4, 1), y = { hidden: rowsOf(8, 3, 2), end: rowsOf(8, 2, 3) }, byHand = make(), fitted = make();
    byHand.forward(x);
    byHand.backward(y);
    byHand.update(0.5);
    await fitted.fit({ x, y }, { batchSize: 8, shuffle: false, optimizer: sgd({ learningRate: 0.5 }) });
    byHand.weights().forEach(({ data }, i) => expect(largestDifference(data, fitted.weights()[i]!.data)).toBeLessThan(2e-6));
  });

  test('graphs are saved and loaded with all their connections', async () => {
    const folder = await temporary();
    for (const [i, network] of [skips(backend), twins(backend)].entries()) {
      const path = `${folder}/${i}.safetensors`, x = rowsOf(5, network.inputs, 1);
      await network.save(path);
      const loaded = await Network.load(path, { backend });
      expect(loaded.summary()).toBe(network.summary());
      expect((await loaded.predict(x))).toEqual(await network.predict(x));
    }
  });

  test('the order of minibatches may be the user\'s', async () => {
    const data = labelled(10, 5, 3), reversed = { x: data.x.toReversed(), y: data.y.toReversed() };
    const [one, two] = [skips(backend), skips(backend)], seen: number[] = [];
    const order = (epoch: number): number[] => {
      seen.push(epoch);
      return Array.from({ length: 10 }, (_, i) => 9 - i);
    };
    await one.fit(data, { epochs: 3, batchSize: 4, shuffle: order });
    await two.fit(reversed, { epochs: 3, batchSize: 4, shuffle: false });
    expect(bits(one)).toBe(bits(two));
    expect(seen).toEqual([0, 1, 2]);
    expectRefusal(await refusal(() => one.fit(data, { shuffle: () => [1, 2] })), 'ERR_SHAPE', 'expected \'shuffle\' to give 10 positions');
    expectRefusal(await refusal(() => one.fit(data, { shuffle: () => Array(10).fill(10) })), 'ERR_DATA', 'positions below 10');
  });
});

describe('what cannot be built is refused', () => {
  const x = input(4), y = dense(3).apply(x), cases: [string, () => unknown, string][] = [
    ['an input that is missing', () => new Network({ inputs: input(4), outputs: y }), 'one is missing'],
    ['an input made by a layer', () => new Network({ inputs: y, outputs: dense(2).apply(y) }), 'a layer of type dense makes it'],
    ['outputs that are inputs', () => new Network({ inputs: x, outputs: x }), 'at least one layer'],
    ['both forms', () => new Network({ inputs: x, outputs: y, layers: [dense(2)] }), "either 'layers' or 'outputs'"],
    ['a layer applied too often', () => { const layer = dense(4); let value = x; for (let i = 0; i < 4097; i++) value = layer.apply(value); return new Network({ inputs: x, outputs: value }); }, 'at most 4096 applied layers but received 4097'],
    ['too many inputs', () => new Network({ inputs: Array.from({ length: 4097 }, () => input(1)), outputs: y }), 'at most 4096 inputs but received 4097'],
    ['an input twice', () => new Network({ inputs: [x, x], outputs: y }), 'is there twice'],
    ['one value for two outputs', () => new Network({ inputs: x, outputs: [y, y] }), 'is there twice'],
    ['several inputs of a layer for one', () => new Network({ inputs: x, outputs: dense(2).apply(x, y) }), 'expected one input but received 2'],
    ['widths that differ under a shared layer', () => { const layer = dense(3); return new Network({ inputs: x, outputs: layer.apply(layer.apply(x)) }); }, 'one width'],
    ['no output', () => new Network({ inputs: x, outputs: [] }), "'outputs'"],
    ['something else', () => dense(3).apply(4 as never), 'values made by input() or apply()'],
    ['nothing', () => activation('relu').apply(), 'a value to apply'],
  ];
  test.each(cases)('%s', async (_name, build, part) => expectRefusal(await refusal(build), 'ERR_OPTION', part));

  test('targets and inputs that do not go by name', async () => {
    const network = twins('typescript'), { x: given, y: wanted } = twinData(4);
    expectRefusal(await refusal(() => network.fit({ x: given, y: wanted.kind })), 'ERR_OPTION', "'kind', 'size'");
    expectRefusal(await refusal(() => network.predict({ picture: given.picture } as never)), 'ERR_SHAPE', "expected values for 'note'");
    expectRefusal(await refusal(() => network.predict({ ...given, notes: given.note } as never)), 'ERR_SHAPE', "received 'notes'");
    expectRefusal(await refusal(() => network.predict({ ...given, note: given.note.slice(1) })), 'ERR_SHAPE', 'as many rows');
    expectRefusal(await refusal(() => network.fit({ x: given, y: wanted }, { loss: { kin: 'crossEntropy' } })), 'ERR_OPTION', "did you mean 'kind'");
    expectRefusal(await refusal(() => network.fit({ x: given, y: wanted }, { lossWeights: { kind: -1 } })), 'ERR_OPTION', 'non-negative');
  });
});
