// Poisson's negative log-likelihood of counts.
import { exp } from '../../ops/elementwise.ts';
import { poisson as lossOf, poissonOptions, type PoissonOptions } from '../../ops/regression-losses.ts';
import { onePerOutput, type LossSpec, type LossType } from './loss.ts';

export const poissonType: LossType = {
  type: 'poisson',
  doc: '(1/k) Σ [eʸ − t y], y the logarithm of the rate and t a count; with `logInput: false` (1/k) Σ [λ − t log(λ + ε)], λ the rate and ε the option `epsilon`; `full` adds Stirling\'s t log t − t + ½ log 2πt where t > 1',
  counterpart: 'PyTorch PoissonNLLLoss, Keras Poisson (with `logInput: false`)',
  check: (options) => ({ type: 'poisson', options: { ...poissonOptions(options) } }),
  build: (output, targets, options) => lossOf(output, targets, { ...options, reduction: 'none' }),
  targets: onePerOutput('poisson', 'counts'),
  prediction: (output, { logInput }) => (logInput === true ? exp(output) : output),
};

/**
 * Negative log-likelihood of counts under Poisson distributions, as PyTorch's PoissonNLLLoss. By default the output is the
 * logarithm of the rate, so a linear one; for an output that is the rate itself, such as a softplus, say `logInput: false`.
 *
 * @example network.fit(data, { loss: poisson({ full: true }) })
 */
export function poisson(options: PoissonOptions = {}): LossSpec {
  return poissonType.check({ ...options });
}

export type { PoissonOptions };
