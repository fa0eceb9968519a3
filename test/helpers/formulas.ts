// Every activation of single numbers and its derivative, in the book's words.
import { errorFunction } from '../../lib/ops/error-function.ts';
import type { ActivationName } from '../../lib/index.ts';

type Formula = (z: number) => number;

const sigmoid: Formula = (z) => 1 / (1 + Math.exp(-z));
const softplus: Formula = (z) => Math.log(1 + Math.exp(z));
/** The normal distribution and its density. */
const phi: Formula = (z) => (1 + errorFunction(z / Math.SQRT2)) / 2;
const density: Formula = (z) => Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
const inner: Formula = (z) => Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3);
const between = (low: number, high: number): Formula => (z) => (z > low && z < high ? 1 : 0);
const lambda = 1.0507009873554805, alpha = 1.6732632423543772;

/** By name: g and g′. */
export const formulas: Record<Exclude<ActivationName, 'softmax' | 'logSoftmax'>, [Formula, Formula]> = {
  linear: [(z) => z, () => 1],
  sigmoid: [sigmoid, (z) => Math.exp(-z) / (1 + Math.exp(-z)) ** 2],
  tanh: [Math.tanh, (z) => 1 - Math.tanh(z) ** 2],
  relu: [(z) => Math.max(0, z), (z) => (z > 0 ? 1 : 0)],
  relu6: [(z) => Math.max(0, Math.min(6, z)), between(0, 6)],
  leakyRelu: [(z) => (z > 0 ? z : 0.01 * z), (z) => (z > 0 ? 1 : 0.01)],
  elu: [(z) => (z > 0 ? z : Math.exp(z) - 1), (z) => (z > 0 ? 1 : Math.exp(z))],
  selu: [(z) => lambda * (z > 0 ? z : alpha * (Math.exp(z) - 1)), (z) => lambda * (z > 0 ? 1 : alpha * Math.exp(z))],
  gelu: [(z) => z * phi(z), (z) => phi(z) + z * density(z)],
  geluTanh: [
    (z) => z / 2 * (1 + Math.tanh(inner(z))),
    (z) => (1 + Math.tanh(inner(z))) / 2 + z / 2 * (1 - Math.tanh(inner(z)) ** 2) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z ** 2),
  ],
  silu: [(z) => z * sigmoid(z), (z) => sigmoid(z) * (1 + z * (1 - sigmoid(z)))],
  mish: [(z) => z * Math.tanh(softplus(z)), (z) => Math.tanh(softplus(z)) + z * (1 - Math.tanh(softplus(z)) ** 2) * sigmoid(z)],
  softplus: [softplus, sigmoid],
  softsign: [(z) => z / (1 + Math.abs(z)), (z) => 1 / (1 + Math.abs(z)) ** 2],
  logSigmoid: [(z) => Math.log(sigmoid(z)), (z) => 1 - sigmoid(z)],
  hardClip: [(z) => Math.max(0, Math.min(1, z)), between(0, 1)],
  hardTanh: [(z) => Math.max(-1, Math.min(1, z)), between(-1, 1)],
  hardSigmoid: [(z) => Math.max(0, Math.min(1, z / 6 + 1 / 2)), (z) => between(-3, 3)(z) / 6],
  hardSwish: [(z) => z * Math.max(0, Math.min(1, z / 6 + 1 / 2)), (z) => (z >= 3 ? 1 : z <= -3 ? 0 : z / 3 + 1 / 2)],
  abs: [Math.abs, Math.sign],
  sin: [Math.sin, Math.cos],
  cos: [Math.cos, (z) => -Math.sin(z)],
  exp: [Math.exp, Math.exp],
};
