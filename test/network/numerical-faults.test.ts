// Numbers that go wrong in training: the run stops and names epoch, batch and layer, the last good weights are kept, and the next run works.
import { describe, expect, test } from 'vitest';
import { activation, defineLayer, dense, Network, NonFiniteError, sgd, type DenselyError, type FitOptions, type Layer, type NetworkOptions } from '../../lib/index.ts';
import { log, negate, sqrt, square } from '../../lib/graph.ts';
import { optimizers } from '../../lib/train/optimizers/registry.ts';
import { backends, bfloat16Backends } from '../helpers/backends.ts';
import { bits, expectRefusal, refusal, regression } from '../helpers/networks.ts';

type Data = { readonly x: number[][]; readonly y: number[][] };

const plain = regression(24, 4, 2);
const large = (size: number): Data => ({ x: plain.x, y: plain.y.map((row) => row.map((value) => size * value)) });
const steady = { initializer: 'constant' as const };

/** |x| as √x², whose gradient is NaN at 0. */
const kink = defineLayer({ type: 'kinkOfFaults', build: ([x]) => sqrt(square(x)) });
const logarithm = defineLayer({ type: 'logarithmOfFaults', build: ([x]) => log(negate(square(x))) });

interface Case {
  readonly layers: () => readonly Layer[];
  readonly data?: Data;
  readonly options?: FitOptions;
  /** What the sentence names, and the layer of the error. */
  readonly says: string;
  readonly layer: string | undefined;
  readonly first?: (network: Network) => void;
}

const set = (name: string, value: number) => (network: Network): void => {
  const { data } = network.weights().find((tensor) => tensor.name === name)!;
  network.setWeights([{ name, data: Array.from(data, () => value) }]);
};

const cases: Record<string, Case> = {
  'a learning rate of 1e10': {
    layers: () => [dense(6, 'relu'), dense(2)], options: { epochs: 50, optimizer: sgd({ learningRate: 1e10 }) },
    says: '', layer: 'dense',
  },
  'outputs of the first layer that overflow': {
    layers: () => [dense(6, 'relu'), dense(2)], first: set('dense1.weight', 3e38), says: "the loss became NaN in epoch 1, batch 1 by the outputs of layer 'dense1';", layer: 'dense1',
  },
  'outputs of the last layer that overflow': {
    layers: () => [dense(6, 'sigmoid'), dense(2)], first: set('dense2.weight', 3e38), says: "by the outputs of layer 'dense2';", layer: 'dense2',
  },
  'a sum that overflows where its activation hides it': {
    layers: () => [dense(6, 'sigmoid'), dense(2)], first: (network) => { set('dense1.weight', 3e38)(network); set('dense2.weight', 3e38)(network); },
    says: "by the outputs of layer 'dense1';", layer: 'dense1',
  },
  'an exponential that overflows': {
    layers: () => [dense(3), activation('exp'), dense(2)], first: set('dense1.bias', 200), says: "by the outputs of layer 'activation1';", layer: 'activation1',
  },
  'targets whose squared distance overflows': {
    layers: () => [dense(3), dense(2)], data: large(1e30), says: "the loss became Infinity in epoch 1, batch 1 by the loss at the outputs of layer 'dense2';", layer: 'dense2',
  },
  'a penalty that overflows': {
    layers: () => [dense(3, 'tanh', { l2: 1 }), dense(2)], first: set('dense1.weight', 1e25), says: 'the loss became Infinity in epoch 1, batch 1 by the penalties on weights;', layer: undefined,
  },
  'a layer of one\'s own that makes NaN': {
    layers: () => [dense(3), logarithm(), dense(2)], says: "the loss became NaN in epoch 1, batch 1 by the outputs of layer 'logarithmOfFaults1';", layer: 'logarithmOfFaults1',
  },
  'a gradient that is NaN where the loss is good': {
    layers: () => [dense(3), kink(), dense(2)], first: (network) => { set('dense1.weight', 0)(network); set('dense1.bias', 0)(network); },
    options: { epochs: 1, batchSize: 24 }, says: "the weights of layer 'dense1' became NaN or infinite in epoch 1, batch 1;", layer: 'dense1',
  },
  'the same, in epochs of their own': {
    layers: () => [dense(3), kink(), dense(2)], first: (network) => { set('dense1.weight', 0)(network); set('dense1.bias', 0)(network); },
    options: { epochs: 3, batchSize: 24, onEpoch: () => undefined }, says: "the weights of layer 'dense1' became NaN or infinite in epoch 1, batch 1;", layer: 'dense1',
  },
  'a gradient that is NaN, with clipping': {
    layers: () => [dense(3), kink(), dense(2)], first: (network) => { set('dense1.weight', 0)(network); set('dense1.bias', 0)(network); },
    options: { epochs: 2, batchSize: 24, clip: { globalNorm: 1 } }, says: 'the weights of layer', layer: 'dense',
  },
  'an update that overflows, and a run that goes on after it': {
    layers: () => [dense(6, 'relu'), dense(2)], options: { epochs: 3, batchSize: 24, optimizer: sgd({ learningRate: 3e38 }) }, says: '', layer: 'dense',
  },
  'an optimizer whose moments overflow': {
    layers: () => [dense(3, 'linear', steady), dense(2, 'linear', steady)], data: large(1e18), options: { epochs: 2, batchSize: 24, loss: 'meanAbsoluteError', optimizer: 'adam' },
    first: set('dense1.weight', 1e25), says: 'what the optimizer keeps of the weights of layer', layer: 'dense',
  },
  'a minimizer that starts where nothing is finite': {
    layers: () => [dense(3, 'tanh'), dense(2)], data: large(1e30), options: { optimizer: 'lbfgs' },
    says: "which are kept; it goes wrong in the loss at the outputs of layer 'dense2'", layer: 'dense2',
  },
  'the same of conjugate gradients': {
    layers: () => [dense(3), activation('exp'), dense(2)], first: set('dense1.bias', 200), options: { optimizer: 'conjugateGradient' },
    says: "it goes wrong in the outputs of layer 'activation1'", layer: 'activation1',
  },
};

