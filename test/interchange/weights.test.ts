// Weights of other libraries: layouts of Keras and PyTorch, names of one's own, half precision, and a sentence for whatever does not fit.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  add, activation, batchNorm, dense, exportStateDict, highway, importWeights, input, layerNorm, maxout, Network, prelu, standardScaler, type GivenTensor, type ImportWeightsOptions,
} from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, refusal, weightsOf } from '../helpers/networks.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-weights-')); });
afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

let next = 0;
/** A tensor of numbers that are all different. */
const tensor = (name: string, ...shape: number[]): GivenTensor & { data: number[] } => ({ name, shape, data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 1 + 0.125 * next++) });
const transposed = ({ shape, data }: GivenTensor): number[] => Array.from({ length: data.length }, (_, i) => data[(i % shape![0]!) * shape![1]! + Math.floor(i / shape![0]!)]!);

describe.each(backends)('%s', (backend) => {
  test('Keras: kernels are [inputs, units], statistics move', async () => {
    const network = new Network({ inputs: 3, backend, layers: [dense(2), batchNorm(), prelu({ perUnit: true }), dense(4, 'relu', { weightOrder: 'LR' }), layerNorm()] });
    const given = [
      tensor('dense/kernel:0', 3, 2), tensor('dense/bias:0', 2), tensor('norm/gamma:0', 2), tensor('norm/beta:0', 2), tensor('norm/moving_mean:0', 2), tensor('norm/moving_variance:0', 2),
      tensor('slopes/alpha:0', 2), tensor('dense_1/kernel:0', 2, 4), tensor('dense_1/bias:0', 4), tensor('layer/gamma:0', 4), tensor('layer/beta:0', 4),
    ];
    await importWeights(network, given, { layout: 'keras' });
    const [kernel, bias, gamma, beta, mean, variance, alpha, kernel1, bias1, gamma1, beta1] = given.map(({ data }) => data);
    expect(weightsOf(network)).toEqual({
      'dense1.weight': transposed(given[0]!), 'dense1.bias': bias, 'batchNorm1.weight': gamma, 'batchNorm1.bias': beta, 'batchNorm1.runningMean': mean, 'batchNorm1.runningVariance': variance,
      'prelu1.weight': alpha, 'dense2.weight': kernel1, 'dense2.bias': bias1, 'layerNorm1.weight': gamma1, 'layerNorm1.bias': beta1,
    });
    // x K + b of Keras, by hand.
    const one = new Network({ inputs: 3, backend, layers: [dense(2)] });
    await importWeights(one, given.slice(0, 2), { layout: 'keras' });
    expect(Array.from(one.predictSync([1, 2, 4]).data)).toEqual([0, 1].map((unit) => kernel![unit]! + 2 * kernel![2 + unit]! + 4 * kernel![4 + unit]! + bias![unit]!));
  });

  test('what is written is read back, by number, by name and as it is', async () => {
    const layers = [dense(4, 'tanh', { weightOrder: 'LR' }), batchNorm(), ...Array.from({ length: 6 }, () => dense(4, 'relu')), layerNorm(), dense(2, 'linear', { bias: false })];
    const network = new Network({ inputs: 3, layers, seed: 5, backend }), file = join(folder, `${backend}.safetensors`);
    await exportStateDict(network, file);
    const read = new Network({ inputs: 3, layers, seed: 6, backend });
    await importWeights(read, file, { layout: 'pytorch' });
    expect(weightsOf(read)).toEqual(weightsOf(network));
    const own = new Network({ inputs: 3, layers, seed: 7, backend });
    await network.save(file);
    await importWeights(own, file, { layout: 'densely' });
    expect(weightsOf(own)).toEqual(weightsOf(network));
  });
});

describe('names', () => {
  const make = (): Network => new Network({ inputs: 3, layers: [standardScaler(), dense(2, 'relu'), dense(2)] });

  test('of modules, where their order is another; scalers stay', async () => {
    const network = make(), given = [tensor('head.weight', 2, 2), tensor('head.bias', 2), tensor('body.0.weight', 2, 3), tensor('body.0.bias', 2)];
    await importWeights(network, given, { layout: 'pytorch', names: { dense1: 'body.0' } });
    expect(weightsOf(network)).toMatchObject({ 'dense1.weight': given[2]!.data, 'dense2.weight': given[0]!.data, 'standardScaler1.scale': [1, 1, 1] });
  });

  test('that are none are refused', async () => {
    const given = [tensor('0.weight', 2, 3), tensor('0.bias', 2), tensor('2.weight', 2, 2), tensor('2.bias', 2)];
    expectRefusal(await refusal(() => importWeights(make(), given, { layout: 'pytorch', names: { dens1: '0' } })), 'ERR_OPTION', "did you mean 'dense1'");
    expectRefusal(await refusal(() => importWeights(make(), given, { layout: 'pytorch', names: { dense1: 'body' } })), 'ERR_OPTION', "'body'", 'there are 0, 2');
  });
});

