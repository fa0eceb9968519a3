// Dropout that keeps mean 0 and variance 1, for selu.
import { checkOptions, numberIn } from '../options.ts';
import { scale, select, shift, step } from '../ops/elementwise.ts';
import { constant } from '../ops/variables.ts';
import { Layer, type LayerType } from './layer.ts';

/** −λα of selu, its value at −∞: what dropped inputs become. */
const floor = -1.7580993408473766;

export const alphaDropoutType: LayerType = {
  type: 'alphaDropout',
  doc: 'each input is −λα of selu with probability `rate` in training, then scaled and shifted to keep mean 0 and variance 1',
  check(options) {
    checkOptions('alphaDropout', options, ['rate']);
    return new Layer('alphaDropout', { rate: numberIn('alphaDropout', 'rate', options['rate'], { from: 0, to: 1, openTo: true }) });
  },
  build([x], options, context) {
    const rate = Number(options['rate']);
    if (!context.training || rate === 0) return { z: x, a: x };
    const factor = 1 / Math.sqrt((1 - rate) * (1 + rate * floor ** 2));
    const kept = select(step(shift(context.draw(x), -rate)), x, constant(floor));
    return { z: x, a: shift(scale(kept, factor), -factor * rate * floor) };
  },
  describe: (options) => `rate ${String(options['rate'])}`,
};

/** Dropout for networks of selu units (Klambauer et al. 2017; PyTorch's AlphaDropout); passes everything on in prediction. `rate` defaults to 0.5. */
export function alphaDropout(rate = 0.5): Layer {
  return alphaDropoutType.check({ rate });
}
