// The fully connected layer.
import { OptionError } from '../errors.ts';
import { boolean, checkOptions, nonNegativeNumber, numberIn, oneOf, positiveInteger } from '../options.ts';
import { add } from '../ops/elementwise.ts';
import { activationName, applyActivation, checkActivation, initializerFor, type Activation } from './activations.ts';
import { constraints, type ConstraintName } from './constraints.ts';
import { checkInitializer, checkVectorInitializer, type Initializer } from './initializers.ts';
import { checkFeatures, Layer, type LayerType } from './layer.ts';
import { checkConnections, checkMask, type Mask } from './mask.ts';
import { activityPenalty, checkSparsity, sparsityPenalty, type Sparsity } from './penalties.ts';
import { weightedSum, type WeightOptions } from './weights.ts';

/** Options of `dense`, besides its number of units and activation. */
export interface DenseOptions {
  /** Add a bias to every unit (default true). */
  readonly bias?: boolean;
  /** Initial weights (default that of the activation: `heNormal` for the ReLU family, `lecunNormal` for selu, else `glorotUniform`). */
  readonly initializer?: Initializer;
  /** Initial biases (default `zeros`). */
  readonly biasInitializer?: Initializer;
  /** λ of λ Σ|W| in the cost, biases left out (default 0). Together with `l2`: the elastic net. */
  readonly l1?: number;
  /** λ of λ ΣW² in the cost, biases left out (default 0). For the form (λ/2) ΣW² give half of its λ. */
  readonly l2?: number;
  /**
   * How the weights are stored: `'RL'` (default) as [units, inputs], as in PyTorch, or `'LR'` as [inputs, units], as in Keras. A seed
   * gives the same numbers in both.
   */
  readonly weightOrder?: 'RL' | 'LR';
  /** Which inputs each unit reads: a row of 0 and 1 for each unit. The other weights are 0 and stay 0. Fan-in counts all inputs. */
  readonly mask?: Mask;
  /** The same as lists: the numbers of the inputs that each unit reads, counted from 0. */
  readonly connections?: readonly ArrayLike<number>[];
  /** The weights are put back to after every update: `'nonNegative'`, `'unitNorm'` (of each unit's incoming weights) or `'nonNegativeUnitNorm'`. */
  readonly constraint?: ConstraintName;
  /** After every update, each unit's incoming weights are scaled down to this norm where they are longer. */
  readonly maxNorm?: number;
  /** Standard deviation of Gaussian noise added to the weights in training, new every step (default 0). */
  readonly weightNoise?: number;
  /**
   * W = g v / ‖v‖ for each unit, with parameters `weight` (v) and `gain` (g), as PyTorch's `weight_norm` (Salimans and Kingma
   * 2016). `l1` and `l2` then act on v.
   */
  readonly weightNorm?: boolean;
  /**
   * W / σ(W), σ = uᵀ W v the largest singular value, by one round of power iteration a training step for the state tensors `u` and
   * `v`, as PyTorch's `spectral_norm` (Miyato et al. 2018). After weights are set by hand u and v follow in training.
   */
  readonly spectralNorm?: boolean;
  /** λ of λ Σ|a| in the cost, averaged over the examples (default 0). */
  readonly activityL1?: number;
  /**
   * Adds weight · Σ KL(rate ‖ ρ̂) over the units to the cost, ρ̂ the mean activation over the minibatch; for sigmoid units.
   * Defaults { rate: 0.05, weight: 3 }. (Ng's notes on sparse autoencoders.)
   */
  readonly sparsity?: Partial<Sparsity>;
}

const names = [
  'units', 'activation', 'bias', 'initializer', 'biasInitializer', 'l1', 'l2', 'weightOrder', 'mask', 'connections', 'constraint', 'maxNorm',
  'weightNoise', 'weightNorm', 'spectralNorm', 'activityL1', 'sparsity',
] as const;

