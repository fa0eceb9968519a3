// What a loss is.
import { OptionError } from '../../errors.ts';
import type { Node } from '../../graph/node.ts';

/** How targets are to be read: `labels` (whole numbers below `classes`), numbers in [0, 1], or any numbers. */
export interface TargetKind { readonly kind: 'labels' | 'probabilities' | 'numbers'; readonly width: number; readonly classes: number }

export interface LossDefinition {
  readonly name: string;
  readonly doc: string;
  /** Loss of each example, [rows, 1], from the network's output [rows, k] and targets of shape [rows, width]. */
  build(output: Node, targets: Node): Node;
  /** What targets of `width` numbers mean for an output of k; throws an OptionError where they do not fit. */
  targets(outputs: number, width: number): TargetKind;
  /** Share of right answers [rows, 1] for this loss, where that means anything. */
  accuracy?(output: Node, targets: Node): Node;
}

export function widthError(loss: string, expected: string, width: number): OptionError {
  return new OptionError(`[${loss}] expected targets of ${expected} but they have ${width}`);
}
