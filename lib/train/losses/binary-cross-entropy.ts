// Binary cross-entropy, from logits.
import { equal, shift, step } from '../../ops/elementwise.ts';
import { binaryCrossEntropy as lossOf, sigmoidLogits } from '../../ops/losses.ts';
import { mean } from '../../ops/reduce.ts';
import { reshape } from '../../ops/shape.ts';
import { checkOptions } from '../../options.ts';
import { widthError, type LossSpec, type LossType } from './loss.ts';

/** PyTorch's BCEWithLogitsLoss, for an output that is a sigmoid, or linear and then itself the logits. */
export const binaryCrossEntropyType: LossType = {
  type: 'binaryCrossEntropy',
  doc: '(1/k) Σ [softplus(z) − t z], z the logits of a sigmoid output',
  check(options) {
    checkOptions('binaryCrossEntropy', options, []);
    return { type: 'binaryCrossEntropy', options: {} };
  },
  build: (output, targets) => lossOf(output, targets, { reduction: 'none' }),
  targets(outputs, width) {
    if (width !== outputs) throw widthError('binaryCrossEntropy', `${outputs} columns, one per output,`, width);
    return { kind: 'probabilities', width, classes: 2 };
  },
  accuracy: (output, targets) => reshape(mean(equal(step(sigmoidLogits(output)), step(shift(targets, -0.5))), [1]), ['rows', 1]),
};

/** Binary cross-entropy from logits, as PyTorch's BCEWithLogitsLoss. */
export function binaryCrossEntropy(): LossSpec {
  return binaryCrossEntropyType.check({});
}
