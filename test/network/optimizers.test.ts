// SGD, Adam and AdamW against PyTorch's definitions in double precision, on layers whose gradients are known. All other
// optimizers are held to numbers of PyTorch in test/golden/torch-optimizers.test.ts.
import { describe, expect, test } from 'vitest';
import {
  adadelta, adagrad, adam, adamax, adamw, dense, lion, nadam, Network, radam, rmsprop, sgd, type AdamOptions, type OptimizerSpec, type SgdOptions,
} from '../../lib/index.ts';
import { optimizers, type OptimizerName } from '../../lib/train/optimizers/registry.ts';
import { backends } from '../helpers/backends.ts';
import { largestDifference, regression } from '../helpers/networks.ts';
import { gradientsOf, layersFrom, type ReferenceLayer } from '../helpers/reference.ts';

const data = regression(26, 5, 3);
const steps = 15, batchSize = 9;

/** A rule for one number: gives the new weight from weight, gradient, its memory and the step counted from 1. */
type Rule = (w: number, g: number, memory: Record<string, number>, t: number) => number;

/** Options whose learning rate is a number. */
type Plain<Options> = Omit<Options, 'learningRate'> & { readonly learningRate?: number };

/** As in torch.optim.SGD. */
const sgdRule = ({ learningRate = 1e-3, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false }: Plain<SgdOptions>): Rule => (w, gradient, memory, t) => {
  const g = gradient + weightDecay * w;
  if (momentum === 0) return w - learningRate * g;
  memory['v'] = t === 1 ? g : momentum * memory['v']! + (1 - dampening) * g;
  return w - learningRate * (nesterov ? g + momentum * memory['v'] : memory['v']);
};

/** As in torch.optim.Adam and AdamW. */
const adamRule = ({ learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: Plain<AdamOptions>, decoupled: boolean): Rule => (w, gradient, memory, t) => {
  const kept = decoupled ? w * (1 - learningRate * weightDecay) : w, g = decoupled ? gradient : gradient + weightDecay * w;
  memory['m'] = beta1 * (memory['m'] ?? 0) + (1 - beta1) * g;
  memory['v'] = beta2 * (memory['v'] ?? 0) + (1 - beta2) * g * g;
  return kept - learningRate * (memory['m'] / (1 - beta1 ** t)) / (Math.sqrt(memory['v'] / (1 - beta2 ** t)) + epsilon);
};

const ofSgd: Plain<SgdOptions>[] = [
  {}, { learningRate: 0.1 }, { learningRate: 0.05, weightDecay: 0.1 }, { learningRate: 0.05, momentum: 0.9 }, { learningRate: 0.05, momentum: 0.9, dampening: 0.3 },
  { learningRate: 0.05, momentum: 0.8, nesterov: true }, { learningRate: 0.05, momentum: 0.8, nesterov: true, weightDecay: 0.05 }, { learningRate: 0.05, momentum: 0.5, dampening: 1 },
  // At a constant learning rate the two velocities give the same weights.
  { learningRate: 0.05, momentum: 0.6, dampening: 0.4, weightDecay: 0.1, velocity: 'steps' }, { learningRate: 0.05, momentum: 0.7, nesterov: true, velocity: 'steps' },
];
const ofAdam: Plain<AdamOptions>[] = [{}, { learningRate: 0.05 }, { learningRate: 0.02, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }, { learningRate: 0.02, weightDecay: 0.2 }, { learningRate: 0.02, weightDecay: 0 }, { learningRate: 0.02, beta1: 0 }];
const cases: [string, OptimizerSpec, Rule][] = [
  ...ofSgd.map((options): [string, OptimizerSpec, Rule] => [`sgd ${JSON.stringify(options)}`, sgd(options), sgdRule(options)]),
  ...ofAdam.map((options): [string, OptimizerSpec, Rule] => [`adam ${JSON.stringify(options)}`, adam(options), adamRule(options, false)]),
  ...ofAdam.map((options): [string, OptimizerSpec, Rule] => [`adamw ${JSON.stringify(options)}`, adamw(options), adamRule({ weightDecay: 0.01, ...options }, true)]),
];

const factories: Readonly<Record<OptimizerName, () => OptimizerSpec>> = { sgd, adam, adamw, nadam, radam, adamax, rmsprop, adagrad, adadelta, lion };

/** Some steps of the rule on every weight and bias. */
function train(layers: ReferenceLayer[], rule: Rule): void {
  const memories = new Map<string, Record<string, number>>();
  const apply = (key: string, w: number, g: number, t: number): number => {
    if (!memories.has(key)) memories.set(key, {});
    return rule(w, g, memories.get(key)!, t);
  };
  for (let t = 1; t <= steps; t++) {
    const from = ((t - 1) % 3) * batchSize;
    const found = gradientsOf(layers, data.x.slice(from, from + batchSize), data.y.slice(from, from + batchSize), 'meanSquaredError');
    layers.forEach((layer, l) => {
      layer.W = layer.W.map((row, k) => row.map((w, i) => apply(`${l} ${k} ${i}`, w, found.dW[l]![k]![i]!, t)));
      layer.b = layer.b.map((b, k) => apply(`${l} ${k}`, b, found.db[l]![k]!, t));
    });
  }
}

describe.each(backends)('%s', (backend) => {
  const build = (): Network => new Network({ inputs: 5, layers: [dense(4, 'tanh'), dense(3)], seed: 3, backend });

  test.each(cases)('%s', async (_name, optimizer, rule) => {
    const network = build(), layers = layersFrom(network.weights(), ['tanh', 'linear']), before = network.weights();
    await network.fit(data, { epochs: steps / 3, batchSize, shuffle: false, optimizer });
    train(layers, rule);
    network.weights().forEach(({ data: found }, i) => {
      const layer = layers[Math.floor(i / 2)]!;
      expect(largestDifference(found, i % 2 === 0 ? layer.W.flat() : layer.b)).toBeLessThan(2e-5);
      expect(largestDifference(found, before[i]!.data)).toBeGreaterThan(1e-4);
    });
  });

  test('a name stands for the defaults, and moments start anew with every fit', async () => {
    for (const name of Object.keys(factories) as OptimizerName[]) {
      expect(factories[name]()).toEqual(optimizers[name].check({}));
      const byName = build(), bySpec = build();
      await byName.fit(data, { optimizer: name });
      await bySpec.fit(data, { optimizer: factories[name]() });
      expect(byName.weights()).toEqual(bySpec.weights());
      expect(byName.weights()).not.toEqual(build().weights());
    }
    const network = build(), start = network.weights();
    await network.fit(data, { epochs: 2, shuffle: false, optimizer: 'adam' });
    const first = network.weights();
    network.setWeights(start);
    await network.fit(data, { epochs: 2, shuffle: false, optimizer: 'adam' });
    expect(network.weights()).toEqual(first);
  });
});
