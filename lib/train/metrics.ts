// Metrics: means over examples, besides the loss.
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { abs, square, subtract } from '../ops/elementwise.ts';
import { overOutputs } from '../ops/loss-parts.ts';
import type { LossSpec, LossType } from './losses/loss.ts';

interface MetricDefinition {
  readonly doc: string;
  readonly counterpart: string;
  /** Which way is better. */
  readonly better: 'higher' | 'lower';
  /** Value of each example, [rows, 1]. */
  build(output: Node, targets: Node, loss: LossType, options: LossSpec['options']): Node;
}

/** What the loss takes the output to foretell, less the targets: [rows, width]. */
function errors(metric: string, output: Node, targets: Node, loss: LossType, options: LossSpec['options']): Node {
  const prediction = loss.prediction?.(output, options) ?? output;
  if (prediction.shape[1] !== targets.shape[1]) throw new OptionError(`[${metric}] expected ${String(prediction.shape[1])} target columns but they have ${String(targets.shape[1])}`);
  return subtract(prediction, targets);
}

export const metrics = {
  accuracy: {
    better: 'higher',
    doc: 'share of examples whose most probable class (or, with one class for each output, whose side of ½ or sign) is right',
    counterpart: 'Keras Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy',
    build(output, targets, loss) {
      if (loss.accuracy === undefined) throw new OptionError(`[accuracy] expected a loss of classes, such as crossEntropy, but received ${loss.type}`);
      return loss.accuracy(output, targets);
    },
  },
  meanAbsoluteError: {
    better: 'lower',
    doc: '(1/k) Σ |a − t|, a what the output foretells: its probabilities, its mean',
    counterpart: 'Keras MeanAbsoluteError',
    build: (...given) => overOutputs(abs(errors('meanAbsoluteError', ...given))),
  },
  meanSquaredError: {
    better: 'lower',
    doc: '(1/k) Σ (a − t)², a what the output foretells: its probabilities, its mean',
    counterpart: 'Keras MeanSquaredError',
    build: (...given) => overOutputs(square(errors('meanSquaredError', ...given))),
  },
} as const satisfies Record<string, MetricDefinition>;

/** The names of the metrics. */
export type MetricName = keyof typeof metrics;

/** The metric reported where none is asked for. */
export function defaultMetric(loss: LossType): MetricName {
  return loss.accuracy === undefined ? 'meanAbsoluteError' : 'accuracy';
}
