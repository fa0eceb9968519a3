// A Gaussian with learnt variance.
import { OptionError } from '../../errors.ts';
import {
  gaussianMeans, gaussianNegativeLogLikelihood as lossOf, gaussianOptions, type GaussianOptions,
} from '../../ops/density-losses.ts';
import { widthError, type LossSpec, type LossType } from './loss.ts';

const name = 'gaussianNegativeLogLikelihood';

export const gaussianNegativeLogLikelihoodType: LossType = {
  type: name,
  doc: '(1/k) Σ ½ [log σ² + (t − μ)² / σ²], the output 2k numbers: k means μ, then k log-variances log σ² (never below that of `minimumVariance`); `full` adds ½ log 2π',
  counterpart: 'PyTorch GaussianNLLLoss with var = exp(log σ²)',
  check: (options) => ({ type: name, options: { ...gaussianOptions(options) } }),
  build: (output, targets, options) => lossOf(output, targets, { ...options, reduction: 'none' }),
  targets(outputs, width) {
    if (outputs % 2 !== 0) throw new OptionError(`[${name}] expected an even number of outputs, as many means as log-variances, but the network has ${outputs}`);
    if (2 * width !== outputs) throw widthError(name, `${outputs / 2} columns, one for every mean,`, width);
    return { kind: 'numbers', width, classes: 0 };
  },
  prediction: gaussianMeans,
};

/**
 * Negative log-likelihood of a Gaussian whose mean and variance both depend on the input (Nix and Weigend 1994), as PyTorch's
 * GaussianNLLLoss. For targets of k numbers the network has 2k linear outputs: k means, then k logarithms of variances;
 * `gaussianOf` reads a prediction. Metrics compare the means.
 *
 * @example new Network({ inputs: 3, layers: [dense(16, 'tanh'), dense(2)] }).fit(data, { loss: gaussianNegativeLogLikelihood() })
 */
export function gaussianNegativeLogLikelihood(options: GaussianOptions = {}): LossSpec {
  return gaussianNegativeLogLikelihoodType.check({ ...options });
}

export type { GaussianOptions };
