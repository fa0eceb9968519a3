// Hinge loss.
import { checkOptions } from '../../options.ts';
import { equal, step } from '../../ops/elementwise.ts';
import { overOutputs } from '../../ops/loss-parts.ts';
import { hinge as lossOf } from '../../ops/losses.ts';
import { onePerOutput, type LossSpec, type LossType } from './loss.ts';

export const hingeType: LossType = {
  type: 'hinge',
  doc: '(1/k) Σ max(0, 1 − t y), t of −1 and 1 or of 0 and 1',
  counterpart: 'Keras Hinge',
  check(options) {
    checkOptions('hinge', options, []);
    return { type: 'hinge', options: {} };
  },
  build: (output, targets) => lossOf(output, targets, { reduction: 'none' }),
  targets: onePerOutput('hinge', 'signs'),
  accuracy: (output, targets) => overOutputs(equal(step(output), step(targets))),
};

/**
 * Hinge loss of a support vector machine, with the targets of Keras's Hinge: −1 and 1, or 0 and 1, where 0 means −1. The output is a score, linear or tanh;
 * its sign is the answer.
 */
export function hinge(): LossSpec {
  return hingeType.check({});
}