/** Options that are left out of the description where they are not given. */
function checkOptional(options: Readonly<Record<string, unknown>>, units: number): Record<string, unknown> {
  const { mask, connections, constraint, maxNorm, sparsity } = options;
  return {
    ...(mask !== undefined && { mask: checkMask(mask, units) }),
    ...(connections !== undefined && { connections: checkConnections(connections, units) }),
    ...(constraint !== undefined && { constraint: oneOf('dense', 'constraint', constraint, Object.keys(constraints)) }),
    ...(maxNorm !== undefined && { maxNorm: numberIn('dense', 'maxNorm', maxNorm, { from: 0, to: Number.MAX_VALUE, openFrom: true }) }),
    ...(sparsity !== undefined && { sparsity: checkSparsity('dense', sparsity) }),
  };
}

/** Pairs of options that contradict each other. */
function checkTogether(options: Readonly<Record<string, unknown>>): void {
  const isGiven = (name: string): boolean => options[name] !== undefined && options[name] !== false;
  const pairs = [['mask', 'connections'], ['weightNorm', 'spectralNorm'], ...['constraint', 'maxNorm'].flatMap((name) => [[name, 'weightNorm'], [name, 'spectralNorm']])];
  for (const [a, b] of pairs) if (isGiven(a!) && isGiven(b!)) throw new OptionError(`[dense] expected '${a}' or '${b}' but received both`);
  if (isGiven('sparsity') && options['activation'] !== 'sigmoid') throw new OptionError("[dense] expected the activation to be 'sigmoid' where 'sparsity' is given");
}

export const denseType: LayerType = {
  type: 'dense',
  doc: 'z = x Wᵀ + b, a = g(z)',
  check(options) {
    checkOptions('dense', options, names);
    const activation = checkActivation('dense', options['activation'] ?? 'linear'), units = positiveInteger('dense', 'units', options['units']);
    checkTogether(options);
    return new Layer('dense', {
      units,
      activation,
      bias: boolean('dense', 'bias', options['bias'] ?? true),
      initializer: checkInitializer('dense', options['initializer'] ?? initializerFor(activation)),
      biasInitializer: checkVectorInitializer('dense', 'biasInitializer', options['biasInitializer'] ?? 'zeros'),
      l1: nonNegativeNumber('dense', 'l1', options['l1'] ?? 0),
      l2: nonNegativeNumber('dense', 'l2', options['l2'] ?? 0),
      weightOrder: oneOf('dense', 'weightOrder', options['weightOrder'] ?? 'RL', ['RL', 'LR']),
      weightNoise: nonNegativeNumber('dense', 'weightNoise', options['weightNoise'] ?? 0),
      weightNorm: boolean('dense', 'weightNorm', options['weightNorm'] ?? false),
      spectralNorm: boolean('dense', 'spectralNorm', options['spectralNorm'] ?? false),
      activityL1: nonNegativeNumber('dense', 'activityL1', options['activityL1'] ?? 0),
      ...checkOptional(options, units),
    });
  },
  build([x], options, context) {
    const inputs = checkFeatures('dense', context.name, x), units = Number(options['units']);
    const product = weightedSum(x, options as unknown as WeightOptions, context);
    const z = options['bias'] === true
      ? add(product, context.parameter('bias', { shape: [units], initializer: options['biasInitializer'] as Initializer, fanIn: inputs, fanOut: units }))
      : product;
    const a = applyActivation(z, options['activation'] as Activation), activity = activityPenalty(a, Number(options['activityL1']), 0);
    if (activity !== undefined) context.penalty(activity);
    if (options['sparsity'] !== undefined) context.penalty(sparsityPenalty(a, options['sparsity'] as Sparsity));
    return { z, a };
  },
  describe: (options) => `${String(options['units'])}, ${activationName(options['activation'] as Activation)}`,
};

/**
 * A fully connected layer: `z = x Wᵀ + b`, `a = g(z)`, with `W` of shape [units, inputs] (PyTorch's order, unless
 * `weightOrder` says otherwise) and `b` of shape [units]. `activation` defaults to `'linear'`.
 *
 * @example dense(64, 'relu', { l2: 1e-4 })
 */
export function dense(units: number, activation: Activation = 'linear', options: DenseOptions = {}): Layer {
  return denseType.check({ ...options, units, activation });
}
