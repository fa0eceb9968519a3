// A mixture of Gaussians.
import { mixtureDensity as lossOf, mixtureMean, mixtureOptions, mixtureOutputs, mixtureWidth, type MixtureOptions } from '../../ops/density-losses.ts';
import { widthError, type LossSpec, type LossType } from './loss.ts';

const name = 'mixtureDensity';
const optionsOf = (options: LossSpec['options']): MixtureOptions => options as unknown as MixtureOptions;

export const mixtureDensityType: LossType = {
  type: name,
  doc: '−log Σ π N(t; μ, σ²) over c = `components` Gaussians, the output c (2k + 1) numbers: c logits of π, c × k means, c × k log standard deviations; with `covariance: \'spherical\'` one of these per Gaussian',
  counterpart: 'PyTorch distributions.MixtureSameFamily (−log_prob)',
  check: (options) => ({ type: name, options: { ...mixtureOptions(options) } }),
  build: (output, targets, options) => lossOf(output, targets, { ...optionsOf(options), reduction: 'none' }),
  targets(outputs, width, options) {
    const fitting = mixtureWidth(outputs, optionsOf(options));
    if (width !== fitting) throw widthError(name, `${fitting} columns, as ${outputs} outputs are for,`, width);
    return { kind: 'numbers', width, classes: 0 };
  },
  prediction: (output, options) => mixtureMean(output, optionsOf(options)),
};

/**
 * Negative log-likelihood of a mixture of Gaussians whose weights, means and deviations depend on the input (Bishop 1994): for
 * targets that can be one thing or another. The network has `mixtureOutputs(k, options)` linear outputs for targets of k numbers;
 * `mixtureOf` reads a prediction. Metrics compare the mean of the mixture.
 *
 * @example
 * const options = { components: 3 };
 * const network = new Network({ inputs: 1, layers: [dense(20, 'tanh'), dense(mixtureOutputs(1, options))] });
 * await network.fit(data, { loss: mixtureDensity(options) });
 */
export function mixtureDensity(options: MixtureOptions): LossSpec {
  return mixtureDensityType.check({ ...options });
}

export { mixtureOutputs, type MixtureOptions };
