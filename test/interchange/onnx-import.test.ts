// Networks read back from ONNX are the same networks; what cannot be read is refused by name, whatever the bytes.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dense, exportOnnx, importOnnx, ModelFormatError, Network, type ActivationName } from '../../lib/index.ts';
import type { TensorProto } from '../../lib/io/onnx/schema.ts';
import { floatTensor, integerTensor } from '../../lib/io/onnx/tensor.ts';
import { activations } from '../../lib/layers/activations.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends } from '../helpers/backends.ts';
import { denseCases, layerCases } from '../helpers/layer-cases.ts';
import { expectRefusal, refusal, rowsOf } from '../helpers/networks.ts';
import { modelOf, nodeOf, portOf, weightsOf, type ModelParts } from '../helpers/onnx-models.ts';
import { randomizeTensors } from '../helpers/onnxruntime.ts';
import { randomNetwork } from '../helpers/random-networks.ts';
import { relativeError } from '../helpers/values.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-onnx-')); });
afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

const widths = { inputs: 5, hidden: 7, outputs: 3 };
const layersOf = (network: Network): string => network.layers.map(({ name }) => name.replace(/\d+$/, '')).join(' ');

/** Exports and reads back; the same predictions, and again after saving. */
async function expectRoundTrip(network: Network, opset = 17): Promise<Network> {
  randomizeTensors(network, 4);
  const back = await importOnnx(await exportOnnx(network, undefined, { opset }), { backend: network.backend });
  for (const rows of [1, 6]) {
    const x = rowsOf(rows, network.inputs, rows);
    expect(relativeError(back.predictSync(x).data, network.predictSync(x).data)).toBeLessThan(1e-6);
  }
  return back;
}

describe('round trip', () => {
  // Without running statistics batchNorm is arithmetic over the rows, which no other layer does.
  const importable = Object.keys(layerCases).filter((name) => name !== 'batchNorm');

  describe.each(backends)('%s', (backend) => {
    test.each(importable)('%s', async (name) => {
      for (const opset of [13, 19]) await expectRoundTrip(new Network({ ...layerCases[name]!('relu', widths, 'softmax'), backend }), opset);
    });
  });

  test.each(Object.keys(denseCases))('dense with %s', async (name) => {
    expect(layersOf(await expectRoundTrip(new Network(denseCases[name]!(widths))))).toBe('dense dense');
  });

  test.each(Object.keys(activations) as ActivationName[])('%s stays the activation of its layer', async (name) => {
    for (const opset of [13, 17, 18]) {
      const back = await expectRoundTrip(new Network(layerCases['dense']!(name, widths, 'linear')), opset);
      expect(layersOf(back)).toBe('dense dense');
      expect(back.summary()).toContain(name);
    }
  });

  test('statistics of a batchNorm, epsilon and momentum', async () => {
    const network = new Network({ inputs: 5, layers: [dense(4), layerCases['batchNorm']!('relu', widths, 'linear').layers![0] as never, dense(2)] });
    const back = await expectRoundTrip(network), byName = new Map(back.weights().map(({ name, data }) => [name, data]));
    for (const { name, data } of network.weights()) expect(byName.get(name), name).toEqual(data);
    await back.save(join(folder, 'norm.safetensors'));
    const x = rowsOf(3, 5, 1);
    expect((await Network.load(join(folder, 'norm.safetensors'))).predictSync(x)).toEqual(network.predictSync(x));
  });

  test('fifty networks put together at random', async () => {
    for (let seed = 100; seed < 150; seed++) await expectRoundTrip(new Network({ ...randomNetwork(seed), seed }), 13 + (seed % 7));
  });
});

const gemm = (from: string, to: string, weight = 'w') => nodeOf('Gemm', [from, weight], to, { transB: 1 });
const predict = async (parts: ModelParts, x: readonly number[]): Promise<number[]> => Array.from((await importOnnx(modelOf(parts))).predictSync(x).data);

