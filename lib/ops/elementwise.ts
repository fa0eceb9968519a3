// Elementwise functions: one table row each, with its derivative; the kernels of the same names are in elementwise-kernels.ts.
import { internal } from '../errors.ts';
import { makeNode, type Node, type OpDefinition, type Sample, whereOf } from '../graph/node.ts';
import { broadcastShapes, broadcastsTo, type Shape } from '../graph/shape.ts';
import { elementwiseKernels } from './elementwise-kernels.ts';
import { broadcastTo, filledLike } from './shape.ts';
import { scalarValue } from './variables.ts';

/** Where a function is differentiable and its inputs make sense, for generated tests. */
type Domain = 'normal' | 'positive' | 'label:2';

/** Every element of the result depends on the same element of each input alone: its derivatives are what the gradient multiplies with. */
function diagonal(node: Node, tangents: readonly (Node | null)[]): Node | null {
  const parts = tangents.map((tangent, i) => tangent && node.op.gradient(node, tangent)[i]).filter((part) => part != null);
  return parts.length === 0 ? null : parts.reduce(add);
}

function row(name: keyof typeof elementwiseKernels, doc: string, gradient: OpDefinition['gradient'], domains: readonly Domain[] = ['normal'], attributes?: Sample['attributes']): OpDefinition {
  const arity = domains.length;
  const shapes = (shape: Shape): Shape[] => domains.map(() => shape);
  return {
    name, doc, arity, gradient, tangent: diagonal,
    shape: (inputs, _attributes, where) => inputs.reduce((a, b) => broadcastShapes(a, b, where)),
    lowering: { kind: 'elementwise' },
    tolerance: 2e-6,
    samples: [['rows', 3] as const, [4, 5] as const, ['rows', 2, 3] as const].map((shape) => ({ shapes: shapes(shape), domain: domains, ...(attributes && { attributes }) })),
  };
}

const immediate = (node: Node): number => Number(node.attributes['immediate']);
const first = (node: Node): Node => node.inputs[0]!;
const second = (node: Node): Node => node.inputs[1]!;

export const elementwiseOps = {
  copy: row('copy', 'x', (_node, u) => [u]),
  negate: row('negate', '−x', (_node, u) => [negate(u)]),
  abs: row('abs', '|x|; the derivative at 0 is 0', (node, u) => [multiply(u, sign(first(node)))]),
  sign: row('sign', '−1, 0 or 1', () => [null]),
  square: row('square', 'x²', (node, u) => [multiply(u, scale(first(node), 2))]),
  sqrt: row('sqrt', '√x', (node, u) => [divide(scale(u, 0.5), node)], ['positive']),
  reciprocal: row('reciprocal', '1 / x', (node, u) => [negate(multiply(u, square(node)))], ['positive']),
  exp: row('exp', 'eˣ', (node, u) => [multiply(u, node)]),
  log: row('log', 'natural logarithm', (node, u) => [divide(u, first(node))], ['positive']),
  sigmoid: row('sigmoid', '1 / (1 + e⁻ˣ)', (node, u) => [multiply(u, subtract(node, square(node)))]),
  tanh: row('tanh', 'hyperbolic tangent', (node, u) => [subtract(u, multiply(u, square(node)))]),
  relu: row('relu', 'max(0, x); the derivative at 0 is 0', (node, u) => [multiply(u, step(node))]),
  leakyRelu: row('leakyRelu', 'x for x > 0, else αx', (node, u) => [select(step(first(node)), u, scale(u, immediate(node)))], ['normal'], { immediate: 0.01 }),
  elu: row('elu', 'x for x > 0, else α(eˣ − 1)', (node, u) => [select(step(first(node)), u, multiply(u, shift(node, immediate(node))))], ['normal'], { immediate: 1.5 }),
  softplus: row('softplus', 'log(1 + eˣ)', (node, u) => [multiply(u, sigmoid(first(node)))]),
  sin: row('sin', 'sine', (node, u) => [multiply(u, cos(first(node)))]),
  cos: row('cos', 'cosine', (node, u) => [negate(multiply(u, sin(first(node))))]),
  erf: row('erf', 'error function 2/√π ∫₀ˣ e^(−t²) dt', (node, u) => [multiply(u, scale(exp(negate(square(first(node)))), 2 / Math.sqrt(Math.PI)))]),
  log1p: row('log1p', 'log(1 + x), exact near 0', (node, u) => [divide(u, shift(first(node), 1))], ['positive']),
  expm1: row('expm1', 'eˣ − 1, exact near 0', (node, u) => [multiply(u, shift(node, 1))]),
  step: row('step', '1 for x > 0, else 0', () => [null]),
  scale: row('scale', 'x times a fixed number', (node, u) => [scale(u, immediate(node))], ['normal'], { immediate: -1.7 }),
  shift: row('shift', 'x plus a fixed number', (_node, u) => [u], ['normal'], { immediate: 0.3 }),
  add: row('add', 'a + b', (_node, u) => [u, u], ['normal', 'normal']),
  subtract: row('subtract', 'a − b', (_node, u) => [u, negate(u)], ['normal', 'normal']),
  multiply: row('multiply', 'a · b', (node, u) => [multiply(u, second(node)), multiply(u, first(node))], ['normal', 'normal']),
  divide: row('divide', 'a / b', (node, u) => [divide(u, second(node)), negate(divide(multiply(u, node), second(node)))], ['normal', 'positive']),
  maximum: row('maximum', 'the larger of a and b; equals share the gradient', (node, u) => winners(u, first(node), second(node)), ['normal', 'normal']),
  minimum: row('minimum', 'the smaller of a and b; equals share the gradient', (node, u) => winners(u, negate(first(node)), negate(second(node))), ['normal', 'normal']),
  power: row('power', 'aᵇ', (node, u) => {
    const a = first(node), b = second(node);
    return [multiply(u, multiply(b, power(a, shift(b, -1)))), multiply(u, multiply(node, log(a)))];
  }, ['positive', 'normal']),
  greater: row('greater', '1 where a > b, else 0', () => [null, null], ['normal', 'normal']),
  equal: row('equal', '1 where a = b, else 0', () => [null, null], ['normal', 'normal']),
  multiplyAdd: row('multiplyAdd', 'a · b + c', (node, u) => [multiply(u, second(node)), multiply(u, first(node)), u], ['normal', 'normal', 'normal']),
  select: row('select', 'a where the condition is not 0, else b', (node, u) => {
    const none = filledLike(u, 0);
    return [null, select(first(node), u, none), select(first(node), none, u)];
  }, ['label:2', 'normal', 'normal']),
} as const satisfies Record<string, OpDefinition>;

