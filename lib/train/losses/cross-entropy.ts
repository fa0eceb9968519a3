// Categorical cross-entropy, from logits.
import { OptionError } from '../../errors.ts';
import { equal } from '../../ops/elementwise.ts';
import { argmax } from '../../ops/labels.ts';
import { softmaxLogits } from '../../ops/loss-parts.ts';
import { crossEntropy as lossOf, crossEntropyOptions, crossEntropyWeights, type CrossEntropyOptions } from '../../ops/losses.ts';
import { softmax } from '../../ops/softmax.ts';
import { widthError, type LossSpec, type LossType } from './loss.ts';

const name = 'crossEntropy';

export const crossEntropyType: LossType = {
  type: name,
  doc: 'log Σ exp(z) − z[label], or −Σ t log softmax(z) with probabilities t, z the logits of a softmax output (or a linear output itself); `labelSmoothing` ε moves t to (1 − ε) t + ε/k, `classWeights` w make it −Σ w t log softmax(z)',
  counterpart: 'PyTorch CrossEntropyLoss, Keras CategoricalCrossentropy and SparseCategoricalCrossentropy',
  check: (options) => ({ type: name, options: { ...crossEntropyOptions(options) } }),
  build: (output, targets, options) => lossOf(output, targets, { ...options, reduction: 'none' }),
  targets(outputs, width) {
    if (outputs < 2) throw new OptionError(`[crossEntropy] expected at least 2 outputs, one per class, but the network has ${outputs}; use 'binaryCrossEntropy' for one`);
    if (width !== 1 && width !== outputs) throw widthError(name, `1 column of labels or ${outputs} columns of probabilities`, width);
    return width === 1 ? { kind: 'labels', width, classes: outputs } : { kind: 'probabilities', width, classes: outputs };
  },
  weights: (targets, options) => crossEntropyWeights(targets, options),
  prediction: (output) => softmax(softmaxLogits(output, name)),
  accuracy(output, targets) {
    const best = argmax(softmaxLogits(output, name));
    return equal(best, targets.shape[1] === 1 ? targets : argmax(targets));
  },
};

/**
 * Cross-entropy from logits, as PyTorch's CrossEntropyLoss with its `weight` and `label_smoothing`. Targets are labels from 0, or
 * probabilities of k columns. With class weights and labels the cost is Σ loss / Σ weight of the labels, as in PyTorch; with
 * probabilities for targets the mean over the examples. For outputs that are a softmax, or linear and then themselves the logits.
 *
 * @example network.fit(data, { loss: crossEntropy({ labelSmoothing: 0.1, classWeights: [1, 1, 5] }) })
 */
export function crossEntropy(options: CrossEntropyOptions = {}): LossSpec {
  return crossEntropyType.check({ ...options });
}

export type { CrossEntropyOptions };
