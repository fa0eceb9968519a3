// Layers that scale the inputs by what the training data are like, learned once before the first step.
import { OptionError } from '../errors.ts';
import { checkOptions, finiteNumber } from '../options.ts';
import { divide, multiply, shift, subtract } from '../ops/elementwise.ts';
import { checkFeatures, Layer, type FeatureStatistics, type LayerType } from './layer.ts';

/** The least width that counts, for less cannot be divided by in single precision: that of the least normal number. */
const leastWidth = 2 ** -126;

/** A width to divide by for each feature: 1 for constant features, which then are only shifted. */
function widths({ minimum, maximum }: FeatureStatistics, widthOf: (feature: number) => number, least = leastWidth): Float64Array {
  return minimum.map((lowest, feature) => {
    const width = widthOf(feature);
    return maximum[feature] === lowest || !(width >= least) ? 1 : width;
  });
}

export const standardScalerType: LayerType = {
  type: 'standardScaler',
  doc: 'a = (x − μ) / σ, μ and σ of the training data',
  check(options) {
    checkOptions('standardScaler', options, []);
    return new Layer('standardScaler', {});
  },
  build([x], _options, context) {
    const features = checkFeatures('standardScaler', context.name, x);
    return { z: x, a: divide(subtract(x, context.state('mean', [features])), context.state('scale', [features], 1)) };
  },
  describe: () => '',
  adapt: (statistics) => ({ mean: statistics.mean, scale: widths(statistics, (feature) => Math.sqrt(statistics.variance[feature]!)) }),
};

export const minMaxScalerType: LayerType = {
  type: 'minMaxScaler',
  doc: 'the range of the training data becomes `from` to `to`',
  check(options) {
    checkOptions('minMaxScaler', options, ['from', 'to']);
    const from = finiteNumber('minMaxScaler', 'from', options['from'] ?? 0), to = finiteNumber('minMaxScaler', 'to', options['to'] ?? 1);
    if (!(from < to)) throw new OptionError(`[minMaxScaler] expected 'from' to be less than 'to' but received ${from} and ${to}`);
    return new Layer('minMaxScaler', { from, to });
  },
  build([x], options, context) {
    const features = checkFeatures('minMaxScaler', context.name, x);
    return { z: x, a: shift(multiply(subtract(x, context.state('minimum', [features])), context.state('scale', [features], 1)), Number(options['from'])) };
  },
  describe: (options) => `${String(options['from'])} to ${String(options['to'])}`,
  adapt(statistics, options) {
    const { minimum, maximum } = statistics, range = Number(options['to']) - Number(options['from']);
    return { minimum, scale: widths(statistics, (feature) => maximum[feature]! - minimum[feature]!, leastWidth * Math.max(1, range)).map((width) => range / width) };
  },
};

/**
 * (x − μ) / σ for each feature, as scikit-learn's StandardScaler: mean and standard deviation (dividing by n) of the training
 * data, learned at the first `fit`, saved with the model and applied in prediction. Constant features are divided by 1. A
 * first layer, without parameters; before the first `fit` it passes everything on.
 */
export function standardScaler(): Layer {
  return standardScalerType.check({});
}

/**
 * Maps the range of each feature in the training data to `from`…`to` (default 0…1), as scikit-learn's MinMaxScaler; learned at the
 * first `fit`, saved with the model and applied in prediction. Of constant features the value becomes `from`. A first layer, without
 * parameters; before the first `fit` it only adds `from`.
 */
export function minMaxScaler(options: { readonly from?: number; readonly to?: number } = {}): Layer {
  return minMaxScalerType.check({ ...options });
}