describe('arithmetic of other exporters', () => {
  const x = [1, -2, 3];

  test('factors of a Gemm, and weights that lie the other way', async () => {
    const tensors = [floatTensor('w', [3, 2], [1, 2, 3, 4, 5, 6]), floatTensor('c', [2], [10, 20])];
    expect(await predict({ nodes: [nodeOf('Gemm', ['x', 'w', 'c'], 'y', { alpha: 0.5, beta: 2.5 })], tensors }, x)).toEqual([5 + 25, 6 + 50]);
  });

  test('constants on either side, and weights that are computed', async () => {
    const tensors = [floatTensor('w', [2, 3], [1, 2, 3, 4, 5, 6]), floatTensor('two', [], [2]), floatTensor('v', [3], [1, 2, 4]), integerTensor('axes', [1])];
    expect(await predict({ nodes: [nodeOf('Sub', ['two', 'x'], 'a'), nodeOf('Mul', ['v', 'a'], 'b'), nodeOf('Div', ['b', 'two'], 'c'), nodeOf('Add', ['v', 'c'], 'y')], tensors }, x)).toEqual([1.5, 6, 2]);
    expect(await predict({ nodes: [nodeOf('Mul', ['w', 'v'], 's'), nodeOf('Transpose', ['s'], 't'), nodeOf('MatMul', ['x', 't'], 'y')], tensors }, x)).toEqual([1 - 8 + 36, 4 - 20 + 72]);
  });

  test('a sigmoid of straight pieces with other slopes, a Clip without an end, and images', async () => {
    expect(await predict({ nodes: [nodeOf('HardSigmoid', ['x'], 'y', { alpha: 0.25, beta: 0.5 })] }, x)).toEqual([0.75, 0, 1]);
    expect(await predict({ nodes: [nodeOf('Clip', ['x', 'zero'], 'y')], tensors: [floatTensor('zero', [], [0])] }, x)).toEqual([1, 0, 3]);
    const nodes = [nodeOf('Mul', ['x', 'half'], 'a'), nodeOf('Flatten', ['a'], 'b'), gemm('b', 'y')], tensors = [floatTensor('half', [], [0.5]), floatTensor('w', [1, 4], [1, 2, 3, 4])];
    expect(await predict({ nodes, tensors, inputs: [portOf('x', ['rows', 1, 2, 2])] }, [2, 4, 6, 8])).toEqual([30]);
  });

  test('element types, packed or listed', async () => {
    const empty = { floatData: [], int32Data: [], int64Data: [], doubleData: [], uint64Data: [], externalData: [] }, dims = [1, 3], name = 'w';
    const halves = new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x3555).buffer);
    const tensors: [TensorProto, number[]][] = [
      [{ ...empty, dims, name, dataType: 1, floatData: [1, -2, 0.25] }, [1, -2, 0.25]],
      [{ ...empty, dims, name, dataType: 11, doubleData: [1, -2, 0.25] }, [1, -2, 0.25]],
      [{ ...empty, dims, name, dataType: 11, rawData: new Uint8Array(Float64Array.of(1, -2, 0.25).buffer) }, [1, -2, 0.25]],
      [{ ...empty, dims, name, dataType: 10, rawData: halves }, [1, -2, 0.333251953125]],
      [{ ...empty, dims, name, dataType: 10, int32Data: [0x3c00, 0xc000, 0x0001] }, [1, -2, 2 ** -24]],
      [{ ...empty, dims, name, dataType: 16, int32Data: [0x3f80, 0xc000, 0x3e80] }, [1, -2, 0.25]],
      [{ ...empty, dims, name, dataType: 7, int64Data: [3, -1, 2] }, [3, -1, 2]],
      [{ ...empty, dims, name, dataType: 3, rawData: new Uint8Array([3, 255, 2]) }, [3, -1, 2]],
    ];
    for (const [tensor, values] of tensors) {
      const network = await importOnnx(modelOf({ nodes: [gemm('x', 'y')], tensors: [tensor] }));
      expect(Array.from(network.weights()[0]!.data)).toEqual(values);
    }
  });
});

