// Losses of classes: functions of nodes, computed from logits wherever the output is a softmax or a sigmoid.
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { checkOptions, describe, numberIn } from '../options.ts';
import { add, divide, log, maximum, multiply, negate, relu, scale, select, shift, softplus, square, step, subtract } from './elementwise.ts';
import { oneHot } from './labels.ts';
import {
  atLabel, checkShapes, checkTargetShape, checkWeights, overOutputs, reduced, sigmoidLogits, softmaxLogits, sumOutputs, weightVector, widthOf, type LossOptions, type RawOptions,
} from './loss-parts.ts';
import { sum } from './reduce.ts';
import { logSoftmax, softmaxCrossEntropy } from './softmax.ts';
import { constant } from './variables.ts';

const checkSmoothing = (loss: string, value: unknown): number => numberIn(loss, 'labelSmoothing', value ?? 0, { from: 0, to: 1 });

/** Options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions {
  /** ε of the targets t (1 − ε) + ε/2 that take the place of t (default 0). */
  readonly labelSmoothing?: number;
  /** Weight of the examples of class 1 against 1 for those of class 0: a number, or one for each output (default 1). */
  readonly positiveWeight?: number | readonly number[];
}

export function binaryCrossEntropyOptions(options: RawOptions): { labelSmoothing: number; positiveWeight: number | readonly number[] } {
  const where = 'binaryCrossEntropy', { labelSmoothing, positiveWeight = 1 } = options;
  checkOptions(where, options, ['labelSmoothing', 'positiveWeight']);
  return {
    labelSmoothing: checkSmoothing(where, labelSmoothing),
    positiveWeight: Array.isArray(positiveWeight) ? checkWeights(where, 'positiveWeight', positiveWeight)
      : numberIn(where, 'positiveWeight', positiveWeight, { from: 0, openFrom: true, to: Infinity, openTo: true }),
  };
}

/**
 * −(1/k) Σ [p t log y + (1 − t) log(1 − y)] with y and t of shape [rows, k] and p the `positiveWeight`. `y` is a sigmoid, of
 * which the logits z are taken, or is linear and then itself the logits: the loss is computed from softplus(±z), exact at any z.
 */
