// Loss and metrics of predictions that are there already, as networks measure their own.
import type { Memory } from '../backend/backend.ts';
import { decodeRow, type Columns } from '../data/columns.ts';
import { Dataset } from '../data/dataset.ts';
import type { Node } from '../graph/node.ts';
import { Evaluator } from '../network/evaluator.ts';
import type { EvaluateOptions } from '../network/fit-options.ts';
import { targetWidths } from '../network/given.ts';
import { splitFeatures, type LayerGraph } from '../network/model.ts';
import type { Network } from '../network/network.ts';
import { settleGoal } from '../network/objective.ts';
import { Store } from '../network/store.ts';
import { elementwiseOps, log, maximum, negate, shift, sigmoid, subtract } from '../ops/elementwise.ts';
import { softmax, softmaxOps } from '../ops/softmax.ts';
import { constant, input } from '../ops/variables.ts';
import type { Evaluation } from '../train/history.ts';

/** Probabilities below this count as this, so that a loss stays finite; and half the distance from 1 to the float before it. */
const tiny = 1e-37, nearOne = 2 ** -25;

/** Rows predicted at a time: inputs are written out for these alone. */
const chunkRows = 4096;

const logOf = (p: Node, least: number): Node => log(maximum(p, constant(least)));

/** Given outputs as the node that would have made them: losses find the logits under a softmax or a sigmoid, where they expect them. */
function outputLike(values: Node, made: Node): Node {
  if (made.op === softmaxOps.softmax) return softmax(logOf(values, tiny));
  if (made.op === elementwiseOps.sigmoid) return sigmoid(subtract(logOf(values, tiny), logOf(shift(negate(values), 1), nearOne)));
  return values;
}

/** A table of the rows in `index`, one after the other; null stands for all. */
function gathered(columns: Columns, index: Int32Array | null): Columns {
  if (index === null) return columns;
  const { data, width } = columns, Kind = data.constructor as new (length: number) => Columns['data'];
  const own = new Kind(index.length * width);
  index.forEach((row, position) => own.set(data.subarray(row * width, (row + 1) * width), position * width));
  return { ...columns, data: own };
}

/** What a network gives for the examples of a data set, row-major, in their order. */
export async function predictAll(network: Network, { inputs, index, length }: Dataset): Promise<Memory> {
  const { width } = inputs, outputs = network.outputs, all = network.internals.store.backend.allocate(length * outputs);
  for (let first = 0; first < length; first += chunkRows) {
    const rows = Math.min(chunkRows, length - first), x = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++) decodeRow(inputs, index === null ? first + row : index[first + row]!, x.subarray(row * width, (row + 1) * width));
    all.set((await network.predict(x)).data, first * outputs);
  }
  return all;
}

/** Measures predictions for one data set. Penalties on weights and activations are no part of the loss. */
export class Judge {
  private readonly evaluator: Evaluator;
  private readonly parts: Pick<Dataset, 'targets' | 'weights'>;
  private readonly width: number;

  /** @param network One whose outputs are like the predictions. */
  constructor(where: string, network: Network, data: Dataset, options: EvaluateOptions) {
    const { model, store } = network.internals, { outputs } = model.prediction;
    const widths = outputs.map(({ node }) => Number(node.shape[1])), targets = targetWidths(where, data, outputs.map(({ name }) => name));
    // Refuses options and targets as the network itself does.
    network.settle(where, data, options);
    this.width = network.outputs;
    const values = input('x', ['rows', this.width]);
    const named = splitFeatures(values, widths).map((node, i) => ({ name: outputs[i]!.name, node: outputLike(node, outputs[i]!.node) }));
    const goal = settleGoal(where, { outputs: named }, targets, options, data.weights !== null);
    const graph: LayerGraph = { layers: [], outputs: named, output: values, penalties: [], updates: [] };
    this.evaluator = new Evaluator(new Store(store.backend, [], store.threads), { prediction: graph, parameters: [] }, goal);
    this.parts = { targets: gathered(data.targets, data.index), weights: data.weights && gathered(data.weights, data.index) };
  }

  /** Loss and metrics of predictions for all examples, row-major in the order of the data set. */
  measure(predictions: Memory): Promise<Evaluation> {
    return this.evaluator.run(new Dataset({ ...this.parts, inputs: { data: Float32Array.from(predictions), width: this.width, scale: 1, shift: 0 } }));
  }

  dispose(): void {
    this.evaluator.dispose();
  }
}
