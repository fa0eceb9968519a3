// Options of dense: order of the weights, masks, constraints, noise on weights, weight and spectral normalization, penalties on activations.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adam, dense, Network, sgd, type DenseOptions, type Layer } from '../../lib/index.ts';
import { decodeSafetensors } from '../../lib/io/safetensors.ts';
import { minimizers, type MinimizerName } from '../../lib/minimize/registry.ts';
import { optimizers, type OptimizerName } from '../../lib/train/optimizers/registry.ts';
import { backends } from '../helpers/backends.ts';
import { largestDifference, regression, rowsOf, weightsOf } from '../helpers/networks.ts';

const inputs = 5, units = 4, outputs = 3;
const x = rowsOf(7, inputs, 4), data = regression(24, inputs, outputs);
const mask = [[1, 0, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 1], [1, 1, 1, 1, 1]];
const connections = mask.map((row) => row.flatMap((value, i) => (value === 1 ? [i] : [])));

/** Weights as rows of units. */
const matrixOf = (network: Network, order = 'RL'): number[][] => {
  const { weight } = Object.fromEntries(Object.entries(weightsOf(network)).map(([name, values]) => [name.replace('dense1.', ''), values]));
  return Array.from({ length: units }, (_, unit) => Array.from({ length: inputs }, (__, i) => weight![order === 'LR' ? i * units + unit : unit * inputs + i]!));
};
const norm = (values: readonly number[]): number => Math.hypot(...values);

