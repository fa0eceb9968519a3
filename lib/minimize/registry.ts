// All minimizers by name.
import { checkSpec } from '../options.ts';
import { conjugateGradientType } from './conjugate-gradient.ts';
import { lbfgsType } from './l-bfgs.ts';
import type { MinimizerSpec, MinimizerType } from './minimizer.ts';

export const minimizers = { conjugateGradient: conjugateGradientType, lbfgs: lbfgsType } as const satisfies Record<string, MinimizerType>;

/** The names of the methods that work on the whole data. */
export type MinimizerName = keyof typeof minimizers;

export function minimizerType(spec: MinimizerSpec): MinimizerType {
  return minimizers[spec.type as MinimizerName];
}

/** A minimizer from its description or its name (then with default options). */
export function checkMinimizer(where: string, value: unknown): MinimizerSpec {
  return checkSpec(where, 'method', value, minimizers);
}
