// Ops that change only the shape: broadcastTo, reshape, stopGradient, transpose; and the helpers that undo broadcasting.
import { internal, ShapeError } from '../errors.ts';
import { makeNode, type Node, type OpDefinition, whereOf } from '../graph/node.ts';
import { broadcastsTo, countOf, formatShape, hasRows, sameShape, type Dimension, type Shape } from '../graph/shape.ts';
import { sum } from './reduce.ts';
import { constant, scalarValue } from './variables.ts';

const parseShape = (attribute: unknown): Shape => JSON.parse(String(attribute)) as Shape;

export const shapeOps = {
  broadcastTo: {
    name: 'broadcastTo', doc: 'Repeats a tensor along new or stretched dimensions (NumPy\'s broadcasting).', arity: 1,
    shape: ([x], attributes, where) => {
      const target = parseShape(attributes['shape']);
      if (!broadcastsTo(x!, target)) {
        throw new ShapeError(`${where} cannot broadcast ${formatShape(x!)} to ${formatShape(target)}`);
      }
      return target;
    },
    gradient: (node, upstream) => [sumTo(upstream, node.inputs[0]!.shape)],
    tangent: (node, [t]) => broadcastTo(t!, node.shape),
    lowering: { kind: 'broadcast' },
    samples: [
      { shapes: [[3]], attributes: { shape: '["rows",3]' } },
      { shapes: [['rows', 1]], attributes: { shape: '["rows",4]' } },
      { shapes: [[2, 1]], attributes: { shape: '[2,5]' } },
      { shapes: [[1, 3]], attributes: { shape: '[4,3]' } },
      { shapes: [['rows', 1, 3]], attributes: { shape: '["rows",2,3]' } },
      { shapes: [[3, 1]], attributes: { shape: '["rows",3,2]' } },
      { shapes: [[2, 1, 3]], attributes: { shape: '[2,4,3]' } },
      { shapes: [[]], attributes: { shape: '["rows",2]' } },
    ],
  },
  reshape: {
    name: 'reshape', doc: 'The same elements in the same order under another shape; `rows` stays in front.', arity: 1,
    shape: ([x], attributes, where) => {
      const target = parseShape(attributes['shape']);
      if (countOf(x!) !== countOf(target) || hasRows(x!) !== hasRows(target)) {
        throw new ShapeError(`${where} cannot reshape ${formatShape(x!)} to ${formatShape(target)}`);
      }
      return target;
    },
    gradient: (node, upstream) => [reshape(upstream, node.inputs[0]!.shape)],
    tangent: (node, [t]) => reshape(t!, node.shape),
    lowering: { kind: 'view' },
    samples: [{ shapes: [['rows', 2, 3]], attributes: { shape: '["rows",6]' } }, { shapes: [[4, 3]], attributes: { shape: '[2,6]' } }],
  },
  stopGradient: {
    name: 'stopGradient', doc: 'The same value, through which no gradient flows.', arity: 1,
    shape: ([x]) => x!,
    gradient: () => [null],
    tangent: () => null,
    lowering: { kind: 'view' },
  },
  transpose: {
    name: 'transpose', doc: 'Swaps two adjacent dimensions (neither of them `rows`): `axis` and `axis + 1`.', arity: 1,
    shape: ([x], attributes, where) => {
      const axis = Number(attributes['axis']);
      if (!(Number.isInteger(axis) && axis >= 0 && axis + 1 < x!.length) || x![axis] === 'rows') {
        throw new ShapeError(`${where} cannot swap dimensions ${axis} and ${axis + 1} of ${formatShape(x!)}`);
      }
      const result = [...x!];
      [result[axis], result[axis + 1]] = [x![axis + 1]!, x![axis]!];
      return result;
    },
    gradient: (node, upstream) => [transpose(upstream, Number(node.attributes['axis']))],
    tangent: (node, [t]) => transpose(t!, Number(node.attributes['axis'])),
    lowering: {
      kind: 'instruction', instruction: 'transpose',
      attributes: (node) => {
        const x = node.inputs[0]!.shape, axis = Number(node.attributes['axis']);
        const inner = countOf(x.slice(axis + 2));
        return [countOf(x.slice(0, axis)), Number(x[axis]), Number(x[axis + 1]), hasRows(x) ? -inner : inner];
      },
    },
    samples: [{ shapes: [[3, 4]], attributes: { axis: 0 } }, { shapes: [[2, 3, 5]], attributes: { axis: 0 } }, { shapes: [['rows', 3, 2]], attributes: { axis: 1 } }, { shapes: [[2, 3, 4, 5]], attributes: { axis: 1 } }],
  },
} as const satisfies Record<string, OpDefinition>;

/** The scalar constant that `x` repeats, or undefined: the one node that is looked through while a graph is built. */
export function repeatedConstant(x: Node): Node | undefined {
  return x.op === shapeOps.broadcastTo && scalarValue(x.inputs[0]!) !== undefined ? x.inputs[0]! : undefined;
}

/** Repeats `x` to `shape`; `x` itself where it has that shape already. */
export function broadcastTo(x: Node, shape: readonly Dimension[]): Node {
  if (sameShape(x.shape, shape)) return x;
  const attributes = { shape: JSON.stringify(shape) };
  // Checked against `x` itself: what it repeats may fit more shapes than it does.
  shapeOps.broadcastTo.shape([x.shape], attributes, whereOf('broadcastTo'));
  const inner = repeatedConstant(x) ?? x;
  const source = countOf(inner.shape) === 1 && !hasRows(inner.shape) ? reshape(inner, []) : inner;
  return makeNode(shapeOps.broadcastTo, [source], attributes);
}

/** The same elements under another shape. */
export function reshape(x: Node, shape: readonly Dimension[]): Node {
  if (sameShape(x.shape, shape)) return x;
  const reshaped = makeNode(shapeOps.reshape, [x], { shape: JSON.stringify(shape) });
  const value = scalarValue(x), repeated = repeatedConstant(x);
  if (value !== undefined) return constant(value, shape as number[]);
  return repeated === undefined ? reshaped : broadcastTo(repeated, shape);
}

/** The same value, through which no gradient flows. */
export function stopGradient(x: Node): Node {
  return makeNode(shapeOps.stopGradient, [x]);
}

/** Swaps dimensions `axis` and `axis + 1` (default the first two). */
export function transpose(x: Node, axis = 0): Node {
  return makeNode(shapeOps.transpose, [x], { axis });
}

/** Sums `x` down to `shape`: the inverse of broadcasting, for gradients. */
export function sumTo(x: Node, shape: Shape): Node {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  if (extra < 0) throw internal(`cannot sum ${formatShape(x.shape)} to ${formatShape(shape)}`);
  const axes = x.shape.flatMap((dimension, i) => (i < extra || (shape[i - extra] === 1 && dimension !== 1) ? [i] : []));
  return reshape(sum(x, axes), shape);
}

/** Ones, or any one number, in the shape of `x`. */
export function filledLike(x: Node, value: number): Node {
  return broadcastTo(constant(value), x.shape);
}
