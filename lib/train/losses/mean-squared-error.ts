// Mean squared error.
import { meanSquaredError as lossOf, meanSquaredErrorOptions, type MeanSquaredErrorOptions } from '../../ops/regression-losses.ts';
import { onePerOutput, type LossSpec, type LossType } from './loss.ts';

export const meanSquaredErrorType: LossType = {
  type: 'meanSquaredError',
  doc: '(1/k) Σ (y − t)²; with `half` one half of it, the textbook\'s (1/2k) Σ (y − t)²',
  counterpart: 'PyTorch MSELoss, Keras MeanSquaredError',
  check: (options) => ({ type: 'meanSquaredError', options: meanSquaredErrorOptions(options) }),
  build: (output, targets, options) => lossOf(output, targets, { ...options, reduction: 'none' }),
  targets: onePerOutput('meanSquaredError', 'numbers'),
};

/**
 * Mean squared error, as PyTorch's MSELoss: the mean over outputs and examples of (y − t)². With `half: true` it is one half of
 * that, (1/2mk) ΣΣ (y − t)² over m examples of k outputs: its gradient is (y − t) / (mk), and with one output it is the
 * textbook's J = (1/2m) Σ (y − t)².
 *
 * @example network.fit(data, { loss: meanSquaredError({ half: true }) })
 */
export function meanSquaredError(options: MeanSquaredErrorOptions = {}): LossSpec {
  return meanSquaredErrorType.check({ ...options });
}

export type { MeanSquaredErrorOptions };
