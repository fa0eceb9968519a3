// Binary cross-entropy, from logits.
import { equal, multiply, shift, softplus, step, subtract } from '../../ops/elementwise.ts';
import { elementwiseOps } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import { reshape } from '../../ops/shape.ts';
import { logitsOf, widthError, type LossDefinition } from './loss.ts';

const logits = (output: Parameters<LossDefinition['build']>[0]) => logitsOf(output, elementwiseOps.sigmoid, 'binaryCrossEntropy');

/**
 * −(1/k) Σ [t log σ(z) + (1 − t) log(1 − σ(z))] per example, computed as softplus(z) − t z (PyTorch's BCEWithLogitsLoss).
 * The output is a sigmoid, or linear and then itself the logits.
 */
export const binaryCrossEntropy: LossDefinition = {
  name: 'binaryCrossEntropy',
  doc: '(1/k) Σ [softplus(z) − t z], z the logits of a sigmoid output',
  build(output, targets) {
    const z = logits(output);
    return reshape(mean(subtract(softplus(z), multiply(targets, z)), [1]), ['rows', 1]);
  },
  targets(outputs, width) {
    if (width !== outputs) throw widthError('binaryCrossEntropy', `${outputs} columns, one per output,`, width);
    return { kind: 'probabilities', width, classes: 2 };
  },
  accuracy: (output, targets) => reshape(mean(equal(step(logits(output)), step(shift(targets, -0.5))), [1]), ['rows', 1]),
};
