// Bad input to networks: each case one clear sentence with a code, and nothing changed.
import { describe, expect, test } from 'vitest';
import { activation, adam, adamw, Dataset, dense, dropout, Network, sgd, type ErrorCode, type NetworkOptions, type TrainingData } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, labelled, refusal, regression, rowsOf } from '../helpers/networks.ts';

type Refusal = readonly [name: string, call: (network: Network) => unknown, code: ErrorCode, ...parts: (string | RegExp)[]];

const data = labelled(12, 4, 3);
const withX = (row: number, values: unknown): TrainingData => ({ x: data.x.map((each, i) => (i === row ? values as number[] : each)), y: data.y });
const withY = (row: number, value: number): TrainingData => ({ x: data.x, y: data.y.map((each, i) => (i === row ? value : each)) });
const rawLabels = (y: Int32Array | Uint8Array): Dataset => Dataset.from({ x: Float32Array.from(data.x.flat()), width: 4, y });
const never = (): never => { throw new Error('must not be called'); };

const ofData: Refusal[] = [
  ['a wrong feature count', ({ fit }) => fit({ x: rowsOf(12, 5, 1), y: data.y }), 'ERR_SHAPE', 'expected 4 features but received 5', 'row 0'],
  ['a data set of another width', ({ fit }) => fit(Dataset.from({ x: rowsOf(12, 3, 1), y: data.y })), 'ERR_SHAPE', 'expected 4 features but the data have 3'],
  ['ragged rows', ({ fit }) => fit(withX(7, [1, 2, 3])), 'ERR_SHAPE', 'expected 4 features but received 3', 'row 7'],
  ['a row that is none', ({ fit }) => fit(withX(2, 'abcd')), 'ERR_SHAPE', 'row 2'],
  ['NaN', ({ fit }) => fit(withX(3, [1, 2, Number.NaN, 4])), 'ERR_DATA', 'received NaN', 'row 3, column 2'],
  ['infinity', ({ fit }) => fit(withX(11, [Number.NEGATIVE_INFINITY, 2, 3, 4])), 'ERR_DATA', 'received -Infinity', 'row 11, column 0'],
  ['a number too large for single precision', ({ fit }) => fit(withX(1, [1, 1e39, 3, 4])), 'ERR_DATA', 'row 1, column 1'],
  ['NaN in a flat array', ({ fit }) => fit({ x: Float32Array.from(data.x.flat(), (value, i) => (i === 22 ? Number.NaN : value)), y: data.y }), 'ERR_DATA', 'row 5, column 2'],
  ['NaN in targets', ({ fit }) => fit(withY(4, Number.NaN)), 'ERR_DATA', "y'", 'row 4, column 0'],
  ['fewer targets than examples', ({ fit }) => fit({ x: data.x, y: [0, 1] }), 'ERR_SHAPE', 'as many rows'],
  ['a label too large', ({ fit }) => fit(withY(8, 3)), 'ERR_DATA', 'labels to be whole numbers from 0 to 2 but received 3', 'row 8'],
  ['a negative label', ({ fit }) => fit(withY(0, -1)), 'ERR_DATA', 'received -1', 'row 0'],
  ['a label between', ({ fit }) => fit(withY(5, 1.5)), 'ERR_DATA', 'received 1.5', 'row 5'],
  ['a label too large in raw integers', ({ fit }) => fit(rawLabels(Int32Array.from(data.y).with(6, 7))), 'ERR_DATA', 'received 7', 'row 6'],
  ['a label too large in a view', ({ fit }) => fit(rawLabels(Uint8Array.from(data.y).with(6, 200)).slice(4)), 'ERR_DATA', 'received 200', 'row 2'],
  ['probabilities out of range', ({ fit }) => fit({ x: data.x, y: data.y.map((_, i) => [0.5, i === 9 ? 1.5 : 0, 0.5]) }), 'ERR_DATA', 'from 0 to 1 but received 1.5', 'row 9, column 1'],
  ['targets of another width', ({ fit }) => fit(regression(12, 4, 2)), 'ERR_OPTION', 'columns'],
  ['an empty set', ({ fit }) => fit({ x: [], y: [] }), 'ERR_DATA', 'at least one row'],
  ['no data', ({ fit }) => fit(undefined as never), 'ERR_DATA', 'expected a Dataset or'],
  ['x alone', ({ fit }) => fit({ x: data.x } as never), 'ERR_DATA', "y'"],
  ['validation of another width', ({ fit }) => fit(data, { validation: { x: rowsOf(3, 5, 1), y: [0, 1, 2] } }), 'ERR_SHAPE', 'expected 4 features'],
  ['validation with other targets', ({ fit }) => fit(data, { validation: { x: rowsOf(3, 4, 1), y: rowsOf(3, 3, 2) } }), 'ERR_SHAPE', 'expected targets of 1 numbers but received 3'],
  ['validation with a label too large', ({ fit }) => fit(data, { validation: withY(2, 9) }), 'ERR_DATA', 'validation', 'received 9', 'row 2'],
  ['a fraction that leaves nothing', ({ fit }) => fit(data, { validation: 0.01 }), 'ERR_DATA', 'at least one row in each part'],
  ['evaluate: a wrong feature count', ({ evaluate }) => evaluate({ x: rowsOf(2, 3, 1), y: [0, 1] }), 'ERR_SHAPE', 'expected 4 features but received 3'],
  ['evaluate: a label too large', ({ evaluate }) => evaluate(withY(1, 5)), 'ERR_DATA', /^\[evaluate\]/, 'row 1'],
  ['predict: a wrong feature count', ({ predict }) => predict(rowsOf(2, 5, 1)), 'ERR_SHAPE', /^\[predict\] expected 4 features but received 5 \(row 0\)/],
  ['predict: one short example', ({ predict }) => predict([1, 2, 3]), 'ERR_SHAPE', /^\[predict\] expected 4 features but received 3/],
  ['predict: NaN', ({ predict }) => predict([[1, 2, 3, 4], [1, 2, 3, Number.NaN]]), 'ERR_DATA', 'row 1, column 3'],
  ['predict: nothing', ({ predict }) => predict([]), 'ERR_DATA', 'at least one row'],
  ['predict: no array', ({ predict }) => predict(7 as never), 'ERR_DATA', 'received 7'],
  ['predictSync: ragged rows', ({ predictSync }) => predictSync([[1, 2, 3, 4], [1, 2]]), 'ERR_SHAPE', /^\[predictSync\] expected 4 features but received 2 \(row 1\)/],
];

