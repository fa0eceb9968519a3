// The health of a network's layers, in numbers.
import type { Node } from '../graph/node.ts';
import { countOf } from '../graph/shape.ts';
import { gradients } from '../ops/gradients.ts';
import { flatOutputs, normOf, normOutputs, valueOf, valueOutputs, type MeasuredLayer, type Results, type Slope, type ValueMeasures } from './measures.ts';
import { thresholds } from './thresholds.ts';

/** A layer over the examples looked at. Norms of activations and of `dZ` are per example, as roots of mean squares. */
export interface LayerHealth {
  readonly name: string;
  readonly type: string;
  /** Numbers it makes of an example. */
  readonly units: number;
  /** What comes out: mean and standard deviation over units and examples, and the norm of an example's. */
  readonly activation: { readonly mean: number; readonly standardDeviation: number; readonly norm: number };
  /** Norm of the gradient of an example's loss before the activation (`dZ`). */
  readonly gradientNorm: number;
  /** Of the weights, where it has any: their norm, that of their gradient (of the mean loss), and one against the other. */
  readonly weights?: {
    readonly norm: number;
    readonly gradientNorm: number;
    readonly gradientRatio: number;
    /** Norm of an update against that of the weights, where a learning rate is known. */
    readonly updateRatio?: number;
  };
  /** Share of units whose activation is flat at nearly all examples, of a function with two flat ends. */
  readonly saturated?: number;
  /** Share of units whose activation is flat at all examples, of a function with one flat end. */
  readonly dead?: number;
}

/** What is measured of a network. */
export interface Subject {
  readonly layers: readonly MeasuredLayer[];
  /** Every value: the inputs, then what each layer makes. */
  readonly values: readonly Node[];
  /** Values that each layer reads. */
  readonly reads: readonly (readonly number[])[];
  readonly inputCount: number;
  /** Values that are outputs of the network. */
  readonly outputs: readonly number[];
  readonly loss: Node;
  /** Of the layers with an activation, by number. */
  readonly slopes: ReadonlyMap<number, Slope>;
}

/** The weights of a layer: its parameters with an input and an output side. */
export function weightsOf(layer: MeasuredLayer): readonly { readonly name: string; readonly node: Node }[] {
  return layer.parameters.filter(({ node }) => node.shape.length === 2);
}

/** Everything that has to be computed, by name. */
export function healthOutputs({ layers, values, loss, slopes }: Subject): Record<string, Node> {
  const parameters = [...new Set(layers.flatMap((layer) => weightsOf(layer).map(({ node }) => node)))];
  const parts = gradients(loss, [...layers.map(({ z }) => z), ...parameters]), outputs: Record<string, Node> = { loss };
  values.forEach((value, i) => Object.assign(outputs, valueOutputs(value, `value${i}`)));
  layers.forEach((layer, i) => {
    Object.assign(outputs, normOutputs(parts[i]!, `dZ${i}`));
    const slope = slopes.get(i);
    if (slope !== undefined) Object.assign(outputs, flatOutputs(layer, slope, `slope${i}`));
  });
  parameters.forEach((node, i) => {
    const gradient = parts[layers.length + i]!;
    Object.assign(outputs, normOutputs(node, `norm ${node.name}`), normOutputs(gradient, `gradient norm ${node.name}`), { [`gradient ${node.name}`]: gradient });
  });
  return outputs;
}

const rootSum = (values: readonly number[]): number => Math.hypot(...values);

/** Mean and deviation over all features together, and the norm of an example. */
function summary({ mean, deviation }: ValueMeasures): LayerHealth['activation'] {
  const count = mean.length, average = mean.reduce((a, b) => a + b, 0) / count;
  let variance = 0, squares = 0;
  for (let i = 0; i < count; i++) {
    variance += (deviation[i]! ** 2 + (mean[i]! - average) ** 2) / count;
    squares += deviation[i]! ** 2 + mean[i]! ** 2;
  }
  return { mean: average, standardDeviation: Math.sqrt(variance), norm: Math.sqrt(squares) };
}

function shareOf(values: ArrayLike<number>, isSo: (value: number) => boolean): number {
  return Array.from(values).filter(isSo).length / values.length;
}

/** Layers in numbers, from the results of `healthOutputs` over `rows` examples; `updateNorm` tells how far a step moves a parameter, where that is known. */
export function readHealth(subject: Subject, results: Results, rows: number, updateNorm: UpdateNorm): LayerHealth[] {
  const { layers, inputCount, slopes, outputs } = subject;
  return layers.map((layer, i): LayerHealth => {
    const { name, type, a } = layer, slope = slopes.get(i), value = inputCount + i;
    // Of a mean loss, times the number of examples: the gradients of examples' own losses.
    const gradientNorm = normOf(results, `dZ${i}`) * Math.sqrt(rows);
    const weights = weightsOf(layer).map(({ node }) => ({ name: node.name, norm: normOf(results, `norm ${node.name}`), gradientNorm: normOf(results, `gradient norm ${node.name}`) }));
    return {
      name, type, units: countOf(a.shape), activation: summary(valueOf(results, `value${value}`)), gradientNorm,
      ...(weights.length > 0 && { weights: weightHealth(weights, updateNorm) }),
      // An output at its ends is sure of itself, which cross-entropies, computed from logits, allow it to be.
      ...(slope?.squashes === true && !outputs.includes(value) && { saturated: shareOf(results[`slope${i}.flat`]!.data, (examples) => examples >= thresholds.flatExamples) }),
      ...(slope?.squashes === false && { dead: shareOf(results[`slope${i}.largest`]!.data, (largest) => largest <= deadSlope * slope.steepest) }),
    };
  });
}

/** A unit is dead where its slope is less than this share of the steepest one at every example: leaky units never are. */
const deadSlope = 1e-3;

/** How far a step moves a parameter, by its name and the norm of its gradient; undefined where it is not known. */
export type UpdateNorm = (parameter: string, gradientNorm: number) => number | undefined;

function weightHealth(weights: readonly { name: string; norm: number; gradientNorm: number }[], updateNorm: UpdateNorm): NonNullable<LayerHealth['weights']> {
  const norm = rootSum(weights.map((each) => each.norm)), gradientNorm = rootSum(weights.map((each) => each.gradientNorm));
  const updates = weights.map((each) => updateNorm(each.name, each.gradientNorm)).filter((update) => update !== undefined);
  return {
    norm, gradientNorm, gradientRatio: norm > 0 ? gradientNorm / norm : gradientNorm > 0 ? Infinity : 0,
    ...(updates.length === weights.length && norm > 0 && { updateRatio: rootSum(updates) / norm }),
  };
}
