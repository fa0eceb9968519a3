// Units that are the largest of several affine functions.
import type { Node } from '../graph/node.ts';
import { checkOptions, numberIn, positiveInteger } from '../options.ts';
import { add } from '../ops/elementwise.ts';
import { matmul } from '../ops/matmul.ts';
import { max } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { limitNorms } from './constraints.ts';
import { checkInitializer, checkVectorInitializer, type Initializer } from './initializers.ts';
import { checkFeatures, Layer, type LayerType } from './layer.ts';

/** Options of `maxout`, besides its numbers of units and pieces. */
export interface MaxoutOptions {
  /** Initial weights (default `glorotUniform`). */
  readonly initializer?: Initializer;
  /** Initial biases (default `zeros`). */
  readonly biasInitializer?: Initializer;
  /** After every update, the incoming weights of each piece are scaled down to this norm where they are longer. */
  readonly maxNorm?: number;
}

export const maxoutType: LayerType = {
  type: 'maxout',
  doc: 'a = max over p of z, z = x Wₚᵀ + bₚ',
  check(options) {
    checkOptions('maxout', options, ['units', 'pieces', 'initializer', 'biasInitializer', 'maxNorm']);
    const { maxNorm } = options;
    return new Layer('maxout', {
      units: positiveInteger('maxout', 'units', options['units']), pieces: positiveInteger('maxout', 'pieces', options['pieces']),
      initializer: checkInitializer('maxout', options['initializer'] ?? 'glorotUniform'),
      biasInitializer: checkVectorInitializer('maxout', 'biasInitializer', options['biasInitializer'] ?? 'zeros'),
      ...(maxNorm !== undefined && { maxNorm: numberIn('maxout', 'maxNorm', maxNorm, { from: 0, to: Number.MAX_VALUE, openFrom: true }) }),
    });
  },
  build([x], options, context) {
    const inputs = checkFeatures('maxout', context.name, x), units = Number(options['units']), pieces = Number(options['pieces']), count = units * pieces;
    const fan = { fanIn: inputs, fanOut: units }, { maxNorm } = options as MaxoutOptions;
    const weight = context.parameter('weight', {
      shape: [count, inputs], initializer: options['initializer'] as Initializer, ...fan,
      ...(maxNorm !== undefined && { constraint: (updated: Node) => limitNorms(updated, 1, maxNorm) }),
    });
    const bias = context.parameter('bias', { shape: [count], initializer: options['biasInitializer'] as Initializer, ...fan });
    const z = add(matmul(x, weight, { transposeB: true }), bias);
    // Piece by piece, so that the maximum runs over whole lines of units and examples.
    return { z, a: max(reshape(z, ['rows', pieces, units]), [1]) };
  },
  describe: (options) => `${String(options['units'])} of ${String(options['pieces'])} pieces`,
};

/**
 * Each unit is the largest of `pieces` affine functions of its input (Goodfellow et al. 2013). Parameters: `weight`
 * [pieces · units, inputs] and `bias` [pieces · units], piece by piece. Equal largest pieces share the gradient.
 */
export function maxout(units: number, pieces: number, options: MaxoutOptions = {}): Layer {
  return maxoutType.check({ ...options, units, pieces });
}
