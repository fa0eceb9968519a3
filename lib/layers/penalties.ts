// Penalties on activations: scalars that layers add to the cost.
import type { Node } from '../graph/node.ts';
import { invalid, checkOptions, nonNegativeNumber, numberIn } from '../options.ts';
import { clip } from '../ops/activations.ts';
import { abs, add, log, negate, scale, shift, square } from '../ops/elementwise.ts';
import { mean, sum } from '../ops/reduce.ts';

/** Wanted mean activation of every unit, and the weight β of the penalty. */
export interface Sparsity { readonly rate: number; readonly weight: number }

/** Mean activations closer to 0 or 1 than this count as this far away, so that the penalty stays finite. */
const margin = 1e-6;

export function checkSparsity(where: string, value: unknown): Sparsity {
  if (typeof value !== 'object' || value === null) throw invalid(where, 'sparsity', 'an object such as { rate: 0.05, weight: 3 }', value);
  checkOptions(where, value, ['rate', 'weight']);
  const { rate = 0.05, weight = 3 } = value as Partial<Sparsity>;
  return { rate: numberIn(where, 'rate', rate, { from: 0, to: 1, openFrom: true, openTo: true }), weight: nonNegativeNumber(where, 'weight', weight) };
}

/** λ₁ Σ|a| + λ₂ Σa² of activations a [rows, k], averaged over the examples; undefined where both weights are 0. */
export function activityPenalty(a: Node, l1: number, l2: number): Node | undefined {
  const overExamples = (of: Node): Node => sum(mean(of, [0]));
  const absolute = l1 === 0 ? undefined : scale(overExamples(abs(a)), l1);
  const squared = l2 === 0 ? undefined : scale(overExamples(square(a)), l2);
  return absolute === undefined || squared === undefined ? absolute ?? squared : add(absolute, squared);
}

/** β Σ KL(ρ‖ρ̂) over the units, ρ̂ the mean activation over the minibatch (Ng's notes on sparse autoencoders). */
export function sparsityPenalty(a: Node, { rate, weight }: Sparsity): Node {
  const average = clip(mean(a, [0]), margin, 1 - margin);
  const crossEntropy = add(scale(log(average), -rate), scale(log(shift(negate(average), 1)), rate - 1));
  const entropy = rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate);
  return scale(sum(shift(crossEntropy, entropy)), weight);
}