export function binaryCrossEntropy(y: Node, t: Node, { reduction = 'mean', ...own }: BinaryCrossEntropyOptions & LossOptions = {}): Node {
  const where = 'binaryCrossEntropy', { labelSmoothing, positiveWeight } = binaryCrossEntropyOptions(own);
  const z = sigmoidLogits(y, where);
  checkShapes(where, z, t);
  const target = shift(scale(t, 1 - labelSmoothing), labelSmoothing / 2);
  if (positiveWeight === 1) return reduced(where, overOutputs(subtract(softplus(z), multiply(target, z))), { reduction });
  const weight = typeof positiveWeight === 'number' ? constant(positiveWeight) : weightVector(where, 'positiveWeight', positiveWeight, widthOf(where, z));
  const positive = multiply(multiply(target, weight), softplus(negate(z))), negative = multiply(shift(negate(target), 1), softplus(z));
  return reduced(where, overOutputs(add(positive, negative)), { reduction });
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions {
  /** ε of the targets (1 − ε) t + ε/k that take the place of t (Szegedy et al. 2016; default 0). */
  readonly labelSmoothing?: number;
  /** Weight of each class, k numbers (default all 1). With labels the mean over examples is divided by the sum of their weights. */
  readonly classWeights?: readonly number[];
}

export function crossEntropyOptions(options: RawOptions): CrossEntropyOptions & { labelSmoothing: number } {
  checkOptions('crossEntropy', options, ['labelSmoothing', 'classWeights']);
  const labelSmoothing = checkSmoothing('crossEntropy', options['labelSmoothing']), weights = options['classWeights'];
  return { labelSmoothing, ...(weights !== undefined && { classWeights: checkWeights('crossEntropy', 'classWeights', weights) }) };
}

/** Weights of examples with labels [rows, 1], as [rows, 1]; undefined where all count one, as they do with probabilities for targets. */
export function crossEntropyWeights(t: Node, { classWeights }: Pick<CrossEntropyOptions, 'classWeights'>): Node | undefined {
  return classWeights === undefined || t.shape[1] !== 1 ? undefined : atLabel(constant(classWeights), t);
}

/**
 * −Σ w t log y of y [rows, k] with targets t: class labels [rows, 1] from 0, or probabilities [rows, k], and class weights w.
 * `y` is a softmax, of which the logits are taken, or is linear and then itself the logits. The mean over examples is PyTorch's:
 * with labels Σ loss / Σ w[label], with probabilities for targets the plain mean.
 */
export function crossEntropy(y: Node, t: Node, { reduction = 'mean', ...own }: CrossEntropyOptions & LossOptions = {}): Node {
  const where = 'crossEntropy', { labelSmoothing, classWeights } = crossEntropyOptions(own);
  const z = softmaxLogits(y, where), k = widthOf(where, z);
  let targets = t;
  if (labelSmoothing > 0 || classWeights !== undefined) {
    const shares = t.shape[1] === 1 ? oneHot(t, k) : t;
    targets = shift(scale(shares, 1 - labelSmoothing), labelSmoothing / k);
    if (classWeights !== undefined) targets = multiply(targets, weightVector(where, 'classWeights', classWeights, k));
  }
  const perExample = softmaxCrossEntropy(z, targets), weights = crossEntropyWeights(t, { ...(classWeights && { classWeights }) });
  return reduction === 'mean' && weights !== undefined ? divide(sum(perExample), sum(weights)) : reduced(where, perExample, { reduction });
}

/** Least probability of which the logarithm is taken in t log t: what is below adds nothing. */
const least = 1e-30;

/**
 * Kullback-Leibler divergence Σ t (log t − log y) from y to t, both probabilities [rows, k]; the terms with t = 0 are 0. `y` is
 * a softmax, of which the logits are taken, or is linear and then itself the logits.
 */
export function kullbackLeibler(y: Node, t: Node, { reduction = 'mean', ...own }: LossOptions = {}): Node {
  checkOptions('kullbackLeibler', own, []);
  const z = softmaxLogits(y, 'kullbackLeibler');
  checkShapes('kullbackLeibler', z, t);
  const terms = multiply(t, subtract(log(maximum(t, constant(least))), logSoftmax(z)));
  return reduced('kullbackLeibler', sumOutputs(terms), { reduction });
}

/** Targets above 0 as 1, the others as −1. */
const signs = (t: Node): Node => shift(scale(step(t), 2), -1);

function margins(loss: string, y: Node, t: Node, own: object): Node {
  checkOptions(loss, own, []);
  checkShapes(loss, y, t);
  return relu(shift(negate(multiply(signs(t), y)), 1));
}

/** (1/k) Σ max(0, 1 − t y) of an output y and targets t of −1 (or 0, which means the same) and 1, both [rows, k]. */
export function hinge(y: Node, t: Node, { reduction = 'mean', ...own }: LossOptions = {}): Node {
  return reduced('hinge', overOutputs(margins('hinge', y, t, own)), { reduction });
}

/** (1/k) Σ max(0, 1 − t y)² of an output y and targets t of −1 (or 0, which means the same) and 1, both [rows, k]. */
export function squaredHinge(y: Node, t: Node, { reduction = 'mean', ...own }: LossOptions = {}): Node {
  return reduced('squaredHinge', overOutputs(square(margins('squaredHinge', y, t, own))), { reduction });
}

/** Options of `multiMargin`. */
export interface MultiMarginOptions {
  /** By how much the right class has to lead (default 1). */
  readonly margin?: number;
  /** Exponent of what is missing: 1 (default) or 2. */
  readonly power?: 1 | 2;
}

export function multiMarginOptions(options: RawOptions): { margin: number; power: 1 | 2 } {
  checkOptions('multiMargin', options, ['margin', 'power']);
  const { margin = 1, power = 1 } = options;
  if (power !== 1 && power !== 2) throw new OptionError(`[multiMargin] expected 'power' to be 1 or 2 but received ${describe(power)}`);
  return { margin: numberIn('multiMargin', 'margin', margin, { from: 0, openFrom: true, to: Infinity, openTo: true }), power };
}

/** (1/k) Σ over the classes j other than the label of max(0, m − y[label] + y[j])ᵖ, of scores y [rows, k] and labels t [rows, 1]. */
export function multiMargin(y: Node, t: Node, { reduction = 'mean', ...own }: MultiMarginOptions & LossOptions = {}): Node {
  const { margin, power } = multiMarginOptions(own), k = widthOf('multiMargin', y);
  checkTargetShape('multiMargin', t, ['rows', 1]);
  const missing = relu(shift(subtract(y, atLabel(y, t)), margin));
  const others = select(oneHot(t, k), constant(0), power === 2 ? square(missing) : missing);
  return reduced('multiMargin', overOutputs(others), { reduction });
}