/** Gradients of a maximum: to the larger input, halves to equals. */
function winners(upstream: Node, a: Node, b: Node): [Node, Node] {
  const half = scale(equal(a, b), 0.5);
  return [multiply(upstream, add(greater(a, b), half)), multiply(upstream, add(greater(b, a), half))];
}

function unary(op: OpDefinition, x: Node, attributes = {}): Node {
  return makeNode(op, [x], attributes);
}

function nary(op: OpDefinition, ...inputs: Node[]): Node {
  const shape = inputs.map((node) => node.shape).reduce((a, b) => broadcastShapes(a, b, whereOf(op.name)));
  return makeNode(op, inputs.map((node) => broadcastTo(node, shape)));
}

/** The number that fills the whole of a broadcast constant, or undefined. */
function uniformValue(node: Node): number | undefined {
  return node.op.name === 'broadcastTo' ? scalarValue(first(node)) : scalarValue(node);
}

/** The number that `node` repeats, where combining it with `other` leaves the shape of `other` as it is. */
function asNumber(node: Node, other: Node): number | undefined {
  return broadcastsTo(node.shape, other.shape) ? uniformValue(node) : undefined;
}

/** `x` times the number `factor`. */
export function scale(x: Node, factor: number): Node {
  if (factor === 1) return x;
  const value = scalarValue(x);
  if (x.op.name === 'broadcastTo' && scalarValue(first(x)) !== undefined) return filledLike(x, scalarValue(first(x))! * factor);
  if (value !== undefined) return filledLike(x, value * factor);
  return unary(elementwiseOps.scale, x, { immediate: factor });
}

/** `x` plus the number `offset`. */
export function shift(x: Node, offset: number): Node {
  return offset === 0 ? x : unary(elementwiseOps.shift, x, { immediate: offset });
}

/** a + b. Shapes broadcast as in NumPy: dimensions are matched from the last, and one of 1 stretches. */
export function add(a: Node, b: Node): Node {
  const right = asNumber(b, a);
  if (right !== undefined) return shift(a, right);
  const left = asNumber(a, b);
  return left !== undefined ? shift(b, left) : nary(elementwiseOps.add, a, b);
}

/** a − b, with shapes that broadcast. */
export function subtract(a: Node, b: Node): Node {
  const right = asNumber(b, a);
  return right !== undefined ? shift(a, -right) : nary(elementwiseOps.subtract, a, b);
}

