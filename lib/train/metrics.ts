// Metrics: means over examples, besides the loss.
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { abs, subtract } from '../ops/elementwise.ts';
import { mean } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import type { LossType } from './losses/loss.ts';

interface MetricDefinition {
  readonly doc: string;
  /** Which way is better. */
  readonly better: 'higher' | 'lower';
  /** Value of each example, [rows, 1]. */
  build(output: Node, targets: Node, loss: LossType): Node;
}

export const metrics = {
  accuracy: {
    better: 'higher',
    doc: 'share of examples whose most probable class (or, with binary cross-entropy, whose side of ½) is right',
    build(output, targets, loss) {
      if (loss.accuracy === undefined) throw new OptionError(`[accuracy] expected a cross-entropy loss but received ${loss.type}`);
      return loss.accuracy(output, targets);
    },
  },
  meanAbsoluteError: {
    better: 'lower',
    doc: '(1/k) Σ |a − t|',
    build(output, targets) {
      if (output.shape[1] !== targets.shape[1]) throw new OptionError(`[meanAbsoluteError] expected ${String(output.shape[1])} target columns but they have ${String(targets.shape[1])}`);
      return reshape(mean(abs(subtract(output, targets)), [1]), ['rows', 1]);
    },
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metrics;

/** The metric reported where none is asked for. */
export function defaultMetric(loss: LossType): MetricName {
  return loss.accuracy === undefined ? 'meanAbsoluteError' : 'accuracy';
}
