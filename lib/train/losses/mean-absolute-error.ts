// Mean absolute error.
import { checkOptions } from '../../options.ts';
import { meanAbsoluteError as lossOf } from '../../ops/regression-losses.ts';
import { onePerOutput, type LossSpec, type LossType } from './loss.ts';

export const meanAbsoluteErrorType: LossType = {
  type: 'meanAbsoluteError',
  doc: '(1/k) Σ |y − t|',
  counterpart: 'PyTorch L1Loss, Keras MeanAbsoluteError',
  check(options) {
    checkOptions('meanAbsoluteError', options, []);
    return { type: 'meanAbsoluteError', options: {} };
  },
  build: (output, targets) => lossOf(output, targets, { reduction: 'none' }),
  targets: onePerOutput('meanAbsoluteError', 'numbers'),
};

/** Mean absolute error, as PyTorch's L1Loss: what it finds is the median. The derivative at y = t is 0. */
export function meanAbsoluteError(): LossSpec {
  return meanAbsoluteErrorType.check({});
}
