// Activations made of other functions, with PyTorch's definitions and derivatives. The compiler fuses each into one pass.
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { checkOptions, oneOf } from '../options.ts';
import { abs, add, divide, elu, equal, erf, greater, multiply, negate, scale, select, shift, sigmoid, softplus, square, tanh } from './elementwise.ts';
import { constant } from './variables.ts';

/** How `gelu` computes Φ: `'none'` (default) by the error function, `'tanh'` by the approximation of Hendrycks and Gimpel. */
export interface GeluOptions { readonly approximate?: 'none' | 'tanh' }

/**
 * x·Φ(x) with the normal distribution's Φ(x) = (1 + erf(x/√2)) / 2 (Hendrycks and Gimpel 2016), or with `approximate: 'tanh'`
 * x/2·(1 + tanh(√(2/π)·(x + 0.044715 x³))).
 */
export function gelu(x: Node, options: GeluOptions = {}): Node {
  checkOptions('gelu', options, ['approximate']);
  if (oneOf('gelu', 'approximate', options.approximate ?? 'none', ['none', 'tanh']) === 'none') {
    return multiply(x, scale(shift(erf(scale(x, Math.SQRT1_2)), 1), 0.5));
  }
  // (1 + tanh z) / 2 = sigmoid(2z), which keeps its digits where tanh z is near −1.
  return multiply(x, sigmoid(scale(add(x, scale(multiply(x, square(x)), 0.044715)), 2 * Math.sqrt(2 / Math.PI))));
}

/** x·sigmoid(x), also known as Swish (Ramachandran, Zoph and Le 2017). */
export const silu = (x: Node): Node => multiply(x, sigmoid(x));

/** x·tanh(softplus(x)) (Misra 2019). */
export const mish = (x: Node): Node => multiply(x, tanh(softplus(x)));

/** λ·x for x > 0, else λα(eˣ − 1), with α and λ for which mean 0 and variance 1 are a fixed point (Klambauer et al. 2017). */
export const selu = (x: Node): Node => scale(elu(x, 1.6732632423543772), 1.0507009873554805);

/** x / (1 + |x|). */
export const softsign = (x: Node): Node => divide(x, shift(abs(x), 1));

/** log sigmoid(x) = −softplus(−x), which neither overflows nor loses small values. */
export const logSigmoid = (x: Node): Node => negate(softplus(negate(x)));

function checkBounds(name: string, low: number, high: number): void {
  if (!(low < high)) throw new OptionError(`[${name}] expected 'low' to be less than 'high' but received ${low} and ${high}`);
}

/** The smaller of `x` and `high`, the larger of it and `low`. The derivative is 1 from `low` to `high`, both included, else 0, as of PyTorch's `clamp`. */
export function clip(x: Node, low: number, high: number): Node {
  checkBounds('clip', low, high);
  const least = constant(low), most = constant(high);
  return select(greater(x, most), most, select(greater(least, x), least, x));
}

/** `x` between `low` and `high` (default −1 and 1). The derivative is 1 between them and 0 elsewhere, at the ends too, as of PyTorch's `hardtanh`. */
export function hardTanh(x: Node, low = -1, high = 1): Node {
  checkBounds('hardTanh', low, high);
  const least = constant(low), most = constant(high);
  return select(add(greater(x, most), equal(x, most)), most, select(add(greater(least, x), equal(x, least)), least, x));
}

/** max(0, min(1, x)), the textbook's hard sigmoid. (PyTorch's `hardsigmoid` is hardClip(x/6 + 1/2).) The derivative at 0 and at 1 is 0. */
export const hardClip = (x: Node): Node => hardTanh(x, 0, 1);
