// Models as PyTorch's exporter writes them: read as layers, they predict what PyTorch does, and say what they are made of.
// They are in torch-onnx.json, made by make_torch_onnx.py.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importOnnx, type Network } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { relativeError } from '../helpers/values.ts';

interface Case { readonly name: string; readonly model: string; readonly x: number[][]; readonly outputs: number[][][] }
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'torch-onnx.json'), 'utf8')) as { cases: Case[] };

const outputsOf = ({ outputs, ...whole }: { readonly data: ArrayLike<number>; readonly outputs?: Readonly<Record<string, { readonly data: ArrayLike<number> }>> }): ArrayLike<number>[] =>
  (outputs === undefined ? [whole.data] : Object.values(outputs).map(({ data }) => data));

describe.each(backends)('%s', (backend) => {
  test.each(cases)('$name', async ({ model, x, outputs }) => {
    const network = await importOnnx(Buffer.from(model, 'base64'), { backend });
    const found = outputsOf(network.predictSync(x));
    expect(found).toHaveLength(outputs.length);
    outputs.forEach((expected, i) => expect(relativeError(found[i]!, expected.flat())).toBeLessThan(2e-6));
  });
});

const layersOf = (network: Network): string => network.layers.map(({ name }) => name.replace(/\d+$/, '')).join(' ');
const read = (start: string): Promise<Network> => importOnnx(Buffer.from(cases.find(({ name }) => name.startsWith(start))!.model, 'base64'));

describe('become layers', () => {
  test('an activation belongs to the dense layer before it', async () => {
    for (const { name } of cases.filter((each) => /^\w+\(.*\), opset 13$/.test(each.name) && !/^(PReLU|Dropout)/.test(each.name))) expect(layersOf(await read(name)), name).toBe('dense');
    expect(layersOf(await read('PReLU'))).toBe('dense prelu');
  });

  test('normalizations in the form of every operator set', async () => {
    for (const { name } of cases.filter((each) => each.name.startsWith('BatchNorm1d'))) expect(layersOf(await read(name)), name).toBe('dense batchNorm activation dense layerNorm layerNorm dense');
  });

  test('a layer used twice is one layer, and names have no dots', async () => {
    const network = await read('residual');
    expect(network.weights().map(({ name, shape }) => `${name} ${shape.join('x')}`)).toHaveLength(8);
    expect(Object.keys(network.predictSync([1, 2, 3, 4, 5]).outputs!)).toEqual(['output_0', 'output_1']);
  });

  test('and can be trained and saved', async () => {
    const network = await read('BatchNorm1d'), x = cases[0]!.x, y = x.map(([a, b]) => [a! + b!, a! - b!, a! * b!]);
    const before = (await network.evaluate({ x, y })).loss;
    const { epochs } = await network.fit({ x, y }, { epochs: 60, batchSize: 3 });
    expect(epochs.at(-1)!.loss).toBeLessThan(before * 0.9);
  });
});