const settings: readonly (readonly [string, NetworkOptions['backend'], Partial<NetworkOptions>])[] = [
  ...backends.flatMap((backend) => [1, 2].map((threads) => [`${backend}, ${threads} threads`, backend, { threads }] as const)),
  ...bfloat16Backends.map((backend) => [`${backend}, bfloat16`, backend, { precision: 'bfloat16' }] as const),
];

describe.each(settings)('%s', (_name, backend, more) => {
  const build = (layers: readonly Layer[]): Network => new Network({ inputs: 4, layers, seed: 3, backend: backend!, ...more });

  test.each(Object.entries(cases))('%s', async (_case, { layers, data = plain, options, says, layer, first }) => {
    const network = build(layers());
    first?.(network);
    const isWhole = options?.optimizer === 'lbfgs' || options?.optimizer === 'conjugateGradient';
    const before = bits(network), error = await refusal(() => network.fit(data, isWhole ? options : { batchSize: 6, ...options }));
    expect(error).toBeInstanceOf(NonFiniteError);
    expectRefusal(error, 'ERR_NON_FINITE', says, isWhole ? 'first weights' : /in epoch 1, batch \d( by .*)?; the weights are those after epoch 0;/);
    const { epoch, layer: named } = error as NonFiniteError;
    expect(epoch).toBe(1);
    if (layer === undefined) expect(named).toBeUndefined();
    else expect(named).toContain(layer);
    expect(bits(network)).toBe(before);

    // What is left is a network like any other.
    network.setWeights(build(layers()).weights());
    if (!layers().some(({ type }) => type.endsWith('OfFaults'))) expect((await network.fit(plain, { epochs: 2 })).epochs).toHaveLength(2);
    expect(network.predictSync(plain.x).shape).toEqual([24, 2]);
    network.dispose();
  });

  test('weights that a relu hides, epochs before a loss tells', async () => {
    // The only unit falls to −∞ at once: its output stays 0, and so does the loss.
    const make = (): Network => build([dense(1, 'relu', { bias: false, initializer: 'ones' })]);
    const network = make(), data = { x: [[1, 1, 1, 1]], y: [[-3e20]] };
    const options: FitOptions = { epochs: 400, batchSize: 1, loss: 'meanAbsoluteError', optimizer: sgd({ learningRate: 1e38, momentum: 0.9 }) };
    const error = await refusal(() => network.fit(data, options)) as NonFiniteError;
    const good = Number(/the weights are those after epoch (\d+)/.exec(error.message)![1]);
    expectRefusal(error, 'ERR_NON_FINITE', "the weights of layer 'dense1' became NaN or infinite");
    expect(error.layer).toBe('dense1');
    expect(network.weights().every(({ data: values }) => values.every(Number.isFinite))).toBe(true);
    const same = make();
    await same.fit(data, { ...options, epochs: good });
    expect(bits(network)).toBe(bits(same));
  });

  test.each(Object.keys(optimizers))('%s at a learning rate of 1e10 ends with an error or with finite weights', async (optimizer) => {
    const network = build([dense(5, 'relu'), dense(2)]);
    try {
      await network.fit(plain, { epochs: 20, batchSize: 6, optimizer: { type: optimizer, options: { learningRate: 1e10 } } as never });
    } catch (error) {
      expectRefusal(error as DenselyError, 'ERR_NON_FINITE', /in epoch \d+, batch \d+/);
      expect((error as NonFiniteError).layer).toMatch(/^dense[12]$/);
    }
    expect(network.weights().every(({ data }) => data.every(Number.isFinite))).toBe(true);
  });

  describe('batches that come one after the other', () => {
    const batches = (data: Data) => async function* () {
      for (let from = 0; from < 24; from += 6) yield { x: data.x.slice(from, from + 6), y: data.y.slice(from, from + 6) };
    };
    /** The network after `count` good batches, of the same run. */
    async function after(network: Network, data: Data, count: number, options: FitOptions): Promise<string> {
      let left = count;
      await network.fit(async function* () { for await (const batch of batches(data)()) if (left-- > 0) yield batch; }, options);
      return bits(network);
    }

    test.each<[string, Data, FitOptions, readonly Layer[], string]>([
      ['a loss', { x: plain.x, y: plain.y.map((row, i) => (i < 15 ? row : row.map(() => 1e30))) }, {}, [dense(3), dense(2)], "the loss became Infinity in epoch 1, batch 3 by the loss at the outputs of layer 'dense2'"],
      ['an input', { x: plain.x.map((row, i) => (i < 9 ? row : row.map(() => 3e38))), y: plain.y }, {}, [dense(3, 'linear', steady), dense(2)], "in epoch 1, batch 2 by the"],
      ['the first update', plain, { optimizer: sgd({ learningRate: 3e38 }) }, [dense(6), dense(2)], 'in epoch 1, batch'],
      ['the last update', { x: plain.x, y: plain.y.map((row, i) => (i < 18 ? row : row.map(() => 1e18))) }, { optimizer: sgd({ learningRate: 1e25 }), clip: { value: 1e20 } }, [dense(2, 'linear', steady)], "in epoch 1, batch"],
    ])('%s goes wrong', async (_what, data, options, layers, says) => {
      const make = (): Network => build(layers), network = make();
      const error = await refusal(() => network.fit(batches(data), options)) as NonFiniteError;
      expectRefusal(error, 'ERR_NON_FINITE', says, 'the weights are those before it');
      expect(error.layer).toMatch(/^dense[12]$/);
      if (error.batch > 1) expect(bits(network)).toBe(await after(make(), data, error.batch - 1, options));
      else expect(bits(network)).toBe(bits(make()));
      network.setWeights(make().weights());
      expect((await network.fit(batches(plain))).epochs).toHaveLength(1);
    });
  });
});
