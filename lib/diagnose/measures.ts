// Measures of a network's values and gradients as graph, so that only small results leave the backend.
import type { Node } from '../graph/node.ts';
import { ancestors } from '../graph/query.ts';
import { countOf, hasRows } from '../graph/shape.ts';
import { abs, divide, negate, shift, square, step, subtract } from '../ops/elementwise.ts';
import { gradients } from '../ops/gradients.ts';
import { max, mean, sum } from '../ops/reduce.ts';
import { broadcastTo, reshape } from '../ops/shape.ts';
import { variableOps } from '../ops/variables.ts';
import { thresholds } from './thresholds.ts';

/** A layer in its place, as far as a diagnosis looks at it. */
export interface MeasuredLayer {
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly Node[];
  readonly z: Node;
  readonly a: Node;
  readonly parameters: readonly { readonly name: string; readonly node: Node }[];
}

/** Results of a program by name. */
export type Results = Readonly<Record<string, { readonly data: ArrayLike<number> }>>;

/** A function of z, element by element, as it was found by trying it out. */
export interface Slope {
  /** Its steepest slope. */
  readonly steepest: number;
  /** Both ends are flat, as of sigmoid and tanh. */
  readonly squashes: boolean;
}

/** Whether `a` is made of `z` element by element, by one function or several. */
export function isElementwise({ z, a }: Pick<MeasuredLayer, 'z' | 'a'>): boolean {
  if (z === a || countOf(z.shape) !== countOf(a.shape)) return false;
  const between = ancestors([a], new Set([z]));
  return between.includes(z) && between.every((node) => node === z || (node.op !== variableOps.input && ['elementwise', 'broadcast', 'view', 'variable'].includes(node.op.lowering.kind)));
}

/** Values at which a function is tried out: finely where functions bend, and far away at both ends. */
const farEnd = 1e4;
export const trialValues: readonly number[] = [-farEnd, ...Array.from({ length: 81 }, (_, i) => (i - 40) / 4), farEnd];

/** Outputs that try out the function from `z` to `a`: its values, and its slopes. */
export function trialOutputs({ z, a }: Pick<MeasuredLayer, 'z' | 'a'>): Record<string, Node> {
  return { value: a, slope: gradients(a, [z])[0]! };
}

/** Where values before an activation usually are: slopes that grow without end, as of exp, are judged by what they are there. */
const usual = 3;

/** What a trial at `trialValues` found, from the first unit. */
export function slopeOf(results: Results, units: number): Slope {
  const at = (name: string, trial: number): number => Math.abs(results[name]!.data[trial * units]!), last = trialValues.length - 1;
  const slopes = trialValues.flatMap((z, i) => (Math.abs(z) <= usual ? [at('slope', i)] : [])).filter(Number.isFinite);
  return { steepest: Math.max(...slopes, 0), squashes: at('value', 0) < farEnd / 100 && at('value', last) < farEnd / 100 };
}

/** Rows of features, whatever the shape of an example. */
function flat(x: Node): Node {
  return x.shape.length === 2 ? x : reshape(x, ['rows', countOf(x.shape)]);
}

/** Mean, variance, largest and smallest value of every feature over the examples. */
export function valueOutputs(value: Node, prefix: string): Record<string, Node> {
  const x = flat(value), average = mean(x, [0]);
  return {
    [`${prefix}.mean`]: average, [`${prefix}.variance`]: mean(square(subtract(x, broadcastTo(average, x.shape))), [0]),
    [`${prefix}.max`]: max(x, [0]), [`${prefix}.negativeMin`]: max(negate(x), [0]),
  };
}

/** A norm in two parts, so that squares of the smallest and largest gradients stay within single precision. */
export function normOutputs(x: Node, prefix: string): Record<string, Node> {
  const flattened = hasRows(x.shape) ? flat(x) : reshape(x, [countOf(x.shape)]);
  const size = abs(flattened), largest = hasRows(x.shape) ? max(max(size, [1])) : max(size);
  return { [`${prefix}.largest`]: largest, [`${prefix}.squares`]: sum(square(divide(flattened, broadcastTo(largest, flattened.shape)))) };
}

export function normOf(results: Results, prefix: string): number {
  const largest = results[`${prefix}.largest`]!.data[0]!;
  return largest === 0 ? 0 : largest * Math.sqrt(results[`${prefix}.squares`]!.data[0]!);
}

/** Of every unit the largest slope, and the share of examples at which it is flat. */
export function flatOutputs({ z, a }: Pick<MeasuredLayer, 'z' | 'a'>, { steepest }: Slope, prefix: string): Record<string, Node> {
  const slope = flat(abs(gradients(a, [z])[0]!));
  return { [`${prefix}.largest`]: max(slope, [0]), [`${prefix}.flat`]: mean(step(shift(negate(slope), thresholds.flatSlope * steepest)), [0]) };
}

/** Features of a value over the examples. */
export interface ValueMeasures {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
}

export function valueOf(results: Results, prefix: string): ValueMeasures {
  const read = (name: string): Float64Array => Float64Array.from(results[`${prefix}.${name}`]!.data);
  return { mean: read('mean'), deviation: read('variance').map(Math.sqrt), max: read('max'), min: read('negativeMin').map((value) => -value) };
}
