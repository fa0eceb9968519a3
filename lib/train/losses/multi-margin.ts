// Hinge loss of several classes.
import { OptionError } from '../../errors.ts';
import { equal } from '../../ops/elementwise.ts';
import { argmax } from '../../ops/labels.ts';
import { multiMargin as lossOf, multiMarginOptions, type MultiMarginOptions } from '../../ops/losses.ts';
import { widthError, type LossSpec, type LossType } from './loss.ts';

export const multiMarginType: LossType = {
  type: 'multiMargin',
  doc: '(1/k) Σ over the classes j other than the label of max(0, m − y[label] + y[j])ᵖ, m the `margin` and p the `power`',
  counterpart: 'PyTorch MultiMarginLoss',
  check: (options) => ({ type: 'multiMargin', options: multiMarginOptions(options) }),
  build: (output, targets, options) => lossOf(output, targets, { ...options, reduction: 'none' }),
  targets(outputs, width) {
    if (outputs < 2) throw new OptionError(`[multiMargin] expected at least 2 outputs, one per class, but the network has ${outputs}; use 'hinge' for one`);
    if (width !== 1) throw widthError('multiMargin', '1 column of labels', width);
    return { kind: 'labels', width, classes: outputs };
  },
  accuracy: (output, targets) => equal(argmax(output), targets),
};

/**
 * Hinge loss of several classes (Weston and Watkins 1999), as PyTorch's MultiMarginLoss: the score of the right class has to lead
 * every other by `margin` (default 1). Targets are labels from 0; the output is k scores, so a linear one.
 */
export function multiMargin(options: MultiMarginOptions = {}): LossSpec {
  return multiMarginType.check({ ...options });
}

export type { MultiMarginOptions };
