// The cost and the metrics of a network, as graph: J = Σ w L / Σ w + λΩ(θ).
import { OptionError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { oneOf, quote } from '../options.ts';
import { constant, input } from '../ops/variables.ts';
import { abs, add, divide, maximum, multiply, scale, square } from '../ops/elementwise.ts';
import { mean, sum } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { checkLoss, lossFor, lossType, type LossName } from '../train/losses/registry.ts';
import type { LossSpec, LossType, TargetKind } from '../train/losses/loss.ts';
import { defaultMetric, metrics, type MetricName } from '../train/metrics.ts';
import { splitFeatures, type LayerGraph, type Parameter } from './model.ts';

/** Weights of examples that add up to less than this count as none. */
export const tiny = 1e-30;

/** What is minimised and measured at one output. */
export interface OutputGoal {
  readonly name: string;
  readonly loss: LossSpec;
  readonly type: LossType;
  /** Its part in the cost. */
  readonly weight: number;
  readonly metricNames: readonly MetricName[];
  readonly targetKind: TargetKind;
  readonly targets: Node;
}

/** What is minimised and measured. */
export interface Goal {
  readonly outputs: readonly OutputGoal[];
  /** Weights of the examples, [rows, 1], where they are given. */
  readonly weights: Node | undefined;
}

/** What the user asks for: one for all outputs, or by name of the output. */
export interface GoalOptions {
  readonly loss?: LossName | LossSpec | Readonly<Record<string, LossName | LossSpec>> | undefined;
  readonly lossWeights?: Readonly<Record<string, number>> | undefined;
  readonly metrics?: readonly MetricName[] | Readonly<Record<string, readonly MetricName[]>> | undefined;
}

/** The option of an output: the one value, or the entry of its name. */
function optionOf<Value>(where: string, option: string, value: unknown, names: readonly string[], name: string, isWhole: (value: unknown) => boolean): Value | undefined {
  if (value === undefined || isWhole(value) || typeof value !== 'object' || value === null) return value as Value | undefined;
  for (const key of Object.keys(value)) oneOf(where, option, key, names);
  return (value as Record<string, Value>)[name];
}

/** Settles losses and metrics for the outputs of `graph` and targets of `widths` numbers each. */
export function settleGoal(where: string, graph: Pick<LayerGraph, 'outputs'>, widths: readonly number[], options: GoalOptions, weighted = false): Goal {
  const names = graph.outputs.map(({ name }) => name);
  const targets = splitFeatures(input('targets', ['rows', widths.reduce((so, width) => so + width, 0)]), widths);
  const outputs = graph.outputs.map(({ name, node }, i): OutputGoal => {
    const asked = optionOf<unknown>(where, 'loss', options.loss, names, name, (value) => typeof (value as { type?: unknown } | null)?.type === 'string');
    const loss = checkLoss(where, asked ?? lossFor(node)), type = lossType(loss);
    const askedMetrics = optionOf<unknown>(where, 'metrics', options.metrics, names, name, Array.isArray);
    const metricNames = askedMetrics === undefined ? [defaultMetric(type)] : checkMetrics(where, askedMetrics);
    const targetKind = type.targets(Number(node.shape[1]), widths[i]!, loss.options);
    // Built once here so that a loss or metric that does not fit is refused before anything is compiled or changed.
    type.build(node, targets[i]!, loss.options);
    for (const metric of metricNames) metrics[metric].build(node, targets[i]!, type, loss.options);
    return { name, loss, type, weight: weightOf(where, options.lossWeights, names, name), metricNames, targetKind, targets: targets[i]! };
  });
  return withWeights({ outputs, weights: undefined }, weighted);
}

/** The same goal for data with or without weights of the examples. */
export function withWeights(goal: Goal, weighted: boolean): Goal {
  return { ...goal, weights: weighted ? input('weights', ['rows', 1]) : undefined };
}

function weightOf(where: string, weights: GoalOptions['lossWeights'], names: readonly string[], name: string): number {
  for (const key of Object.keys(weights ?? {})) oneOf(where, 'lossWeights', key, names);
  const weight = weights?.[name] ?? 1;
  if (typeof weight !== 'number' || !Number.isFinite(weight) || weight < 0) throw new OptionError(`[${where}] expected the weight of output ${quote(name)} to be a non-negative number`);
  return weight;
}

function checkMetrics(where: string, value: unknown): MetricName[] {
  if (!Array.isArray(value)) throw new OptionError(`[${where}] expected 'metrics' to be an array of names`);
  return value.map((name) => oneOf(where, 'metrics', name, Object.keys(metrics) as MetricName[]));
}

const average = (perExample: Node): Node => reshape(mean(perExample), []);

/** The mean loss at an output, and the sum of the weights of its examples where they do not count one each. */
function lossAt(goal: OutputGoal, output: Node, weights: Node | undefined): { loss: Node; total: Node | undefined } {
  const perExample = goal.type.build(output, goal.targets, goal.loss.options);
  const own = goal.type.weights?.(goal.targets, goal.loss.options);
  if (own === undefined && weights === undefined) return { loss: average(perExample), total: undefined };
  const each = own === undefined ? weights! : weights === undefined ? own : multiply(own, weights);
  const total = reshape(sum(each), []);
  const summed = reshape(sum(weights === undefined ? perExample : multiply(perExample, weights)), []);
  return { loss: divide(summed, maximum(total, constant(tiny))), total };
}

/** Everything that is added to the losses: λ Σ|W| + λ ΣW², and what layers ask for. */
function penaltiesOf({ penalties }: Pick<LayerGraph, 'penalties'>, parameters: readonly Parameter[]): Node[] {
  const found = [...penalties];
  for (const { node, request } of parameters) {
    if ((request.l2 ?? 0) > 0) found.push(scale(sum(square(node)), request.l2!));
    if ((request.l1 ?? 0) > 0) found.push(scale(sum(abs(node)), request.l1!));
  }
  return found;
}

/** The cost and the metrics over a minibatch, as scalars by name: `loss` first; with several outputs also `name.loss`, `name.accuracy` and so on. */
export function goalOutputs(goal: Goal, graph: Pick<LayerGraph, 'outputs' | 'penalties'>, parameters: readonly Parameter[]): Record<string, Node> {
  const several = goal.outputs.length > 1;
  const results: Record<string, Node> = {};
  let cost: Node | undefined;
  goal.outputs.forEach((each, i) => {
    const { node } = graph.outputs[i]!, prefix = several ? `${each.name}.` : '';
    const { loss, total } = lossAt(each, node, goal.weights);
    const part = scale(loss, each.weight);
    cost = cost === undefined ? part : add(cost, part);
    if (several) results[`${prefix}loss`] = loss;
    if (total !== undefined) results[`${prefix}${weightName}`] = total;
    for (const name of each.metricNames) results[`${prefix}${name}`] = average(metrics[name].build(node, each.targets, each.type, each.loss.options));
  });
  for (const penalty of penaltiesOf(graph, parameters)) cost = add(cost!, penalty);
  return { loss: cost!, ...results };
}

/** Name, after that of the output, of the sum of its examples' weights in a minibatch. */
export const weightName = 'weight';
