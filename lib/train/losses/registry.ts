// All losses by name.
import type { Node } from '../../graph/node.ts';
import { elementwiseOps } from '../../ops/elementwise.ts';
import { softmaxOps } from '../../ops/softmax.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { crossEntropy } from './cross-entropy.ts';
import type { LossDefinition } from './loss.ts';
import { meanSquaredError } from './mean-squared-error.ts';

export const losses = { meanSquaredError, binaryCrossEntropy, crossEntropy } as const satisfies Record<string, LossDefinition>;

export type LossName = keyof typeof losses;

/** The loss that belongs to an output: cross-entropy to softmax and sigmoid, mean squared error to the rest. */
export function lossFor(output: Node): LossName {
  if (output.op === softmaxOps.softmax) return 'crossEntropy';
  return output.op === elementwiseOps.sigmoid ? 'binaryCrossEntropy' : 'meanSquaredError';
}