const ofOptions: Refusal[] = [
  ['batch size 0', ({ fit }) => fit(data, { batchSize: 0 }), 'ERR_OPTION', "expected 'batchSize' to be a positive integer but received 0"],
  ['batch size ½', ({ fit }) => fit(data, { batchSize: 0.5 }), 'ERR_OPTION', "'batchSize'"],
  ['no epochs', ({ fit }) => fit(data, { epochs: 0 }), 'ERR_OPTION', "'epochs'"],
  ['an unknown option', ({ fit }) => fit(data, { epoch: 3 } as never), 'ERR_OPTION', "unknown option 'epoch'; did you mean 'epochs'"],
  ['an unknown option of evaluate', ({ evaluate }) => evaluate(data, { metric: [] } as never), 'ERR_OPTION', "'metrics'"],
  ['options that are none', ({ fit }) => fit(data, null as never), 'ERR_OPTION', 'received null'],
  ['an unknown loss', ({ fit }) => fit(data, { loss: 'crosEntropy' as never }), 'ERR_OPTION', "did you mean 'crossEntropy'"],
  ['a loss that does not fit the output', ({ fit }) => fit({ x: data.x, y: rowsOf(12, 3, 1) }, { loss: 'binaryCrossEntropy' }), 'ERR_OPTION', 'sigmoid or linear', 'softmax'],
  ['dropout behind the output', () => new Network({ inputs: 4, layers: [dense(3, 'softmax'), dropout(0.5)] }).fit(data), 'ERR_OPTION', "the same in training and in prediction but it is 'dropout1'"],
  ['an unknown metric', ({ fit }) => fit(data, { metrics: ['acuracy' as never] }), 'ERR_OPTION', "did you mean 'accuracy'"],
  ['metrics that are no list', ({ fit }) => fit(data, { metrics: 'accuracy' as never }), 'ERR_OPTION', "'metrics'"],
  ['a metric that does not fit', ({ fit }) => fit(data, { metrics: ['meanAbsoluteError'] }), 'ERR_OPTION', 'columns'],
  ['an unknown optimizer', ({ fit }) => fit(data, { optimizer: 'adm' as never }), 'ERR_OPTION', "did you mean 'adam'"],
  ['an optimizer with a wrong option', ({ fit }) => fit(data, { optimizer: { type: 'sgd', options: { rate: 1 } } }), 'ERR_OPTION', "unknown option 'rate'"],
  ['shuffle that is no boolean', ({ fit }) => fit(data, { shuffle: 1 as never }), 'ERR_OPTION', "'shuffle'"],
  ['a fraction of 1', ({ fit }) => fit(data, { validation: 1 }), 'ERR_OPTION', "'validation'"],
  ['onEpoch that is no function', ({ fit }) => fit(data, { onEpoch: 5 as never }), 'ERR_OPTION', "'onEpoch'"],
  ['a signal that is none', ({ fit }) => fit(data, { signal: {} as never }), 'ERR_OPTION', "'signal'"],
];

