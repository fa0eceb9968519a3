// densely/graph as the documentation shows it: logistic regression, its gradients, its training by assignments.
import * as graph from 'densely/graph';
import { describe, expect, test } from 'vitest';
import { backends } from '../helpers/backends.ts';

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

describe.each(backends)('%s', (backend) => {
  test('logistic regression: loss and gradients', () => {
    const x = graph.input('x', ['rows', 2]), w = graph.parameter('w', [1, 2]), b = graph.parameter('b', [1]);
    const y = graph.sigmoid(graph.affine(x, w, b));
    const loss = graph.binaryCrossEntropy(y, graph.input('t', ['rows', 1]));
    const [dw, db] = graph.gradients(loss, [w, b]) as [graph.Node, graph.Node];
    const step = graph.compile({ outputs: { loss, dw, db } }, { backend, maxRows: 256 });
    const result = step.run({ x: [[0, 1]], t: [[1]] });
    expect(result['loss']!.shape).toEqual([]);
    expect(result['loss']!.data[0]).toBeCloseTo(Math.log(2), 6);
    expect(result['dw']).toMatchObject({ shape: [1, 2] });
    expect([...result['dw']!.data]).toEqual([0, -0.5]);
    expect([...result['db']!.data]).toEqual([-0.5]);

    step.set('w', [[0.5, -1]]);
    step.set('b', [0.25]);
    const xs = [[1, 2], [3, -1], [0.5, 0.5]], ts = [0, 1, 1];
    const zs = xs.map(([p, q]) => 0.5 * p! - q! + 0.25);
    const second = step.run({ x: xs, t: ts.map((t) => [t]) });
    const expected = zs.reduce((sum, z, i) => sum - Math.log(ts[i] === 1 ? sigmoid(z) : 1 - sigmoid(z)), 0) / 3;
    expect(second['loss']!.data[0]).toBeCloseTo(expected, 5);
    expect(second['db']!.data[0]).toBeCloseTo(zs.reduce((sum, z, i) => sum + sigmoid(z) - ts[i]!, 0) / 3, 5);
    step.dispose();
    expect(() => step.run({ x: xs, t: [[0], [1], [1]] })).toThrow(expect.objectContaining({ code: 'ERR_DISPOSED' }));
  });

  test('training with assignments and a hyper value per run', () => {
    const x = graph.input('x', ['rows', 2]), t = graph.input('t', ['rows', 1]), rate = graph.hyper('rate');
    const w = graph.parameter('w', [1, 2], [[0.1, -0.1]]), b = graph.parameter('b', [1]);
    const loss = graph.binaryCrossEntropy(graph.sigmoid(graph.affine(x, w, b)), t);
    const parts = graph.gradients(loss, [w, b]);
    const assignments = [w, b].map((node, i) => graph.assign(node, graph.subtract(node, graph.multiply(rate, parts[i]!))));
    const step = graph.compile({ outputs: { loss }, assignments }, { backend });
    const data = { x: [[0, 0], [0, 1], [1, 0], [1, 1]], t: [[0], [1], [1], [1]] };
    const losses = Array.from({ length: 300 }, () => step.run({ ...data, rate: 2 })['loss']!.data[0]!);
    expect(losses[299]).toBeLessThan(0.05);
    const before = [...step.get('w').data];
    step.run({ ...data, rate: 0 });
    expect([...step.get('w').data]).toEqual(before);
    expect(step.get('w').shape).toEqual([1, 2]);
  });

  test('losses: from logits, from probabilities, per example', () => {
    const z = graph.input('z', ['rows', 3]), label = graph.input('label', ['rows', 1]), p = graph.input('p', ['rows', 3]);
    const outputs = {
      sparse: graph.crossEntropy(graph.softmax(z), label), linear: graph.crossEntropy(z, label), dense: graph.crossEntropy(z, p, { reduction: 'none' }),
      squared: graph.meanSquaredError(z, p), each: graph.meanSquaredError(z, p, { reduction: 'none' }), binary: graph.binaryCrossEntropy(z, p, { reduction: 'none' }),
    };
    const run = graph.compile({ outputs }, { backend }).run({ z: [[0, 0, 0], [1e4, -1e4, 0]], label: [[2], [0]], p: [[1, 0, 0], [0, 0, 1]] });
    expect(run['sparse']!.data[0]).toBeCloseTo(Math.log(3) / 2, 6);
    expect(run['linear']!.data[0]).toBe(run['sparse']!.data[0]);
    expect(run['dense']!.shape).toEqual([2, 1]);
    expect([...run['dense']!.data].map((value) => Number(value.toPrecision(6)))).toEqual([1.09861, 10000]);
    expect(run['squared']!.data[0]).toBeCloseTo((1 / 3 + (2e8 + 1) / 3) / 2, -2);
    expect(run['each']!.data[0]).toBeCloseTo(1 / 3, 6);
    expect(run['binary']!.data[0]).toBeCloseTo(Math.log(2), 6);
    expect(run['binary']!.data[1]).toBeCloseTo((1e4 + Math.log(2) + 0) / 3, 1);
  });

  test('a graph kept under a name is reached through get and set', () => {
    const s = graph.state('count', [], 5);
    const program = graph.compile({ outputs: { s }, assignments: [graph.assign(s, graph.shift(s, 1))] }, { backend });
    expect([0, 0, 0].map(() => program.run()['s']!.data[0])).toEqual([5, 6, 7]);
    program.set('count', 1);
    expect(program.run()['s']!.data[0]).toBe(1);
    expect(program.get('count')).toMatchObject({ shape: [] });
  });

  test('nested, flat and typed arrays mean the same', () => {
    const x = graph.input('x', ['rows', 2, 2]);
    const program = graph.compile({ outputs: { y: graph.scale(x, 2) } }, { backend });
    const expected = [2, 4, 6, 8, 10, 12, 14, 16];
    const same = [
      [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[1, 2, 3, 4], [5, 6, 7, 8]], [1, 2, 3, 4, 5, 6, 7, 8],
      Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)],
    ];
    for (const values of same) {
      const { shape, data } = program.run({ x: values as graph.Values })['y']!;
      expect(shape).toEqual([2, 2, 2]);
      expect([...data]).toEqual(expected);
    }
  });
});
