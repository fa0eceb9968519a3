// Dropout by factors that are normal numbers.
import { checkOptions, numberIn } from '../options.ts';
import { normalOf } from '../ops/draw.ts';
import { multiply, scale, shift } from '../ops/elementwise.ts';
import { Layer, type LayerType } from './layer.ts';

export const gaussianDropoutType: LayerType = {
  type: 'gaussianDropout',
  doc: 'a = x (1 + √(rate / (1 − rate)) ε) in training, ε standard normal',
  check(options) {
    checkOptions('gaussianDropout', options, ['rate']);
    return new Layer('gaussianDropout', { rate: numberIn('gaussianDropout', 'rate', options['rate'], { from: 0, to: 1, openTo: true }) });
  },
  build([x], options, context) {
    const rate = Number(options['rate']);
    if (!context.training || rate === 0) return { z: x, a: x };
    return { z: x, a: multiply(x, shift(scale(normalOf(context.draw(x), context.draw(x)), Math.sqrt(rate / (1 - rate))), 1)) };
  },
  describe: (options) => `rate ${String(options['rate'])}`,
};

/**
 * Multiplies each input by a normal number of mean 1 and variance rate / (1 − rate), that of dropout's factors, in training
 * (Srivastava et al. 2014); passes everything on in prediction. `rate` defaults to 0.5.
 */
export function gaussianDropout(rate = 0.5): Layer {
  return gaussianDropoutType.check({ rate });
}
