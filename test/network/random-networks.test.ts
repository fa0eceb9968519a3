// Networks put together at random: the backends agree on training, evaluation and prediction, and threads change no bit.
import { describe, expect, test } from 'vitest';
import { activation, adam, dense, dropout, Network, sgd, type ActivationName, type FitOptions, type LayerSpec } from '../../lib/index.ts';
import { activations } from '../../lib/layers/activations.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends, withProcessors } from '../helpers/backends.ts';
import { bits, labelled, regression } from '../helpers/networks.ts';
import { relativeError } from '../helpers/values.ts';

withProcessors(3);

/** Without `exp`, which overflows in deep networks. */
const names = (Object.keys(activations) as ActivationName[]).filter((name) => name !== 'exp');
const sizes = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 130, 257];

interface Sample { readonly inputs: number; readonly layers: LayerSpec[]; readonly data: { x: number[][]; y: number[] | number[][] }; readonly options: FitOptions; readonly text: string }

function draw(seed: number): Sample {
  const random = new RandomStream(seed, 77), pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const inputs = pick(sizes), rows = pick([1, 2, 5, 16, 17, 40, 100]), depth = 1 + random.below(4);
  const layers: LayerSpec[] = [];
  for (let i = 1; i < depth; i++) {
    if (random.below(3) === 0) layers.push(dropout(0.1 + 0.5 * random.uniform()));
    layers.push(dense(pick(sizes), pick(names), { bias: random.below(4) > 0, l1: pick([0, 0, 1e-3]), l2: pick([0, 0, 1e-3]) }));
    if (random.below(4) === 0) layers.push(activation(pick(names)));
  }
  const [loss, output] = pick([['meanSquaredError', 'linear'], ['meanSquaredError', 'tanh'], ['crossEntropy', 'softmax'], ['crossEntropy', 'linear'], ['binaryCrossEntropy', 'sigmoid']] as const);
  const outputs = loss === 'crossEntropy' ? Math.min(inputs, 2 + random.below(12)) : pick(sizes);
  const isClassifier = loss === 'crossEntropy' && outputs >= 2;
  layers.push(dense(isClassifier ? outputs : Math.max(2, outputs), output));
  const width = isClassifier ? outputs : Math.max(2, outputs);
  const numbers = regression(rows, inputs, width, seed);
  const y = isClassifier ? labelled(rows, inputs, outputs, seed).y : loss === 'meanSquaredError' ? numbers.y : numbers.y.map((row) => {
    const on = row.map((value) => Number(value > 0)), sum = on.reduce((a, b) => a + b, 0);
    return loss === 'binaryCrossEntropy' ? on : on.map((value) => (sum === 0 ? 1 / width : value / sum));
  });
  const batchSize = pick([1, 3, 8, 16, 33, 64, 100]);
  const optimizer = pick([sgd({ learningRate: 0.01 }), sgd({ learningRate: 0.01, momentum: 0.9 }), adam({ learningRate: 1e-3, epsilon: 1e-3 })]);
  const text = `${seed}: ${inputs} ${layers.map(({ options }) => Object.values(options).slice(0, 2).join(' ')).join(', ')}; ${loss}; ${rows} rows by ${batchSize}; ${optimizer.type}`;
  return { inputs, layers, data: { x: numbers.x, y }, options: { epochs: 2, batchSize, loss, optimizer }, text };
}

async function run({ inputs, layers, data, options }: Sample, more: object): Promise<{ weights: number[][]; outputs: number[]; losses: number[]; bits: string }> {
  const network = new Network({ inputs, layers, seed: 5, ...more });
  const { epochs } = await network.fit(data, options);
  const { data: outputs } = await network.predict(data.x);
  const losses = [...epochs.map(({ loss }) => loss), (await network.evaluate(data, { loss: options.loss! })).loss];
  return { weights: network.weights().map(({ data: values }) => Array.from(values)), outputs: Array.from(outputs), losses, bits: bits(network) };
}

describe.each(backends)('%s', (backend) => {
  test.each(Array.from({ length: 10 }, (_, i) => i * 10))('seeds %i and the next nine', async (first) => {
    for (let seed = first; seed < first + 10; seed++) {
      const sample = draw(seed);
      const found = await run(sample, { backend }), expected = await run(sample, { precision: 'float64' });
      expect(relativeError(found.losses, expected.losses), `loss of ${sample.text}`).toBeLessThan(1e-4);
      expect(relativeError(found.outputs, expected.outputs), `outputs of ${sample.text}`).toBeLessThan(2e-3);
      found.weights.forEach((values, i) => expect(relativeError(values, expected.weights[i]!), `tensor ${i} of ${sample.text}`).toBeLessThan(2e-3));
      if (backend === 'native') expect((await run(sample, { backend, threads: 3 })).bits, `threads of ${sample.text}`).toBe((await run(sample, { backend, threads: 1 })).bits);
    }
  });
});
