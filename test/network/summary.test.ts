// What a network says of itself.
import { describe, expect, test } from 'vitest';
import { activation, dense, dropout, Network } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';

describe.each(backends)('%s', (backend) => {
  test('summary, names, sizes', () => {
    const network = new Network({ inputs: 40, layers: [dense(50, 'relu'), dropout(0.2), dense(7, 'linear', { bias: false }), activation({ name: 'leakyRelu', alpha: 0.2 }), dense(3)], backend });
    expect(network.summary().split('\n').map((line) => line.split(/ {2,}/).map((cell) => cell.trim()))).toEqual([
      ['layer', 'output', 'parameters'],
      ['input', '[rows, 40]', '0'],
      ['dense1', '50, relu', '[rows, 50]', '2,050'],
      ['dropout1', 'rate 0.2', '[rows, 50]', '0'],
      ['dense2', '7, linear', '[rows, 7]', '350'],
      ['activation1', 'leakyRelu(0.2)', '[rows, 7]', '0'],
      ['dense3', '3, linear', '[rows, 3]', '24'],
      [`2,424 parameters, ${backend} backend`],
    ]);
    expect([network.inputs, network.outputs, network.seed, network.backend]).toEqual([40, 3, 0, backend]);
    expect(network.layers.map(({ name, type }) => `${name} ${type}`)).toEqual(['dense1 dense', 'dropout1 dropout', 'dense2 dense', 'activation1 activation', 'dense3 dense']);
    expect(network.weights().map(({ name, shape, data }) => `${name} ${shape.join('×')} ${data.length}`)).toEqual([
      'dense1.weight 50×40 2000', 'dense1.bias 50 50', 'dense2.weight 7×50 350', 'dense3.weight 3×7 21', 'dense3.bias 3 3',
    ]);
  });

  test('weights are copies, and go back in', () => {
    const build = (seed: number): Network => new Network({ inputs: 4, layers: [dense(3, 'tanh'), dense(2)], seed, backend });
    const from = build(1), to = build(2), x = [[1, 2, 3, 4]];
    const expected = from.predictSync(x).data;
    const weights = from.weights();
    to.setWeights(weights);
    for (const { data } of weights) data.fill(9);
    expect(from.predictSync(x).data).toEqual(expected);
    expect(to.predictSync(x).data).toEqual(expected);
    to.setWeights([{ name: 'dense2.bias', data: [1, 2] }]);
    expect(Array.from(to.weights()[3]!.data)).toEqual([1, 2]);
    expect(to.weights()[0]!.data).toEqual(from.weights()[0]!.data);
  });
});