describe.each(backends)('%s', (backend) => {
  const build = (options: DenseOptions, more: readonly Layer[] = [], seed = 6): Network => new Network({ inputs, layers: [dense(units, 'tanh', options), ...more, dense(outputs)], seed, backend });

  test('both orders of the weights give the same numbers', async () => {
    const [rl, lr] = [build({ weightOrder: 'RL' }), build({ weightOrder: 'LR' })];
    expect([rl, lr].map((network) => network.weights()[0]!.shape)).toEqual([[units, inputs], [inputs, units]]);
    expect(matrixOf(lr, 'LR')).toEqual(matrixOf(rl));
    expect(largestDifference(lr.predictSync(x).data, rl.predictSync(x).data)).toBeLessThan(1e-6);
    for (const network of [rl, lr]) await network.fit(data, { epochs: 10, batchSize: 5, optimizer: adam({ learningRate: 0.01 }) });
    expect(largestDifference(matrixOf(lr, 'LR').flat(), matrixOf(rl).flat())).toBeLessThan(2e-5);
    expect(largestDifference(lr.predictSync(x).data, rl.predictSync(x).data)).toBeLessThan(2e-5);
  });

  describe.each([['mask', { mask }], ['connections', { connections }], ['both orders', { connections, weightOrder: 'LR' as const }]])('%s', (_name, options) => {
    const isKept = mask.flat().map((value) => value === 1), order = 'weightOrder' in options ? options.weightOrder : 'RL';

    test.each([...Object.keys(optimizers), ...Object.keys(minimizers)] as (OptimizerName | MinimizerName)[])('weights that are masked stay 0 under %s', async (optimizer) => {
      const network = build({ ...options, l1: 0.01, l2: 0.01, weightNoise: 0.1 }), first = matrixOf(network, order).flat();
      expect(first.map((value) => value !== 0)).toEqual(isKept);
      await network.fit(data, { epochs: 5, ...(Object.hasOwn(optimizers, optimizer) && { batchSize: 5 }), optimizer });
      const last = matrixOf(network, order).flat();
      expect(last.map((value) => value !== 0)).toEqual(isKept);
      last.forEach((value, i) => { if (isKept[i]) expect(value).not.toBe(first[i]); });
    });

    test('inputs that no unit reads change nothing, the others do', () => {
      const network = build({ ...options, ...('mask' in options ? { mask: mask.map((row) => [...row.slice(0, 4), 0].map((value, i) => (i === 0 ? 1 : value))) } : { connections: connections.map(() => [0, 1]) }) });
      const changed = (i: number): boolean => largestDifference(network.predictSync(x.map((row) => row.with(i, 9))).data, network.predictSync(x).data) > 1e-3;
      expect([changed(4), changed(0)]).toEqual([false, true]);
    });

    test('the numbers that remain are those of the layer without a mask', () => {
      const whole = matrixOf(build({})).flat();
      expect(matrixOf(build(options), order).flat()).toEqual(whole.map((value, i) => (isKept[i] ? value : 0)));
    });
  });

  test('maxNorm holds after fit, and only where it is needed', async () => {
    const network = build({ maxNorm: 0.7 }), free = build({});
    for (const each of [network, free]) await each.fit(data, { epochs: 8, batchSize: 6, optimizer: sgd({ learningRate: 0.2 }) });
    const norms = matrixOf(network).map(norm);
    for (const value of norms) expect(value).toBeLessThan(0.7 * (1 + 1e-6));
    expect(Math.max(...norms)).toBeGreaterThan(0.69);
    expect(Math.min(...matrixOf(free).map(norm))).toBeGreaterThan(0.7);
    const loose = build({ maxNorm: 1e6 });
    await loose.fit(data, { epochs: 8, batchSize: 6, optimizer: sgd({ learningRate: 0.2 }) });
    expect(largestDifference(matrixOf(loose).flat(), matrixOf(free).flat())).toBeLessThan(1e-5);
  });

  test.each(['RL', 'LR'] as const)('constraints in order %s', async (weightOrder) => {
    const trained = async (options: DenseOptions): Promise<number[][]> => {
      const network = build({ ...options, weightOrder });
      await network.fit(data, { epochs: 4, batchSize: 6, optimizer: sgd({ learningRate: 0.1 }) });
      return matrixOf(network, weightOrder);
    };
    const positive = (await trained({ constraint: 'nonNegative' })).flat();
    expect(Math.min(...positive)).toBe(0);
    expect(Math.max(...positive)).toBeGreaterThan(0.1);
    for (const row of await trained({ constraint: 'unitNorm' })) expect(norm(row)).toBeCloseTo(1, 5);
    const both = await trained({ constraint: 'nonNegativeUnitNorm' });
    expect(Math.min(...both.flat())).toBe(0);
    for (const row of both) expect(norm(row)).toBeCloseTo(1, 5);
    const limited = await trained({ constraint: 'nonNegative', maxNorm: 0.3 });
    expect(Math.min(...limited.flat())).toBe(0);
    for (const row of limited) expect(norm(row)).toBeLessThan(0.3 + 1e-6);
  });

  test('weight normalization changes nothing at first; then length and direction are learned apart', async () => {
    for (const weightOrder of ['RL', 'LR'] as const) {
      const network = build({ weightNorm: true, weightOrder }), plain = build({});
      expect(largestDifference(network.predictSync(x).data, plain.predictSync(x).data)).toBeLessThan(1e-6);
      expect(largestDifference(weightsOf(network)['dense1.gain']!, matrixOf(plain).map(norm))).toBeLessThan(1e-6);
      await network.fit(data, { epochs: 3 });
      expect(largestDifference(weightsOf(network)['dense1.gain']!, matrixOf(plain).map(norm))).toBeGreaterThan(1e-3);
    }
  });

  test('spectral normalization: the largest singular value is 1, at first and after fit', async () => {
    for (const weightOrder of ['RL', 'LR'] as const) {
      const network = new Network({ inputs, layers: [dense(units, 'linear', { spectralNorm: true, weightOrder, initializer: { name: 'randomNormal', scale: 3 } })], seed: 2, backend });
      const largest = (): number => {
        // W from its columns: what the layer makes of the unit vectors, less the bias.
        const column = Array.from({ length: inputs }, (_, i) => Array.from({ length: inputs }, (__, k) => Number(k === i)));
        const made = network.predictSync(column).data, bias = network.predictSync([Array<number>(inputs).fill(0)]).data;
        let v = Array.from({ length: inputs }, (_, i) => 1 + 0.1 * i), sigma = 0;
        for (let round = 0; round < 500; round++) {
          const u = Array.from({ length: units }, (_, unit) => v.reduce((so, value, i) => so + value * (made[i * units + unit]! - bias[unit]!), 0));
          sigma = norm(u) / norm(v);
          v = v.map((_, i) => u.reduce((so, value, unit) => so + value * (made[i * units + unit]! - bias[unit]!), 0));
        }
        return sigma;
      };
      expect(largest()).toBeCloseTo(1, 1);
      await network.fit({ x: data.x, y: data.x.map((row) => row.slice(0, units)) }, { epochs: 40, batchSize: 4 });
      expect(largest()).toBeCloseTo(1, 3);
    }
  });

  test('noise on weights is there in training alone, with the deviation asked for', async () => {
    const [noisy, plain] = [build({ weightNoise: 0.5 }), build({})];
    expect(noisy.predictSync(x).data).toEqual(plain.predictSync(x).data);
    await noisy.fit(data, { epochs: 1 });
    await plain.fit(data, { epochs: 1 });
    expect(largestDifference(matrixOf(noisy).flat(), matrixOf(plain).flat())).toBeGreaterThan(1e-4);
    // With W = 0 and inputs of 1, outputs before the loss are sums of the noise alone: E z² = inputs σ².
    const zero = new Network({ inputs: 50, layers: [dense(40, 'linear', { weightNoise: 0.5, initializer: 'zeros', bias: false })], backend });
    const still = { x: [Array<number>(50).fill(1)], y: [Array<number>(40).fill(0)] };
    const { epochs } = await zero.fit(still, { epochs: 60, optimizer: sgd({ learningRate: 1e-30 }) });
    expect(epochs.reduce((so, { loss }) => so + loss / 60, 0) / (50 * 0.25)).toBeCloseTo(1, 1);
    expect(new Set(epochs.map(({ loss }) => loss)).size).toBe(60);
  });

  test('penalties on activations are what their formulas say', async () => {
    const cost = async (options: DenseOptions): Promise<number> => (await new Network({ inputs, layers: [dense(units, 'sigmoid', options), dense(outputs)], seed: 3, backend }).evaluate(data)).loss;
    const network = new Network({ inputs, layers: [dense(units, 'sigmoid')], seed: 3, backend }), a = Array.from(network.predictSync(data.x).data), m = data.x.length;
    const plain = await cost({});
    expect(await cost({ activityL1: 0.2 }) - plain).toBeCloseTo(0.2 * a.reduce((so, value) => so + value, 0) / m, 5);
    const average = Array.from({ length: units }, (_, unit) => a.reduce((so, value, i) => (i % units === unit ? so + value / m : so), 0));
    const divergence = average.reduce((so, value) => so + 0.1 * Math.log(0.1 / value) + 0.9 * Math.log(0.9 / (1 - value)), 0);
    expect(await cost({ sparsity: { rate: 0.1, weight: 2 } }) - plain).toBeCloseTo(2 * divergence, 4);
    const ridge = 0.5 * weightsOf(network)['dense1.weight']!.reduce((so, value) => so + value ** 2, 0), lasso = 0.25 * weightsOf(network)['dense1.weight']!.reduce((so, value) => so + Math.abs(value), 0);
    expect(await cost({ l1: 0.25, l2: 0.5 }) - plain).toBeCloseTo(ridge + lasso, 4);
  });
});

