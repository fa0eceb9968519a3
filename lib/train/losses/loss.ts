// What a loss is, and the way to the logits of an output.
import { OptionError } from '../../errors.ts';
import type { Node, OpDefinition } from '../../graph/node.ts';
import { elementwiseOps } from '../../ops/elementwise.ts';
import { softmaxOps } from '../../ops/softmax.ts';

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

const activationsOtherThan: readonly OpDefinition[] = [
  elementwiseOps.sigmoid, elementwiseOps.tanh, elementwiseOps.relu, elementwiseOps.leakyRelu, elementwiseOps.elu, elementwiseOps.softplus,
  softmaxOps.softmax, softmaxOps.logSoftmax,
];

/**
 * The logits under an output: the input of its `activation` where that is its last op, or the output itself where it is
 * linear. Losses are computed from logits, never from probabilities.
 */
export function logitsOf(output: Node, activation: OpDefinition, loss: string): Node {
  if (output.op === activation) return output.inputs[0]!;
  if (activationsOtherThan.includes(output.op)) {
    throw new OptionError(`[${loss}] expected an output with activation ${activation.name} or linear (logits) but it has ${output.op.name}`);
  }
  return output;
}

export function widthError(loss: string, expected: string, width: number): OptionError {
  return new OptionError(`[${loss}] expected targets of ${expected} but they have ${width} columns`);
}
