// Activations by name.
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { checkOptions, describe, finiteNumber, suggestion } from '../options.ts';
import { clip, gelu, hardClip, hardTanh, logSigmoid, mish, selu, silu, softsign } from '../ops/activations.ts';
import { abs, cos, elu, exp, leakyRelu, multiply, relu, scale, shift, sigmoid, sin, softplus, tanh } from '../ops/elementwise.ts';
import { markActivation } from '../ops/loss-parts.ts';
import { logSoftmax, softmax } from '../ops/softmax.ts';

interface ActivationDefinition {
  readonly doc: string;
  /** Default of α, for the activations that have one. */
  readonly alpha?: number;
  /** How weights that feed it start by default: `he` where about half the units are off, `glorot` elsewhere. */
  readonly initializer: 'heNormal' | 'glorotUniform' | 'lecunNormal';
  build(z: Node, alpha: number): Node;
}

/** Every activation: name, formula, defaults (PyTorch's). */
export const activations = {
  linear: { doc: 'z', initializer: 'glorotUniform', build: (z) => z },
  sigmoid: { doc: '1 / (1 + e⁻ᶻ)', initializer: 'glorotUniform', build: sigmoid },
  tanh: { doc: 'hyperbolic tangent', initializer: 'glorotUniform', build: tanh },
  relu: { doc: 'max(0, z)', initializer: 'heNormal', build: relu },
  relu6: { doc: 'max(0, min(6, z))', initializer: 'heNormal', build: (z) => hardTanh(z, 0, 6) },
  leakyRelu: { doc: 'z for z > 0, else αz', alpha: 0.01, initializer: 'heNormal', build: leakyRelu },
  elu: { doc: 'z for z > 0, else α(eᶻ − 1)', alpha: 1, initializer: 'heNormal', build: elu },
  selu: { doc: 'λz for z > 0, else λα(eᶻ − 1) (Klambauer et al. 2017)', initializer: 'lecunNormal', build: selu },
  gelu: { doc: 'z Φ(z), Φ by the error function (Hendrycks and Gimpel 2016)', initializer: 'heNormal', build: (z) => gelu(z) },
  geluTanh: { doc: 'z Φ(z), Φ by its approximation with tanh', initializer: 'heNormal', build: (z) => gelu(z, { approximate: 'tanh' }) },
  silu: { doc: 'z sigmoid(z), also known as Swish', initializer: 'heNormal', build: silu },
  mish: { doc: 'z tanh(softplus(z)) (Misra 2019)', initializer: 'heNormal', build: mish },
  softplus: { doc: 'log(1 + eᶻ)', initializer: 'heNormal', build: softplus },
  softsign: { doc: 'z / (1 + |z|)', initializer: 'glorotUniform', build: softsign },
  logSigmoid: { doc: 'log sigmoid(z)', initializer: 'glorotUniform', build: logSigmoid },
  hardClip: { doc: 'max(0, min(1, z))', initializer: 'glorotUniform', build: hardClip },
  hardTanh: { doc: 'max(−1, min(1, z))', initializer: 'glorotUniform', build: (z) => hardTanh(z) },
  hardSigmoid: { doc: 'max(0, min(1, z/6 + 1/2))', initializer: 'glorotUniform', build: (z) => scale(hardTanh(shift(z, 3), 0, 6), 1 / 6) },
  hardSwish: { doc: 'z max(0, min(1, z/6 + 1/2)) (Howard et al. 2019)', initializer: 'heNormal', build: (z) => scale(multiply(z, clip(shift(z, 3), 0, 6)), 1 / 6) },
  abs: { doc: '|z|, absolute value rectification', initializer: 'glorotUniform', build: abs },
  sin: { doc: 'sine', initializer: 'glorotUniform', build: sin },
  cos: { doc: 'cosine', initializer: 'glorotUniform', build: cos },
  exp: { doc: 'eᶻ, for rates of a Poisson distribution', initializer: 'glorotUniform', build: exp },
  softmax: { doc: 'eᶻ / Σ eᶻ over the features', initializer: 'glorotUniform', build: softmax },
  logSoftmax: { doc: 'z − log Σ eᶻ over the features', initializer: 'glorotUniform', build: logSoftmax },
} as const satisfies Record<string, ActivationDefinition>;

/** The names of the activations. */
export type ActivationName = keyof typeof activations;
/** A name, or a name with its parameter: `{ name: 'leakyRelu', alpha: 0.2 }`. */
export type Activation = ActivationName | { readonly name: ActivationName; readonly alpha?: number };

function definitionOf(activation: Activation): ActivationDefinition {
  return activations[typeof activation === 'string' ? activation : activation.name];
}

/** Throws unless `activation` is one; `where` begins the sentence. */
export function checkActivation(where: string, activation: unknown): Activation {
  const name = typeof activation === 'object' && activation !== null ? (activation as { name?: unknown }).name : activation;
  if (typeof name !== 'string' || !Object.hasOwn(activations, name)) {
    const hint = typeof name === 'string' ? suggestion(name, Object.keys(activations)) : '';
    throw new OptionError(`[${where}] expected an activation, one of ${Object.keys(activations).join(', ')}, but received ${describe(name)}${hint}`);
  }
  if (typeof activation === 'string') return activation as ActivationName;
  const options = activation as { name: ActivationName; alpha?: number };
  const definition: ActivationDefinition = activations[options.name];
  checkOptions(where, options, definition.alpha === undefined ? ['name'] : ['name', 'alpha']);
  if (options.alpha !== undefined) finiteNumber(where, 'alpha', options.alpha);
  return options;
}

export function applyActivation(z: Node, activation: Activation): Node {
  const definition = definitionOf(activation);
  const { name, alpha } = typeof activation === 'string' ? { name: activation, alpha: undefined } : activation;
  const a = definition.build(z, alpha ?? definition.alpha ?? 0);
  if (a !== z) markActivation(a, name);
  return a;
}

/** The initializer that suits weights in front of the activation. */
export function initializerFor(activation: Activation): ActivationDefinition['initializer'] {
  return definitionOf(activation).initializer;
}

export function activationName(activation: Activation): string {
  return typeof activation === 'string' ? activation : activation.alpha === undefined ? activation.name : `${activation.name}(${activation.alpha})`;
}
