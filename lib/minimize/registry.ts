// All minimizers by name.
import { OptionError } from '../errors.ts';
import { describe, suggestion } from '../options.ts';
import { conjugateGradientType } from './conjugate-gradient.ts';
import { lbfgsType } from './l-bfgs.ts';
import type { MinimizerSpec, MinimizerType } from './minimizer.ts';

export const minimizers = { conjugateGradient: conjugateGradientType, lbfgs: lbfgsType } as const satisfies Record<string, MinimizerType>;

export type MinimizerName = keyof typeof minimizers;

export function minimizerType(spec: MinimizerSpec): MinimizerType {
  return minimizers[spec.type as MinimizerName];
}

/** A minimizer from its description or its name (then with default options). */
export function checkMinimizer(where: string, value: unknown): MinimizerSpec {
  const type = typeof value === 'string' ? value : (value as Partial<MinimizerSpec> | null)?.type;
  if (typeof type !== 'string' || !Object.hasOwn(minimizers, type)) {
    const hint = typeof type === 'string' ? suggestion(type, Object.keys(minimizers)) : '';
    throw new OptionError(`[${where}] expected 'method' to be one of ${Object.keys(minimizers).join(', ')} but received ${describe(value)}${hint}`);
  }
  return minimizers[type as MinimizerName].check(typeof value === 'string' ? {} : (value as MinimizerSpec).options ?? {});
}
