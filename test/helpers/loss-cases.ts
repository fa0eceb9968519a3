// Every loss with targets it takes, for tests that walk over all of them.
import type { ActivationName, LossName } from '../../lib/index.ts';
import { activations } from '../../lib/layers/activations.ts';

const names = Object.keys(activations) as ActivationName[];
const classWeights = [0.5, 2, 1, 0.25, 3, 1.5];

/** Targets (domain and width), the outputs they are for, and options. */
export interface LossCase {
  readonly domain: string;
  readonly width: number;
  readonly output: readonly ActivationName[];
  readonly options?: Readonly<Record<string, unknown>>;
}

const outputs = 6;

/** By loss, for 6 outputs. */
export const lossCases: Record<LossName, LossCase[]> = {
  meanSquaredError: [{ domain: 'normal', width: outputs, output: names }, { domain: 'normal', width: outputs, output: names, options: { half: true } }],
  meanAbsoluteError: [{ domain: 'normal', width: outputs, output: names }],
  huber: [{ domain: 'normal', width: outputs, output: names, options: { delta: 0.7 } }],
  logCosh: [{ domain: 'normal', width: outputs, output: names }],
  poisson: [{ domain: 'label:5', width: outputs, output: names.filter((name) => name !== 'exp' && name !== 'softplus'), options: { full: true } }],
  binaryCrossEntropy: [
    { domain: `probability:${outputs}`, width: outputs, output: ['linear', 'sigmoid'] },
    { domain: 'label:2', width: outputs, output: ['linear', 'sigmoid'], options: { labelSmoothing: 0.1, positiveWeight: classWeights } },
  ],
  crossEntropy: [
    { domain: `label:${outputs}`, width: 1, output: ['linear', 'softmax'] }, { domain: `probability:${outputs}`, width: outputs, output: ['linear', 'softmax'] },
    { domain: `label:${outputs}`, width: 1, output: ['linear', 'softmax'], options: { labelSmoothing: 0.2, classWeights: classWeights } },
    { domain: `probability:${outputs}`, width: outputs, output: ['linear', 'softmax'], options: { labelSmoothing: 0.2, classWeights: classWeights } },
  ],
  kullbackLeibler: [{ domain: `probability:${outputs}`, width: outputs, output: ['linear', 'softmax'] }],
  hinge: [{ domain: 'label:2', width: outputs, output: names }],
  squaredHinge: [{ domain: 'label:2', width: outputs, output: names }],
  multiMargin: [{ domain: `label:${outputs}`, width: 1, output: names }, { domain: `label:${outputs}`, width: 1, output: names, options: { power: 2, margin: 0.6 } }],
  gaussianNegativeLogLikelihood: [{ domain: 'normal', width: outputs / 2, output: names }],
  mixtureDensity: [{ domain: 'normal', width: 1, output: names, options: { components: 2 } }, { domain: 'normal', width: 4, output: names, options: { components: 1, covariance: 'spherical' } }],
};