test('a sparse autoencoder reaches the mean activation asked for', async () => {
  const images = rowsOf(200, 12, 8).map((row) => row.map((value) => 1 / (1 + Math.exp(-2 * value))));
  const network = new Network({ inputs: 12, layers: [dense(16, 'sigmoid', { sparsity: { rate: 0.05, weight: 3 } }), dense(12, 'sigmoid')], seed: 1 });
  await network.fit({ x: images, y: images }, { epochs: 60, batchSize: 50, loss: 'meanSquaredError', optimizer: adam({ learningRate: 0.02 }) });
  const a = Array.from(network.layers[0]!.forward(images).data);
  expect(a.reduce((so, value) => so + value, 0) / a.length).toBeCloseTo(0.05, 1.5);
});

test('masks are saved as bits', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'densely-mask-')), path = join(folder, 'model.safetensors');
  const large = Array.from({ length: 64 }, (_, unit) => Array.from({ length: 300 }, (__, i) => (i * 7 + unit) % 3 === 0));
  const network = new Network({ inputs: 300, layers: [dense(64, 'relu', { mask: large })] });
  await network.save(path);
  expect(decodeSafetensors(await readFile(path), 'test').metadata['densely']!.length).toBeLessThan(64 * 300 / 8 * 4 / 3 + 600);
  const loaded = await Network.load(path);
  expect(loaded.weights()).toEqual(network.weights());
  await rm(folder, { recursive: true });
});

