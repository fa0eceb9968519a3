// PyTorch's modules for the layers of this library, with the tensors that their state_dict holds.
import { internal, OptionError } from '../../errors.ts';
import type { Node } from '../../graph/node.ts';
import { ancestors } from '../../graph/query.ts';
import type { Activation, ActivationName } from '../../layers/activations.ts';
import type { Model, PlacedLayer } from '../../network/model.ts';
import { matmulOps } from '../../ops/matmul.ts';

/** A tensor of a module: values of a node that depends on no input, or numbers. */
export interface ModuleTensor {
  readonly shape: readonly number[];
  readonly from: Node | number;
  /** The node's values lie as [shape[1], shape[0]]. */
  readonly transposed?: boolean;
  readonly change?: (value: number) => number;
}

export interface TorchModule {
  /** The call that makes it, as `nn.Linear(3, 2)`. */
  readonly text: string;
  readonly tensors: Readonly<Record<string, ModuleTensor>>;
  /** Counts the minibatches of training, as modules with running statistics do. */
  readonly counts?: boolean;
}

const plain = (text: string): TorchModule => ({ text: `nn.${text}`, tensors: {} });

/** Modules by activation; a number in place of `alpha`. */
const activationModules: Readonly<Partial<Record<ActivationName, string>>> = {
  linear: 'Identity()', sigmoid: 'Sigmoid()', tanh: 'Tanh()', relu: 'ReLU()', relu6: 'ReLU6()', leakyRelu: 'LeakyReLU(alpha)', elu: 'ELU(alpha)', selu: 'SELU()',
  gelu: 'GELU()', geluTanh: "GELU(approximate='tanh')", silu: 'SiLU()', mish: 'Mish()', softplus: 'Softplus()', softsign: 'Softsign()', logSigmoid: 'LogSigmoid()',
  hardClip: 'Hardtanh(0.0, 1.0)', hardTanh: 'Hardtanh()', hardSigmoid: 'Hardsigmoid()', hardSwish: 'Hardswish()', softmax: 'Softmax(dim=1)', logSoftmax: 'LogSoftmax(dim=1)',
};
const standardAlpha: Readonly<Partial<Record<ActivationName, number>>> = { leakyRelu: 0.01, elu: 1 };

function activationModule(layer: PlacedLayer, activation: Activation): TorchModule {
  const { name, alpha } = typeof activation === 'string' ? { name: activation, alpha: undefined } : activation, text = activationModules[name];
  if (text === undefined) throw new OptionError(`[exportStateDict] expected activations that are modules of PyTorch but '${layer.name}' has ${name}`);
  return plain(text.replace('alpha', String(alpha ?? standardAlpha[name])));
}

const featuresOf = ({ inputs }: PlacedLayer): number => Number(inputs[0].shape[1]);
const python = (value: unknown): string => (value === true ? 'True' : 'False');
const parameterOf = ({ parameters }: PlacedLayer, part: string): Node | undefined => parameters.find(({ name }) => name.endsWith(`.${part}`))?.node;

/** The weights that a dense layer computes with, whatever they are made of: those of its product. */
function dense(layer: PlacedLayer): TorchModule[] {
  const [x] = layer.inputs, { units, activation } = layer.layer.options as { units: number; activation: Activation };
  const product = ancestors([layer.z], new Set([x])).find(({ op, inputs }) => op === matmulOps.matmul && inputs[0] === x), bias = parameterOf(layer, 'bias');
  if (product === undefined) throw internal(`no product in '${layer.name}'`);
  const linear: TorchModule = {
    text: `nn.Linear(${featuresOf(layer)}, ${units}${bias === undefined ? ', bias=False' : ''})`,
    tensors: {
      weight: { shape: [units, featuresOf(layer)], from: product.inputs[1]!, transposed: product.attributes['transposeB'] !== true },
      ...(bias && { bias: { shape: [units], from: bias } }),
    },
  };
  return activation === 'linear' ? [linear] : [linear, activationModule(layer, activation)];
}

