// A thousand networks put together at random, of every unit, cost, regulariser and normalisation: gradients against central differences.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  activation, activityRegularization, add, batchNorm, checkGradients, concatenate, dense, dropout, gaussianNoise, highway, input, layerNorm, maxout, multiply, Network,
  prelu, type Initializer, type Activation, type ActivationName, type DenseOptions, type Layer, type LossName, type SymbolicTensor,
} from '../../lib/index.ts';
import { activations } from '../../lib/layers/activations.ts';
import { initializers } from '../../lib/layers/initializers.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { losses } from '../../lib/train/losses/registry.ts';
import { lossCases } from '../helpers/loss-cases.ts';
import { drawValues } from '../helpers/values.ts';

const runs = 1000;
const names = Object.keys(activations) as ActivationName[];

const unit: fc.Arbitrary<Activation> = fc.oneof(fc.constantFrom(...names), fc.record({ name: fc.constantFrom('leakyRelu', 'elu'), alpha: fc.double({ min: 0.05, max: 1.5, noNaN: true }) }) as fc.Arbitrary<Activation>);
const penalty = fc.constantFrom(0, 0, 0.01, 0.1);

/** Options of a dense layer, as they may come together. */
const denseOptions: fc.Arbitrary<DenseOptions> = fc.record({
  bias: fc.boolean(), l1: penalty, l2: penalty, weightOrder: fc.constantFrom<'RL' | 'LR'>('RL', 'LR'), activityL1: penalty, biasInitializer: fc.constantFrom<Initializer>('randomNormal', 'zeros', { name: 'constant', scale: 0.1 }),
  // Rows of zeros have no direction for `weightNorm`, and equal units are at a kink of maxima.
  initializer: fc.constantFrom(...(Object.keys(initializers) as (keyof typeof initializers)[]).filter((name) => !['zeros', 'constant', 'ones', 'identity'].includes(name))),
}).chain((common) => fc.oneof(
  fc.constant(common), fc.constant({ ...common, weightNorm: true }), fc.constant({ ...common, weightNoise: 0.05 }), fc.constant({ ...common, maxNorm: 0.7 }),
));

/** One step of building: what it makes of the values so far, which are numbered from the input on. */
type Step = (values: readonly SymbolicTensor[], widths: readonly number[], at: number) => readonly [value: SymbolicTensor, width: number];
const last = (layer: Layer): Step => (values, widths) => [layer.apply(values.at(-1)!), widths.at(-1)!];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ units: fc.integer({ min: 2, max: 5 }), name: unit, options: denseOptions }).map(({ units, name, options }): Step => (values) => [dense(units, name, options).apply(values.at(-1)!), units]) },
  fc.constant(0).map((): Step => (values) => [dense(4, 'sigmoid', { sparsity: { rate: 0.2, weight: 0.5 } }).apply(values.at(-1)!), 4]),
  unit.map((name) => last(activation(name))),
  fc.boolean().map((perUnit) => last(prelu({ perUnit, initial: 0.3 }))),
  fc.record({ units: fc.integer({ min: 2, max: 4 }), pieces: fc.integer({ min: 2, max: 3 }) }).map(({ units, pieces }): Step => (values) => [maxout(units, pieces).apply(values.at(-1)!), units]),
  fc.constantFrom('tanh' as const, 'relu' as const, 'silu' as const).map((name) => last(highway(name, { gateBias: -0.5 }))),
  fc.boolean().map((affine) => last(batchNorm({ affine }))),
  fc.boolean().map((affine) => last(layerNorm({ affine, epsilon: 0.01 }))),
  fc.double({ min: 0.1, max: 0.6, noNaN: true }).map((rate) => last(dropout(rate))),
  fc.constant(0).map(() => last(gaussianNoise(0.1))),
  fc.constant(0).map(() => last(activityRegularization({ l1: 0.05, l2: 0.1 }))),
  // Joins with an earlier value: of any width, or of the same one.
  fc.nat(20).map((other): Step => (values, widths) => {
    const i = other % values.length;
    return [concatenate().apply(values.at(-1)!, values[i]!), widths.at(-1)! + widths[i]!];
  }),
  fc.record({ other: fc.nat(20), product: fc.boolean() }).map(({ other, product }): Step => (values, widths) => {
    const alike = widths.flatMap((width, i) => (width === widths.at(-1) ? [i] : []));
    return [(product ? multiply() : add()).apply(values.at(-1)!, values[alike[other % alike.length]!]!), widths.at(-1)!];
  }),
);

const outputs = 6;
const goal = fc.constantFrom(...(Object.keys(losses) as LossName[]).flatMap((loss) => lossCases[loss].map((each) => ({ loss, ...each })))).chain((each) => fc.constantFrom(...each.output).map((output) => ({ ...each, output })));

const description = fc.record({
  inputs: fc.integer({ min: 2, max: 5 }), steps: fc.array(step, { minLength: 1, maxLength: 5 }), goal, seed: fc.nat(1e6), rows: fc.integer({ min: 3, max: 7 }),
  last: denseOptions, weighted: fc.boolean(),
});

test(`${runs} networks`, async () => {
  let checked = 0, kinks = 0;
  await fc.assert(fc.asyncProperty(description, async ({ inputs, steps, goal: { loss, domain, width, output, options }, seed, rows, last: lastOptions, weighted }) => {
    const x = input(inputs), values: SymbolicTensor[] = [x], widths = [inputs];
    for (const [i, build] of steps.entries()) {
      const [value, made] = build(values, widths, i);
      values.push(value);
      widths.push(made);
    }
    const { activityL1: _none, ...ofOutput } = lastOptions;
    const network = new Network({ inputs: x, outputs: dense(outputs, output, ofOutput).apply(values.at(-1)!), seed, precision: 'float64' });
    const table = (shape: number, kind: string, key: number): number[][] => {
      const drawn = drawValues([rows, shape], kind, new RandomStream(seed, key));
      return Array.from({ length: rows }, (_, row) => Array.from(drawn.subarray(row * shape, (row + 1) * shape)));
    };
    const data = { x: table(inputs, 'normal', 91), y: table(width, domain, 92), ...(weighted && { weights: Array.from({ length: rows }, (_, i) => 0.5 + (i % 3)) }) };
    const check = await checkGradients(network, data, { samples: 4, seed, loss: { type: loss, options: options ?? {} } });
    network.dispose();
    checked += check.tensors.reduce((so, tensor) => so + tensor.checked, 0);
    kinks += check.tensors.reduce((so, tensor) => so + tensor.kinks, 0);
    if (check.worst !== undefined) expect(check.worst.relativeError, `${network.layers.map(({ name }) => name).join(' ')} under ${loss}: ${check.worst.tensor}`).toBeLessThan(1e-6);
  }), { numRuns: runs, seed: 20 });
  // Kinks are the exception: nearly everything was compared.
  expect(checked).toBeGreaterThan(10 * runs);
  expect(kinks).toBeLessThan(checked / 20);
}, 600_000);
