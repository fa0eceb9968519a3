// The weight matrix of a dense layer: its order in memory, masks, constraints, noise, and normalization of the weights themselves.
import type { Node } from '../graph/node.ts';
import { add, divide, maximum, multiply, scale } from '../ops/elementwise.ts';
import { normalOf } from '../ops/draw.ts';
import { matmul } from '../ops/matmul.ts';
import { sum } from '../ops/reduce.ts';
import { broadcastTo, reshape, stopGradient } from '../ops/shape.ts';
import { constant } from '../ops/variables.ts';
import { RandomStream } from '../random/philox.ts';
import { constrained, limitNorms, normsAlong, type ConstraintName } from './constraints.ts';
import type { Initializer } from './initializers.ts';
import type { DerivedValues, LayerContext, ParameterRequest } from './layer.ts';
import { maskBytes, type PackedMask } from './mask.ts';

/** Options of `dense` that are about its weights, checked. */
export interface WeightOptions {
  readonly units: number;
  readonly initializer: Initializer;
  readonly l1: number;
  readonly l2: number;
  readonly weightOrder: 'RL' | 'LR';
  readonly mask?: PackedMask;
  readonly connections?: readonly (readonly number[])[];
  readonly constraint?: ConstraintName;
  readonly maxNorm?: number;
  readonly weightNoise: number;
  readonly weightNorm: boolean;
  readonly spectralNorm: boolean;
}

/** Rounds of power iteration before the first step, as many as those of PyTorch's `parametrizations.spectral_norm`. */
const startingRounds = 15;
/** Norms below this count as this one (PyTorch's ε). */
const epsilon = 1e-12;

/** How a matrix of units × inputs lies in memory. */
interface Layout { readonly units: number; readonly inputs: number; readonly transposed: boolean; /** Axis of the inputs. */ readonly axis: 0 | 1 }

/** The product x Wᵀ of an input [rows, inputs] with the layer's weights. */
export function weightedSum(x: Node, options: WeightOptions, context: LayerContext): Node {
  const inputs = Number(x.shape[1]), transposed = options.weightOrder === 'LR';
  return matmul(x, weightsOf(context, options, { units: options.units, inputs, transposed, axis: transposed ? 0 : 1 }), { transposeB: !transposed });
}

/** The weights that the layer computes with, made of its parameters. */
function weightsOf(context: LayerContext, options: WeightOptions, layout: Layout): Node {
  const { units, inputs, transposed, axis } = layout;
  const shape = transposed ? [inputs, units] : [units, inputs];
  let bytes: Uint8Array | undefined = undefined;
  const keep = constraintOf(options, axis);
  const request: ParameterRequest = {
    shape, initializer: options.initializer, fanIn: inputs, fanOut: units, transposed, l1: options.l1, l2: options.l2,
    get mask() { return bytes; }, ...(keep !== undefined && { constraint: keep }),
  };
  const stored = context.parameter('weight', request);
  // After the parameter: where there are no values for one of that shape, nothing of its size is made.
  bytes = storedMask(context, options, layout);
  const mask = bytes === undefined ? undefined : constant(bytes, shape);
  const masked = mask === undefined ? stored : multiply(stored, mask);
  const weights = options.weightNorm ? normalized(context, masked, layout) : options.spectralNorm ? divideBySpectralNorm(context, masked, layout) : masked;
  if (!context.training || options.weightNoise === 0) return weights;
  const noise = scale(normalOf(context.draw(weights), context.draw(weights)), options.weightNoise);
  return add(weights, mask === undefined ? noise : multiply(noise, mask));
}

/** The mask as the weights are stored. */
function storedMask(context: LayerContext, { mask, connections }: WeightOptions, { units, inputs, transposed }: Layout): Uint8Array | undefined {
  const bytes = maskBytes(mask, connections, `[dense '${context.name}']`, units, inputs);
  return bytes === undefined || !transposed ? bytes : bytes.map((_, i) => bytes[(i % units) * inputs + Math.floor(i / units)]!);
}

