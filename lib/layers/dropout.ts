// Dropout.
import { checkOptions, numberIn } from '../options.ts';
import { multiply, scale, shift, step } from '../ops/elementwise.ts';
import { Layer, type LayerType } from './layer.ts';

export const dropoutType: LayerType = {
  type: 'dropout',
  doc: 'each input is 0 with probability `rate` in training, the others are scaled by 1 / (1 − rate)',
  check(options) {
    checkOptions('dropout', options, ['rate']);
    return new Layer('dropout', { rate: numberIn('dropout', 'rate', options['rate'], { from: 0, to: 1, openTo: true }) });
  },
  build([x], options, context) {
    const rate = Number(options['rate']);
    if (!context.training || rate === 0) return { z: x, a: x };
    // Kept where the draw is above the rate; the draw is at least 0, so the shift makes u = rate count as dropped.
    const kept = step(shift(context.draw(x), -rate));
    return { z: x, a: multiply(x, scale(kept, 1 / (1 - rate))) };
  },
  describe: (options) => `rate ${String(options['rate'])}`,
};

/**
 * Sets each input to 0 with probability `rate` (default 0.5) while training and scales the others by 1 / (1 − rate), as in
 * PyTorch; passes everything on in prediction. (Srivastava et al. 2014.)
 */
export function dropout(rate = 0.5): Layer {
  return dropoutType.check({ rate });
}
