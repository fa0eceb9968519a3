// Variables of the graph: what is fed (input), kept (parameter, state), fixed (constant) or given per step (hyper, rows).
import { OptionError, ShapeError } from '../errors.ts';
import { type Attributes, makeNode, type Node, type OpDefinition } from '../graph/node.ts';
import { checkShape, countOf, hasRows, type Dimension, type Shape } from '../graph/shape.ts';

function variable(name: string, doc: string): OpDefinition {
  return {
    name, doc, arity: 0,
    shape: (_inputs, attributes) => JSON.parse(String(attributes['shape'])) as Shape,
    gradient: () => [],
    lowering: { kind: 'variable' },
  };
}

export const variableOps = {
  input: variable('input', 'A tensor fed at every run.'),
  parameter: variable('parameter', 'A tensor kept in the state and trained.'),
  state: variable('state', 'A tensor kept in the state, not trained: optimiser slots, running statistics.'),
  constant: variable('constant', 'A fixed tensor.'),
  hyper: variable('hyper', 'A scalar given for every step of a run: learning rates, bias corrections.'),
  rows: variable('rows', 'The number of examples in the minibatch, as a scalar.'),
  inverseRows: variable('inverseRows', 'One divided by the number of examples in the minibatch, as a scalar.'),
} as const;

let nextVariable = 0;

function makeVariable(op: OpDefinition, name: string, shape: Shape, data?: Float64Array): Node {
  const where = `[${op.name} '${name}']`;
  checkShape(shape, where);
  if (data !== undefined && data.length !== countOf(shape)) {
    throw new ShapeError(`${where} expected ${countOf(shape)} values for shape [${shape.join(', ')}] but received ${data.length}`);
  }
  // The serial number keeps two variables of one name apart when equal nodes are merged.
  const attributes: Attributes = { name, shape: JSON.stringify(shape), serial: nextVariable++ };
  return makeNode(op, [], attributes, data);
}

/** Anything that holds numbers: a number, nested arrays, or a typed array. */
export type Values = number | ArrayLike<number> | readonly Values[];

function flatten(values: Values, out: number[]): void {
  if (typeof values === 'number') out.push(values);
  else for (let i = 0; i < values.length; i++) flatten(values[i] as Values, out);
}

function toFloat64(values: Values): Float64Array {
  const out: number[] = [];
  flatten(values, out);
  return Float64Array.from(out);
}

/** Shape of nested arrays, read off the first element of each level; flat typed arrays count as one dimension. */
function shapeOfValues(values: Values): number[] {
  if (typeof values === 'number') return [];
  const first = values[0];
  return first === undefined ? [values.length] : [values.length, ...shapeOfValues(first as Values)];
}

/** A tensor fed at every run. `shape` may begin with `'rows'`: `input('x', ['rows', 2])`. */
export function input(name: string, shape: readonly Dimension[]): Node {
  return makeVariable(variableOps.input, name, shape);
}

/** A trained tensor. `initial` gives its first values (default all 0). */
export function parameter(name: string, shape: readonly number[], initial?: Values): Node {
  return makeVariable(variableOps.parameter, name, staticShape('parameter', name, shape), initial === undefined ? undefined : toFloat64(initial));
}

/** A tensor kept between steps but not trained. `initial` gives its first values (default all 0). */
export function state(name: string, shape: readonly number[], initial?: Values): Node {
  return makeVariable(variableOps.state, name, staticShape('state', name, shape), initial === undefined ? undefined : toFloat64(initial));
}

function staticShape(kind: string, name: string, shape: readonly number[]): Shape {
  if (hasRows(shape)) throw new OptionError(`[${kind} '${name}'] expected a static shape but received one with 'rows'`);
  return shape;
}

/** A fixed tensor; the shape is read off nested arrays unless given. */
export function constant(values: Values, shape: readonly number[] = shapeOfValues(values)): Node {
  const data = toFloat64(values);
  if (data.length !== countOf(shape)) {
    throw new ShapeError(`[constant] expected ${countOf(shape)} values for shape [${shape.join(', ')}] but received ${data.length}`);
  }
  return makeNode(variableOps.constant, [], { shape: JSON.stringify(shape), values: data.length <= 16 ? [...data] : undefined, serial: data.length <= 16 ? undefined : nextVariable++ }, data);
}

/** A scalar with a value of its own for every step of a run. */
export function hyper(name: string): Node {
  return makeVariable(variableOps.hyper, name, []);
}

/** The number of examples in the minibatch, as a scalar node. */
export function rowCount(): Node {
  return makeNode(variableOps.rows, [], { shape: '[]' });
}

/** One divided by the number of examples in the minibatch, as a scalar node. */
export function inverseRows(): Node {
  return makeNode(variableOps.inverseRows, [], { shape: '[]' });
}

/** The value of a scalar constant node, or undefined. */
export function scalarValue(node: Node): number | undefined {
  return node.op === variableOps.constant && node.data?.length === 1 ? node.data[0] : undefined;
}
