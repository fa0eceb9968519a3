// Layers of one's own: defined by a function of nodes, trained, saved and loaded.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as graph from '../../lib/graph.ts';
import { encodeSafetensors, readSafetensors } from '../../lib/io/safetensors.ts';
import { withSum } from '../../lib/io/safetensors-sum.ts';
import { defineLayer, dense, input, Network, OptionError, type Layer, type LayerDefinition } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, largestDifference, refusal, regression, rowsOf, weightsOf } from '../helpers/networks.ts';

/** A layer with a parameter, state, a penalty, options with a default, and z. */
const scaled = defineLayer({
  type: 'scaledTanh', doc: 'a = s ⊙ tanh(rate · x)',
  check: ({ rate = 2, notes = [] }: { rate?: number; notes?: readonly string[] }) => {
    if (!(rate > 0)) throw new OptionError(`[scaledTanh] expected 'rate' to be positive but received ${rate}`);
    return { rate, notes };
  },
  build([x], { rate }, context) {
    const features = Number(x.shape[1]), factor = context.parameter('factor', { shape: [features], initializer: { name: 'constant', scale: 1.5 } });
    const count = context.state('count', [1], 10);
    context.update('count', graph.shift(count, 1));
    const z = graph.scale(x, rate!);
    context.penalty(graph.scale(graph.sum(graph.square(factor)), 0.01));
    return { z, a: graph.multiply(graph.tanh(z), factor) };
  },
  describe: ({ rate }) => `rate ${rate}`,
});
const gated = defineLayer({ type: 'gated', arity: 'several', build: ([x, gate]) => graph.multiply(x, graph.sigmoid(gate!)) });
const cubed = defineLayer({ type: 'cubed', build: ([x]) => graph.multiply(x, graph.square(x)) });

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-custom-')); });
afterAll(() => rm(folder, { recursive: true }));

describe.each(backends)('%s', (backend) => {
  const data = regression(20, 3, 2);

  test('computes what its function says, and is trained', async () => {
    const network = new Network({ inputs: 3, layers: [scaled({ rate: 0.5 }), dense(2)], seed: 3, backend }), x = rowsOf(4, 3, 2);
    expect(weightsOf(network)).toMatchObject({ 'scaledTanh1.factor': [1.5, 1.5, 1.5], 'scaledTanh1.count': [10] });
    expect(largestDifference(network.layers[0]!.forward(x).data, x.flat().map((value) => 1.5 * Math.tanh(0.5 * value)))).toBeLessThan(1e-6);
    expect(weightsOf(network)['scaledTanh1.count']).toEqual([11]);
    expect(network.summary()).toContain('rate 0.5');
    await network.fit(data, { epochs: 2, batchSize: 5 });
    expect(weightsOf(network)['scaledTanh1.count']).toEqual([19]);
    expect(weightsOf(network)['scaledTanh1.factor']).not.toContain(1.5);
  });

  test('is saved by its type and loaded with its state and options', async () => {
    const from = input(3), hidden = scaled({ notes: ['a', 'b'] }).apply(from), path = join(folder, `${backend}.safetensors`);
    const network = new Network({ inputs: from, outputs: dense(2).apply(gated().apply(hidden, cubed().apply(from))), seed: 3, backend });
    await network.fit(data, { epochs: 2 });
    await network.save(path);
    const loaded = await Network.load(path, { backend });
    expect(bits(loaded)).toBe(bits(network));
    expect(loaded.predictSync(data.x).data).toEqual(network.predictSync(data.x).data);
    expect(loaded.summary()).toBe(network.summary());
  });

  test('a model whose layer has not been defined says which one', async () => {
    const path = join(folder, `${backend}-unknown.safetensors`);
    await new Network({ inputs: 3, layers: [cubed(), dense(2)], backend }).save(path);
    const { tensors, metadata: { sha256: _, ...metadata } } = await readSafetensors(path), list = [...tensors].map(([name, { shape, data }]) => ({ name, shape, data }));
    await writeFile(path, Buffer.concat(encodeSafetensors(list, await withSum(list, { ...metadata, densely: metadata['densely']!.replaceAll('cubed', 'cubic') }))));
    expectRefusal(await refusal(() => Network.load(path, { backend })), 'ERR_MODEL_FORMAT', "unknown layer type 'cubic'; if it is one of your own, call defineLayer first");
  });
});

