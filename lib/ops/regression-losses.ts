// Losses of numbers: squared, absolute, Huber, log-cosh, and Poisson's of counts.
import { OptionError } from '../errors.ts';
import { type Node, whereOf } from '../graph/node.ts';
import { boolean, checkOptions, numberIn } from '../options.ts';
import { abs, add, elementwiseOps, exp, expm1, greater, log, log1p, maximum, minimum, multiply, negate, scale, select, shift, square, subtract } from './elementwise.ts';
import { checkShapes, overOutputs, reduced, type LossOptions, type RawOptions } from './loss-parts.ts';
import { constant } from './variables.ts';

/** Options of `meanSquaredError`. */
export interface MeanSquaredErrorOptions {
  /** Take one half of it, so that the gradient is (y − t) / k (default false). */
  readonly half?: boolean;
}

export function meanSquaredErrorOptions(options: RawOptions): { half: boolean } {
  checkOptions('meanSquaredError', options, ['half']);
  return { half: boolean('meanSquaredError', 'half', options['half'] ?? false) };
}

/** (1/k) Σ (y − t)² of an output y and targets t, both [rows, k]; with `half` (1/2k) Σ (y − t)². */
export function meanSquaredError(y: Node, t: Node, { reduction = 'mean', ...own }: MeanSquaredErrorOptions & LossOptions = {}): Node {
  const { half } = meanSquaredErrorOptions(own);
  checkShapes('meanSquaredError', y, t);
  const errors = overOutputs(square(subtract(y, t)));
  return reduced('meanSquaredError', half ? scale(errors, 0.5) : errors, { reduction });
}

/** (1/k) Σ |y − t| of an output y and targets t, both [rows, k]; the derivative at y = t is 0. */
export function meanAbsoluteError(y: Node, t: Node, { reduction = 'mean', ...own }: LossOptions = {}): Node {
  checkOptions('meanAbsoluteError', own, []);
  checkShapes('meanAbsoluteError', y, t);
  return reduced('meanAbsoluteError', overOutputs(abs(subtract(y, t))), { reduction });
}

/** Options of `huber`. */
export interface HuberOptions {
  /** Size of an error from which on it counts linearly (default 1). */
  readonly delta?: number;
}

export function huberOptions(options: RawOptions): { delta: number } {
  checkOptions('huber', options, ['delta']);
  return { delta: numberIn('huber', 'delta', options['delta'] ?? 1, { from: 0, openFrom: true, to: Infinity, openTo: true }) };
}

/** (1/k) Σ of ½ d² where |d| ≤ δ, else δ (|d| − ½ δ), with d = y − t of shape [rows, k] (Huber 1964). */
export function huber(y: Node, t: Node, { reduction = 'mean', ...own }: HuberOptions & LossOptions = {}): Node {
  const { delta } = huberOptions(own);
  checkShapes('huber', y, t);
  // Both cases in one: c (|d| − ½ c) with c = min(|d|, δ).
  const size = abs(subtract(y, t)), cut = minimum(size, constant(delta));
  return reduced('huber', overOutputs(multiply(cut, subtract(size, scale(cut, 0.5)))), { reduction });
}

/** Beyond this log cosh x is |x| − log 2 to the last digit of a double; eˣ is still far from overflow. */
const farOut = 20;

/** (1/k) Σ log cosh(y − t) of an output y and targets t, both [rows, k]. */
export function logCosh(y: Node, t: Node, { reduction = 'mean', ...own }: LossOptions = {}): Node {
  checkOptions('logCosh', own, []);
  checkShapes('logCosh', y, t);
  // cosh x = 1 + ½ (1 − e⁻ˣ)² eˣ for x ≥ 0, which keeps its digits near 0. The cut lies behind the seam, where nothing depends on it.
  const size = abs(subtract(y, t)), cut = minimum(size, constant(farOut + 1));
  const near = log1p(scale(multiply(square(expm1(negate(cut))), exp(cut)), 0.5));
  return reduced('logCosh', overOutputs(select(greater(size, constant(farOut)), shift(size, -Math.LN2), near)), { reduction });
}

/** Options of `poisson`. */
export interface PoissonOptions {
  /** The output is the logarithm of the rate (default true); false: the rate itself, of a softplus output for example. */
  readonly logInput?: boolean;
  /** Add Stirling's approximation of log t! for t > 1, which no gradient depends on (default false). */
  readonly full?: boolean;
  /** Added to a rate before its logarithm is taken (default 1e-8). */
  readonly epsilon?: number;
}

export function poissonOptions(options: RawOptions): Required<PoissonOptions> {
  checkOptions('poisson', options, ['logInput', 'full', 'epsilon']);
  return {
    logInput: boolean('poisson', 'logInput', options['logInput'] ?? true),
    full: boolean('poisson', 'full', options['full'] ?? false),
    epsilon: numberIn('poisson', 'epsilon', options['epsilon'] ?? 1e-8, { from: 0, openFrom: true, to: Infinity, openTo: true }),
  };
}

/** log t! ≈ t log t − t + ½ log 2πt for t > 1, else 0. */
function stirling(t: Node): Node {
  const one = constant(1), above = maximum(t, one), logarithm = log(above);
  const value = add(subtract(multiply(above, logarithm), above), shift(scale(logarithm, 0.5), 0.5 * Math.log(2 * Math.PI)));
  return select(greater(t, one), value, constant(0));
}

/**
 * Negative log-likelihood of counts t under Poisson distributions, the term log t! left out: (1/k) Σ [eʸ − t y] of an output
 * y = log λ, or with `logInput: false` (1/k) Σ [λ − t log(λ + ε)] of an output λ. All of shape [rows, k].
 * @throws {OptionError} On an exp or a softplus for log λ: these are rates.
 */
export function poisson(y: Node, t: Node, { reduction = 'mean', ...own }: PoissonOptions & LossOptions = {}): Node {
  const { logInput, full, epsilon } = poissonOptions(own);
  checkShapes('poisson', y, t);
  if (logInput && (y.op === elementwiseOps.exp || y.op === elementwiseOps.softplus)) {
    throw new OptionError(`${whereOf('poisson')} expected a linear output, the logarithm of the rate, but it has ${y.op.name}; for an output that is the rate say logInput: false`);
  }
  const value = logInput ? subtract(exp(y), multiply(t, y)) : subtract(y, multiply(t, log(shift(y, epsilon))));
  return reduced('poisson', overOutputs(full ? add(value, stirling(t)) : value), { reduction });
}
