// Healthy networks: of many sizes, activations, losses and data, before and after training, nothing is found that is more than worth knowing.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  activation, add, batchNorm, Dataset, dense, diagnose, dropout, input, layerNorm, Network, readCsv, standardScaler, type Diagnosis, type FitOptions, type LayerSpec,
} from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { labelled, regression } from '../helpers/networks.ts';

const grave = (report: Diagnosis) => report.findings.filter(({ severity }) => severity !== 'info');

const raw = (await readCsv('examples/data/digits.csv', { target: 'label' })).toArrays();
const digits = Dataset.from({ x: raw.x.map((row) => Array.from(row, (value) => value / 16)), y: raw.y.map((row) => row[0]!) });

interface Case { readonly name: string; readonly data: Dataset; readonly layers: readonly LayerSpec[]; readonly options?: FitOptions }

const classes = Dataset.from(labelled(700, 9, 4, 2)), numbers = Dataset.from(regression(800, 5, 2, 3));
const cases: Case[] = [
  { name: 'digits, linear', data: digits, layers: [dense(10, 'softmax')] },
  { name: 'digits, relu', data: digits, layers: [dense(48, 'relu'), dense(10, 'softmax')] },
  { name: 'digits, tanh twice', data: digits, layers: [dense(40, 'tanh'), dense(24, 'tanh'), dense(10, 'softmax')] },
  { name: 'digits, sigmoid', data: digits, layers: [dense(40, 'sigmoid'), dense(10, 'softmax')] },
  { name: 'digits, six layers of relu', data: digits, layers: [...Array.from({ length: 6 }, () => dense(32, 'relu')), dense(10, 'softmax')] },
  { name: 'digits, dropout', data: digits, layers: [dropout(0.1), dense(64, 'relu'), dropout(0.5), dense(10, 'softmax')] },
  { name: 'digits, batch normalisation', data: digits, layers: [dense(40), batchNorm(), activation('relu'), dense(10, 'softmax')] },
  { name: 'digits, layer normalisation', data: digits, layers: [dense(32, 'gelu'), layerNorm(), dense(10, 'softmax')] },
  { name: 'digits, wide, L2', data: digits, layers: [dense(128, 'leakyRelu', { l2: 1e-4 }), dense(10, 'softmax', { l2: 1e-4 })] },
  { name: 'classes, relu', data: classes, layers: [dense(24, 'relu'), dense(4, 'softmax')] },
  { name: 'classes, elu', data: classes, layers: [dense(24, 'elu'), dense(12, 'elu'), dense(4, 'softmax')] },
  { name: 'classes, selu deep', data: classes, layers: [...Array.from({ length: 5 }, () => dense(20, 'selu')), dense(4, 'softmax')] },
  { name: 'classes, tanh thrice', data: classes, layers: [dense(24, 'tanh'), dense(16, 'tanh'), dense(8, 'tanh'), dense(4, 'softmax')] },
  { name: 'classes, hardTanh', data: classes, layers: [dense(24, 'hardTanh'), dense(4, 'softmax')] },
  { name: 'one of two', data: Dataset.from({ x: classes.toArrays().x, y: classes.toArrays().y.map((row) => Number(row[0]! < 2)) }), layers: [dense(16, 'silu'), dense(1, 'sigmoid')] },
  { name: 'numbers, relu', data: numbers, layers: [dense(48, 'relu'), dense(24, 'relu'), dense(2)] },
  { name: 'numbers, tanh', data: numbers, layers: [dense(40, 'tanh'), dense(2)] },
  { name: 'numbers, softplus', data: numbers, layers: [dense(40, 'softplus'), dense(2)] },
  { name: 'numbers on large scales', data: Dataset.from({ x: numbers.toArrays().x.map((row) => row.map((value, i) => value * 10 ** i + 500)), y: numbers.toArrays().y }), layers: [standardScaler(), dense(40, 'tanh'), dense(2)] },
  { name: 'numbers, sgd with momentum', data: numbers, layers: [dense(32, 'mish'), dense(2)], options: { optimizer: 'sgd' } },
];

