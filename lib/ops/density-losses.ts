// Negative log-likelihoods of densities whose parameters are the output: a Gaussian, a mixture of Gaussians.
import { OptionError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { boolean, checkOptions, numberIn, oneOf, positiveInteger } from '../options.ts';
import { add, exp, maximum, multiply, negate, scale, shift, square, subtract } from './elementwise.ts';
import { slice } from './join.ts';
import { checkTargetShape, overOutputs, reduced, widthOf, type LossOptions, type RawOptions } from './loss-parts.ts';
import { sum } from './reduce.ts';
import { broadcastTo, reshape } from './shape.ts';
import { logSoftmax, logSumExp, softmax } from './softmax.ts';
import { constant } from './variables.ts';

const checkFloor = (loss: string, value: unknown): number => numberIn(loss, 'minimumVariance', value ?? 1e-6, { from: 1e-30, to: Infinity, openTo: true });

/** Options of `gaussianNegativeLogLikelihood`. */
export interface GaussianOptions {
  /** Variances below count as this (default 1e-6, PyTorch's), so that a variance that shrinks to 0 makes no infinite loss. */
  readonly minimumVariance?: number;
  /** Add the constant ½ log 2π (default false). */
  readonly full?: boolean;
}

export function gaussianOptions(options: RawOptions): Required<GaussianOptions> {
  const where = 'gaussianNegativeLogLikelihood';
  checkOptions(where, options, ['minimumVariance', 'full']);
  return { minimumVariance: checkFloor(where, options['minimumVariance']), full: boolean(where, 'full', options['full'] ?? false) };
}

/** The means [rows, k] of an output [rows, 2k] of k means and k log-variances. */
export function gaussianMeans(y: Node): Node {
  const width = widthOf('gaussianNegativeLogLikelihood', y);
  if (width % 2 !== 0) throw new ShapeError(`[gaussianNegativeLogLikelihood] expected an even number of outputs, as many means as log-variances, but received ${width}`);
  return slice(y, 1, 0, width / 2);
}

/**
 * (1/k) Σ ½ [log σ² + (t − μ)² / σ²] of targets t [rows, k] and an output [rows, 2k]: first the k means μ, then the k
 * logarithms of the variances σ². (Nix and Weigend 1994.)
 */
export function gaussianNegativeLogLikelihood(y: Node, t: Node, { reduction = 'mean', ...own }: GaussianOptions & LossOptions = {}): Node {
  const where = 'gaussianNegativeLogLikelihood', { minimumVariance, full } = gaussianOptions(own);
  const means = gaussianMeans(y), k = Number(means.shape[1]);
  checkTargetShape(where, t, ['rows', k]);
  const logVariances = maximum(slice(y, 1, k, 2 * k), constant(Math.log(minimumVariance)));
  const value = scale(add(logVariances, multiply(square(subtract(t, means)), exp(negate(logVariances)))), 0.5);
  return reduced(where, shift(overOutputs(value), full ? 0.5 * Math.log(2 * Math.PI) : 0), { reduction });
}

/** Options of `mixtureDensity`. */
export interface MixtureOptions {
  /** Number of Gaussians. */
  readonly components: number;
  /** A standard deviation for each of the k targets, or one for all of them (default `'diagonal'`). */
  readonly covariance?: 'diagonal' | 'spherical';
  /** Variances below count as this (default 1e-6), so that a Gaussian that shrinks to one example makes no infinite loss. */
  readonly minimumVariance?: number;
}

export function mixtureOptions(options: RawOptions): Required<MixtureOptions> {
  checkOptions('mixtureDensity', options, ['components', 'covariance', 'minimumVariance']);
  return {
    components: positiveInteger('mixtureDensity', 'components', options['components']),
    covariance: oneOf('mixtureDensity', 'covariance', options['covariance'] ?? 'diagonal', ['diagonal', 'spherical']),
    minimumVariance: checkFloor('mixtureDensity', options['minimumVariance']),
  };
}

/** Numbers of an output for targets of `width` numbers. */
export function mixtureOutputs(width: number, { components, covariance = 'diagonal' }: MixtureOptions): number {
  return components * (1 + width + (covariance === 'diagonal' ? width : 1));
}

/** Numbers of a target, from those of the output. */
export function mixtureWidth(outputs: number, options: MixtureOptions): number {
  const { components, covariance = 'diagonal' } = options, each = outputs / components;
  const width = covariance === 'diagonal' ? (each - 1) / 2 : each - 2;
  if (Number.isInteger(width) && width >= 1) return width;
  throw new OptionError(`[mixtureDensity] expected ${components} × (${covariance === 'diagonal' ? '2k + 1' : 'k + 2'}) outputs for targets of k numbers but the network has ${outputs}`);
}

/** Logits [rows, c], means [rows, c, k] and logarithms of the standard deviations [rows, c, k or 1] of c Gaussians. */
function mixtureParts(y: Node, options: MixtureOptions): { logits: Node; means: Node; logDeviations: Node } {
  const outputs = widthOf('mixtureDensity', y), { components: c } = options, k = mixtureWidth(outputs, options);
  return {
    logits: slice(y, 1, 0, c),
    means: reshape(slice(y, 1, c, c + c * k), ['rows', c, k]),
    logDeviations: reshape(slice(y, 1, c + c * k, outputs), ['rows', c, outputs / c - 1 - k]),
  };
}

/** The mean Σ π μ of a mixture, [rows, k]. */
export function mixtureMean(y: Node, options: MixtureOptions): Node {
  const { logits, means } = mixtureParts(y, options), c = options.components;
  return sum(multiply(broadcastTo(reshape(softmax(logits), ['rows', c, 1]), means.shape), means), [1]);
}

/**
 * −log Σ π N(t; μ, σ²) of targets t `[rows, k]` under a mixture of c Gaussians, by log-sum-exp (Bishop 1994). The output is
 * `[rows, c (2k + 1)]`, or with `covariance: 'spherical'` `[rows, c (k + 2)]`: first the c logits of the weights π, then the means,
 * k for the first Gaussian, k for the second and so on, then the logarithms of the standard deviations in the same order.
 */
export function mixtureDensity(y: Node, t: Node, { reduction = 'mean', ...own }: MixtureOptions & LossOptions): Node {
  const options = mixtureOptions(own as unknown as RawOptions), { logits, means, logDeviations } = mixtureParts(y, options);
  const [, c, k] = means.shape as [string, number, number];
  checkTargetShape('mixtureDensity', t, ['rows', k]);
  const bounded = broadcastTo(maximum(logDeviations, constant(0.5 * Math.log(options.minimumVariance))), means.shape);
  const distances = multiply(subtract(broadcastTo(reshape(t, ['rows', 1, k]), means.shape), means), exp(negate(bounded)));
  const logDensities = shift(negate(sum(add(scale(square(distances), 0.5), bounded), [2])), -0.5 * k * Math.log(2 * Math.PI));
  const value = negate(logSumExp(add(logSoftmax(logits), reshape(logDensities, ['rows', c]))));
  return reduced('mixtureDensity', reshape(value, ['rows', 1]), { reduction });
}