const ofWeights: Refusal[] = [
  ['an unknown name', ({ setWeights }) => setWeights([{ name: 'dense1.weights', data: [] }]), 'ERR_OPTION', "no tensor is named 'dense1.weights'", 'dense1.weight, '],
  ['too few values', ({ setWeights }) => setWeights([{ name: 'dense1.bias', data: [1, 2] }]), 'ERR_SHAPE', "expected 5 values for 'dense1.bias' but received 2"],
  ['a shape the other way round', ({ setWeights }) => setWeights([{ name: 'dense1.weight', shape: [4, 5], data: new Float32Array(20) }]), 'ERR_SHAPE', /expected shape \[5, 4\].*received \[4, 5\]/],
  ['no values', ({ setWeights }) => setWeights([{ name: 'dense1.bias' } as never]), 'ERR_SHAPE', 'received none'],
  ['NaN', ({ setWeights }) => setWeights([{ name: 'dense1.bias', data: [1, 2, 3, Number.NaN, 5] }]), 'ERR_OPTION', 'finite', /dense1.bias\[3\]/],
  ['a number too large for single precision', ({ setWeights }) => setWeights([{ name: 'dense1.bias', data: [1, 2, 3, 1e39, 5] }]), 'ERR_OPTION', /dense1.bias\[3\]/],
  ['good values, then a wrong name', ({ setWeights }) => setWeights([{ name: 'dense1.bias', data: [1, 2, 3, 4, 5] }, { name: 'x', data: [1] }]), 'ERR_OPTION', "'x'"],
  ['no list', ({ setWeights }) => setWeights({ name: 'dense1.bias' } as never), 'ERR_OPTION', 'an array'],
];

/** Methods that may be taken off the network, for the tables above. */
function bound(network: Network): Network {
  const methods = ['fit', 'evaluate', 'predict', 'predictSync', 'setWeights'] as const;
  return Object.fromEntries(methods.map((name) => [name, (network[name] as (...list: unknown[]) => unknown).bind(network)])) as unknown as Network;
}