describe.each(backends)('on %s', (backend) => {
  test.each(cases)('$name', async ({ data, layers, options }) => {
    const { train, test: validation } = data.split({ test: 0.25, seed: 1 });
    const network = new Network({ inputs: data.inputs.width, seed: 2, backend, layers });
    expect(grave(await diagnose(network, train, { learningRate: 0.01, ...(options?.loss && { loss: options.loss }) }))).toEqual([]);
    const { diagnosis } = await network.fit(train, { epochs: 12, batchSize: 16, validation, diagnose: true, ...options });
    expect(grave(diagnosis!)).toEqual([]);
    expect(diagnosis!.healthy).toBe(true);
    expect(diagnosis!.loss).toBeLessThan(0.9 * diagnosis!.constantLoss!);
    network.dispose();
  });

  test('connections that skip layers, several outputs', async () => {
    const x = input(9), hidden = dense(20, 'relu').apply(x), skipped = add().apply(hidden, dense(20, 'tanh').apply(dense(14, 'relu').apply(hidden)));
    const network = new Network({ inputs: x, outputs: { kind: dense(4, 'softmax').apply(skipped), size: dense(1).apply(skipped) }, seed: 1, backend });
    const rows = labelled(500, 9, 4, 2), data = { x: rows.x, y: { kind: rows.y, size: rows.x.map((row) => row[0]! + row[1]!) } };
    expect(grave(await diagnose(network, data))).toEqual([]);
    const { diagnosis } = await network.fit(data, { epochs: 12, diagnose: true });
    expect(grave(diagnosis!)).toEqual([]);
    expect(diagnosis!.layers.map(({ name }) => name)).toEqual(network.layers.map(({ name }) => name));
  });

  test('nothing of the network changes', async () => {
    const make = (): Network => new Network({ inputs: 9, seed: 4, backend, layers: [dense(12, 'relu'), batchNorm(), dropout(0.3), dense(4, 'softmax')] });
    const looked = make(), plain = make();
    for (const network of [looked, plain]) {
      await network.fit(classes, { epochs: 2 });
      if (network === looked) await diagnose(network, classes);
      await network.fit(classes, { epochs: 1 });
    }
    expect(looked.weights()).toEqual(plain.weights());
  });

  test('while a fit runs, it waits its turn', async () => {
    const network = new Network({ inputs: 9, backend, layers: [dense(12, 'relu'), dense(4, 'softmax')] });
    const [, report] = await Promise.all([network.fit(classes, { epochs: 3 }), diagnose(network, classes)]);
    expect(report.layers).toHaveLength(2);
  });
});

const folder = '/usr/lib/python3/dist-packages/sklearn/datasets/data';
describe.skipIf(!existsSync(folder))('real data outside the repository', () => {
  test.each([['iris', 3], ['wine_data', 3], ['breast_cancer', 2]] as const)('%s', async (name, count) => {
    const rows = readFileSync(`${folder}/${name}.csv`, 'utf8').trim().split('\n').slice(1).map((line) => line.split(',').map(Number));
    const data = Dataset.from({ x: rows.map((row) => row.slice(0, -1)), y: rows.map((row) => row.at(-1)!) });
    const network = new Network({ inputs: data.inputs.width, layers: [standardScaler(), dense(12, 'tanh'), dense(count, 'softmax')] });
    const { train, test: validation } = data.split({ test: 0.3, seed: 1, stratify: true });
    expect(grave((await network.fit(train, { epochs: 25, batchSize: 16, validation, diagnose: true })).diagnosis!)).toEqual([]);
    const unscaled = await diagnose(new Network({ inputs: data.inputs.width, layers: [dense(12, 'tanh'), dense(count, 'softmax')] }), train);
    if (name !== 'iris') expect(unscaled.findings.map(({ code }) => code)).toContain('unscaled-inputs');
    else expect(unscaled.findings.map(({ code }) => code)).not.toContain('unscaled-inputs');
  });
});
