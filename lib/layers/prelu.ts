// Rectified linear units whose slope below 0 is learned.
import { boolean, checkOptions, finiteNumber } from '../options.ts';
import { multiply, select, step } from '../ops/elementwise.ts';
import { broadcastTo } from '../ops/shape.ts';
import { checkFeatures, Layer, type LayerType } from './layer.ts';

/** Options of `prelu`. */
export interface PreluOptions {
  /** A slope for every unit (true) or one for the layer (false, the default, as in PyTorch). */
  readonly perUnit?: boolean;
  /** First value of the slopes (default 0.25). */
  readonly initial?: number;
}

export const preluType: LayerType = {
  type: 'prelu',
  doc: 'z for z > 0, else αz with a learned α',
  check(options) {
    checkOptions('prelu', options, ['perUnit', 'initial']);
    return new Layer('prelu', { perUnit: boolean('prelu', 'perUnit', options['perUnit'] ?? false), initial: finiteNumber('prelu', 'initial', options['initial'] ?? 0.25) });
  },
  build([x], options, context) {
    const features = checkFeatures('prelu', context.name, x), shape = [options['perUnit'] === true ? features : 1];
    const slope = context.parameter('weight', { shape, initializer: { name: 'constant', scale: Number(options['initial']) }, fanIn: 1, fanOut: 1 });
    return { z: x, a: select(step(x), x, multiply(broadcastTo(slope, x.shape), x)) };
  },
  describe: (options) => (options['perUnit'] === true ? 'one slope for each unit' : 'one slope'),
};

/**
 * z for z > 0, else αz, with slopes α that are learned (He et al. 2015; PyTorch's PReLU): the parameter `weight`, of shape
 * [features] with `perUnit`, else [1].
 */
export function prelu(options: PreluOptions = {}): Layer {
  return preluType.check({ ...options });
}
