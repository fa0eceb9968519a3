// scikit-learn's training curves: the seven configurations of its example "Compare Stochastic learning strategies for MLPClassifier"
// on the digits, from its initial weights and in its orders of examples. The numbers are in sklearn.json, made by make_sklearn.py.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { adam, Dataset, dense, inverseTime, Network, readCsv, sgd, type OptimizerSpec } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';

interface Golden {
  batch: number;
  alpha: number;
  curves: Record<string, { losses: number[]; score: number }>;
  weights: Record<string, string>;
  orders: string[];
}
const golden = JSON.parse(readFileSync(new URL('sklearn.json', import.meta.url), 'utf8')) as Golden;
/** A copy of its own, since Node's buffers may begin anywhere in their memory. */
const bytes = (text: string): ArrayBuffer => Uint8Array.from(Buffer.from(text, 'base64')).buffer;
const orders = golden.orders.map((order) => new Int16Array(bytes(order)));
const weights = Object.entries(golden.weights).map(([name, values]) => ({ name, data: new Float64Array(bytes(values)) }));

const digits = await readCsv('examples/data/digits.csv', { target: 'label' });
const examples = digits.length;

/** Every column from its least to its largest value scaled to 0 to 1. */
function scaled(): Dataset {
  const rows = Array.from({ length: examples }, (_, i) => digits.row(i).x), values = new Float32Array(examples * 64);
  for (let column = 0; column < 64; column++) {
    const all = rows.map((row) => row[column]!), least = Math.min(...all), range = Math.max(...all) - least;
    for (let i = 0; i < examples; i++) values[64 * i + column] = (all[i]! - least) / (range === 0 ? 1 : range);
  }
  return new Dataset({ inputs: { data: values, width: 64, scale: 1, shift: 0 }, targets: digits.targets });
}
const data = scaled();

// invscaling divides by the root of the examples seen so far and one.
const constant = 0.2, invscaling = inverseTime({ rate: 0.2, decay: examples, power: 0.5 });
const momentum = { momentum: 0.9, velocity: 'steps' } as const;
const configurations: Record<string, OptimizerSpec> = {
  constant: sgd({ learningRate: constant }),
  'constant, momentum': sgd({ learningRate: constant, ...momentum }),
  'constant, Nesterov': sgd({ learningRate: constant, ...momentum, nesterov: true }),
  invscaling: sgd({ learningRate: invscaling }),
  'invscaling, momentum': sgd({ learningRate: invscaling, ...momentum }),
  'invscaling, Nesterov': sgd({ learningRate: invscaling, ...momentum, nesterov: true }),
  adam: adam({ learningRate: 0.01, epsilonHat: true }),
};

// scikit-learn divides its penalty by the size of the batch: we add that of a full batch, and the last of an epoch has 197 examples.
const l2 = golden.alpha / (2 * golden.batch);
const largestError = { float64: 5e-7, float32: 5e-6 } as const;

const runs = [{ name: 'float64', backend: 'typescript', precision: 'float64' } as const, ...backends.map((backend) => ({ name: backend, backend, precision: 'float32' }) as const)];

describe.each(runs)('$name', ({ backend, precision }) => {
  test.each(Object.entries(configurations))('%s', async (name, optimizer) => {
    const network = new Network({ inputs: 64, layers: [dense(100, 'relu', { l2 }), dense(10, 'softmax', { l2 })], backend, precision });
    network.setWeights(weights);
    const { losses, score } = golden.curves[name]!;
    const { epochs } = await network.fit(data, { epochs: losses.length, batchSize: golden.batch, shuffle: (epoch) => orders[epoch]!, optimizer });
    const errors = epochs.map(({ loss }, i) => Math.abs(loss - losses[i]!));
    expect(errors).toHaveLength(losses.length);
    expect(Math.max(...errors)).toBeLessThan(largestError[precision]);
    const { accuracy } = await network.evaluate(data);
    expect(Math.abs(accuracy! - score)).toBeLessThan(precision === 'float64' ? 1e-12 : 1.5 / examples);
  });
});
