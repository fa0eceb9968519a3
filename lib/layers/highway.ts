// Layers that learn how much of their input to pass on.
import { checkOptions, finiteNumber } from '../options.ts';
import { add, multiply, sigmoid, subtract } from '../ops/elementwise.ts';
import { matmul } from '../ops/matmul.ts';
import { activationName, applyActivation, checkActivation, initializerFor, type Activation } from './activations.ts';
import { checkInitializer, type Initializer } from './initializers.ts';
import { checkFeatures, Layer, type LayerType } from './layer.ts';

/** Options of `highway`, besides its activation. */
export interface HighwayOptions {
  /** First bias of the gates (default −1): the lower, the more of the input passes at first. */
  readonly gateBias?: number;
  /** Initial weights of the transformation (default that of the activation). */
  readonly initializer?: Initializer;
}

export const highwayType: LayerType = {
  type: 'highway',
  doc: 'a = t ⊙ g(z) + (1 − t) ⊙ x, z = x Wᵀ + b, t = sigmoid(x Wₜᵀ + bₜ)',
  check(options) {
    checkOptions('highway', options, ['activation', 'gateBias', 'initializer']);
    const activation = checkActivation('highway', options['activation'] ?? 'relu');
    return new Layer('highway', {
      activation, gateBias: finiteNumber('highway', 'gateBias', options['gateBias'] ?? -1),
      initializer: checkInitializer('highway', options['initializer'] ?? initializerFor(activation)),
    });
  },
  build([x], options, context) {
    const features = checkFeatures('highway', context.name, x);
    const affine = (weight: string, bias: string, initializer: Initializer, biasInitializer: Initializer) => {
      const fan = { fanIn: features, fanOut: features };
      const product = matmul(x, context.parameter(weight, { shape: [features, features], initializer, ...fan }), { transposeB: true });
      return add(product, context.parameter(bias, { shape: [features], initializer: biasInitializer, ...fan }));
    };
    const z = affine('weight', 'bias', options['initializer'] as Initializer, 'zeros');
    const gate = sigmoid(affine('gateWeight', 'gateBias', 'glorotUniform', { name: 'constant', scale: Number(options['gateBias']) }));
    return { z, a: add(multiply(gate, subtract(applyActivation(z, options['activation'] as Activation), x)), x) };
  },
  describe: (options) => activationName(options['activation'] as Activation),
};

/**
 * t ⊙ g(x Wᵀ + b) + (1 − t) ⊙ x with gates t = sigmoid(x Wₜᵀ + bₜ) (Srivastava, Greff and Schmidhuber 2015); as many outputs as
 * inputs. `activation` defaults to `'relu'`. Parameters: `weight`, `bias`, `gateWeight`, `gateBias`.
 */
export function highway(activation: Activation = 'relu', options: HighwayOptions = {}): Layer {
  return highwayType.check({ ...options, activation });
}
