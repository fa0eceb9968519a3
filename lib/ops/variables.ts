// Variables of the graph: what is fed (input), kept (parameter, state), fixed (constant) or given per step (hyper, rows).
import { OptionError, ShapeError } from '../errors.ts';
import { type Attributes, makeNode, type Node, type OpDefinition } from '../graph/node.ts';
import { checkShape, countOf, hasRows, type Dimension, type Shape } from '../graph/shape.ts';
import { describe } from '../options.ts';

function variable(name: string, doc: string): OpDefinition {
  return {
    name, doc, arity: 0,
    shape: (_inputs, attributes) => JSON.parse(String(attributes['shape'])) as Shape,
    gradient: () => [],
    tangent: () => null,
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

function isList(value: unknown): value is ArrayLike<unknown> {
  return typeof value === 'object' && value !== null && 'length' in value;
}

/** Nested or typed arrays row by row, in memory from `allocate`, with their shape; every level must be even. */
export function flattenValues<Memory extends Float32Array | Float64Array>(where: string, values: Values, allocate: (length: number) => Memory): { data: Memory; shape: number[] } {
  const shape: number[] = [];
  for (let level: unknown = values; isList(level); level = level[0]) shape.push(level.length);
  const data = allocate(shape.reduce((a, b) => a * b, 1));
  let at = 0;
  const visit = (part: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof part !== 'number') throw new ShapeError(`${where} expected numbers in arrays of shape [${shape.join(', ')}] but one of them is ${describe(part)}`);
      data[at++] = part;
      return;
    }
    if (!isList(part) || part.length !== shape[depth]) {
      throw new ShapeError(`${where} expected every part to have ${shape[depth]} entries but one ${isList(part) ? `has ${part.length}` : `is ${describe(part)}`}`);
    }
    for (let i = 0; i < part.length; i++) visit(part[i], depth + 1);
  };
  visit(values, 0);
  return { data, shape };
}

const toFloat64 = (where: string, values: Values) => flattenValues(where, values, (length) => new Float64Array(length));

/** A tensor fed at every run. `shape` may begin with `'rows'`: `input('x', ['rows', 2])`. */
export function input(name: string, shape: readonly Dimension[]): Node {
  return makeVariable(variableOps.input, name, shape);
}

/** A trained tensor. `initial` gives its first values (default all 0). */
export function parameter(name: string, shape: readonly number[], initial?: Values): Node {
  return makeVariable(variableOps.parameter, name, ...kept('parameter', name, shape, initial));
}

/** A tensor kept between steps but not trained. `initial` gives its first values (default all 0). */
export function state(name: string, shape: readonly number[], initial?: Values): Node {
  return makeVariable(variableOps.state, name, ...kept('state', name, shape, initial));
}

/** Shape and initial values of a tensor of the state. */
function kept(kind: string, name: string, shape: readonly number[], initial: Values | undefined): [Shape, Float64Array?] {
  const where = `[${kind} '${name}']`;
  if (hasRows(shape)) throw new OptionError(`${where} expected a static shape but received one with 'rows'`);
  return initial === undefined ? [shape] : [shape, toFloat64(where, initial).data];
}

/** A fixed tensor; the shape is read off nested arrays unless given. */
export function constant(values: Values, as?: readonly number[]): Node {
  const { data, shape: nested } = toFloat64('[constant]', values);
  const shape = as ?? nested;
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
