// Mean squared error.
import { subtract, square } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import { reshape } from '../../ops/shape.ts';
import { widthError, type LossDefinition } from './loss.ts';

/** (1/k) Σ (a − t)² per example, as in PyTorch's MSELoss and Keras. */
export const meanSquaredError: LossDefinition = {
  name: 'meanSquaredError',
  doc: '(1/k) Σ (a − t)²',
  build: (output, targets) => reshape(mean(square(subtract(output, targets)), [1]), ['rows', 1]),
  targets(outputs, width) {
    if (width !== outputs) throw widthError('meanSquaredError', `${outputs} columns, one per output,`, width);
    return { kind: 'numbers', width, classes: 0 };
  },
};
