// Categorical cross-entropy, from logits.
import { OptionError } from '../../errors.ts';
import { equal } from '../../ops/elementwise.ts';
import { argmax } from '../../ops/labels.ts';
import { crossEntropy as lossOf, softmaxLogits } from '../../ops/losses.ts';
import { checkOptions } from '../../options.ts';
import { widthError, type LossSpec, type LossType } from './loss.ts';

/** PyTorch's CrossEntropyLoss, for an output that is a softmax, or linear and then itself the logits. */
export const crossEntropyType: LossType = {
  type: 'crossEntropy',
  doc: 'log Σ exp(z) − z[label], or −Σ t log softmax(z), z the logits of a softmax output',
  check(options) {
    checkOptions('crossEntropy', options, []);
    return { type: 'crossEntropy', options: {} };
  },
  build: (output, targets) => lossOf(output, targets, { reduction: 'none' }),
  targets(outputs, width) {
    if (outputs < 2) throw new OptionError(`[crossEntropy] expected at least 2 outputs, one per class, but the network has ${outputs}; use 'binaryCrossEntropy' for one`);
    if (width !== 1 && width !== outputs) throw widthError('crossEntropy', `1 column of labels or ${outputs} columns of probabilities`, width);
    return width === 1 ? { kind: 'labels', width, classes: outputs } : { kind: 'probabilities', width, classes: outputs };
  },
  accuracy(output, targets) {
    const best = argmax(softmaxLogits(output));
    return equal(best, targets.shape[1] === 1 ? targets : argmax(targets));
  },
};

/** Cross-entropy from logits, as PyTorch's CrossEntropyLoss. */
export function crossEntropy(): LossSpec {
  return crossEntropyType.check({});
}
