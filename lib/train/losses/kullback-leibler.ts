// Kullback-Leibler divergence, from logits.
import { checkOptions } from '../../options.ts';
import { softmaxLogits } from '../../ops/loss-parts.ts';
import { kullbackLeibler as lossOf } from '../../ops/losses.ts';
import { softmax } from '../../ops/softmax.ts';
import { onePerOutput, type LossSpec, type LossType } from './loss.ts';

const name = 'kullbackLeibler';

export const kullbackLeiblerType: LossType = {
  type: name,
  doc: 'Σ t (log t − log softmax(z)) with probabilities t, z the logits of a softmax output (or a linear output itself)',
  counterpart: 'PyTorch KLDivLoss of log_softmax with reduction \'batchmean\', Keras KLDivergence',
  check(options) {
    checkOptions(name, options, []);
    return { type: name, options: {} };
  },
  build: (output, targets) => lossOf(output, targets, { reduction: 'none' }),
  targets: onePerOutput(name, 'probabilities'),
  prediction: (output) => softmax(softmaxLogits(output, name)),
};

/**
 * Kullback-Leibler divergence Σ t log(t / y) from the output's probabilities y to targets t, as PyTorch's KLDivLoss of the
 * logarithms with reduction 'batchmean'. Its gradient is that of cross-entropy; its least value is 0. For outputs that are a
 * softmax, of which the logits are taken, or linear and then themselves the logits.
 */
export function kullbackLeibler(): LossSpec {
  return kullbackLeiblerType.check({});
}
