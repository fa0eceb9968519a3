// Layer normalization.
import { boolean, checkOptions } from '../options.ts';
import { divide, shift, sqrt, square, subtract } from '../ops/elementwise.ts';
import { mean } from '../ops/reduce.ts';
import { broadcastTo, reshape } from '../ops/shape.ts';
import { checkEpsilon, scaleAndShift } from './batch-norm.ts';
import { checkFeatures, Layer, type LayerType } from './layer.ts';

/** Options of `layerNorm`; the defaults are PyTorch's. */
export interface LayerNormOptions {
  /** Added to the variance (default 1e-5). */
  readonly epsilon?: number;
  /** Learn a factor `weight` and a summand `bias` for each feature (default true). */
  readonly affine?: boolean;
}

export const layerNormType: LayerType = {
  type: 'layerNorm',
  doc: 'a = γ (x − μ) / √(σ² + ε) + β, μ and σ² over the features of each example',
  check(options) {
    checkOptions('layerNorm', options, ['epsilon', 'affine']);
    return new Layer('layerNorm', { epsilon: checkEpsilon('layerNorm', options['epsilon']), affine: boolean('layerNorm', 'affine', options['affine'] ?? true) });
  },
  build([x], options, context) {
    checkFeatures('layerNorm', context.name, x);
    const overFeatures = (values: typeof x): typeof x => reshape(mean(values, [1]), ['rows', 1]);
    const centred = subtract(x, broadcastTo(overFeatures(x), x.shape));
    const deviation = sqrt(shift(overFeatures(square(centred)), Number(options['epsilon'])));
    return { z: x, a: scaleAndShift(divide(centred, broadcastTo(deviation, x.shape)), options, context) };
  },
  describe: (options) => `ε ${String(options['epsilon'])}`,
};

/**
 * Gives each example mean 0 and variance 1 over its features, then scales and shifts the features by parameters `weight` and
 * `bias` (Ba, Kiros and Hinton 2016; PyTorch's LayerNorm). The same in training and prediction.
 */
export function layerNorm(options: LayerNormOptions = {}): Layer {
  return layerNormType.check({ ...options });
}
