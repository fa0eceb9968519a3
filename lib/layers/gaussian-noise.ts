// Gaussian noise on the inputs.
import { checkOptions, nonNegativeNumber } from '../options.ts';
import { normalOf } from '../ops/draw.ts';
import { add, scale } from '../ops/elementwise.ts';
import { Layer, type LayerType } from './layer.ts';

export const gaussianNoiseType: LayerType = {
  type: 'gaussianNoise',
  doc: 'a = x + σε in training, ε standard normal',
  check(options) {
    checkOptions('gaussianNoise', options, ['deviation']);
    return new Layer('gaussianNoise', { deviation: nonNegativeNumber('gaussianNoise', 'deviation', options['deviation']) });
  },
  build([x], options, context) {
    const deviation = Number(options['deviation']);
    if (!context.training || deviation === 0) return { z: x, a: x };
    return { z: x, a: add(x, scale(normalOf(context.draw(x), context.draw(x)), deviation)) };
  },
  describe: (options) => `σ ${String(options['deviation'])}`,
};

/** Adds normal numbers of standard deviation `deviation` to the input in training; passes everything on in prediction. */
export function gaussianNoise(deviation: number): Layer {
  return gaussianNoiseType.check({ deviation });
}
