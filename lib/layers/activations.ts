// Activations by name.
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { checkOptions, describe, finiteNumber, suggestion } from '../options.ts';
import { elu, leakyRelu, relu, sigmoid, softplus, tanh } from '../ops/elementwise.ts';
import { softmax } from '../ops/softmax.ts';

interface ActivationDefinition {
  readonly doc: string;
  /** Default of α, for the activations that have one. */
  readonly alpha?: number;
  /** Weights that feed it start by default: `he` where half the units are off, `glorot` elsewhere. */
  readonly initializer: 'heNormal' | 'glorotUniform';
  build(z: Node, alpha: number): Node;
}

/** Every activation: name, formula, defaults (PyTorch's). */
export const activations = {
  linear: { doc: 'z', initializer: 'glorotUniform', build: (z) => z },
  sigmoid: { doc: '1 / (1 + e⁻ᶻ)', initializer: 'glorotUniform', build: sigmoid },
  tanh: { doc: 'hyperbolic tangent', initializer: 'glorotUniform', build: tanh },
  relu: { doc: 'max(0, z)', initializer: 'heNormal', build: relu },
  leakyRelu: { doc: 'z for z > 0, else αz', alpha: 0.01, initializer: 'heNormal', build: leakyRelu },
  elu: { doc: 'z for z > 0, else α(eᶻ − 1)', alpha: 1, initializer: 'heNormal', build: elu },
  softplus: { doc: 'log(1 + eᶻ)', initializer: 'heNormal', build: softplus },
  softmax: { doc: 'eᶻ / Σ eᶻ over the features', initializer: 'glorotUniform', build: softmax },
} as const satisfies Record<string, ActivationDefinition>;

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
  const alpha = typeof activation === 'string' ? undefined : activation.alpha;
  return definition.build(z, alpha ?? definition.alpha ?? 0);
}

/** The initializer that suits weights in front of the activation. */
export function initializerFor(activation: Activation): ActivationDefinition['initializer'] {
  return definitionOf(activation).initializer;
}

export function activationName(activation: Activation): string {
  return typeof activation === 'string' ? activation : activation.alpha === undefined ? activation.name : `${activation.name}(${activation.alpha})`;
}
