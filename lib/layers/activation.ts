// An activation as a layer of its own.
import { checkOptions } from '../options.ts';
import { activationName, applyActivation, checkActivation, type Activation } from './activations.ts';
import { Layer, type LayerType } from './layer.ts';

export const activationType: LayerType = {
  type: 'activation',
  doc: 'a = g(x)',
  check(options) {
    checkOptions('activation', options, ['activation']);
    return new Layer('activation', { activation: checkActivation('activation', options['activation']) });
  },
  build: ([x], options) => ({ z: x, a: applyActivation(x, options['activation'] as Activation) }),
  describe: (options) => activationName(options['activation'] as Activation),
};

/** Applies an activation to the layer before. */
export function activation(name: Activation): Layer {
  return activationType.check({ activation: name });
}
