// Losses of a model's output: functions of nodes, computed from logits wherever the output is a softmax or a sigmoid.
import { OptionError, ShapeError } from '../errors.ts';
import { type Node, type OpDefinition, whereOf } from '../graph/node.ts';
import { formatShape, hasRows, sameShape } from '../graph/shape.ts';
import { elementwiseOps, multiply, softplus, square, subtract } from './elementwise.ts';
import { mean } from './reduce.ts';
import { reshape } from './shape.ts';
import { softmaxCrossEntropy, softmaxOps } from './softmax.ts';

/** `'mean'` (default): one number, the mean over the examples. `'none'`: the loss of each example, [rows, 1]. */
export interface LossOptions { readonly reduction?: 'mean' | 'none' }

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

/** The logits of an output that `crossEntropy` takes. */
export const softmaxLogits = (output: Node): Node => logitsOf(output, softmaxOps.softmax, 'crossEntropy');
/** The logits of an output that `binaryCrossEntropy` takes. */
export const sigmoidLogits = (output: Node): Node => logitsOf(output, elementwiseOps.sigmoid, 'binaryCrossEntropy');

function checkShapes(loss: string, output: Node, targets: Node): void {
  if (output.shape.length !== 2 || !hasRows(output.shape)) throw new ShapeError(`${whereOf(loss)} expected an output of shape [rows, k] but received ${formatShape(output.shape)}`);
  if (!sameShape(output.shape, targets.shape)) throw new ShapeError(`${whereOf(loss)} expected targets of shape ${formatShape(output.shape)} but received ${formatShape(targets.shape)}`);
}

function reduced(perExample: Node, { reduction = 'mean' }: LossOptions): Node {
  return reduction === 'mean' ? mean(perExample) : perExample;
}

/** Mean over the k outputs, as [rows, 1]. */
function overOutputs(x: Node): Node {
  return reshape(mean(x, [1]), ['rows', 1]);
}

/** (1/k) Σ (y − t)² of an output y and targets t, both [rows, k]. */
export function meanSquaredError(y: Node, t: Node, options: LossOptions = {}): Node {
  checkShapes('meanSquaredError', y, t);
  return reduced(overOutputs(square(subtract(y, t))), options);
}

/**
 * −(1/k) Σ [t log y + (1 − t) log(1 − y)] with y and t of shape [rows, k]. `y` is a sigmoid, of which the logits z are
 * taken, or is linear and then itself the logits: the loss is computed as softplus(z) − t z, exact at any z.
 */
export function binaryCrossEntropy(y: Node, t: Node, options: LossOptions = {}): Node {
  const z = sigmoidLogits(y);
  checkShapes('binaryCrossEntropy', z, t);
  return reduced(overOutputs(subtract(softplus(z), multiply(t, z))), options);
}

/**
 * −Σ t log y of y [rows, k] with targets t: class labels [rows, 1] from 0, or probabilities [rows, k]. `y` is a softmax, of
 * which the logits are taken, or is linear and then itself the logits.
 */
export function crossEntropy(y: Node, t: Node, options: LossOptions = {}): Node {
  return reduced(softmaxCrossEntropy(softmaxLogits(y), t), options);
}
