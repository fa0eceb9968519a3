// What the losses are made of: checks of shapes, logits under an output, means over outputs and examples.
import { OptionError, ShapeError } from '../errors.ts';
import { type Node, type OpDefinition, whereOf } from '../graph/node.ts';
import { formatShape, hasRows, type Shape } from '../graph/shape.ts';
import { invalid, oneOf } from '../options.ts';
import { elementwiseOps, multiply } from './elementwise.ts';
import { oneHot } from './labels.ts';
import { mean, sum } from './reduce.ts';
import { reshape } from './shape.ts';
import { softmaxOps } from './softmax.ts';
import { constant } from './variables.ts';

/** `'mean'` (default): one number, the mean over the examples. `'none'`: the loss of each example, [rows, 1]. */
export interface LossOptions { readonly reduction?: 'mean' | 'none' }

/** Options as they come from a user or a file. */
export type RawOptions = Readonly<Record<string, unknown>>;

const activations: readonly OpDefinition[] = [
  elementwiseOps.sigmoid, elementwiseOps.tanh, elementwiseOps.relu, elementwiseOps.leakyRelu, elementwiseOps.elu, elementwiseOps.softplus,
  softmaxOps.softmax, softmaxOps.logSoftmax,
];

/** Names of activations made of several ops, by the last of them: their outputs are no logits, though the op may be one of many. */
const composed = new WeakMap<Node, string>();

/** Tells losses that `output` is the output of the activation `name`, and so no logits. */
export function markActivation(output: Node, name: string): void {
  composed.set(output, name);
}

/** The logits under an output: the input of its `activation` where that is its last op, or the output itself where it is linear. */
function logitsOf(output: Node, activation: OpDefinition, loss: string): Node {
  if (output.op === activation) return output.inputs[0]!;
  const other = composed.get(output) ?? (activations.includes(output.op) ? output.op.name : undefined);
  if (other !== undefined) throw new OptionError(`${whereOf(loss)} expected an output with activation ${activation.name} or linear (logits) but it has ${other}`);
  return output;
}

/** The logits of an output that is a softmax, or linear. */
export const softmaxLogits = (output: Node, loss: string): Node => logitsOf(output, softmaxOps.softmax, loss);
/** The logits of an output that is a sigmoid, or linear. */
export const sigmoidLogits = (output: Node, loss: string): Node => logitsOf(output, elementwiseOps.sigmoid, loss);

/** The k of an output [rows, k]. */
export function widthOf(loss: string, output: Node): number {
  if (output.shape.length !== 2 || !hasRows(output.shape)) throw new ShapeError(`${whereOf(loss)} expected an output of shape [rows, k] but received ${formatShape(output.shape)}`);
  return Number(output.shape[1]);
}

export function checkTargetShape(loss: string, targets: Node, expected: Shape): void {
  const fits = targets.shape.length === expected.length && targets.shape.every((dimension, i) => dimension === expected[i]);
  if (!fits) throw new ShapeError(`${whereOf(loss)} expected targets of shape ${formatShape(expected)} but received ${formatShape(targets.shape)}`);
}

/** Refuses an output that is not [rows, k] and targets of another shape. */
export function checkShapes(loss: string, output: Node, targets: Node): void {
  checkTargetShape(loss, targets, ['rows', widthOf(loss, output)]);
}

/** The loss of the examples [rows, 1] as the options want it. */
export function reduced(loss: string, perExample: Node, { reduction = 'mean' }: LossOptions): Node {
  return oneOf(loss, 'reduction', reduction, ['mean', 'none']) === 'mean' ? mean(perExample) : perExample;
}

/** Mean over the k outputs, as [rows, 1]. */
export function overOutputs(x: Node): Node {
  return reshape(mean(x, [1]), ['rows', 1]);
}

/** Sum over the k outputs, as [rows, 1]. */
export function sumOutputs(x: Node): Node {
  return reshape(sum(x, [1]), ['rows', 1]);
}

/** Of each example [rows, k] the entry of its label [rows, 1]; numbers [k] are the same for every example. */
export function atLabel(values: Node, labels: Node): Node {
  return sumOutputs(multiply(oneHot(labels, Number(values.shape.at(-1))), values));
}

/** Returns a copy of weights, one or more finite numbers that are not negative; throws OptionError otherwise. */
export function checkWeights(loss: string, name: string, value: unknown): readonly number[] {
  const valid = Array.isArray(value) && value.length > 0 && value.every((weight) => Number.isFinite(weight) && (weight as number) >= 0);
  if (!valid || !value.some((weight) => weight > 0)) throw invalid(loss, name, 'an array of non-negative numbers, one of them positive at least,', value);
  return [...value as number[]];
}

/** Weights as a tensor [k], one for each of the k outputs. */
export function weightVector(loss: string, name: string, weights: readonly number[], outputs: number): Node {
  if (weights.length !== outputs) throw new OptionError(`[${loss}] expected '${name}' to be one number for each of the ${outputs} outputs but received ${weights.length}`);
  return constant(weights, [outputs]);
}