test('what does not fit is refused', () => {
  const refused = (options: object, sentence: string | RegExp, activation: 'relu' | 'sigmoid' = 'relu'): void => {
    expect(() => new Network({ inputs, layers: [dense(units, activation, options as DenseOptions)] })).toThrow(sentence);
  };
  refused({ weightOrder: 'LL' }, "[dense] expected 'weightOrder' to be one of 'RL', 'LR' but received 'LL'");
  refused({ mask, connections }, "[dense] expected 'mask' or 'connections' but received both");
  refused({ weightNorm: true, spectralNorm: true }, "expected 'weightNorm' or 'spectralNorm' but received both");
  refused({ weightNorm: true, maxNorm: 1 }, "expected 'maxNorm' or 'weightNorm' but received both");
  refused({ mask: [[1]] }, "[dense] expected 'mask' to be an array of 4 rows of 0 and 1, one row for each unit, but received an array of length 1");
  refused({ mask: mask.map((row) => row.slice(1)) }, "[dense 'dense1'] expected 'mask' to have 5 columns, one for each input, but it has 4");
  refused({ mask: mask.with(1, [1, 1]) }, "expected each row of 'mask' to have 5 numbers but row 1 is an array of length 2");
  refused({ mask: mask.with(1, [1, 2, 0, 0, 0]) }, "expected 'mask' to hold 0 and 1 but row 1 holds 2");
  refused({ mask: mask.with(2, [0, 0, 0, 0, 0]) }, "expected 'mask' to leave every unit an input but unit 2 has none");
  refused({ mask: { units, inputs, bits: 'AA==' } }, "expected 'mask' to be an array of 4 rows");
  refused({ connections: connections.with(3, [0, 5]) }, "[dense 'dense1'] expected 'connections' to hold numbers below 5, the inputs, but unit 3 has 5");
  refused({ connections: connections.with(0, []) }, "expected 'connections' to give every unit an input but those of unit 0 are an array of length 0");
  refused({ connections: connections.with(0, [-1]) }, "expected 'connections' to hold numbers of inputs, from 0, but unit 0 has -1");
  refused({ constraint: 'nonnegative' }, /to be one of 'nonNegative', 'unitNorm', 'nonNegativeUnitNorm' but received 'nonnegative'; did you mean 'nonNegative'\?/);
  refused({ maxNorm: 0 }, "expected 'maxNorm' to be a number in (0, 1.797");
  refused({ weightNoise: -1 }, "expected 'weightNoise' to be a non-negative number but received -1");
  refused({ sparsity: {} }, "[dense] expected the activation to be 'sigmoid' where 'sparsity' is given");
  refused({ sparsity: { rate: 1 } }, "expected 'rate' to be a number in (0, 1) but received 1", 'sigmoid');
  refused({ sparsity: { rho: 0.1 } }, "[dense] unknown option 'rho'", 'sigmoid');
});
