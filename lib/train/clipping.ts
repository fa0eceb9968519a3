// Gradient clipping: by value, by the norm of a tensor, by the norm of all together.
import type { Node } from '../graph/node.ts';
import { clip as clipValues } from '../ops/activations.ts';
import { add, divide, minimum, multiply, shift, sqrt, square } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import { constant } from '../ops/variables.ts';
import { OptionError } from '../errors.ts';
import { checkOptions, invalid } from '../options.ts';

/** Limits of gradients before the optimizer sees them; of several, each works on what the one before leaves. */
export interface Clip {
  /** Every number of every gradient is kept within ± this, as by PyTorch's `clip_grad_value_`. */
  readonly value?: number;
  /** The gradient of a tensor whose Euclidean norm is larger is scaled down to this norm, each tensor by itself. */
  readonly norm?: number;
  /** Where the Euclidean norm of all gradients together is larger, all are scaled down by one factor, as by PyTorch's `clip_grad_norm_`. */
  readonly globalNorm?: number;
}

const names = ['value', 'norm', 'globalNorm'] as const;

/** Added to norms before they divide, as in PyTorch. */
const epsilon = 1e-6;

/** Returns the limits, each of them a positive number; throws OptionError otherwise. */
export function checkClip(where: string, value: unknown): Clip | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(where, 'clip', 'limits such as { globalNorm: 1 }', value);
  checkOptions(where, value, names, 'limit of clip');
  const limits = Object.entries(value).filter(([, limit]) => limit !== undefined);
  if (limits.length === 0) throw new OptionError(`[${where}] expected 'clip' to have at least one of ${names.join(', ')}`);
  for (const [name, limit] of limits) {
    if (typeof limit !== 'number' || !Number.isFinite(limit) || limit <= 0) throw invalid(where, `clip.${name}`, 'a positive number', limit);
  }
  return Object.fromEntries(limits);
}

/** min(1, limit / (√squares + 10⁻⁶)), a scalar. */
function coefficient(squares: Node, limit: number): Node {
  return minimum(divide(constant(limit), shift(sqrt(squares), epsilon)), constant(1));
}

/** The gradients within their limits. */
export function clipGradients(gradients: readonly Node[], { value, norm, globalNorm }: Clip): Node[] {
  let clipped = [...gradients];
  if (value !== undefined) clipped = clipped.map((gradient) => clipValues(gradient, -value, value));
  if (norm !== undefined) clipped = clipped.map((gradient) => multiply(gradient, coefficient(sum(square(gradient)), norm)));
  if (globalNorm !== undefined) {
    const factor = coefficient(clipped.map((gradient) => sum(square(gradient))).reduce(add), globalNorm);
    clipped = clipped.map((gradient) => multiply(gradient, factor));
  }
  return clipped;
}