/** Masks need none: weights that are 0 and have no gradient are left alone by every optimizer. */
function constraintOf({ constraint, maxNorm }: WeightOptions, axis: 0 | 1): ParameterRequest['constraint'] {
  if (constraint === undefined && maxNorm === undefined) return undefined;
  return (updated) => {
    const kept = constraint === undefined ? updated : constrained(constraint, updated, axis);
    return maxNorm === undefined ? kept : limitNorms(kept, axis, maxNorm);
  };
}

/** g v / ‖v‖ for each unit (Salimans and Kingma 2016); g is ‖v‖ at first, so that the layer starts as it would without. */
function normalized(context: LayerContext, v: Node, { units, inputs, transposed, axis }: Layout): Node {
  const derived: DerivedValues = {
    from: 'weight',
    fill(target, source) {
      for (let unit = 0; unit < units; unit++) {
        let total = 0;
        for (let input = 0; input < inputs; input++) total += source[transposed ? input * units + unit : unit * inputs + input]! ** 2;
        target[unit] = Math.sqrt(total);
      }
    },
  };
  const gain = context.parameter('gain', { shape: [units], initializer: 'ones', fanIn: inputs, fanOut: units, derived });
  const norms = normsAlong(v, axis);
  return multiply(v, broadcastTo(divide(reshape(gain, norms.shape as number[]), norms), v.shape));
}

const unit = (vector: Node): Node => divide(vector, maximum(broadcastTo(reshape(normsAlong(vector, 0), []), vector.shape), constant(epsilon)));

/**
 * W / σ(W), σ = uᵀ W v the largest singular value, with one round of power iteration for u and v in each training step
 * (Miyato et al. 2018).
 */
function divideBySpectralNorm(context: LayerContext, weights: Node, layout: Layout): Node {
  const { units, inputs, transposed } = layout;
  let u = reshape(context.state('u', [units], startingVector(layout, 'u')), [units, 1]);
  let v = reshape(context.state('v', [inputs], startingVector(layout, 'v')), [inputs, 1]);
  if (context.training) {
    const fixed = stopGradient(weights);
    v = unit(matmul(fixed, u, { transposeA: !transposed }));
    u = unit(matmul(fixed, v, { transposeA: transposed }));
    context.update('v', reshape(v, [inputs]));
    context.update('u', reshape(u, [units]));
  }
  const sigma = sum(multiply(stopGradient(u), matmul(weights, stopGradient(v), { transposeA: transposed })));
  return divide(weights, broadcastTo(sigma, weights.shape));
}

/** First values of u or v: rounds of power iteration with the first weights, from a fixed vector. */
function startingVector(layout: Layout, which: 'u' | 'v'): DerivedValues {
  return {
    from: 'weight',
    fill(target, weights) {
      const random = new RandomStream(0, 0);
      const u = Float64Array.from({ length: layout.units }, () => random.normal()), v = new Float64Array(layout.inputs);
      for (let round = 0; round < startingRounds; round++) powerIteration(weights, u, v, layout);
      target.set(which === 'u' ? u : v);
    },
  };
}

/** v ← Wᵀ u / ‖Wᵀ u‖, u ← W v / ‖W v‖. */
function powerIteration(weights: Float32Array | Float64Array, u: Float64Array, v: Float64Array, { units, inputs, transposed }: Layout): void {
  const at = (row: number, column: number): number => weights[transposed ? column * units + row : row * inputs + column]!;
  const normalize = (vector: Float64Array): void => {
    const norm = Math.max(Math.sqrt(vector.reduce((total, value) => total + value * value, 0)), epsilon);
    vector.forEach((value, i) => { vector[i] = value / norm; });
  };
  v.fill(0);
  for (let row = 0; row < units; row++) for (let column = 0; column < inputs; column++) v[column]! += u[row]! * at(row, column);
  normalize(v);
  u.fill(0);
  for (let row = 0; row < units; row++) for (let column = 0; column < inputs; column++) u[row]! += v[column]! * at(row, column);
  normalize(u);
}