describe.each(backends)('%s', (backend) => {
  const build = (): Network => new Network({ inputs: 4, layers: [dense(5, 'relu'), dense(3, 'softmax')], backend });

  for (const [name, call, code, ...parts] of [...ofData, ...ofOptions, ...ofWeights]) {
    test(name, async () => {
      const network = build(), before = bits(network);
      expectRefusal(await refusal(() => call(bound(network))), code, ...parts);
      expect(bits(network)).toBe(before);
      // It is still to be used, and as if nothing had been tried.
      const untouched = build();
      const [history, expected] = [await network.fit(data, { batchSize: 5 }), await untouched.fit(data, { batchSize: 5 })];
      expect(history.epochs).toEqual(expected.epochs);
    });
  }

  test('refused fits do not call onEpoch, and validation without labels in range is seen before training', async () => {
    await refusal(() => build().fit(withY(0, 9), { onEpoch: never }));
    await refusal(() => build().fit(data, { validation: withY(0, 9), onEpoch: never }));
  });

  const layers = [dense(2)];
  const ofNetworks: [string, () => unknown, ErrorCode, ...(string | RegExp)[]][] = [
    ['no options', () => new Network(undefined as never), 'ERR_OPTION'],
    ['an unknown option', () => new Network({ inputs: 3, layers, seeds: 1 } as never), 'ERR_OPTION', "did you mean 'seed'"],
    ['no inputs', () => new Network({ inputs: 0, layers }), 'ERR_OPTION', "'inputs'"],
    ['no layers', () => new Network({ inputs: 3, layers: [] }), 'ERR_OPTION', "'layers'"],
    ['more layers than can be compiled', () => new Network({ inputs: 3, layers: Array.from({ length: 4097 }, () => dense(1)) }), 'ERR_OPTION', 'at most 4096 layers but received 4097'],
    ['a layer that is none', () => new Network({ inputs: 3, layers: ['dense'] as never }), 'ERR_OPTION', 'layers[0]'],
    ['a layer of an unknown type', () => new Network({ inputs: 3, layers: [{ type: 'conv', options: {} }] }), 'ERR_OPTION', "unknown layer type 'conv'"],
    ['a layer with a wrong option', () => new Network({ inputs: 3, layers: [{ type: 'dense', options: { units: 3, rate: 0.5 } }] }), 'ERR_OPTION', "unknown option 'rate'"],
    ['a negative seed', () => new Network({ inputs: 3, layers, seed: -1 }), 'ERR_OPTION', "'seed'"],
    ['more threads than there can be', () => new Network({ inputs: 3, layers, threads: 5000 }), 'ERR_OPTION', "'threads'"],
    ['a layer larger than memory', () => new Network({ inputs: 3, layers: [dense(2 ** 40)] }), 'ERR_OPTION', "[dense 'dense1'] expected tensors of at most 2147483647 values"],
    ['half a thread', () => new Network({ inputs: 3, layers, threads: 0.5 }), 'ERR_OPTION', "'threads'"],
    ['an unknown backend', () => new Network({ inputs: 3, layers, backend: 'gpu' as never }), 'ERR_OPTION', "'backend'"],
    ['an unknown precision', () => new Network({ inputs: 3, layers, precision: 'float16' as never }), 'ERR_OPTION', "'precision'"],
    ['doubles on the native backend', () => new Network({ inputs: 3, layers, precision: 'float64', backend: 'native' }), 'ERR_OPTION', 'float64'],
    ['nothing to compute', () => new Network({ inputs: 3, layers: [dropout(0.5)] }), 'ERR_OPTION', 'at least one layer that computes'],
    ['nothing to train', () => new Network({ inputs: 3, layers: [activation('relu')], backend } as NetworkOptions).fit({ x: [[1, 2, 3]], y: [[1, 2, 3]] }), 'ERR_OPTION', 'no parameters to train'],
    ['one class for cross-entropy', () => new Network({ inputs: 3, layers: [dense(1, 'softmax')], backend }).fit({ x: [[1, 2, 3]], y: [0] }), 'ERR_OPTION', 'at least 2 outputs'],
    ['dense: no units', () => dense(0), 'ERR_OPTION', "'units'"],
    ['dense: an unknown activation', () => dense(3, 'rleu' as never), 'ERR_OPTION', "did you mean 'relu'"],
    ['dense: an unknown option', () => dense(3, 'relu', { l3: 1 } as never), 'ERR_OPTION', "unknown option 'l3'"],
    ['dense: an unknown initializer', () => dense(3, 'relu', { initializer: 'henormal' as never }), 'ERR_OPTION', "did you mean 'heNormal'"],
    ['dense: a negative penalty', () => dense(3, 'relu', { l2: -1 }), 'ERR_OPTION', "'l2'"],
    ['dense: a bias that is no boolean', () => dense(3, 'relu', { bias: 0 as never }), 'ERR_OPTION', "'bias'"],
    ['an alpha that is no number', () => dense(3, { name: 'leakyRelu', alpha: Number.NaN }), 'ERR_OPTION', "'alpha'"],
    ['an alpha for relu', () => activation({ name: 'relu', alpha: 1 }), 'ERR_OPTION', "'alpha'"],
    ['dropout of everything', () => dropout(1), 'ERR_OPTION', "'rate' to be a number in [0, 1) but received 1"],
    ['dropout of less than nothing', () => dropout(-0.1), 'ERR_OPTION', "'rate'"],
    ['sgd: an unknown option', () => sgd({ learningrate: 1 } as never), 'ERR_OPTION', "did you mean 'learningRate'"],
    ['sgd: a negative rate', () => sgd({ learningRate: -1 }), 'ERR_OPTION', "'learningRate'"],
    ['sgd: Nesterov without momentum', () => sgd({ nesterov: true }), 'ERR_OPTION', "'nesterov'"],
    ['adam: a decay of 1', () => adam({ beta1: 1 }), 'ERR_OPTION', "'beta1'"],
    ['adamw: a decay that is no number', () => adamw({ weightDecay: '0.1' as never }), 'ERR_OPTION', "'weightDecay'"],
  ];
  test.each(ofNetworks)('%s', async (_name, call, code, ...parts) => expectRefusal(await refusal(call), code, ...parts));
});
