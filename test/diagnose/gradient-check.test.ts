// Gradient checking: right gradients pass, wrong ones are found and named, and kinks are told from both.
import { describe, expect, test } from 'vitest';
import {
  activation, add, batchNorm, checkGradients, Dataset, dense, dropout, gaussianNoise, highway, input, layerNorm, maxout, Network, prelu, standardScaler, type LayerSpec,
} from '../../lib/index.ts';
import * as graph from '../../lib/graph.ts';
import { makeNode, type Node, type OpDefinition } from '../../lib/graph/node.ts';
import { elementwiseOps } from '../../lib/ops/elementwise.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, labelled, refusal, regression, rowsOf } from '../helpers/networks.ts';

/** The sine, with a derivative that is wrong by a factor. */
function wrongSine(factor: number): (x: Node) => Node {
  const op: OpDefinition = { ...elementwiseOps.sin, gradient: (node, upstream) => [graph.scale(graph.multiply(upstream, graph.cos(node.inputs[0]!)), factor)] };
  return (x) => makeNode(op, [x]);
}

describe.each(backends)('networks on %s', (backend) => {
  const kinds: [string, LayerSpec[]][] = [
    ['relu and dropout', [dense(9, 'relu'), dropout(0.4), dense(3, 'softmax')]],
    ['batch normalisation', [dense(6), batchNorm(), activation('tanh'), dense(3, 'softmax')]],
    ['layer normalisation', [dense(6, 'gelu'), layerNorm(), dense(3, 'softmax')]],
    ['penalties', [dense(8, 'elu', { l2: 0.1 }), dense(3, 'softmax', { l1: 0.01 })]],
    ['learned slopes, the largest of several, gates', [dense(5), prelu(), maxout(4, 3), highway('tanh'), dense(3, 'softmax')]],
    ['noise on scaled inputs', [standardScaler(), gaussianNoise(0.3), dense(4, 'silu'), dense(3, 'softmax')]],
  ];
  test.each(kinds)('%s: every entry agrees', async (_name, layers) => {
    const network = new Network({ inputs: 7, seed: 5, backend, layers }), before = network.weights();
    const check = await checkGradients(network, labelled(40, 7, 3), { samples: 'all' });
    expect(check.passed, String(check)).toBe(true);
    expect(check.worst!.relativeError).toBeLessThan(1e-7);
    expect(check.tensors.map(({ name }) => name)).toEqual([...before.map(({ name }) => name).filter((name) => !/running|mean|variance|deviation|scaler/i.test(name)), 'x']);
    for (const { shape, checked, kinks } of check.tensors) expect(checked + kinks).toBe(shape.reduce((a, b) => a * b, 1));
    expect(check.kinks.length).toBeLessThan(5);
    expect(network.weights()).toEqual(before);
  });

  test('graphs of layers, several outputs, weights of examples', async () => {
    const x = input(5), hidden = dense(6, 'tanh').apply(x), sum = add().apply(hidden, dense(6, 'softplus').apply(hidden));
    const network = new Network({ inputs: x, outputs: { kind: dense(3, 'softmax').apply(sum), size: dense(1).apply(sum) }, backend });
    const data = { x: rowsOf(20, 5, 1), y: { kind: labelled(20, 5, 3).y, size: rowsOf(20, 1, 2) }, weights: Array.from({ length: 20 }, (_, i) => 1 + (i % 3)) };
    const check = await checkGradients(network, data, { lossWeights: { size: 0.5 }, samples: 12 });
    expect(check.passed, String(check)).toBe(true);
    expect(Math.max(...check.tensors.map(({ checked }) => checked))).toBe(12);
  });

  test('units exactly at a kink are reported, and fail nothing', async () => {
    const network = new Network({ inputs: 4, backend, layers: [dense(5, 'relu'), dense(2)] });
    // Inputs and biases of 0: every unit is at 0, where relu has no derivative.
    const check = await checkGradients(network, { x: rowsOf(6, 4, 1).map((row) => row.map(() => 0)), y: rowsOf(6, 2, 2) }, { samples: 'all' });
    expect(check.passed, String(check)).toBe(true);
    expect(new Set(check.kinks.map(({ tensor }) => tensor))).toEqual(new Set(['dense1.bias', 'x']));
    expect(check.tensors.find(({ name }) => name === 'dense1.bias')).toMatchObject({ checked: 0, kinks: 5, worst: undefined });
  });

  test('takes what fit takes: views of data sets with scales, losses by name', async () => {
    const bytes = new Dataset({ inputs: { data: Uint8Array.from({ length: 60 }, (_, i) => (i * 37) % 256), width: 6, scale: 1 / 255, shift: -0.5 }, targets: { data: Float32Array.from({ length: 10 }, (_, i) => i / 10), width: 1, scale: 1, shift: 0 } });
    const network = new Network({ inputs: 6, backend, layers: [dense(4, 'sigmoid'), dense(1)] });
    for (const data of [bytes, bytes.split({ test: 3, seed: 1 }).test]) expect((await checkGradients(network, data, { loss: 'meanSquaredError' })).passed).toBe(true);
    expect((await checkGradients(network, bytes, { examples: 4 })).tensors.at(-1)!.shape).toEqual([4, 6]);
  });
});