describe('what does not fit is named, and nothing is changed', () => {
  const w0 = tensor('0.weight', 2, 3), b0 = tensor('0.bias', 2), w1 = tensor('2.weight', 4, 2), b1 = tensor('2.bias', 4);
  const cases: readonly [what: string, tensors: unknown, code: 'ERR_OPTION' | 'ERR_SHAPE', ...sentence: string[]][] = [
    ['another shape', [w0, b0, tensor('2.weight', 2, 4), b1], 'ERR_SHAPE', "'2.weight'", '[4, 2]', "'dense2.weight'", '[2, 4]'],
    ['a tensor that is missing', [w0, b0, w1], 'ERR_OPTION', "'bias' for 'dense2.bias'", "'2.weight'"],
    ['a layer that is missing', [w0, b0], 'ERR_OPTION', "'dense2'", 'there are 1 layers'],
    ['a layer too many', [w0, b0, w1, b1, tensor('4.weight', 1, 1)], 'ERR_OPTION', "'4' are left over"],
    ['a tensor of another kind', [w0, b0, w1, b1, tensor('4.filter', 1, 1)], 'ERR_OPTION', "'4.filter'", 'PyTorch'],
    ['a tensor that is there twice', [w0, w0, b0, w1, b1], 'ERR_OPTION', "'0.weight' is there twice"],
    ['numbers that are not finite', [w0, { ...b0, data: [1, Infinity] }, w1, b1], 'ERR_OPTION', 'dense1.bias[1]', 'Infinity'],
    ['numbers that are too few', [{ ...w0, data: [1] }], 'ERR_OPTION', "'0.weight'", 'as many numbers'],
    ['something else', { '0.weight': [1] }, 'ERR_OPTION', "'source'", 'an object'],
  ];

  test.each(cases)('%s', async (_what, tensors, code, ...sentence) => {
    const network = new Network({ inputs: 3, layers: [dense(2, 'relu'), dense(4)] }), before = weightsOf(network);
    expectRefusal(await refusal(() => importWeights(network, tensors as GivenTensor[], { layout: 'pytorch' })), code, '[importWeights]', ...sentence);
    expect(weightsOf(network)).toEqual(before);
  });

  test('layers without a counterpart, options, files', async () => {
    const network = new Network({ inputs: 3, layers: [maxout(2, 2)] });
    for (const layout of ['pytorch', 'keras'] as const) expectRefusal(await refusal(() => importWeights(network, [], { layout })), 'ERR_OPTION', "'maxout1' has no counterpart");
    expectRefusal(await refusal(() => importWeights(network, [], { layout: 'torch' } as never)), 'ERR_OPTION', "'layout'", "'torch'");
    expectRefusal(await refusal(() => importWeights(network, [], {} as ImportWeightsOptions)), 'ERR_OPTION', "'layout'");
    expectRefusal(await refusal(() => importWeights(network, [], { layout: 'densely' })), 'ERR_OPTION', "'maxout1.weight'");
    const file = join(folder, 'bad.safetensors');
    await writeFile(file, 'no tensors');
    expectRefusal(await refusal(() => importWeights(network, file, { layout: 'densely' })), 'ERR_MODEL_FORMAT', 'bad.safetensors');
  });
});

test('numbers of 16 bits', async () => {
  const header = JSON.stringify({ '0.weight': { dtype: 'F16', shape: [1, 3], data_offsets: [0, 6] }, '0.bias': { dtype: 'BF16', shape: [1], data_offsets: [6, 8] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = join(folder, 'half.safetensors'), network = new Network({ inputs: 3, layers: [dense(1)] });
  await writeFile(file, Buffer.concat([length, Buffer.from(header), Buffer.from(Uint16Array.of(0x3c00, 0xc100, 0x8001, 0x4049).buffer)]));
  await importWeights(network, file, { layout: 'pytorch' });
  expect(weightsOf(network)).toEqual({ 'dense1.weight': [1, -2.5, -(2 ** -24)], 'dense1.bias': [3.140625] });
});

describe('state_dict', () => {
  test('refuses what PyTorch has no module for, by name', async () => {
    const file = join(folder, 'none.safetensors'), x = input(3), hidden = dense(3).apply(x);
    expectRefusal(await refusal(() => exportStateDict(new Network({ inputs: 3, layers: [highway()] }), file)), 'ERR_OPTION', "'highway1' is none");
    expectRefusal(await refusal(() => exportStateDict(new Network({ inputs: 3, layers: [dense(2), activation('sin')] }), file)), 'ERR_OPTION', "'activation1' has sin");
    expectRefusal(await refusal(() => exportStateDict(new Network({ inputs: x, outputs: add().apply(x, hidden) }), file)), 'ERR_OPTION', 'branch');
    expectRefusal(await refusal(() => exportStateDict(new Network({ inputs: 3, layers: [dense(2)] }), '')), 'ERR_OPTION', "'path'");
  });

  test('counts the minibatches of training, and says what loads it', async () => {
    const network = new Network({ inputs: 2, layers: [dense(3, 'relu'), batchNorm(), dense(1)] }), file = join(folder, 'counted.safetensors');
    await network.fit({ x: [[0, 1], [1, 0], [1, 1]], y: [0, 1, 2] }, { epochs: 4, batchSize: 2 });
    expect(await exportStateDict(network, file)).toBe([
      'nn.Sequential(', '    nn.Linear(2, 3),  # 0: dense1', '    nn.ReLU(),  # 1: dense1',
      '    nn.BatchNorm1d(3, eps=0.00001, momentum=0.1, affine=True, track_running_stats=True),  # 2: batchNorm1', '    nn.Linear(3, 1),  # 3: dense2', ')',
    ].join('\n'));
    const { readSafetensors } = await import('../../lib/io/safetensors.ts');
    const { tensors, metadata } = await readSafetensors(file);
    expect(tensors.get('2.num_batches_tracked')).toEqual({ dtype: 'I64', shape: [], data: BigInt64Array.of(8n) });
    expect([...tensors.keys()].toSorted()).toEqual(['0.bias', '0.weight', '2.bias', '2.num_batches_tracked', '2.running_mean', '2.running_var', '2.weight', '3.bias', '3.weight']);
    expect(metadata).toEqual({ format: 'pt' });
  });
});
