// Gradient checking of a network: its cost, as in training, on a copy of its weights in double precision.
import { checkGraph, gradientCheckNames, type GradientCheck, type GradientCheckOptions, type GraphToCheck } from '../diagnose/gradient-check.ts';
import type { Columns } from '../data/dataset.ts';
import { checkOptions, positiveInteger } from '../options.ts';
import { datasetOf, type TrainingData } from './given.ts';
import { Network } from './network.ts';
import { goalOutputs, type GoalOptions } from './objective.ts';

/** Options of `checkGradients` for a network. */
export interface NetworkCheckOptions extends GradientCheckOptions, Omit<GoalOptions, 'metrics'> {
  /** Examples of `data`, from the first on, that the cost is taken over (default 32). */
  readonly examples?: number;
}

/** The first rows of a table, as doubles. */
function firstRows({ data, width, scale, shift }: Columns, index: Int32Array | null, rows: number): Float64Array {
  return Float64Array.from({ length: rows * width }, (_, i) => data[(index === null ? Math.floor(i / width) : index[Math.floor(i / width)]!) * width + (i % width)]! * scale + shift);
}

/**
 * Compares the gradients of a network's cost with respect to all parameters and inputs, by backpropagation, with central differences. Both are computed in
 * double precision on a copy of the weights, as in training but with the same dropout everywhere. Entries at kinks (relu at 0) are reported apart.
 *
 * @example
 * const check = await checkGradients(network, { x, y });
 * if (!check.passed) console.log(String(check)); // names the entry furthest off
 * @throws {OptionError} or {ShapeError} on options or data that do not fit, {BusyError} while a run is in flight.
 */
export async function checkGradients(network: Network, data: TrainingData, options?: NetworkCheckOptions): Promise<GradientCheck>;
/** The same for a graph: a scalar `loss`, `targets` among its variables, and values for its inputs. */
export async function checkGradients(graph: GraphToCheck, options?: GradientCheckOptions): Promise<GradientCheck>;
export async function checkGradients(subject: Network | GraphToCheck, second?: TrainingData | GradientCheckOptions, third: NetworkCheckOptions = {}): Promise<GradientCheck> {
  if (!(subject instanceof Network)) return checkGraph(subject, second as GradientCheckOptions | undefined);
  const { store, model } = subject.internals;
  store.checkOwner('checkGradients');
  checkOptions('checkGradients', third, [...gradientCheckNames, 'loss', 'lossWeights', 'examples']);
  const { samples, tolerance, seed, examples = 32, ...goalOptions } = third;
  const set = datasetOf('checkGradients', second as TrainingData, model.architecture), goal = subject.settle('checkGradients', set, goalOptions);
  const rows = Math.min(positiveInteger('checkGradients', 'examples', examples), set.length);
  const state = await store.gate.through(async () => Object.fromEntries([...model.parameters, ...model.states].map(({ node }) => [node.name, store.read(node)])));
  return checkGraph({
    loss: goalOutputs(goal, model.training, model.parameters)['loss']!, targets: [...model.parameters.map(({ node }) => node), model.input], state,
    feeds: {
      x: firstRows(set.inputs, set.index, rows), targets: firstRows(set.targets, set.index, rows), ...(set.weights !== null && { weights: firstRows(set.weights, set.index, rows) }),
    },
  }, { ...(samples !== undefined && { samples }), ...(tolerance !== undefined && { tolerance }), ...(seed !== undefined && { seed }) });
}
