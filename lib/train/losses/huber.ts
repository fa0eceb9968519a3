// Huber's loss.
import { huber as lossOf, huberOptions, type HuberOptions } from '../../ops/regression-losses.ts';
import { onePerOutput, type LossSpec, type LossType } from './loss.ts';

export const huberType: LossType = {
  type: 'huber',
  doc: '(1/k) Σ of ½ d² where |d| ≤ δ, else δ (|d| − ½ δ), with d = y − t and δ the option `delta`',
  counterpart: 'PyTorch HuberLoss (δ times its SmoothL1Loss with beta = δ), Keras Huber',
  check: (options) => ({ type: 'huber', options: huberOptions(options) }),
  build: (output, targets, options) => lossOf(output, targets, { ...options, reduction: 'none' }),
  targets: onePerOutput('huber', 'numbers'),
};

/**
 * Huber's loss (1964), as PyTorch's HuberLoss: squared for errors up to `delta` (default 1), linear beyond. PyTorch's
 * SmoothL1Loss with `beta` is this with `delta` = beta, divided by beta.
 *
 * @example network.fit(data, { loss: huber({ delta: 2 }) })
 */
export function huber(options: HuberOptions = {}): LossSpec {
  return huberType.check({ ...options });
}

export type { HuberOptions };
