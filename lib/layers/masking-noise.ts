// Inputs set to 0 at random, the others as they are: the corruption of denoising autoencoders.
import { checkOptions, numberIn } from '../options.ts';
import { multiply, shift, step } from '../ops/elementwise.ts';
import { Layer, type LayerType } from './layer.ts';

export const maskingNoiseType: LayerType = {
  type: 'maskingNoise',
  doc: 'each input is 0 with probability `rate` in training, the others stay as they are',
  check(options) {
    checkOptions('maskingNoise', options, ['rate']);
    return new Layer('maskingNoise', { rate: numberIn('maskingNoise', 'rate', options['rate'], { from: 0, to: 1, openTo: true }) });
  },
  build([x], options, context) {
    const rate = Number(options['rate']);
    if (!context.training || rate === 0) return { z: x, a: x };
    return { z: x, a: multiply(x, step(shift(context.draw(x), -rate))) };
  },
  describe: (options) => `rate ${String(options['rate'])}`,
};

/** Sets each input to 0 with probability `rate` in training, without scaling the others (Vincent et al. 2008); passes everything on in prediction. */
export function maskingNoise(rate: number): Layer {
  return maskingNoiseType.check({ rate });
}
