// Categorical cross-entropy, from logits.
import { OptionError } from '../../errors.ts';
import { argmax } from '../../ops/labels.ts';
import { equal } from '../../ops/elementwise.ts';
import { softmaxCrossEntropy, softmaxOps } from '../../ops/softmax.ts';
import { logitsOf, widthError, type LossDefinition } from './loss.ts';

const logits = (output: Parameters<LossDefinition['build']>[0]) => logitsOf(output, softmaxOps.softmax, 'crossEntropy');

/**
 * −Σ t log softmax(z) per example (PyTorch's CrossEntropyLoss). Targets are class labels from 0, or k probabilities. The
 * output is a softmax, or linear and then itself the logits.
 */
export const crossEntropy: LossDefinition = {
  name: 'crossEntropy',
  doc: 'log Σ exp(z) − z[label], or −Σ t log softmax(z), z the logits of a softmax output',
  build: (output, targets) => softmaxCrossEntropy(logits(output), targets),
  targets(outputs, width) {
    if (outputs < 2) throw new OptionError(`[crossEntropy] expected at least 2 outputs, one per class, but the network has ${outputs}; use 'binaryCrossEntropy' for one`);
    if (width !== 1 && width !== outputs) throw widthError('crossEntropy', `1 column of labels or ${outputs} columns of probabilities`, width);
    return width === 1 ? { kind: 'labels', width, classes: outputs } : { kind: 'probabilities', width, classes: outputs };
  },
  accuracy(output, targets) {
    const best = argmax(logits(output));
    return equal(best, targets.shape[1] === 1 ? targets : argmax(targets));
  },
};