describe('refused by name', () => {
  const w = weightsOf('w', 2, 3), cases: readonly [what: string, parts: ModelParts, ...sentence: string[]][] = [
    ['an operator', { nodes: [nodeOf('Conv', ['x', 'w'], 'y')], tensors: [w] }, "node 'y node' (Conv)", 'not supported'],
    ['a domain', { nodes: [nodeOf('Gelu', ['x'], 'y', {}, 'com.microsoft')] }, "'Gelu'", "domain 'com.microsoft'"],
    ['an operator set', { nodes: [gemm('x', 'y')], tensors: [w], opset: 6 }, 'operator set 7 to 24', 'uses 6'],
    ['a type of input', { nodes: [gemm('x', 'y')], tensors: [w], inputs: [portOf('x', ['rows', 3], 7)] }, "input 'x'", 'type float', 'int64'],
    ['a type of tensor', { nodes: [gemm('x', 'y')], tensors: [{ ...w, dataType: 8 }] }, "tensor 'w'", 'string'],
    ['an open number of features', { nodes: [gemm('x', 'y')], tensors: [w], inputs: [portOf('x', ['rows', 'features'])] }, "input 'x'", 'known number of features'],
    ['weights that do not fit', { nodes: [gemm('x', 'y')], tensors: [weightsOf('w', 2, 4)] }, 'weights for 3 features', '[2, 4]'],
    ['weights that are computed of the input', { nodes: [nodeOf('Gemm', ['x', 'x'], 'y')] }, '(Gemm)', 'constant weights'],
    ['a value that nobody makes', { nodes: [gemm('z', 'y')], tensors: [w] }, "input 'z'", 'no node before it'],
    ['a circle', { nodes: [nodeOf('Add', ['x', 'b'], 'a'), nodeOf('Relu', ['a'], 'b'), gemm('b', 'y')], tensors: [w] }, "'b'", 'no node before it'],
    ['a quotient of values', { nodes: [nodeOf('Relu', ['x'], 'a'), nodeOf('Div', ['x', 'a'], 'y')] }, '(Div)', 'no layer'],
    ['bounds', { nodes: [nodeOf('Clip', ['x', 'w'], 'y')], tensors: [floatTensor('w', [], [0.3])] }, '(Clip)', 'no activation'],
    ['rows that are mixed', { nodes: [nodeOf('Reshape', ['x', 's'], 'a'), gemm('a', 'y')], tensors: [w, integerTensor('s', [-1])] }, '(Reshape)', 'keeps the 3 numbers'],
    ['features that become rows', { nodes: [nodeOf('Reshape', ['x', 's'], 'y')], tensors: [integerTensor('s', [-1, 1])] }, '(Reshape)', '[-1, 1]'],
    ['an output of three dimensions', { nodes: [nodeOf('Relu', ['x'], 'y')], inputs: [portOf('x', ['rows', 2, 2])] }, "output 'y'", '[2, 2]'],
    ['bytes that are too few', { nodes: [gemm('x', 'y')], tensors: [{ ...w, rawData: w.rawData!.subarray(4) }] }, "tensor 'w'", '24 bytes', 'there are 20'],
    ['values that are no numbers', { nodes: [gemm('x', 'y')], tensors: [floatTensor('w', [1, 3], [1, NaN, 2])] }, 'dense1.weight[1]', 'NaN'],
    ['nothing but its input', { nodes: [nodeOf('Identity', ['x'], 'y')] }, 'at least one layer'],
    ['weights out of proportion', { nodes: [nodeOf('Reshape', ['x', 's'], 'a'), nodeOf('Mul', ['a', 'f'], 'y')], inputs: [portOf('x', ['rows', 2 ** 15, 2 ** 15])], tensors: [integerTensor('s', [0, -1]), floatTensor('f', [], [2])] }, 'in proportion to the size of the file'],
    ['constants that stretch each other', { nodes: [nodeOf('Mul', ['a', 'b'], 'c'), nodeOf('MatMul', ['x', 'c'], 'y')], tensors: [weightsOf('a', 3, 1), weightsOf('b', 1, 90)] }, '(Mul)', 'stretch each other'],
  ];

  test.each(cases)('%s', async (_what, parts, ...sentence) => {
    const error = await refusal(() => importOnnx(modelOf(parts)));
    expectRefusal(error, 'ERR_MODEL_FORMAT', '[importOnnx]', ...sentence);
  });

  test('options, and sources of another kind', async () => {
    expectRefusal(await refusal(() => importOnnx('x.onnx', { external: 'x' } as never)), 'ERR_OPTION', "'external'");
    expectRefusal(await refusal(() => importOnnx(5 as never)), 'ERR_OPTION', "'source'", '5');
    expectRefusal(await refusal(() => importOnnx('x.onnx', { backend: 'gpu' as never })), 'ERR_OPTION', "'backend'");
    expect(((await refusal(() => importOnnx(join(folder, 'none.onnx')))) as unknown as { code: string }).code).toBe('ENOENT');
  });
});