/** a · b, element by element, with shapes that broadcast. */
export function multiply(a: Node, b: Node): Node {
  const right = asNumber(b, a);
  if (right !== undefined) return scale(a, right);
  const left = asNumber(a, b);
  return left !== undefined ? scale(b, left) : nary(elementwiseOps.multiply, a, b);
}

/** a / b, with shapes that broadcast. */
export function divide(a: Node, b: Node): Node {
  const right = asNumber(b, a);
  return right !== undefined && right !== 0 ? scale(a, 1 / right) : nary(elementwiseOps.divide, a, b);
}

/** −x. */
export const negate = (x: Node): Node => (uniformValue(x) !== undefined ? scale(x, -1) : unary(elementwiseOps.negate, x));
/** x itself as a node of its own. */
export const copy = (x: Node): Node => unary(elementwiseOps.copy, x);
/** |x|; its derivative at 0 is 0. */
export const abs = (x: Node): Node => unary(elementwiseOps.abs, x);
/** 1 above 0, −1 below, and 0 at it; no gradient flows through it. */
export const sign = (x: Node): Node => unary(elementwiseOps.sign, x);
/** x². */
export const square = (x: Node): Node => unary(elementwiseOps.square, x);
/** √x. */
export const sqrt = (x: Node): Node => unary(elementwiseOps.sqrt, x);
/** 1/x. */
export const reciprocal = (x: Node): Node => unary(elementwiseOps.reciprocal, x);
/** eˣ. */
export const exp = (x: Node): Node => unary(elementwiseOps.exp, x);
/** The natural logarithm. */
export const log = (x: Node): Node => unary(elementwiseOps.log, x);
/** 1/(1 + e⁻ˣ). */
export const sigmoid = (x: Node): Node => unary(elementwiseOps.sigmoid, x);
/** The hyperbolic tangent. */
export const tanh = (x: Node): Node => unary(elementwiseOps.tanh, x);
/** x above 0, else 0; its derivative at 0 is 0. */
export const relu = (x: Node): Node => unary(elementwiseOps.relu, x);
/** x for x > 0, else αx (default α 0.01, as in PyTorch). */
export const leakyRelu = (x: Node, alpha = 0.01): Node => unary(elementwiseOps.leakyRelu, x, { immediate: alpha });
/** x for x > 0, else α(eˣ − 1) (default α 1). */
export const elu = (x: Node, alpha = 1): Node => unary(elementwiseOps.elu, x, { immediate: alpha });
/** log(1 + eˣ), without overflow. */
export const softplus = (x: Node): Node => unary(elementwiseOps.softplus, x);
/** The sine of x in radians. */
export const sin = (x: Node): Node => unary(elementwiseOps.sin, x);
/** The cosine of x in radians. */
export const cos = (x: Node): Node => unary(elementwiseOps.cos, x);
/** The error function 2/√π ∫₀ˣ e^(−t²) dt. */
export const erf = (x: Node): Node => unary(elementwiseOps.erf, x);
/** log(1 + x), exact near 0. */
export const log1p = (x: Node): Node => unary(elementwiseOps.log1p, x);
/** eˣ − 1, exact near 0. */
export const expm1 = (x: Node): Node => unary(elementwiseOps.expm1, x);
/** 1 above 0, else 0; no gradient flows through it. */
export const step = (x: Node): Node => unary(elementwiseOps.step, x);
/** The larger of a and b, with shapes that broadcast. */
export const maximum = (a: Node, b: Node): Node => nary(elementwiseOps.maximum, a, b);
/** The smaller of a and b, with shapes that broadcast. */
export const minimum = (a: Node, b: Node): Node => nary(elementwiseOps.minimum, a, b);
/** aᵇ; the derivative with respect to b needs a > 0. */
export const power = (a: Node, b: Node): Node => nary(elementwiseOps.power, a, b);
/** 1 where a > b, else 0, with shapes that broadcast; no gradient flows through it. */
export const greater = (a: Node, b: Node): Node => nary(elementwiseOps.greater, a, b);
/** 1 where a = b, else 0, with shapes that broadcast; no gradient flows through it. */
export const equal = (a: Node, b: Node): Node => nary(elementwiseOps.equal, a, b);
/** `a` where `condition` is not 0, else `b`. */
export const select = (condition: Node, a: Node, b: Node): Node => nary(elementwiseOps.select, condition, a, b);

/** The number kept in a node of `scale`, `shift`, `leakyRelu` or `elu`; 0 elsewhere. */
export function immediateOf(node: Node): number {
  if (node.op.lowering.kind !== 'elementwise') throw internal(`${node.op.name} is not elementwise`);
  return Number(node.attributes['immediate'] ?? 0);
}
