// What a layer is: a description that can be saved, and a function from nodes to nodes that makes its part of the graph.
import { OptionError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { formatShape, hasRows } from '../graph/shape.ts';
import { describe } from '../options.ts';
import type { Initializer } from './initializers.ts';

/** A layer's description: plain data, reusable in several networks, saved with the model. */
export interface LayerSpec {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A value of a network that is being described: an input, or what a layer makes of other values. */
export class SymbolicTensor {
  /** The layer that makes it; undefined for an input. */
  readonly layer: Layer | undefined;
  readonly inputs: readonly SymbolicTensor[];
  /** Features per example of an input; those of a layer are known once the network is built. */
  readonly features: number | undefined;

  /** @internal Made by `input` and by `apply`. */
  constructor(layer: Layer | undefined, inputs: readonly SymbolicTensor[], features?: number) {
    this.layer = layer;
    this.inputs = inputs;
    this.features = features;
  }
}

/** A layer as its factory makes it: a description that can be applied to values. */
export class Layer implements LayerSpec {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;

  constructor(type: string, options: Readonly<Record<string, unknown>>) {
    this.type = type;
    this.options = options;
  }

  /**
   * The value that the layer makes of others. One layer applied several times shares its parameters.
   *
   * @example
   * const x = input(64), hidden = dense(64, 'relu').apply(x);
   * const y = dense(10, 'softmax').apply(add().apply(x, hidden));
   */
  apply(...inputs: SymbolicTensor[]): SymbolicTensor {
    if (inputs.length === 0) throw new OptionError(`[${this.type}] expected a value to apply the layer to`);
    for (const each of inputs) {
      if (!(each instanceof SymbolicTensor)) throw new OptionError(`[${this.type}] expected values made by input() or apply() but received ${describe(each)}`);
    }
    return new SymbolicTensor(this, inputs);
  }
}

/** First values that follow from those of a parameter of the same layer, such as the norms of its rows. */
export interface DerivedValues {
  /** Name of that parameter, asked for before. */
  readonly from: string;
  fill(target: Float32Array | Float64Array, source: Float32Array | Float64Array): void;
}

/** A trained tensor asked for by a layer. */
export interface ParameterRequest {
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** Instead of the initializer, once the parameters before have their first values. */
  readonly derived?: DerivedValues;
  /** The tensor is stored as [inputs, units]: it starts with the same numbers as [units, inputs], transposed. */
  readonly transposed?: boolean;
  /** 0 or 1 for every value as it is stored; values are 0 at first where it is 0. Read once the parameter has been asked for. */
  readonly mask?: Uint8Array | undefined;
  /** Inputs and outputs of a unit, for initializers. */
  readonly fanIn: number;
  readonly fanOut: number;
  /** Weights of Σ|W| and ΣW² in the cost. */
  readonly l1?: number;
  readonly l2?: number;
  /** Applied to the new value after every update: what keeps the tensor where it has to be. */
  constraint?(updated: Node): Node;
}

/** What a layer can ask for while it is built. */
export interface LayerContext {
  /** The layer's name in the network, such as `dense1`. */
  readonly name: string;
  /** True while the graph for training is built, false for prediction. */
  readonly training: boolean;
  /** The layer's parameter of that name; the same node in training and prediction. */
  parameter(name: string, request: ParameterRequest): Node;
  /** A tensor that is kept and saved but not trained, such as a running mean; every value is `initial` (default 0) at first, or follows from a parameter. */
  state(name: string, shape: readonly number[], initial?: number | Float64Array | DerivedValues): Node;
  /** Stores `value` in the state tensor of that name at the end of every training step. */
  update(name: string, value: Node): void;
  /** Adds a scalar to the cost, such as a penalty on the activations. */
  penalty(value: Node): void;
  /** Uniform draws in [0, 1) in the shape of `like`, new every step. */
  draw(like: Node): Node;
}

/** The graph of a layer: `z` before the activation, `a` after it (the same node where there is none). */
export interface LayerOutput { readonly z: Node; readonly a: Node }

/** Measures of the training inputs by feature. */
export interface FeatureStatistics {
  readonly mean: Float64Array;
  /** Mean of the squared differences from the mean. */
  readonly variance: Float64Array;
  readonly minimum: Float64Array;
  readonly maximum: Float64Array;
}

/** A kind of layer. */
export interface LayerType {
  readonly type: string;
  readonly doc: string;
  /** Numbers of inputs it takes (default exactly one). */
  readonly arity?: 'one' | 'several';
  /** Checks the options of a description, which may come from a file; throws an OptionError. */
  check(options: Readonly<Record<string, unknown>>): Layer;
  build(inputs: readonly [Node, ...Node[]], options: LayerSpec['options'], context: LayerContext): LayerOutput;
  /** The layer in a line of the summary, such as `64, relu`. */
  describe(options: LayerSpec['options']): string;
  /** First values of its state from the training data, for a layer that reads an input of the network: set once, before the first step. */
  adapt?(statistics: FeatureStatistics, options: LayerSpec['options']): Readonly<Record<string, Float64Array>>;
}

/** Number of features of an input of shape [rows, features]; throws a ShapeError that names the layer where it has another shape. */
export function checkFeatures(type: string, name: string, x: Node): number {
  if (x.shape.length !== 2 || !hasRows(x.shape)) throw new ShapeError(`[${type} '${name}'] expected an input of shape [rows, features] but received ${formatShape(x.shape)}`);
  return Number(x.shape[1]);
}
