// What a loss is.
import { OptionError } from '../../errors.ts';
import type { Node } from '../../graph/node.ts';

/** A loss with its options: plain data. */
export interface LossSpec {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** How targets are to be read: `labels` (whole numbers below `classes`), numbers in [0, 1], `signs` (−1 or 0, and 1), `counts` (none negative), or any numbers. */
export interface TargetKind { readonly kind: 'labels' | 'probabilities' | 'signs' | 'counts' | 'numbers'; readonly width: number; readonly classes: number }

/** A kind of loss. */
export interface LossType {
  readonly type: string;
  /** The loss of an example as a formula, and what output and targets it takes. */
  readonly doc: string;
  /** The same in other libraries. */
  readonly counterpart: string;
  /** Checks the options of a description; throws an OptionError. */
  check(options: Readonly<Record<string, unknown>>): LossSpec;
  /** Loss of each example, [rows, 1], from the network's output [rows, k] and targets of shape [rows, width]. */
  build(output: Node, targets: Node, options: LossSpec['options']): Node;
  /** What targets of `width` numbers mean for an output of k; throws an OptionError where they do not fit. */
  targets(outputs: number, width: number, options: LossSpec['options']): TargetKind;
  /** Weight of each example in the mean, [rows, 1]: the cost is Σ build / Σ weights. Undefined: every example counts one. */
  weights?(targets: Node, options: LossSpec['options']): Node | undefined;
  /** What the output foretells of the targets, in their shape, for the metrics. Undefined: the output itself. */
  prediction?(output: Node, options: LossSpec['options']): Node;
  /** Share of right answers [rows, 1] for this loss, where that means anything. */
  accuracy?(output: Node, targets: Node): Node;
}

export function widthError(loss: string, expected: string, width: number): OptionError {
  return new OptionError(`[${loss}] expected targets of ${expected} but they have ${width}`);
}

/** Targets of one number per output. */
export function onePerOutput(loss: string, kind: Exclude<TargetKind['kind'], 'labels'>): LossType['targets'] {
  return (outputs, width) => {
    if (width !== outputs) throw widthError(loss, `${outputs} columns, one per output,`, width);
    return { kind, width, classes: kind === 'probabilities' ? 2 : 0 };
  };
}
