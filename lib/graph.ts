// densely/graph: the computation graph, for models, losses and optimisers of one's own.
/**
 * The computation graph: models, losses and optimizers of your own, with gradients of any order.
 *
 * @module densely/graph
 */
export { Node, type Sample } from './graph/node.ts';
export type { Dimension, Shape } from './graph/shape.ts';
export { ancestors, consumersOf, descendants, formatGraph } from './graph/query.ts';
export { constant, hyper, input, inverseRows, parameter, rowCount, state, type Values } from './ops/variables.ts';
export {
  abs, add, copy, cos, divide, elu, equal, erf, exp, expm1, greater, leakyRelu, log, log1p, maximum, minimum, multiply, negate, power,
  reciprocal, relu, scale, select, shift, sigmoid, sign, sin, softplus, sqrt, square, step, subtract, tanh,
} from './ops/elementwise.ts';
export { clip, gelu, hardClip, hardTanh, logSigmoid, mish, selu, silu, softsign, type GeluOptions } from './ops/activations.ts';
export { gaussianNegativeLogLikelihood, mixtureDensity, type GaussianOptions, type MixtureOptions } from './ops/density-losses.ts';
export type { LossOptions } from './ops/loss-parts.ts';
export {
  binaryCrossEntropy, crossEntropy, hinge, kullbackLeibler, multiMargin, squaredHinge,
  type BinaryCrossEntropyOptions, type CrossEntropyOptions, type MultiMarginOptions,
} from './ops/losses.ts';
export {
  huber, logCosh, meanAbsoluteError, meanSquaredError, poisson, type HuberOptions, type MeanSquaredErrorOptions, type PoissonOptions,
} from './ops/regression-losses.ts';
export { affine, matmul } from './ops/matmul.ts';
export { max, mean, sum } from './ops/reduce.ts';
export { concatenate, pad, slice } from './ops/join.ts';
export { broadcastTo, reshape, stopGradient, transpose } from './ops/shape.ts';
export { logSoftmax, logSumExp, softmax, softmaxCrossEntropy } from './ops/softmax.ts';
export { argmax, oneHot } from './ops/labels.ts';
export { uniform } from './ops/draw.ts';
export { assign } from './ops/assign.ts';
export { gradients } from './ops/gradients.ts';
export { hessian, hessianVectorProduct, tangents } from './ops/tangents.ts';
export { checkGraph as checkGradients, type CheckedEntry, type CheckedTensor, type GradientCheck, type GradientCheckOptions, type GraphToCheck } from './diagnose/gradient-check.ts';
export { CompiledGraph, type GraphOptions, type GraphRequest, type Tensor } from './backend/compiled.ts';
export { GraphObjective, type GraphObjectiveOptions } from './backend/objective.ts';
export { conjugateGradient, type ConjugateGradientOptions } from './minimize/conjugate-gradient.ts';
export { lbfgs, type LbfgsOptions } from './minimize/l-bfgs.ts';
export { minimize, type MinimizeOptions } from './minimize/minimize.ts';
export type { MinimizerSpec, WolfeOptions } from './minimize/minimizer.ts';
export type { Evaluation, Objective } from './minimize/objective.ts';
export type { MinimizerName } from './minimize/registry.ts';
export type { Iteration, MinimizeReason, MinimizeResult } from './minimize/result.ts';
import { CompiledGraph, type GraphOptions, type GraphRequest } from './backend/compiled.ts';
import { GraphObjective, type GraphObjectiveOptions } from './backend/objective.ts';
import type { Node } from './graph/node.ts';

/** Compiles named outputs and assignments into a program with memory of its own. */
export function compile(request: GraphRequest, options: GraphOptions = {}): CompiledGraph {
  return new CompiledGraph(request, options);
}

/**
 * The scalar node `loss` as a function of `parameters`, to be minimized by `minimize(objective, objective.start)`. Inputs are read once.
 * @throws {ShapeError} On a loss that is not a scalar and on values that do not fit, {OptionError} on what the loss does not read.
 */
export function graphObjective(loss: Node, parameters: readonly Node[], options: GraphObjectiveOptions = {}): GraphObjective {
  return new GraphObjective(loss, parameters, options);
}
