// All losses by name.
import type { Node } from '../../graph/node.ts';
import { elementwiseOps } from '../../ops/elementwise.ts';
import { softmaxOps } from '../../ops/softmax.ts';
import { checkSpec } from '../../options.ts';
import { binaryCrossEntropyType } from './binary-cross-entropy.ts';
import { crossEntropyType } from './cross-entropy.ts';
import { gaussianNegativeLogLikelihoodType } from './gaussian-negative-log-likelihood.ts';
import { hingeType } from './hinge.ts';
import { huberType } from './huber.ts';
import { kullbackLeiblerType } from './kullback-leibler.ts';
import { logCoshType } from './log-cosh.ts';
import type { LossSpec, LossType } from './loss.ts';
import { meanAbsoluteErrorType } from './mean-absolute-error.ts';
import { meanSquaredErrorType } from './mean-squared-error.ts';
import { mixtureDensityType } from './mixture-density.ts';
import { multiMarginType } from './multi-margin.ts';
import { poissonType } from './poisson.ts';
import { squaredHingeType } from './squared-hinge.ts';

export const losses = {
  meanSquaredError: meanSquaredErrorType, meanAbsoluteError: meanAbsoluteErrorType, huber: huberType, logCosh: logCoshType, poisson: poissonType,
  binaryCrossEntropy: binaryCrossEntropyType, crossEntropy: crossEntropyType, kullbackLeibler: kullbackLeiblerType,
  hinge: hingeType, squaredHinge: squaredHingeType, multiMargin: multiMarginType,
  gaussianNegativeLogLikelihood: gaussianNegativeLogLikelihoodType, mixtureDensity: mixtureDensityType,
} as const satisfies Record<string, LossType>;

/** The names of the losses. */
export type LossName = keyof typeof losses;

export function lossType(spec: LossSpec): LossType {
  return losses[spec.type as LossName];
}

/** A loss from its description or its name (then with default options). */
export function checkLoss(where: string, value: unknown): LossSpec {
  return checkSpec(where, 'loss', value, losses);
}

/** The loss that belongs to an output: cross-entropy to softmax and sigmoid, mean squared error to the rest. */
export function lossFor(output: Node): LossName {
  if (output.op === softmaxOps.softmax) return 'crossEntropy';
  return output.op === elementwiseOps.sigmoid ? 'binaryCrossEntropy' : 'meanSquaredError';
}
