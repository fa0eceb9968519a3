// Squared hinge loss.
import { checkOptions } from '../../options.ts';
import { equal, step } from '../../ops/elementwise.ts';
import { overOutputs } from '../../ops/loss-parts.ts';
import { squaredHinge as lossOf } from '../../ops/losses.ts';
import { onePerOutput, type LossSpec, type LossType } from './loss.ts';

export const squaredHingeType: LossType = {
  type: 'squaredHinge',
  doc: '(1/k) Σ max(0, 1 − t y)², t of −1 and 1 or of 0 and 1',
  counterpart: 'Keras SquaredHinge',
  check(options) {
    checkOptions('squaredHinge', options, []);
    return { type: 'squaredHinge', options: {} };
  },
  build: (output, targets) => lossOf(output, targets, { reduction: 'none' }),
  targets: onePerOutput('squaredHinge', 'signs'),
  accuracy: (output, targets) => overOutputs(equal(step(output), step(targets))),
};

/**
 * Squared hinge loss, with the targets of Keras's SquaredHinge: −1 and 1, or 0 and 1, where 0 means −1. The output is a score,
 * linear or tanh; its sign is the answer.
 */
export function squaredHinge(): LossSpec {
  return squaredHingeType.check({});
}
