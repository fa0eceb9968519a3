// The textbook's interface: forward with its cache, backward, update, on layers and networks.
import { describe, expect, test } from 'vitest';
import { activation, dense, dropout, Network, sgd, type ActivationName, type LayerSpec, type LossName, crossEntropy } from '../../lib/index.ts';
import { activations } from '../../lib/layers/activations.ts';
import { backends } from '../helpers/backends.ts';
import { formulas } from '../helpers/formulas.ts';
import { bits, expectRefusal, labelled, largestDifference, refusal, regression, rowsOf } from '../helpers/networks.ts';
import { gradientsOf, layersFrom } from '../helpers/reference.ts';

describe.each(backends)('%s', (backend) => {
  const network = (inputs: number, ...layers: LayerSpec[]): Network => new Network({ inputs, layers, backend, seed: 8 });
  const close = (actual: { readonly shape: readonly number[]; readonly data: ArrayLike<number> } | undefined, shape: number[], expected: number[]): void => {
    expect(actual?.shape).toEqual(shape);
    expect(largestDifference(actual!.data, expected)).toBeLessThan(1e-5);
  };

  test('a dense layer by hand', () => {
    // W = [[1, 2, -1], [0, 1, 3]], b = [½, -1]; two examples.
    const [layer] = network(3, dense(2, 'relu')).layers, owner = network(3, dense(2, 'relu'));
    expect(layer).toMatchObject({ name: 'dense1', type: 'dense' });
    owner.setWeights([{ name: 'dense1.weight', data: [1, 2, -1, 0, 1, 3] }, { name: 'dense1.bias', data: [0.5, -1] }]);
    const dense1 = owner.layers[0]!;
    const x = [[1, 0, 2], [2, 1, -1]];
    close(dense1.forward(x), [2, 2], [0, 5, 5.5, 0]);
    close(dense1.cache.x, [2, 3], x.flat());
    close(dense1.cache.z, [2, 2], [-0.5, 5, 5.5, -3]);
    close(dense1.cache.a, [2, 2], [0, 5, 5.5, 0]);
    const found = dense1.backward([[10, 1], [2, 20]]);
    expect(dense1.gradients).toBe(found);
    // dZ = dA ⊙ [z > 0]; dW = ½ Σ dZ xᵀ; db = ½ Σ dZ; dA of the input = dZ W.
    close(found.dZ, [2, 2], [0, 1, 2, 0]);
    close(found.dW, [2, 3], [2, 1, -1, 0.5, 0, 1]);
    close(found.db, [2], [1, 0.5]);
    close(found.dA, [2, 3], [0, 1, 3, 2, 4, -2]);
    dense1.update(0.1);
    const [weight, bias] = owner.weights();
    close(weight, [2, 3], [0.8, 1.9, -0.9, -0.05, 1, 2.9]);
    close(bias, [2], [0.4, -1.05]);
  });

  test.each(Object.keys(formulas) as (keyof typeof formulas)[])('%s: A = g(Z) and dZ = dA ⊙ g′(Z), as a layer and inside dense', (name) => {
    const [g, derivative] = formulas[name], x = rowsOf(7, 4, 3), dA = rowsOf(7, 4, 4).flat();
    const inside = network(4, dense(4, name));
    inside.setWeights([{ name: 'dense1.weight', data: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }]);
    for (const layer of [network(4, activation(name), dense(1)).layers[0]!, inside.layers[0]!]) {
      close(layer.forward(x), [7, 4], x.flat().map(g));
      close(layer.cache.z, [7, 4], x.flat());
      const { dZ, dA: below } = layer.backward(dA);
      close(dZ, [7, 4], dA.map((d, i) => d * derivative(x.flat()[i]!)));
      close(below, [7, 4], Array.from(dZ.data));
    }
  });

  test('softmax: each row sums to 1, and dZ = a ⊙ (dA − dA·a)', () => {
    expect(Object.keys(activations).sort()).toEqual([...Object.keys(formulas), 'softmax', 'logSoftmax'].sort());
    const [layer] = network(3, activation('softmax'), dense(1)).layers;
    const a = [0.2, 0.3, 0.5], dA = [1, -2, 4];
    close(layer!.forward([a.map(Math.log)]), [1, 3], a);
    close(layer!.backward([dA]).dA, [1, 3], a.map((value, i) => value * (dA[i]! - 1.6)));
    const [logarithm] = network(3, activation('logSoftmax'), dense(1)).layers;
    close(logarithm!.forward([a.map((value) => Math.log(value) + 2)]), [1, 3], a.map(Math.log));
    close(logarithm!.backward([dA]).dA, [1, 3], a.map((value, i) => dA[i]! - 3 * value));
  });

  test('dropout: backward goes the way forward went; rate 0 passes everything on', () => {
    const [layer, none] = network(30, dropout(0.4), dropout(0), dense(1)).layers;
    const ones = [Array.from({ length: 30 }, () => 1)];
    const a = Array.from(layer!.forward(ones).data);
    expect(new Set(a.map((value) => value.toFixed(4)))).toEqual(new Set(['0.0000', (1 / 0.6).toFixed(4)]));
    close(layer!.backward(ones).dA, [1, 30], a);
    layer!.update(0.1);
    close(none!.forward(ones), [1, 30], ones.flat());
    close(none!.backward(ones).dA, [1, 30], ones.flat());
  });

  test.each([['meanSquaredError', 'linear'], ['crossEntropy', 'softmax'], ['meanSquaredError', 'sigmoid']] as const)('the gradients of %s with a %s output are those in double precision', (loss, output) => {
    const set = regression(13, 5, 3), labels = labelled(13, 5, 3).y;
    const t = loss === 'crossEntropy' ? labels.map((label) => [0, 1, 2].map((k) => Number(k === label))) : set.y;
    const net = network(5, dense(6, 'tanh'), dense(4, 'sigmoid'), dense(3, output));
    const expected = gradientsOf(layersFrom(net.weights(), ['tanh', 'sigmoid', output]), set.x, t, loss);
    net.forward(set.x);
    expect(net.backward(t, { loss })).toBeCloseTo(expected.loss, 5);
    net.layers.forEach(({ gradients: { dW, db } }, l) => {
      expect(largestDifference(dW!.data, expected.dW[l]!.flat())).toBeLessThan(1e-6);
      expect(largestDifference(db!.data, expected.db[l]!)).toBeLessThan(1e-6);
    });
    if (loss === 'crossEntropy') {
      net.forward(set.x);
      expect(net.backward(labels)).toBeCloseTo(expected.loss, 5);
      expect(largestDifference(net.layers[0]!.gradients.dW!.data, expected.dW[0]!.flat())).toBeLessThan(1e-6);
    }
  });

  const goals: [LossName, ActivationName, number[] | number[][]][] = [
    ['meanSquaredError', 'elu', regression(9, 6, 3).y], ['crossEntropy', 'softmax', labelled(9, 6, 3).y], ['binaryCrossEntropy', 'sigmoid', labelled(9, 6, 3).y.map((label) => [label % 2, 1, label / 2])],
    ['crossEntropy', 'linear', labelled(9, 6, 3).y],
  ];
  test.each(goals)('forward, backward, update are a step of fit with sgd: %s, %s', async (loss, output, y) => {
    const { x } = regression(9, 6, 3);
    const build = (): Network => network(6, dense(8, 'relu'), dropout(0.25), dense(5), activation('softplus'), dense(3, output, { bias: false }));
    const byHand = build(), fitted = build();
    byHand.forward(x);
    const value = byHand.backward(y, { loss });
    byHand.update(0.3);
    const history = await fitted.fit({ x, y }, { batchSize: 9, shuffle: false, loss, optimizer: sgd({ learningRate: 0.3 }) });
    expect(history.epochs[0]!.loss).toBeCloseTo(value, 5);
    expect(bits(byHand)).not.toBe(bits(build()));
    byHand.weights().forEach(({ data }, i) => expect(largestDifference(data, fitted.weights()[i]!.data)).toBeLessThan(1e-6));
  });

  test('any number of rows, one after the other; the cache is that of the last forward', () => {
    const net = network(4, dense(3, 'tanh'), dense(2));
    for (const rows of [1, 5, 2, 40, 3]) {
      const { x, y } = regression(rows, 4, 2), buffer = Float32Array.from(x.flat());
      expect(net.forward(buffer).shape).toEqual([rows, 2]);
      buffer.fill(9);
      expect(Array.from(net.layers[0]!.cache.x.data)).toEqual(x.flat());
      const loss = net.backward(y);
      expect(loss).toBeCloseTo(gradientsOf(layersFrom(net.weights(), ['tanh', 'linear']), x, y, 'meanSquaredError').loss, 4);
      expect(net.layers[0]!.gradients.dA.shape).toEqual([rows, 4]);
      net.update(0.01);
    }
  });

  test('a layer takes what another gave, and backward again and again costs no memory', () => {
    const net = network(4, dense(3, 'tanh'), dense(2)), [first, second] = net.layers, { x, y } = regression(5, 4, 2);
    const forward = net.forward(x);
    expect(Array.from(second!.forward(first!.forward(x)).data)).toEqual(Array.from(forward.data));
    expect(first!.backward(second!.backward({ shape: [5, 2], data: Float64Array.from(y.flat()) }).dA).dA.shape).toEqual([5, 4]);
    const { loaded } = (net as unknown as { store: { loaded: Set<unknown> } }).store;
    net.backward(y);
    const programs = loaded.size;
    for (let i = 0; i < 20; i++) net.backward(y);
    expect(loaded.size).toBe(programs);
  });

  test('what does not fit is refused in one sentence', async () => {
    const net = network(4, dense(3), dense(2, 'softmax')), [first] = net.layers, x = rowsOf(5, 4, 1), before = bits(net);
    expectRefusal(await refusal(() => net.backward([0, 1])), 'ERR_STATE', 'forward first');
    expectRefusal(await refusal(() => first!.backward(rowsOf(5, 3, 1))), 'ERR_STATE', 'forward first');
    expectRefusal(await refusal(() => first!.cache), 'ERR_STATE', 'forward first');
    expectRefusal(await refusal(() => first!.gradients), 'ERR_STATE', 'backward first');
    net.forward(x);
    expectRefusal(await refusal(() => net.update(0.1)), 'ERR_STATE', 'backward first');
    expectRefusal(await refusal(() => net.forward(rowsOf(5, 3, 1))), 'ERR_SHAPE', 'expected 4 features but received 3');
    expectRefusal(await refusal(() => first!.forward({ shape: [3, 8], data: new Float32Array(24) })), 'ERR_SHAPE', 'expected 4 features');
    expectRefusal(await refusal(() => first!.forward(null as never)), 'ERR_SHAPE', 'received null');
    expectRefusal(await refusal(() => first!.backward(rowsOf(5, 2, 1))), 'ERR_SHAPE', 'expected 3 features');
    expectRefusal(await refusal(() => first!.backward(rowsOf(6, 3, 1))), 'ERR_SHAPE', 'expected 5 rows');
    expectRefusal(await refusal(() => net.backward([0, 1, 0])), 'ERR_SHAPE', '5 rows');
    expectRefusal(await refusal(() => net.backward([0, 1, 2, 0, 1])), 'ERR_DATA', 'from 0 to 1 but received 2', 'row 2');
    expectRefusal(await refusal(() => net.backward([0, 1, 1, 0, 1], { los: 'crossEntropy' } as never)), 'ERR_OPTION', "'loss'");
    net.backward([0, 1, 1, 0, 1]);
    expectRefusal(await refusal(() => net.update(Number.NaN)), 'ERR_OPTION', 'learningRate');
    expect(bits(net)).toBe(before);
  });
});

test('class weights: a step by hand is the step of fit, and the loss is the weighted mean', async () => {
  const x = rowsOf(9, 4, 1), y = x.map((_, i) => i % 3), loss = crossEntropy({ classWeights: [0.2, 3, 1] });
  const make = (): Network => new Network({ inputs: 4, seed: 2, layers: [dense(5, 'tanh'), dense(3, 'softmax')], precision: 'float64' });
  const byHand = make(), fitted = make(), expected = await make().evaluate({ x, y }, { loss });
  byHand.forward(x);
  expect(byHand.backward(y, { loss })).toBeCloseTo(expected.loss, 12);
  byHand.update(0.5);
  await fitted.fit({ x, y }, { loss, batchSize: 9, optimizer: sgd({ learningRate: 0.5 }) });
  byHand.weights().forEach(({ data }, i) => expect(largestDifference(data, fitted.weights()[i]!.data)).toBeLessThan(1e-12));
});
