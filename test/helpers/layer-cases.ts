// A network around each kind of layer, for tests that walk over all of them.
import {
  activation, activityRegularization, add, alphaDropout, average, batchNorm, concatenate, dense, dropout, gaussianDropout, gaussianNoise, highway, input,
  layerNorm, maskingNoise, maximum, maxout, minimum, minMaxScaler, multiply, prelu, standardScaler, subtract, type Activation, type Layer, type NetworkOptions,
} from '../../lib/index.ts';
import { chain, traced, type Architecture } from '../../lib/network/architecture.ts';

export interface Widths { readonly inputs: number; readonly hidden: number; readonly outputs: number }
/** A network as its options describe it. */
export type Described = Pick<NetworkOptions, 'inputs' | 'layers' | 'outputs'>;
type Case = (name: Activation, widths: Widths, last: Activation) => Described;

export const architectureOf = ({ inputs, layers, outputs }: Described): Architecture => (outputs === undefined ? chain(inputs, layers) : traced(inputs, outputs));

/** One after the other, between an input and a dense layer of outputs. */
const inChain = (layers: (name: Activation, widths: Widths) => Layer[]): Case => (name, widths, last) => ({ inputs: widths.inputs, layers: [...layers(name, widths), dense(widths.outputs, last)] });

/** Three hidden layers merged into one value. */
const merging = (layer: Layer): Case => (name, { inputs, hidden, outputs }, last) => {
  const x = input(inputs), parts = [name, 'tanh', 'sigmoid'] as const;
  const merged = layer.apply(...parts.map((each) => dense(hidden, each, { biasInitializer: 'randomNormal' }).apply(x)));
  return { inputs: x, outputs: dense(outputs, last).apply(merged) };
};

/** By type of layer. */
export const layerCases: Readonly<Record<string, Case>> = {
  dense: inChain((name, { hidden }) => [dense(hidden, name, { biasInitializer: 'randomNormal' })]),
  activation: inChain((name, { hidden, outputs }) => [dense(hidden), activation(name), dense(outputs, 'tanh'), activation('linear')]),
  dropout: inChain((name, { hidden }) => [dropout(0.2), dense(hidden, name), dropout(0.4)]),
  prelu: inChain((_name, { hidden }) => [dense(hidden), prelu({ perUnit: true, initial: 0.3 }), dense(hidden + 1), prelu()]),
  maxout: inChain((_name, { hidden }) => [maxout(hidden, 3, { biasInitializer: 'randomNormal' })]),
  highway: inChain((name, { hidden }) => [dense(hidden, 'tanh'), highway(name, { gateBias: -0.5 })]),
  add: merging(add()),
  subtract: merging(subtract()),
  multiply: merging(multiply()),
  average: merging(average()),
  maximum: merging(maximum()),
  minimum: merging(minimum()),
  concatenate: merging(concatenate()),
  batchNorm: inChain((name, { hidden }) => [batchNorm({ momentum: 0.3 }), dense(hidden, name), batchNorm({ affine: false, trackRunning: false })]),
  layerNorm: inChain((name, { hidden }) => [layerNorm(), dense(hidden, name), layerNorm({ affine: false, epsilon: 0.01 })]),
  standardScaler: inChain((name, { hidden }) => [standardScaler(), dense(hidden, name)]),
  minMaxScaler: inChain((name, { hidden }) => [minMaxScaler({ from: -1, to: 0.5 }), dense(hidden, name)]),
  gaussianNoise: inChain((name, { hidden }) => [gaussianNoise(0.2), dense(hidden, name), gaussianNoise(0.1)]),
  gaussianDropout: inChain((name, { hidden }) => [gaussianDropout(0.25), dense(hidden, name), gaussianDropout(0.3)]),
  maskingNoise: inChain((name, { hidden }) => [maskingNoise(0.2), dense(hidden, name), maskingNoise(0.3)]),
  alphaDropout: inChain((name, { hidden }) => [alphaDropout(0.2), dense(hidden, name), alphaDropout(0.3)]),
  activityRegularization: inChain((name, { hidden }) => [dense(hidden, name), activityRegularization({ l1: 0.1, l2: 0.2 })]),
};

/** Kinds of layers with an activation of their own: the others need not be tried with all activations. */
export const withActivation = ['dense', 'activation', 'dropout', 'highway'];

/** Dense layers with each option that changes their graph. */
export const denseCases: Readonly<Record<string, (widths: Widths) => Described>> = Object.fromEntries(Object.entries({
  'order LR': ({ hidden }) => dense(hidden, 'tanh', { weightOrder: 'LR' }),
  mask: ({ inputs, hidden }) => dense(hidden, 'tanh', { mask: Array.from({ length: hidden }, (_, unit) => Array.from({ length: inputs }, (__, i) => (i - unit) % 3 === 0 || i === unit)) }),
  'connections in order LR': ({ inputs, hidden }) => dense(hidden, 'tanh', { connections: Array.from({ length: hidden }, (_, unit) => [unit % inputs, (unit + 2) % inputs]), weightOrder: 'LR' }),
  weightNorm: ({ hidden }) => dense(hidden, 'tanh', { weightNorm: true, l2: 0.01 }),
  'weightNorm, mask and order LR': ({ inputs, hidden }) => dense(hidden, 'tanh', { weightNorm: true, weightOrder: 'LR', connections: Array.from({ length: hidden }, (_, unit) => [unit % inputs, (unit + 1) % inputs]) }),
  spectralNorm: ({ hidden }) => dense(hidden, 'tanh', { spectralNorm: true }),
  'spectralNorm in order LR': ({ hidden }) => dense(hidden, 'tanh', { spectralNorm: true, weightOrder: 'LR' }),
  weightNoise: ({ hidden }) => dense(hidden, 'tanh', { weightNoise: 0.1 }),
  activityL1: ({ hidden }) => dense(hidden, 'tanh', { activityL1: 0.2 }),
  sparsity: ({ hidden }) => dense(hidden, 'sigmoid', { sparsity: { rate: 0.1, weight: 2 } }),
  'maxNorm and a constraint': ({ hidden }) => dense(hidden, 'tanh', { maxNorm: 0.5, constraint: 'nonNegative' }),
  unitNorm: ({ hidden }) => dense(hidden, 'tanh', { constraint: 'unitNorm', weightOrder: 'LR' }),
} satisfies Record<string, (widths: Widths) => Layer>).map(([name, layer]) => [name, (widths: Widths) => ({ inputs: widths.inputs, layers: [layer(widths), dense(widths.outputs, 'softmax')] })]));
