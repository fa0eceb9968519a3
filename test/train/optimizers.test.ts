// Optimizers at their edges: options refused, numbers of a step that depend on the step alone, gradients that are 0 or stay the same.
import { describe, expect, test } from 'vitest';
import { adadelta, adagrad, adam, adamax, dense, lion, nadam, Network, radam, rmsprop, sgd } from '../../lib/index.ts';
import { optimizers, type OptimizerName } from '../../lib/train/optimizers/registry.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, refusal } from '../helpers/networks.ts';

const names = Object.keys(optimizers) as OptimizerName[];

test.each(names)('%s: description is plain data and checks to itself, options have defaults, numbers depend on the step alone', (name) => {
  const { check, hypers } = optimizers[name], spec = check({});
  expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
  expect(check(spec.options)).toEqual(spec);
  expect(Object.keys(spec.options)).toContain('weightDecay');
  const far = hypers(100000, 0.1, spec.options), one = hypers(1, 0.1, spec.options);
  expect(hypers(1, 0.1, spec.options)).toEqual(one);
  for (const value of [...Object.values(far), ...Object.values(one)]) expect(Number.isFinite(value)).toBe(true);
});

test('nadam takes the product of all momenta, however many', () => {
  const options = nadam({ beta1: 0.999, momentumDecay: 2 }).options;
  const momentum = (t: number): number => 0.999 * (1 - 0.5 * 0.96 ** (2 * t));
  for (const t of [1, 2, 50, 3000]) {
    const product = Array.from({ length: t }, (_, i) => momentum(i + 1)).reduce((a, b) => a * b);
    const { negativeGradientRate, negativeMeanRate } = optimizers.nadam.hypers(t, 0.1, options);
    expect(negativeGradientRate).toBeCloseTo((-0.1 * (1 - momentum(t))) / (1 - product), 12);
    expect(negativeMeanRate).toBeCloseTo((-0.1 * momentum(t + 1)) / (1 - product * momentum(t + 1)), 12);
  }
});

describe.each(backends)('%s', (backend) => {
  test.each(names)('%s leaves a weight alone that has no gradient, and keeps its head where the gradient stays the same', async (name) => {
    // One input is always 0, and the target so far away that the gradient of the other hardly changes.
    const network = new Network({ inputs: 2, layers: [dense(1)], backend, seed: 4 });
    const before = network.weights()[0]!.data;
    const rates = { adadelta: 1, sgd: 1e-4 } as const;
    const optimizer = optimizers[name].check({ learningRate: rates[name as keyof typeof rates] ?? 1e-3, weightDecay: 0 });
    await network.fit({ x: [[0, 1]], y: [[1000]] }, { epochs: 60, batchSize: 1, optimizer });
    const after = network.weights()[0]!.data;
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBeGreaterThan(before[1]!);
    expect(after[1]).toBeLessThan(50);
  });

  test('centred rmsprop takes no root of a variance that rounding made negative', async () => {
    // At a learning rate of 0 every gradient stays as it is, and the variance tends to 0.
    const network = new Network({ inputs: 50, layers: [dense(1)], backend }), before = network.weights();
    const x = Array.from({ length: 50 }, (_, i) => 0.3 + 0.7 * i);
    await network.fit({ x: [x], y: [[3]] }, { epochs: 60, optimizer: rmsprop({ learningRate: 0, alpha: 0.7, centered: true }) });
    expect(network.weights()).toEqual(before);
  });
});

test.each<[string, () => unknown, string]>([
  ['a momentum of 1', () => rmsprop({ momentum: 1 }), "[rmsprop] expected 'momentum' to be a number in [0, 1)"],
  ['a decay above 1', () => adadelta({ rho: 1.5 }), "[adadelta] expected 'rho'"],
  ['a negative epsilon', () => adagrad({ epsilon: -1 }), "[adagrad] expected 'epsilon' to be a non-negative number"],
  ['a name of PyTorch', () => adagrad({ lr: 1 } as never), "[adagrad] unknown option 'lr'"],
  ['a near miss', () => adam({ amsGrad: true } as never), "did you mean 'amsgrad'"],
  ['amsgrad that is no boolean', () => adam({ amsgrad: 1 as never }), "'amsgrad' to be true or false"],
  ['a rate that is text', () => adamax({ learningRate: '1' as never }), "[adamax] expected 'learningRate'"],
  ['a negative momentum decay', () => nadam({ momentumDecay: -1 }), "'momentumDecay'"],
  ['NaN', () => radam({ weightDecay: NaN }), "[radam] expected 'weightDecay'"],
  ['an unknown velocity', () => sgd({ velocity: 'step' as never }), "did you mean 'steps'"],
  ['a beta of 1', () => lion({ beta2: 1 }), "[lion] expected 'beta2'"],
])('refuses %s', async (_name, call, part) => {
  expectRefusal(await refusal(call), 'ERR_OPTION', part);
});
