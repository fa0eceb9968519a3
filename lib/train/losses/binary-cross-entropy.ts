// Binary cross-entropy, from logits.
import { equal, shift, sigmoid, step } from '../../ops/elementwise.ts';
import { overOutputs, sigmoidLogits } from '../../ops/loss-parts.ts';
import { binaryCrossEntropy as lossOf, binaryCrossEntropyOptions, type BinaryCrossEntropyOptions } from '../../ops/losses.ts';
import { onePerOutput, type LossSpec, type LossType } from './loss.ts';

const name = 'binaryCrossEntropy';

export const binaryCrossEntropyType: LossType = {
  type: name,
  doc: '(1/k) Σ [p t softplus(−z) + (1 − t) softplus(z)], z the logits of a sigmoid output (or a linear output itself), p the `positiveWeight`, t from 0 to 1 and moved to t (1 − ε) + ε/2 by `labelSmoothing` ε',
  counterpart: 'PyTorch BCEWithLogitsLoss, Keras BinaryCrossentropy',
  check: (options) => ({ type: name, options: binaryCrossEntropyOptions(options) }),
  build: (output, targets, options) => lossOf(output, targets, { ...options, reduction: 'none' }),
  targets: onePerOutput(name, 'probabilities'),
  prediction: (output) => sigmoid(sigmoidLogits(output, name)),
  accuracy: (output, targets) => overOutputs(equal(step(sigmoidLogits(output, name)), step(shift(targets, -0.5)))),
};

/**
 * Binary cross-entropy from logits, as PyTorch's BCEWithLogitsLoss: `positiveWeight` is its `pos_weight`, a number or one for
 * each output; `labelSmoothing` is Keras's. For outputs that are a sigmoid, or linear and then themselves the logits.
 *
 * @example network.fit(data, { loss: binaryCrossEntropy({ positiveWeight: 9 }) }) // one positive example in ten
 */
export function binaryCrossEntropy(options: BinaryCrossEntropyOptions = {}): LossSpec {
  return binaryCrossEntropyType.check({ ...options });
}

export type { BinaryCrossEntropyOptions };
