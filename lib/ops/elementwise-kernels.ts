// The TypeScript kernels of the elementwise functions: y from a, b, c and a number, over blocks of doubles.
import { errorFunction } from './error-function.ts';

/** Elements of a block. */
export const blockLength = 256;

/** The blocks, one after the other, 256 of them. A constant of the module: V8 reaches it by its address. */
export const blocks = new Float64Array(256 * blockLength);
const v = blocks;

// Comparisons are converted to numbers and not chosen by: V8 then compiles no branch, which the signs of data would mispredict.

/** Writes n elements of the block at `y` from those at `a`, `b` and `c`; `y` may be one of them. */
export type ElementwiseKernel = (n: number, y: number, a: number, b: number, c: number, immediate: number) => void;

export const elementwiseKernels = {
  copy: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = v[a + i | 0]!; },
  negate: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = -v[a + i | 0]!; },
  abs: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.abs(v[a + i | 0]!); },
  sign: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.sign(v[a + i | 0]!); },
  square: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = v[a + i | 0]! * v[a + i | 0]!; },
  sqrt: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.sqrt(v[a + i | 0]!); },
  reciprocal: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = 1 / v[a + i | 0]!; },
  exp: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.exp(v[a + i | 0]!); },
  log: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.log(v[a + i | 0]!); },
  sigmoid: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = 1 / (1 + Math.exp(-v[a + i | 0]!)); },
  tanh: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.tanh(v[a + i | 0]!); },
  relu: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.max(v[a + i | 0]!, 0); },
  leakyRelu: (n, y, a, _b, _c, alpha) => { for (let i = 0; i < n; i++) { const x = v[a + i | 0]!; v[y + i | 0] = x > 0 ? x : alpha * x; } },
  elu: (n, y, a, _b, _c, alpha) => { for (let i = 0; i < n; i++) { const x = v[a + i | 0]!; v[y + i | 0] = x > 0 ? x : alpha * Math.expm1(x); } },
  softplus: (n, y, a) => { for (let i = 0; i < n; i++) { const x = v[a + i | 0]!; v[y + i | 0] = (x < 0 ? 0 : x) + Math.log1p(Math.exp(-Math.abs(x))); } },
  sin: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.sin(v[a + i | 0]!); },
  cos: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.cos(v[a + i | 0]!); },
  erf: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = errorFunction(v[a + i | 0]!); },
  log1p: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.log1p(v[a + i | 0]!); },
  expm1: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.expm1(v[a + i | 0]!); },
  step: (n, y, a) => { for (let i = 0; i < n; i++) v[y + i | 0] = Number(v[a + i | 0]! > 0); },
  scale: (n, y, a, _b, _c, factor) => { for (let i = 0; i < n; i++) v[y + i | 0] = factor * v[a + i | 0]!; },
  shift: (n, y, a, _b, _c, offset) => { for (let i = 0; i < n; i++) v[y + i | 0] = v[a + i | 0]! + offset; },
  add: (n, y, a, b) => { for (let i = 0; i < n; i++) v[y + i | 0] = v[a + i | 0]! + v[b + i | 0]!; },
  subtract: (n, y, a, b) => { for (let i = 0; i < n; i++) v[y + i | 0] = v[a + i | 0]! - v[b + i | 0]!; },
  multiply: (n, y, a, b) => { for (let i = 0; i < n; i++) v[y + i | 0] = v[a + i | 0]! * v[b + i | 0]!; },
  divide: (n, y, a, b) => { for (let i = 0; i < n; i++) v[y + i | 0] = v[a + i | 0]! / v[b + i | 0]!; },
  maximum: (n, y, a, b) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.max(v[a + i | 0]!, v[b + i | 0]!); },
  minimum: (n, y, a, b) => { for (let i = 0; i < n; i++) v[y + i | 0] = Math.min(v[a + i | 0]!, v[b + i | 0]!); },
  power: (n, y, a, b) => { for (let i = 0; i < n; i++) v[y + i | 0] = v[a + i | 0]! ** v[b + i | 0]!; },
  greater: (n, y, a, b) => { for (let i = 0; i < n; i++) v[y + i | 0] = Number(v[a + i | 0]! > v[b + i | 0]!); },
  equal: (n, y, a, b) => { for (let i = 0; i < n; i++) v[y + i | 0] = Number(v[a + i | 0]! === v[b + i | 0]!); },
  multiplyAdd: (n, y, a, b, c) => { for (let i = 0; i < n; i++) v[y + i | 0] = v[a + i | 0]! * v[b + i | 0]! + v[c + i | 0]!; },
  select: (n, y, a, b, c) => { for (let i = 0; i < n; i++) v[y + i | 0] = v[a + i | 0]! !== 0 ? v[b + i | 0]! : v[c + i | 0]!; },
} as const satisfies Record<string, ElementwiseKernel>;