describe('graphs', () => {
  const x = rowsOf(5, 3, 1), t = rowsOf(5, 2, 2);
  const build = (activate: (z: Node) => Node) => {
    const w = graph.parameter('w', [2, 3], rowsOf(2, 3, 3)), b = graph.parameter('b', [2], [0.1, -0.2]), unused = graph.parameter('unused', [2]), v = graph.parameter('v', [2], [0.7, -1.1]);
    const hidden = activate(graph.affine(graph.input('x', ['rows', 3]), w, b)), difference = graph.subtract(graph.multiply(hidden, v), graph.input('t', ['rows', 2]));
    return { loss: graph.sum(graph.square(difference)), targets: [w, b, v, unused], feeds: { x, t } };
  };

  test('a right gradient passes', () => {
    const check = graph.checkGradients(build(graph.sin), { samples: 'all' });
    expect(check.passed).toBe(true);
    expect(check.worst!.relativeError).toBeLessThan(1e-9);
    expect(check.tensors.map(({ name, checked }) => [name, checked])).toEqual([['w', 6], ['b', 2], ['v', 2], ['unused', 2]]);
  });

  test.each([2, 1.01, 1 + 1e-4, -1, 0])('a gradient that is wrong by a factor of %f is found and named', (factor) => {
    const check = graph.checkGradients(build(wrongSine(factor)), { samples: 'all' });
    expect(check.passed).toBe(false);
    expect(['w', 'b']).toContain(check.worst!.tensor);
    const { index, computed, expected, relativeError } = check.worst!;
    expect(index).toHaveLength(check.worst!.tensor === 'w' ? 2 : 1);
    expect(computed).toBeCloseTo(factor * expected, 6);
    expect(relativeError).toBeGreaterThan(1e-5);
    // What the wrong derivative does not reach is right.
    for (const { name, worst } of check.tensors.slice(2)) expect(worst!.relativeError, name).toBeLessThan(1e-8);
    expect(String(check)).toContain(`Worst: ${check.worst!.tensor}[${index.join(', ')}]`);
    expect(String(check)).toContain('do not agree');
  });

  test('one wrong entry among many is found where all are checked', () => {
    const mask = Array.from({ length: 5 }, (_, row) => [0, 1].map((column) => Number(row === 3 && column === 1)));
    const op: OpDefinition = { ...elementwiseOps.sin, gradient: (node, upstream) => [graph.multiply(upstream, graph.add(graph.cos(node.inputs[0]!), graph.constant(mask)))] };
    const values = graph.parameter('values', [5, 2], t);
    const check = graph.checkGradients({ loss: graph.sum(makeNode(op, [values])), targets: [values] }, { samples: 'all' });
    expect(check).toMatchObject({ passed: false, worst: { tensor: 'values', index: [3, 1] } });
  });

  test('kinks: found at 0, passed over beside it', () => {
    const at = (value: number, activate: (z: Node) => Node) => {
      const p = graph.parameter('p', [1], [value]);
      return graph.checkGradients({ loss: graph.sum(activate(p)), targets: [p] });
    };
    for (const activate of [graph.relu, graph.abs, (z: Node) => graph.maximum(z, graph.scale(z, 3))]) {
      expect(at(0, activate)).toMatchObject({ kinks: [{ tensor: 'p', index: [0] }], worst: undefined, passed: false });
      // Within the widest step of a kink, but not within the narrower ones.
      for (const beside of [1e-4, -1.5e-4, 0.3]) expect(at(beside, activate), `${beside}`).toMatchObject({ kinks: [], passed: true });
    }
    // A wrong gradient is no kink.
    expect(at(0, wrongSine(3))).toMatchObject({ kinks: [], passed: false });
    expect(String(at(0, graph.relu))).toContain('Nothing could be compared');
  });

  test('samples are drawn by seed', () => {
    const subject = build(wrongSine(1.5)), weights = { ...subject, targets: subject.targets.slice(0, 1) };
    const checked = (seed: number) => graph.checkGradients(weights, { samples: 2, seed }).worst!.index;
    expect(checked(1)).toEqual(checked(1));
    expect(new Set(Array.from({ length: 12 }, (_, seed) => String(checked(seed)))).size).toBeGreaterThan(1);
  });

  test('large and small values: differences go by the size of the entry', () => {
    for (const factor of [1e-6, 1, 1e6]) {
      const p = graph.parameter('p', [3], [0.3 * factor, -0.7 * factor, factor]);
      expect(graph.checkGradients({ loss: graph.sum(graph.square(graph.scale(p, 1 / factor))), targets: [p] }).passed).toBe(true);
    }
  });

  test('refuses what it cannot check', async () => {
    const { loss, targets, feeds } = build(graph.sin), check = (...values: Parameters<typeof graph.checkGradients>) => refusal(() => graph.checkGradients(...values));
    expectRefusal(await check({ loss, targets }), 'ERR_OPTION', "'x'");
    expectRefusal(await check({ loss, targets: [graph.input('idle', ['rows', 2])], feeds }), 'ERR_OPTION', "'idle'");
    expectRefusal(await check({ loss, targets: [], feeds }), 'ERR_OPTION', 'targets');
    expectRefusal(await check({ loss, targets: [loss], feeds }), 'ERR_OPTION', 'targets');
    expectRefusal(await check({ loss: targets[0]!, targets, feeds }), 'ERR_OPTION', 'loss');
    expectRefusal(await check({ loss, targets, feeds }, { samples: 0 }), 'ERR_OPTION', 'samples');
    expectRefusal(await check({ loss, targets, feeds }, { tolerance: 0 }), 'ERR_OPTION', 'tolerance');
    expectRefusal(await check({ loss, targets, feeds: { ...feeds, x: [[1, 2]] } }), 'ERR_SHAPE');
    const network = new Network({ inputs: 3, backend: 'typescript', layers: [dense(2)] });
    expectRefusal(await refusal(() => checkGradients(network, regression(5, 4, 2))), 'ERR_SHAPE');
    expectRefusal(await refusal(() => checkGradients(network, regression(5, 3, 2), { sample: 3 } as object)), 'ERR_OPTION', "did you mean 'samples'");
    expect((await checkGradients({ loss, targets, feeds })).passed).toBe(true);
  });
});
