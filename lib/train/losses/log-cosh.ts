// The logarithm of the hyperbolic cosine of errors.
import { checkOptions } from '../../options.ts';
import { logCosh as lossOf } from '../../ops/regression-losses.ts';
import { onePerOutput, type LossSpec, type LossType } from './loss.ts';

export const logCoshType: LossType = {
  type: 'logCosh',
  doc: '(1/k) Σ log cosh(y − t), about ½ d² for small errors and |d| − log 2 for large ones',
  counterpart: 'Keras LogCosh',
  check(options) {
    checkOptions('logCosh', options, []);
    return { type: 'logCosh', options: {} };
  },
  build: (output, targets) => lossOf(output, targets, { reduction: 'none' }),
  targets: onePerOutput('logCosh', 'numbers'),
};

/** log cosh(y − t), as Keras's LogCosh: squared for small errors, linear for large ones, exact for both. Its gradient is tanh(y − t). */
export function logCosh(): LossSpec {
  return logCoshType.check({});
}
