// The fully connected layer.
import { ShapeError } from '../errors.ts';
import { formatShape, hasRows } from '../graph/shape.ts';
import { boolean, checkOptions, nonNegativeNumber, positiveInteger } from '../options.ts';
import { add } from '../ops/elementwise.ts';
import { matmul } from '../ops/matmul.ts';
import { activationName, applyActivation, checkActivation, initializerFor, type Activation } from './activations.ts';
import { checkInitializer, type Initializer } from './initializers.ts';
import { Layer, type LayerType } from './layer.ts';

/** Options of `dense`, besides its number of units and activation. */
export interface DenseOptions {
  /** Add a bias to every unit (default true). */
  readonly bias?: boolean;
  /** Initial weights (default `heNormal` for the ReLU family, else `glorotUniform`). */
  readonly initializer?: Initializer;
  /** Initial biases (default `zeros`). */
  readonly biasInitializer?: Initializer;
  /** λ of λ Σ|W| in the cost, biases left out (default 0). */
  readonly l1?: number;
  /** λ of λ ΣW² in the cost, biases left out (default 0). */
  readonly l2?: number;
}

const names = ['units', 'activation', 'bias', 'initializer', 'biasInitializer', 'l1', 'l2'] as const;

export const denseType: LayerType = {
  type: 'dense',
  doc: 'z = x Wᵀ + b, a = g(z)',
  check(options) {
    checkOptions('dense', options, names);
    const activation = checkActivation('dense', options['activation'] ?? 'linear');
    return new Layer('dense', {
      units: positiveInteger('dense', 'units', options['units']),
      activation,
      bias: boolean('dense', 'bias', options['bias'] ?? true),
      initializer: checkInitializer('dense', options['initializer'] ?? initializerFor(activation)),
      biasInitializer: checkInitializer('dense', options['biasInitializer'] ?? 'zeros'),
      l1: nonNegativeNumber('dense', 'l1', options['l1'] ?? 0),
      l2: nonNegativeNumber('dense', 'l2', options['l2'] ?? 0),
    });
  },
  build([x], options, context) {
    if (x.shape.length !== 2 || !hasRows(x.shape)) throw new ShapeError(`[dense '${context.name}'] expected an input of shape [rows, features] but received ${formatShape(x.shape)}`);
    const inputs = Number(x.shape[1]), units = Number(options['units']);
    const fan = { fanIn: inputs, fanOut: units };
    const weight = context.parameter('weight', { shape: [units, inputs], initializer: options['initializer'] as Initializer, ...fan, l1: Number(options['l1']), l2: Number(options['l2']) });
    const product = matmul(x, weight, { transposeB: true });
    const z = options['bias'] === true
      ? add(product, context.parameter('bias', { shape: [units], initializer: options['biasInitializer'] as Initializer, ...fan }))
      : product;
    return { z, a: applyActivation(z, options['activation'] as Activation) };
  },
  describe: (options) => `${String(options['units'])}, ${activationName(options['activation'] as Activation)}`,
};

/**
 * A fully connected layer: `z = x Wᵀ + b`, `a = g(z)`, with `W` of shape [units, inputs] (PyTorch's order) and `b` of
 * shape [units]. `activation` defaults to `'linear'`.
 *
 * @example dense(64, 'relu', { l2: 1e-4 })
 */
export function dense(units: number, activation: Activation = 'linear', options: DenseOptions = {}): Layer {
  return denseType.check({ ...options, units, activation });
}
