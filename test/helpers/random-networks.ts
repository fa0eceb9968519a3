// Networks put together at random, for tests of what is done with any of them.
import {
  activation, add, batchNorm, concatenate, dense, dropout, gaussianNoise, highway, input, layerNorm, maximum, maxout, minMaxScaler, multiply, prelu, standardScaler, subtract,
  type ActivationName, type Layer, type SymbolicTensor,
} from '../../lib/index.ts';
import { activations } from '../../lib/layers/activations.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import type { Described } from './layer-cases.ts';

const names = (Object.keys(activations) as ActivationName[]).filter((name) => name !== 'exp');
const sizes = [1, 2, 3, 5, 8, 13, 17, 33];

export interface Random { pick<Item>(list: readonly Item[]): Item; below(limit: number): number }

export function randomChoices(seed: number): Random {
  const random = new RandomStream(seed, 78);
  return { pick: (list) => list[random.below(list.length)]!, below: (limit) => random.below(limit) };
}

/** One layer after a dense one of so many units; layerNorm only of many, for of few that are almost equal it multiplies every rounding. */
function between({ pick }: Random, units: number): Layer {
  const norms = units < 8 ? [] : [() => layerNorm(), () => layerNorm({ affine: false })];
  return pick([...norms, () => batchNorm({ epsilon: 1e-3 }), () => batchNorm({ affine: false }), () => prelu(), () => prelu({ perUnit: true }), () => dropout(0.2), () => activation(pick(names)), () => highway('tanh')])();
}

/** A chain, or a graph with skip connections and branches, of 1 to 5 dense layers and others between them. */
export function randomNetwork(seed: number): Described {
  const random = randomChoices(seed), { pick, below } = random, inputs = pick(sizes), x = input(inputs), depth = 1 + below(5);
  let value: SymbolicTensor = below(3) === 0 ? pick([standardScaler(), minMaxScaler({ from: -1 })]).apply(x) : x;
  for (let i = 0; i < depth; i++) {
    const units = pick(sizes), options = { bias: below(4) > 0, weightOrder: pick(['RL', 'LR'] as const) };
    const hidden = below(6) === 0 ? maxout(units, 3).apply(value) : dense(units, pick(names), options).apply(value);
    value = hidden;
    if (below(2) === 0) value = between(random, units).apply(value);
    if (below(3) === 0) value = pick([add(), multiply(), subtract(), maximum(), concatenate()]).apply(value, dense(units, 'tanh').apply(hidden));
  }
  return { inputs: x, outputs: dense(pick(sizes), pick(['linear', 'softmax', 'sigmoid', 'logSoftmax'])).apply(value) };
}

/** Activations that are modules of PyTorch. */
export const torchActivations = names.filter((name) => !['abs', 'sin', 'cos'].includes(name));

/** A chain of layers that are modules of PyTorch. */
export function randomChain(seed: number): { readonly inputs: number; readonly layers: Layer[] } {
  const random = randomChoices(seed), { pick, below } = random, inputs = pick(sizes);
  const modules = [
    () => batchNorm({ epsilon: 1e-3, momentum: 0.3 }), () => batchNorm({ affine: false }), () => layerNorm(), () => layerNorm({ affine: false, epsilon: 0.01 }), () => prelu(),
    () => prelu({ perUnit: true }), () => dropout(0.2), () => gaussianNoise(0.1), () => activation(pick(torchActivations)), () => activation({ name: 'elu', alpha: 0.5 }),
  ];
  const layers: Layer[] = below(3) === 0 ? [pick([standardScaler(), minMaxScaler({ from: -1 })])] : [];
  for (let depth = 1 + below(4); depth > 0; depth--) {
    const units = pick(sizes);
    layers.push(dense(units, pick(torchActivations), { bias: below(4) > 0, weightOrder: pick(['RL', 'LR']) }));
    if (below(2) === 0) layers.push(pick(modules)());
  }
  return { inputs, layers: [...layers, dense(pick(sizes), pick(['linear', 'softmax', 'sigmoid']))] };
}
