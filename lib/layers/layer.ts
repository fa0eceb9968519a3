// What a layer is: a description that can be saved, and a function from nodes to nodes that makes its part of the graph.
import type { Node } from '../graph/node.ts';
import type { Initializer } from './initializers.ts';

/** A layer's description: plain data, reusable in several networks, saved with the model. */
export interface LayerSpec {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A trained tensor asked for by a layer. */
export interface ParameterRequest {
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** Inputs and outputs of a unit, for initializers. */
  readonly fanIn: number;
  readonly fanOut: number;
  /** Weights of Σ|W| and ΣW² in the cost. */
  readonly l1?: number;
  readonly l2?: number;
}

/** What a layer can ask for while it is built. */
export interface LayerContext {
  /** The layer's name in the network, such as `dense1`. */
  readonly name: string;
  /** True while the graph for training is built, false for prediction. */
  readonly training: boolean;
  /** The layer's parameter of that name; the same node in training and prediction. */
  parameter(name: string, request: ParameterRequest): Node;
  /** Uniform draws in [0, 1) in the shape of `like`, new every step. */
  draw(like: Node): Node;
}

/** The graph of a layer: `z` before the activation, `a` after it (the same node where there is none). */
export interface LayerOutput { readonly z: Node; readonly a: Node }

/** A kind of layer. */
export interface LayerType {
  readonly type: string;
  readonly doc: string;
  /** Checks the options of a description, which may come from a file; throws an OptionError. */
  check(options: Readonly<Record<string, unknown>>): LayerSpec;
  build(x: Node, options: LayerSpec['options'], context: LayerContext): LayerOutput;
  /** The layer in a line of the summary, such as `64, relu`. */
  describe(options: LayerSpec['options']): string;
}