type Modules = (layer: PlacedLayer, stateOf: (part: string) => Node) => TorchModule[];

const affine = (layer: PlacedLayer): Record<string, ModuleTensor> => Object.fromEntries(['weight', 'bias'].flatMap((part) => {
  const node = parameterOf(layer, part);
  return node === undefined ? [] : [[part, { shape: [featuresOf(layer)], from: node }]];
}));

/** Passes on in prediction what it reads, and has no module of its own. */
const identity: Modules = () => [plain('Identity()')];

const modules: Readonly<Record<string, Modules>> = {
  dense,
  activation: (layer) => [activationModule(layer, layer.layer.options['activation'] as Activation)],
  dropout: ({ layer }) => [plain(`Dropout(${String(layer.options['rate'])})`)],
  alphaDropout: ({ layer }) => [plain(`AlphaDropout(${String(layer.options['rate'])})`)],
  gaussianNoise: identity, gaussianDropout: identity, maskingNoise: identity, activityRegularization: identity,
  prelu(layer) {
    const weight = parameterOf(layer, 'weight')!, count = Number(weight.shape[0]);
    return [{ text: `nn.PReLU(${count})`, tensors: { weight: { shape: [count], from: weight } } }];
  },
  batchNorm(layer, stateOf) {
    const features = featuresOf(layer), { epsilon, momentum, affine: isAffine, trackRunning } = layer.layer.options, shape = [features];
    const options = `eps=${String(epsilon)}, momentum=${String(momentum)}, affine=${python(isAffine)}, track_running_stats=${python(trackRunning)}`;
    const running = trackRunning === true ? { running_mean: { shape, from: stateOf('runningMean') }, running_var: { shape, from: stateOf('runningVariance') } } : {};
    return [{ text: `nn.BatchNorm1d(${features}, ${options})`, tensors: { ...affine(layer), ...running }, counts: trackRunning === true }];
  },
  layerNorm(layer) {
    const { epsilon, affine: isAffine } = layer.layer.options;
    return [{ text: `nn.LayerNorm(${featuresOf(layer)}, eps=${String(epsilon)}, elementwise_affine=${python(isAffine)})`, tensors: affine(layer) }];
  },
  // (x − μ) / √σ² is what a BatchNorm1d without ε does in prediction.
  standardScaler(layer, stateOf) {
    const shape = [featuresOf(layer)];
    return [{
      text: `nn.BatchNorm1d(${shape[0]}, eps=0.0, affine=False)`, counts: true,
      tensors: { running_mean: { shape, from: stateOf('mean') }, running_var: { shape, from: stateOf('scale'), change: (scale) => scale * scale } },
    }];
  },
  minMaxScaler(layer, stateOf) {
    const shape = [featuresOf(layer)];
    return [{
      text: `nn.BatchNorm1d(${shape[0]}, eps=0.0)`, counts: true,
      tensors: { weight: { shape, from: stateOf('scale') }, bias: { shape, from: Number(layer.layer.options['from']) }, running_mean: { shape, from: stateOf('minimum') }, running_var: { shape, from: 1 } },
    }];
  },
};

/** The modules of a chain of layers, each with the name of its layer. */
export function modulesOf({ architecture, prediction, states }: Model): { readonly layer: string; readonly module: TorchModule }[] {
  const { inputs, outputs, applications } = architecture;
  const isChain = inputs.length === 1 && outputs.length === 1 && outputs[0]!.value === applications.length && applications.every(({ inputs: read }, i) => read.length === 1 && read[0] === i);
  if (!isChain) throw new OptionError('[exportStateDict] expected a network of one layer after the other, as nn.Sequential is, but its layers branch');
  return prediction.layers.flatMap((layer) => {
    const build = modules[layer.layer.type], base = layer.name.replace(/@\d+$/, '');
    if (build === undefined) throw new OptionError(`[exportStateDict] expected layers that are modules of PyTorch but '${layer.name}' is none`);
    return build(layer, (part) => states.find(({ name }) => name === `${base}.${part}`)!.node).map((module) => ({ layer: layer.name, module }));
  });
}
