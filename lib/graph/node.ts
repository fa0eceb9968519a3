// The graph's nodes: an operation with inputs and attributes, or a variable. Nodes are immutable and carry the path of the layer that made them.
import { checkShape, type Shape } from './shape.ts';

/** Attributes of a node: plain data, compared by value when equal nodes are merged. */
export type Attributes = Readonly<Record<string, number | string | boolean | readonly number[] | undefined>>;

/** What an operation is: one literal per op. `Lowering` says how the compiler turns it into instructions. */
export interface OpDefinition {
  readonly name: string;
  readonly doc: string;
  /** Number of inputs; Infinity where an op takes any number of them. */
  readonly arity: number;
  /** The result's shape; throws a ShapeError that begins with `where`. */
  shape(inputs: readonly Shape[], attributes: Attributes, where: string): Shape;
  /** Vector-Jacobian product as more graph: one node (or null where the derivative is zero) per input. */
  gradient(node: Node, upstream: Node): readonly (Node | null)[];
  /** Jacobian-vector product as more graph, from the tangents of the inputs (null where zero, though not all of them); null where it is zero. */
  tangent(node: Node, tangents: readonly (Node | null)[]): Node | null;
  readonly lowering: Lowering;
  /** Largest accepted difference between the backends, relative to the norm of the result. */
  readonly tolerance?: number;
  /** Input shapes and attributes from which tests are generated. */
  readonly samples?: readonly Sample[];
}

/** A case from which gradient checks and backend comparisons are generated. */
export interface Sample {
  readonly shapes: readonly Shape[];
  readonly attributes?: Attributes;
  /** Values of the inputs: `normal` (default), `positive`, `label:k` (whole numbers below k), `probability:k`. */
  readonly domain?: readonly string[];
}

/**
 * How an op becomes instructions.
 * `elementwise`: one operation of a chain. `view`: the same memory seen differently. `variable`: memory that is fed or kept.
 * `instruction`: one instruction by itself.
 */
export type Lowering =
  | { readonly kind: 'elementwise' }
  | { readonly kind: 'view' }
  | { readonly kind: 'variable' }
  | { readonly kind: 'assign' }
  | { readonly kind: 'product' }
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'instruction'; readonly instruction: string; attributes(node: Node): readonly number[] };

let nextId = 0;
let currentPath = '';

/** One node of the graph. */
export class Node {
  /** Creation order; inputs always have smaller numbers. */
  readonly id: number = nextId++;
  readonly op: OpDefinition;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  /** Path of the layer that made the node, such as `dense1`; empty outside layers. */
  readonly path: string;
  /** Values of a constant, initial values of a parameter. */
  readonly data: Float64Array | undefined;

  constructor(op: OpDefinition, inputs: readonly Node[], attributes: Attributes, shape: Shape, data?: Float64Array) {
    this.op = op;
    this.inputs = inputs;
    this.attributes = attributes;
    this.shape = shape;
    this.path = currentPath;
    this.data = data;
  }

  /** The user's name of a variable, or the op's name. */
  get name(): string {
    const name = this.attributes['name'];
    return typeof name === 'string' ? name : this.op.name;
  }

  /** `%` with the number of the node, as `formatGraph` calls it. */
  toString(): string {
    return `%${this.id}`;
  }
}

/** Where an error happened: the op, and the layer if there is one. */
export function whereOf(opName: string): string {
  return currentPath === '' ? `[${opName}]` : `[${currentPath}: ${opName}]`;
}

/** Makes a node of `op`, checking its shape rule. */
export function makeNode(op: OpDefinition, inputs: readonly Node[], attributes: Attributes = {}, data?: Float64Array): Node {
  const where = whereOf(op.name);
  const shape = op.shape(inputs.map((input) => input.shape), attributes, where);
  checkShape(shape, where);
  return new Node(op, inputs, attributes, shape, data);
}

/** Runs `build` with `path` as the path of all nodes made. */
export function withPath<T>(path: string, build: () => T): T {
  const outer = currentPath;
  currentPath = path;
  try {
    return build();
  } finally {
    currentPath = outer;
  }
}
