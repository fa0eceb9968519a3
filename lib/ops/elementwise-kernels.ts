// The TypeScript kernels of the elementwise functions: y from a, b, c and a number, over blocks of doubles.
import { errorFunction } from './error-function.ts';

type Block = Float64Array;
/** Writes y[0..n) from the operands; `y` may be one of them. */
export type ElementwiseKernel = (n: number, y: Block, a: Block, b: Block, c: Block, immediate: number) => void;

export const elementwiseKernels = {
  copy: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = a[i]!; },
  negate: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = -a[i]!; },
  abs: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = Math.abs(a[i]!); },
  sign: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = Math.sign(a[i]!); },
  square: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = a[i]! * a[i]!; },
  sqrt: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = Math.sqrt(a[i]!); },
  reciprocal: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = 1 / a[i]!; },
  exp: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = Math.exp(a[i]!); },
  log: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = Math.log(a[i]!); },
  sigmoid: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = 1 / (1 + Math.exp(-a[i]!)); },
  tanh: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = Math.tanh(a[i]!); },
  relu: (n, y, a) => { for (let i = 0; i < n; i++) { const x = a[i]!; y[i] = x < 0 ? 0 : x; } },
  leakyRelu: (n, y, a, _b, _c, alpha) => { for (let i = 0; i < n; i++) { const x = a[i]!; y[i] = x > 0 ? x : alpha * x; } },
  elu: (n, y, a, _b, _c, alpha) => { for (let i = 0; i < n; i++) { const x = a[i]!; y[i] = x > 0 ? x : alpha * Math.expm1(x); } },
  softplus: (n, y, a) => { for (let i = 0; i < n; i++) { const x = a[i]!; y[i] = (x < 0 ? 0 : x) + Math.log1p(Math.exp(-Math.abs(x))); } },
  sin: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = Math.sin(a[i]!); },
  cos: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = Math.cos(a[i]!); },
  erf: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = errorFunction(a[i]!); },
  log1p: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = Math.log1p(a[i]!); },
  expm1: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = Math.expm1(a[i]!); },
  step: (n, y, a) => { for (let i = 0; i < n; i++) y[i] = a[i]! > 0 ? 1 : 0; },
  scale: (n, y, a, _b, _c, factor) => { for (let i = 0; i < n; i++) y[i] = factor * a[i]!; },
  shift: (n, y, a, _b, _c, offset) => { for (let i = 0; i < n; i++) y[i] = a[i]! + offset; },
  add: (n, y, a, b) => { for (let i = 0; i < n; i++) y[i] = a[i]! + b[i]!; },
  subtract: (n, y, a, b) => { for (let i = 0; i < n; i++) y[i] = a[i]! - b[i]!; },
  multiply: (n, y, a, b) => { for (let i = 0; i < n; i++) y[i] = a[i]! * b[i]!; },
  divide: (n, y, a, b) => { for (let i = 0; i < n; i++) y[i] = a[i]! / b[i]!; },
  maximum: (n, y, a, b) => { for (let i = 0; i < n; i++) y[i] = Math.max(a[i]!, b[i]!); },
  minimum: (n, y, a, b) => { for (let i = 0; i < n; i++) y[i] = Math.min(a[i]!, b[i]!); },
  power: (n, y, a, b) => { for (let i = 0; i < n; i++) y[i] = a[i]! ** b[i]!; },
  greater: (n, y, a, b) => { for (let i = 0; i < n; i++) y[i] = a[i]! > b[i]! ? 1 : 0; },
  equal: (n, y, a, b) => { for (let i = 0; i < n; i++) y[i] = a[i]! === b[i]! ? 1 : 0; },
  multiplyAdd: (n, y, a, b, c) => { for (let i = 0; i < n; i++) y[i] = a[i]! * b[i]! + c[i]!; },
  select: (n, y, a, b, c) => { for (let i = 0; i < n; i++) y[i] = a[i]! !== 0 ? b[i]! : c[i]!; },
} as const satisfies Record<string, ElementwiseKernel>;
