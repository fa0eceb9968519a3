// densely/graph: the computation graph, for models, losses and optimisers of one's own.
export { Node, type Sample } from './graph/node.ts';
export type { Dimension, Shape } from './graph/shape.ts';
export { ancestors, consumersOf, descendants, formatGraph } from './graph/query.ts';
export { constant, hyper, input, inverseRows, parameter, rowCount, state, type Values } from './ops/variables.ts';
export {
  abs, add, copy, cos, divide, elu, equal, erf, exp, expm1, greater, leakyRelu, log, log1p, maximum, minimum, multiply, negate, power,
  reciprocal, relu, scale, select, shift, sigmoid, sign, sin, softplus, sqrt, square, step, subtract, tanh,
} from './ops/elementwise.ts';
export { clip, gelu, hardClip, hardTanh, logSigmoid, mish, selu, silu, softsign, type GeluOptions } from './ops/activations.ts';
export { binaryCrossEntropy, crossEntropy, meanSquaredError, type LossOptions } from './ops/losses.ts';
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
export { CompiledGraph, type GraphOptions, type GraphRequest, type Tensor } from './backend/compiled.ts';
import { CompiledGraph, type GraphOptions, type GraphRequest } from './backend/compiled.ts';

/** Compiles named outputs and assignments into a program with memory of its own. */
export function compile(request: GraphRequest, options: GraphOptions = {}): CompiledGraph {
  return new CompiledGraph(request, options);
}