describe('weights in a file of their own', () => {
  const external = (location: string, more: Readonly<Record<string, string>> = {}): Uint8Array => {
    const { rawData: _, ...tensor } = weightsOf('w', 2, 3);
    return modelOf({ nodes: [gemm('x', 'y')], tensors: [{ ...tensor, dataLocation: 1, externalData: Object.entries({ location, ...more }).map(([key, value]) => ({ key, value })) }] });
  };
  const values = Float32Array.of(9, 1, 2, 3, 4, 5, 6, 7);

  beforeAll(async () => {
    await mkdir(join(folder, 'weights/part'), { recursive: true });
    await writeFile(join(folder, 'weights/part/w.bin'), new Uint8Array(values.buffer));
    await writeFile(join(folder, 'secret.bin'), new Uint8Array(values.buffer));
    await symlink(join(folder, 'secret.bin'), join(folder, 'weights/link.bin'));
  });

  test('are read from the folder that is named, from their place in the file', async () => {
    const network = await importOnnx(external('part/w.bin', { offset: '4', length: '24' }), { externalData: join(folder, 'weights') });
    expect(Array.from(network.weights()[0]!.data)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test.each([
    ['../secret.bin', 'inside of the folder'], ['/etc/hostname', 'inside of the folder'], ['part/../../secret.bin', 'inside of the folder'], ['part\\w.bin', 'inside of the folder'],
    ['', 'inside of the folder'], ['link.bin', 'leads out of it'], ['none.bin', 'cannot be read'],
  ])('are refused at %s', async (location, sentence) => {
    expectRefusal(await refusal(() => importOnnx(external(location), { externalData: join(folder, 'weights') })), 'ERR_MODEL_FORMAT', "tensor 'w'", sentence);
  });

  test('are refused without a folder, and where they do not fit the file', async () => {
    expectRefusal(await refusal(() => importOnnx(external('part/w.bin'))), 'ERR_MODEL_FORMAT', "'externalData'", 'part/w.bin');
    expectRefusal(await refusal(() => importOnnx(external('part/w.bin', { offset: '12' }), { externalData: join(folder, 'weights') })), 'ERR_MODEL_FORMAT', '24 bytes from 12', 'has 32');
    expectRefusal(await refusal(() => importOnnx(external('part/w.bin', { length: '20' }), { externalData: join(folder, 'weights') })), 'ERR_MODEL_FORMAT', 'expected 24 bytes', "'20'");
  });
});

describe('bytes that are no model', () => {
  const good = modelOf({ nodes: [nodeOf('Gemm', ['x', 'w', 'b'], 'a', { transB: 1 }), nodeOf('Relu', ['a'], 'c'), nodeOf('Mul', ['c', 'b'], 'y')], tensors: [weightsOf('w', 2, 3), weightsOf('b', 2)] });

  /** A network, or a refusal in a sentence; anything else fails. */
  async function tried(bytes: Uint8Array): Promise<'read' | 'refused'> {
    try {
      (await importOnnx(bytes, { backend: 'typescript' })).dispose();
      return 'read';
    } catch (error) {
      if (!(error instanceof ModelFormatError)) throw error;
      expect(error.message).toMatch(/^\[importOnnx\] \S/);
      return 'refused';
    }
  }

  test('cut anywhere', async () => {
    const found = await Promise.all(Array.from({ length: good.length }, (_, length) => tried(good.subarray(0, length))));
    expect(found.filter((each) => each === 'refused').length).toBeGreaterThan(good.length - 12);
    expect(await tried(good)).toBe('read');
  });

  test('changed anywhere', async () => {
    const random = new RandomStream(3, 1), counts = { read: 0, refused: 0 };
    for (let i = 0; i < 4000; i++) {
      const bytes = Uint8Array.from(good);
      for (let change = 0; change <= i % 3; change++) bytes[random.below(bytes.length)] = random.below(3) === 0 ? random.below(256) : bytes[random.below(bytes.length)]! ^ (1 << random.below(8));
      counts[await tried(bytes)]++;
    }
    expect(counts.read).toBeGreaterThan(400);
    expect(counts.refused).toBeGreaterThan(1500);
  });

  test('that claim far more than they hold', async () => {
    expect(await tried(Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f))).toBe('refused');
    expect(await tried(Buffer.alloc(3_000_000, Buffer.from([0x42, 0])))).toBe('refused');
    expect(await tried(modelOf({ nodes: [gemm('x', 'y')], tensors: [{ ...weightsOf('w', 1, 3), dims: [2 ** 40, 2 ** 40] }] }))).toBe('refused');
  });
});
