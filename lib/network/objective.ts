// The cost and the metrics of a network, as graph: J = (1/m) Σ L + λΩ(θ).
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { oneOf } from '../options.ts';
import { abs, add, scale, square } from '../ops/elementwise.ts';
import { mean, sum } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { input } from '../ops/variables.ts';
import { losses, lossFor, type LossName } from '../train/losses/registry.ts';
import type { LossDefinition, TargetKind } from '../train/losses/loss.ts';
import { defaultMetric, metrics, type MetricName } from '../train/metrics.ts';
import type { LayerGraph, Parameter } from './model.ts';

/** What is minimised and measured. */
export interface Goal {
  readonly lossName: LossName;
  readonly metricNames: readonly MetricName[];
  readonly targetKind: TargetKind;
  readonly targets: Node;
  readonly loss: LossDefinition;
}

/** Settles loss and metrics for an output and targets of `targetWidth` numbers. */
export function settleGoal(where: string, output: Node, targetWidth: number, lossOption: unknown, metricsOption: unknown): Goal {
  const lossName = lossOption === undefined ? lossFor(output) : oneOf(where, 'loss', lossOption, Object.keys(losses) as LossName[]);
  const loss: LossDefinition = losses[lossName];
  const targetKind = loss.targets(Number(output.shape[1]), targetWidth);
  const metricNames = metricsOption === undefined ? [defaultMetric(loss)] : checkMetrics(where, metricsOption);
  const targets = input('targets', ['rows', targetWidth]);
  // Built once here so that a loss or metric that does not fit is refused before anything is compiled or changed.
  loss.build(output, targets);
  for (const name of metricNames) metrics[name].build(output, targets, loss);
  return { lossName, metricNames, targetKind, targets, loss };
}

function checkMetrics(where: string, value: unknown): MetricName[] {
  if (!Array.isArray(value)) throw new OptionError(`[${where}] expected 'metrics' to be an array of names`);
  return value.map((name) => oneOf(where, 'metrics', name, Object.keys(metrics) as MetricName[]));
}

/** The cost and the metrics over a minibatch, as scalars by name. */
export function goalOutputs(goal: Goal, { output }: LayerGraph, parameters: readonly Parameter[]): Record<string, Node> {
  const average = (perExample: Node): Node => reshape(mean(perExample), []);
  let cost = average(goal.loss.build(output, goal.targets));
  for (const { node, request } of parameters) {
    if ((request.l2 ?? 0) > 0) cost = add(cost, scale(sum(square(node)), request.l2!));
    if ((request.l1 ?? 0) > 0) cost = add(cost, scale(sum(abs(node)), request.l1!));
  }
  return { loss: cost, ...Object.fromEntries(goal.metricNames.map((name) => [name, average(metrics[name].build(output, goal.targets, goal.loss))])) };
}
