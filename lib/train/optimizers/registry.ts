// All optimizers by name.
import { checkSpec } from '../../options.ts';
import { adadeltaType } from './adadelta.ts';
import { adagradType } from './adagrad.ts';
import { adamType, adamwType } from './adam.ts';
import { adamaxType } from './adamax.ts';
import { lionType } from './lion.ts';
import { nadamType } from './nadam.ts';
import type { OptimizerSpec, OptimizerType } from './optimizer.ts';
import { radamType } from './radam.ts';
import { rmspropType } from './rmsprop.ts';
import { sgdType } from './sgd.ts';

export const optimizers = {
  sgd: sgdType, adam: adamType, adamw: adamwType, nadam: nadamType, radam: radamType, adamax: adamaxType,
  rmsprop: rmspropType, adagrad: adagradType, adadelta: adadeltaType, lion: lionType,
} as const satisfies Record<string, OptimizerType>;

export type OptimizerName = keyof typeof optimizers;

export function optimizerType(spec: OptimizerSpec): OptimizerType {
  return optimizers[spec.type as OptimizerName];
}

/** An optimizer from its description or its name (then with default options); `others` are names that the caller takes besides. */
export function checkOptimizer(where: string, value: unknown, others: readonly string[] = []): OptimizerSpec {
  return checkSpec(where, 'optimizer', value, optimizers, { others });
}
