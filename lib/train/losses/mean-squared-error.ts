// Mean squared error.
import { meanSquaredError as lossOf } from '../../ops/losses.ts';
import { widthError, type LossDefinition } from './loss.ts';

/** PyTorch's and Keras's mean squared error. */
export const meanSquaredError: LossDefinition = {
  name: 'meanSquaredError',
  doc: '(1/k) Σ (a − t)²',
  build: (output, targets) => lossOf(output, targets, { reduction: 'none' }),
  targets(outputs, width) {
    if (width !== outputs) throw widthError('meanSquaredError', `${outputs} columns, one per output,`, width);
    return { kind: 'numbers', width, classes: 0 };
  },
};
