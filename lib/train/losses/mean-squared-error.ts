// Mean squared error.
import { meanSquaredError as lossOf } from '../../ops/losses.ts';
import { checkOptions } from '../../options.ts';
import { widthError, type LossSpec, type LossType } from './loss.ts';

/** PyTorch's and Keras's mean squared error. */
export const meanSquaredErrorType: LossType = {
  type: 'meanSquaredError',
  doc: '(1/k) Σ (a − t)²',
  check(options) {
    checkOptions('meanSquaredError', options, []);
    return { type: 'meanSquaredError', options: {} };
  },
  build: (output, targets) => lossOf(output, targets, { reduction: 'none' }),
  targets(outputs, width) {
    if (width !== outputs) throw widthError('meanSquaredError', `${outputs} columns, one per output,`, width);
    return { kind: 'numbers', width, classes: 0 };
  },
};

/** Mean squared error, as PyTorch's MSELoss. */
export function meanSquaredError(): LossSpec {
  return meanSquaredErrorType.check({});
}