describe('refused', () => {
  const build: LayerDefinition<object>['build'] = ([x]) => x;

  test('definitions', () => {
    const define = (definition: object): (() => unknown) => () => defineLayer({ build, ...definition } as LayerDefinition<object>);
    expect(define({ type: 'dense' })).toThrow("[defineLayer] expected a name that no layer of this library has but received 'dense'");
    expect(define({ type: 'cubed' })).toThrow("[defineLayer] a layer of type 'cubed' has been defined before");
    for (const type of ['', 7, 'a.b', 'a@2', 'layer1', '2nd', 'a b']) expect(define({ type }), String(type)).toThrow(/^\[defineLayer\] expected 'type' to be a n/);
    expect(define({ type: 'other', build: undefined })).toThrow("[defineLayer] expected 'build' to be a function but received undefined");
    expect(define({ type: 'other', arity: 'two' })).toThrow("[defineLayer] expected 'arity' to be one of 'one', 'several' but received 'two'");
    expect(define({ type: 'other', bild: build })).toThrow("[defineLayer] unknown option 'bild'; did you mean 'build'?");
  });

  test('options that are not plain data', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const cases: [unknown, string][] = [
      [{ rate: 1, f: () => 1 }, "'f' is a function"], [{ list: [1, Number.NaN] }, "'list' '1' is NaN"], [{ at: new Date(0) }, "'at' is an object"],
      [{ inner: { data: new Float32Array(2) } }, "'inner' 'data' is a Float32Array of length 2"], [{ big: 1n }, "'big' is 1n"], [circular, 'they contain themselves'],
    ];
    for (const [options, part] of cases) expect(() => cubed(options as Record<string, unknown>)).toThrow(`[cubed] expected options of numbers, texts, true, false, null, arrays and plain objects but ${part}`);
    expect(() => cubed([] as unknown as Record<string, unknown>)).toThrow("[cubed] expected 'options' to be an object but received an array of length 0");
    expect(() => scaled({ rate: -1 })).toThrow("[scaledTanh] expected 'rate' to be positive but received -1");
  });

  test('options are copied', () => {
    const options = { list: [1, 2] }, layer = cubed(options);
    options.list.push(3);
    expect(layer.options).toEqual({ list: [1, 2] });
  });

  test('what build returns or asks for', () => {
    const network = (layer: Layer) => () => new Network({ inputs: 3, layers: [layer] });
    const nothing = defineLayer({ type: 'nothing', build: () => undefined as never }), flat = defineLayer({ type: 'flat', build: ([x]) => graph.sum(x) });
    const odd = defineLayer({ type: 'odd', build: ([x], _options, context) => graph.multiply(x, context.parameter('a.b', { shape: [3] })) });
    const unknown = defineLayer({ type: 'unknown', build: ([x], _options, context) => graph.multiply(x, context.parameter('w', { shape: [3], initializer: 'heNormall' as 'heNormal' })) });
    expect(network(nothing())).toThrow("[nothing 'nothing1'] expected 'build' to return a node, or an object of nodes z and a, but it returned undefined");
    expect(network(flat())).toThrow("[flat 'flat1'] expected 'build' to return a node of shape [rows, features] but its shape is []");
    expect(network(odd())).toThrow("[odd 'odd1'] expected 'name' to be a name of letters and digits for a tensor but received 'a.b'");
    expect(network(unknown())).toThrow("[unknown 'unknown1'] expected an initializer, one of");
    expect(network(gated())).toThrow();
  });
});
