// PyTorch's numbers of activations up to ±1e4, and of layers over training steps and in prediction, with gradients and state, on every
// backend. The numbers are in torch-layers.json, made in double precision by make_torch_layers.py.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile, gradients, input, type Values } from '../../lib/graph.ts';
import { activation, batchNorm, dense, layerNorm, prelu, type ActivationName, type Layer } from '../../lib/index.ts';
import { activations } from '../../lib/layers/activations.ts';
import { chain } from '../../lib/network/architecture.ts';
import { buildModel, type LayerGraph, type Model } from '../../lib/network/model.ts';
import { backends } from '../helpers/backends.ts';

interface Pass { readonly y: number[][]; readonly dx: number[][]; readonly gradients: Record<string, Values> }
interface Step extends Pass { readonly x: number[][]; readonly upstream: number[][]; readonly states: Record<string, Values>; readonly evaluation: Pass }
interface OverFeatures { readonly x: number[][]; readonly upstream: number[][]; readonly y: number[][]; readonly dx: number[][] }
interface Golden { readonly parameters: Record<string, Values>; readonly states: Record<string, Values>; readonly steps: Step[] }

const golden = JSON.parse(readFileSync(new URL('torch-layers.json', import.meta.url), 'utf8')) as {
  activations: Record<string, { x: number[]; y: number[]; dx: number[] }>;
  softmax: OverFeatures;
  logSoftmax: OverFeatures;
  layers: Record<string, Golden>;
};

const layers: Record<string, Layer> = {
  batchNorm: batchNorm(), 'batchNorm momentum epsilon': batchNorm({ momentum: 0.3, epsilon: 1e-2 }), 'batchNorm not affine': batchNorm({ affine: false }),
  'batchNorm untracked': batchNorm({ trackRunning: false }), layerNorm: layerNorm(), 'layerNorm epsilon': layerNorm({ epsilon: 0.1, affine: false }),
  prelu: prelu(), 'prelu perUnit': prelu({ perUnit: true }), dense: dense(4), weightNorm: dense(4, 'linear', { weightNorm: true }), spectralNorm: dense(4, 'linear', { spectralNorm: true }),
};
/** Names of tensors here, by PyTorch's. */
const ours: Record<string, string> = {
  weight: 'weight', bias: 'bias', running_mean: 'runningMean', running_var: 'runningVariance', weight_g: 'gain', weight_v: 'weight', weight_orig: 'weight', weight_u: 'u', weight_v_of_spectral: 'v',
};
const nameOf = (theirs: string, isState: boolean): string => ours[isState && theirs === 'weight_v' ? 'weight_v_of_spectral' : theirs]!;

const configurations = [
  { name: 'float64', options: { precision: 'float64' as const }, error: 1e-12 },
  ...backends.map((backend) => ({ name: backend, options: { backend }, error: 1e-5 })),
];

/** Largest difference of single values, relative to the larger of the value and `least`. */
function difference(actual: ArrayLike<number>, expected: Values, least = 1): number {
  const list = ([expected] as unknown[]).flat(2) as number[];
  expect(actual.length).toBe(list.length);
  return Math.max(...list.map((value, i) => Math.abs(actual[i]! - value) / Math.max(Math.abs(value), least)));
}

test('every activation and every layer has its numbers', () => {
  expect([...Object.keys(golden.activations), 'softmax', 'logSoftmax']).toEqual(Object.keys(activations));
  expect(Object.keys(golden.layers)).toEqual(Object.keys(layers));
});

describe.each(configurations)('$name', ({ options, error }) => {
  test.each(Object.keys(golden.activations) as ActivationName[])('%s and its derivative', (name) => {
    const { x, y, dx } = golden.activations[name]!, { training, input: node } = buildModel(chain(1, [dense(1), activation(name)]), 0);
    const z = training.layers[1]!.z, a = training.layers[1]!.a;
    const result = compile({ outputs: { y: a, dx: gradients(a, [z])[0]! }, feeds: { z } }, options).run({ z: x });
    expect(node.shape).toEqual(['rows', 1]);
    expect(difference(result['y']!.data, y, 1e-2)).toBeLessThan(error);
    expect(difference(result['dx']!.data, dx, 1e-2)).toBeLessThan(5 * error);
  });

  test.each(['softmax', 'logSoftmax'] as const)('%s and its derivative', (name) => {
    const { x, y, upstream, dx } = golden[name], { training, input: node } = buildModel(chain(4, [activation(name)]), 0);
    const result = compile({ outputs: { y: training.output, dx: gradients(training.output, [node], input('upstream', ['rows', 4]))[0]! } }, options).run({ x, upstream });
    expect(difference(result['y']!.data, y, 1e-2)).toBeLessThan(error);
    expect(difference(result['dx']!.data, dx)).toBeLessThan(error);
  });

  /** A layer's pass forward and back, with what it stores at the end of a step. */
  const compiled = ({ parameters, input: x }: Model, { output, updates }: LayerGraph) => {
    const nodes = [x, ...parameters.map(({ node }) => node)];
    const parts = gradients(output, nodes, input('upstream', output.shape));
    const outputs = Object.fromEntries([['y', output], ...parts.map((part, i) => [i === 0 ? 'dx' : parameters[i - 1]!.name.split('.')[1]!, part])]) as Record<string, typeof output>;
    return compile({ outputs, assignments: updates }, options);
  };

  test.each(Object.keys(layers))('%s', (name) => {
    const { parameters, states, steps } = golden.layers[name]!, layer = layers[name]!;
    const model = buildModel(chain(steps[0]!.x[0]!.length, [layer]), 0), prefix = `${layer.type}1.`;
    const training = compiled(model, model.training), prediction = compiled(model, model.prediction);
    const known = (theirs: Record<string, Values>): [string, Values][] => Object.entries(theirs).filter(([key]) => key !== 'num_batches_tracked').map(([key, values]) => [nameOf(key, theirs !== parameters), values]);
    for (const [key, values] of [...known(parameters), ...known(states)]) training.set(prefix + key, values);
    expect(model.parameters.map((each) => each.name).toSorted()).toEqual(known(parameters).map(([key]) => prefix + key).toSorted());
    expect(model.states.map((each) => each.name).toSorted()).toEqual(known(states).map(([key]) => prefix + key).toSorted());
    const check = (actual: Record<string, { data: ArrayLike<number> }>, { y, dx, gradients: expected }: Pass): void => {
      expect(difference(actual['y']!.data, y), 'y').toBeLessThan(error);
      expect(difference(actual['dx']!.data, dx), 'dx').toBeLessThan(error);
      for (const [key, values] of Object.entries(expected)) expect(difference(actual[nameOf(key, false)]!.data, values), key).toBeLessThan(error);
    };
    for (const { x, upstream, states: after, evaluation, ...expected } of steps) {
      check(training.run({ x, upstream }), expected);
      for (const [key, values] of known(after)) expect(difference(training.get(prefix + key).data, values), key).toBeLessThan(error);
      for (const { name: each } of [...model.parameters, ...model.states]) prediction.set(each, Array.from(training.get(each).data));
      check(prediction.run({ x, upstream }), evaluation);
    }
  });
});
