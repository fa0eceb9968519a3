// Predictions of densities in their own terms: means, deviations and weights, from the outputs that the density losses train.
import type { Tensor } from '../backend/compiled.ts';
import { OptionError } from '../errors.ts';
import { gaussianOptions, mixtureOptions, mixtureWidth, type GaussianOptions, type MixtureOptions } from '../ops/density-losses.ts';

/** Gaussians, one for each number of a prediction, all of shape [rows, k]. */
export interface GaussianPrediction { readonly means: Tensor; readonly standardDeviations: Tensor }

/** Mixtures of c Gaussians: weights [rows, c], means [rows, c, k], standard deviations [rows, c, k] (spherical: [rows, c, 1]). */
export interface MixturePrediction { readonly weights: Tensor; readonly means: Tensor; readonly standardDeviations: Tensor }

/** Outputs of a network: row-major, [rows, outputs]. */
type Outputs = Pick<Tensor, 'shape' | 'data'>;

/** Columns `begin` to `end` of every row, through a function; `shape` is that of a row. */
function columns({ shape: [rows, outputs], data }: Outputs, begin: number, end: number, shape: readonly number[], value = (x: number): number => x): Tensor {
  const width = end - begin, result = new Float64Array(rows! * width);
  for (let row = 0; row < rows!; row++) {
    for (let i = 0; i < width; i++) result[row * width + i] = value(data[row * outputs! + begin + i]!);
  }
  return { shape: [rows!, ...shape], data: result };
}

function checkOutputs(where: string, { shape, data }: Outputs): number {
  if (shape.length !== 2 || data.length !== shape[0]! * shape[1]!) throw new OptionError(`[${where}] expected a prediction of shape [rows, outputs] but received [${shape.join(', ')}]`);
  return shape[1]!;
}

/**
 * The Gaussians that a network trained with `gaussianNegativeLogLikelihood` predicts: means and standard deviations, [rows, k] each.
 * Give it the options of the loss.
 *
 * @example const { means, standardDeviations } = gaussianOf(await network.predict(x));
 */
export function gaussianOf(prediction: Outputs, options: GaussianOptions = {}): GaussianPrediction {
  const outputs = checkOutputs('gaussianOf', prediction), k = outputs / 2, { minimumVariance } = gaussianOptions({ ...options });
  if (!Number.isInteger(k)) throw new OptionError(`[gaussianOf] expected an even number of outputs, as many means as log-variances, but received ${outputs}`);
  return {
    means: columns(prediction, 0, k, [k]),
    standardDeviations: columns(prediction, k, outputs, [k], (logVariance) => Math.sqrt(Math.max(Math.exp(logVariance), minimumVariance))),
  };
}

/** exp(z) / Σ exp(z) over rows of c numbers, in place. */
function normalize(data: Tensor['data'], c: number): void {
  for (let begin = 0; begin < data.length; begin += c) {
    const row = data.subarray(begin, begin + c), most = Math.max(...row);
    let total = 0;
    for (let i = 0; i < c; i++) total += row[i] = Math.exp(row[i]! - most);
    for (let i = 0; i < c; i++) row[i]! /= total;
  }
}

/**
 * The mixtures that a network trained with `mixtureDensity` predicts. Give it the options of the loss.
 *
 * @example const { weights, means, standardDeviations } = mixtureOf(await network.predict(x), { components: 3 });
 */
export function mixtureOf(prediction: Outputs, options: MixtureOptions): MixturePrediction {
  const outputs = checkOutputs('mixtureOf', prediction), checked = mixtureOptions({ ...options });
  const { components: c, minimumVariance } = checked, k = mixtureWidth(outputs, checked), deviations = outputs / c - 1 - k;
  const weights = columns(prediction, 0, c, [c]), least = Math.sqrt(minimumVariance);
  normalize(weights.data, c);
  return {
    weights,
    means: columns(prediction, c, c + c * k, [c, k]),
    standardDeviations: columns(prediction, c + c * k, outputs, [c, deviations], (logarithm) => Math.max(Math.exp(logarithm), least)),
  };
}
