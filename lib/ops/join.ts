// Parts of tensors: slice, pad and concatenate along one axis, all of them one instruction that lays parts side by side.
import { OptionError, ShapeError } from '../errors.ts';
import { makeNode, type Node, type OpDefinition, whereOf } from '../graph/node.ts';
import { countOf, formatShape, hasRows, sameShape, type Shape } from '../graph/shape.ts';
import { broadcastTo, filledLike, repeatedConstant } from './shape.ts';

const axisOf = (node: Node): number => Number(node.attributes['axis']);
const sizeAlong = (node: Node, axis: number): number => Number(node.shape[axis]);
const resized = (shape: Shape, axis: number, size: number): Shape => shape.map((dimension, i) => (i === axis ? size : dimension));

/** A part of an input: its elements `begin` to `end` (excluded) along the axis, which become elements `at` and following of the result. */
interface Part { readonly size: number; readonly begin: number; readonly end: number; readonly at: number }

/** [outer, inner, size along the axis, then of every part: size, begin, end, at] of physical tensors, in which rows come last. */
function joinAttributes(node: Node, parts: readonly Part[]): readonly number[] {
  const axis = axisOf(node), inner = countOf(node.shape.slice(axis + 1));
  return [
    countOf(node.shape.slice(0, axis)), hasRows(node.shape) ? -inner : inner, sizeAlong(node, axis),
    ...parts.flatMap(({ size, begin, end, at }) => [size, begin, end, at]),
  ];
}

function checkAxis(x: Shape, axis: number, where: string): void {
  if (!(Number.isInteger(axis) && axis >= 0 && axis < x.length && x[axis] !== 'rows')) {
    throw new ShapeError(`${where} expected an axis of ${formatShape(x)} other than rows but received ${axis}`);
  }
}

/** Where each input of a concatenation begins in the result. */
function offsetsOf(node: Node): number[] {
  let at = 0;
  return node.inputs.map((input) => {
    const offset = at;
    at += sizeAlong(input, axisOf(node));
    return offset;
  });
}

export const joinOps = {
  slice: {
    name: 'slice', doc: 'Elements `begin` to `end` (excluded) along one axis, which is not rows.', arity: 1,
    shape: ([x], attributes, where) => {
      const axis = Number(attributes['axis']), begin = Number(attributes['begin']), end = Number(attributes['end']);
      checkAxis(x!, axis, where);
      if (!(Number.isInteger(begin) && Number.isInteger(end) && begin >= 0 && begin < end && end <= Number(x![axis]))) {
        throw new ShapeError(`${where} expected whole numbers with 0 <= begin < end <= ${x![axis]} along axis ${axis} of ${formatShape(x!)} but received ${begin} and ${end}`);
      }
      return resized(x!, axis, end - begin);
    },
    gradient: (node, upstream) => {
      const axis = axisOf(node);
      return [pad(upstream, axis, Number(node.attributes['begin']), sizeAlong(node.inputs[0]!, axis) - Number(node.attributes['end']))];
    },
    tangent: (node, [t]) => slice(t!, axisOf(node), Number(node.attributes['begin']), Number(node.attributes['end'])),
    lowering: {
      kind: 'instruction', instruction: 'join',
      attributes: (node) => joinAttributes(node, [{ size: sizeAlong(node.inputs[0]!, axisOf(node)), begin: Number(node.attributes['begin']), end: Number(node.attributes['end']), at: 0 }]),
    },
    samples: [
      { shapes: [['rows', 7]], attributes: { axis: 1, begin: 2, end: 5 } }, { shapes: [['rows', 3, 4]], attributes: { axis: 2, begin: 1, end: 3 } },
      { shapes: [['rows', 4, 3]], attributes: { axis: 1, begin: 0, end: 1 } }, { shapes: [[6]], attributes: { axis: 0, begin: 5, end: 6 } },
      { shapes: [[5, 3]], attributes: { axis: 0, begin: 1, end: 3 } }, { shapes: [[2, 70, 3]], attributes: { axis: 1, begin: 3, end: 64 } },
    ],
  },
  pad: {
    name: 'pad', doc: 'Zeros `before` and `after` the elements along one axis, which is not rows.', arity: 1,
    shape: ([x], attributes, where) => {
      const axis = Number(attributes['axis']), before = Number(attributes['before']), after = Number(attributes['after']);
      checkAxis(x!, axis, where);
      if (!(Number.isSafeInteger(before) && Number.isSafeInteger(after) && before >= 0 && after >= 0)) {
        throw new ShapeError(`${where} expected whole numbers of zeros before and after but received ${before} and ${after}`);
      }
      return resized(x!, axis, before + Number(x![axis]) + after);
    },
    gradient: (node, upstream) => {
      const axis = axisOf(node), before = Number(node.attributes['before']);
      return [slice(upstream, axis, before, before + sizeAlong(node.inputs[0]!, axis))];
    },
    tangent: (node, [t]) => pad(t!, axisOf(node), Number(node.attributes['before']), Number(node.attributes['after'])),
    lowering: {
      kind: 'instruction', instruction: 'join',
      attributes: (node) => {
        const size = sizeAlong(node.inputs[0]!, axisOf(node));
        return joinAttributes(node, [{ size, begin: 0, end: size, at: Number(node.attributes['before']) }]);
      },
    },
    samples: [
      { shapes: [['rows', 4]], attributes: { axis: 1, before: 2, after: 1 } }, { shapes: [['rows', 2, 3]], attributes: { axis: 2, before: 0, after: 4 } },
      { shapes: [[3]], attributes: { axis: 0, before: 1, after: 0 } }, { shapes: [[2, 5, 3]], attributes: { axis: 1, before: 3, after: 2 } },
    ],
  },
  concatenate: {
    name: 'concatenate', doc: 'Tensors one after the other along one axis, which is not rows.', arity: Infinity,
    shape: (inputs, attributes, where) => {
      const axis = Number(attributes['axis']), first = inputs[0]!;
      let size = 0;
      for (const input of inputs) {
        checkAxis(input, axis, where);
        if (input.length !== first.length || !input.every((dimension, i) => i === axis || dimension === first[i])) {
          throw new ShapeError(`${where} expected shapes that differ along axis ${axis} alone but received ${inputs.map(formatShape).join(', ')}`);
        }
        size += Number(input[axis]);
      }
      return resized(first, axis, size);
    },
    gradient: (node, upstream) => {
      const axis = axisOf(node), offsets = offsetsOf(node);
      return node.inputs.map((input, i) => slice(upstream, axis, offsets[i]!, offsets[i]! + sizeAlong(input, axis)));
    },
    tangent: (node, tangents) => concatenate(tangents.map((tangent, i) => tangent ?? filledLike(node.inputs[i]!, 0)), axisOf(node)),
    lowering: {
      kind: 'instruction', instruction: 'join',
      attributes: (node) => {
        const offsets = offsetsOf(node);
        return joinAttributes(node, node.inputs.map((input, i) => ({ size: sizeAlong(input, axisOf(node)), begin: 0, end: sizeAlong(input, axisOf(node)), at: offsets[i]! })));
      },
    },
    samples: [
      { shapes: [['rows', 3], ['rows', 5]], attributes: { axis: 1 } }, { shapes: [['rows', 2, 3], ['rows', 2, 1], ['rows', 2, 4]], attributes: { axis: 2 } },
      { shapes: [['rows', 1, 3], ['rows', 4, 3]], attributes: { axis: 1 } }, { shapes: [[4, 3], [2, 3]], attributes: { axis: 0 } },
      { shapes: [[2, 3, 5], [2, 4, 5]], attributes: { axis: 1 } },
    ],
  },
} as const satisfies Record<string, OpDefinition>;

/** An axis counted from the front; -1 is the last. */
function fromFront(name: string, x: Node, axis: number): number {
  const counted = axis < 0 ? axis + x.shape.length : axis;
  checkAxis(x.shape, counted, whereOf(name));
  return counted;
}

/**
 * Elements `begin` to `end` (excluded) of `x` along `axis`, which may count from the end (-1 is the last) and cannot be rows.
 * @throws {ShapeError} Unless 0 <= begin < end <= the size of that axis.
 */
export function slice(x: Node, axis: number, begin: number, end: number): Node {
  const node = makeNode(joinOps.slice, [x], { axis: fromFront('slice', x, axis), begin, end });
  if (sameShape(node.shape, x.shape)) return x;
  const repeated = repeatedConstant(x);
  return repeated === undefined ? node : broadcastTo(repeated, node.shape);
}

/** `x` with `before` zeros in front of its elements along `axis` and `after` zeros behind; `axis` may count from the end and cannot be rows. */
export function pad(x: Node, axis: number, before: number, after: number): Node {
  const node = makeNode(joinOps.pad, [x], { axis: fromFront('pad', x, axis), before, after });
  return before + after === 0 ? x : node;
}

/**
 * Tensors one after the other along `axis` (default the last), which cannot be rows; their other dimensions are the same.
 * @throws {OptionError} On an empty list, {ShapeError} on shapes that differ elsewhere.
 */
export function concatenate(nodes: readonly Node[], axis = -1): Node {
  const first = nodes[0];
  if (first === undefined) throw new OptionError('[concatenate] expected one or more tensors but received none');
  const node = makeNode(joinOps.concatenate, nodes, { axis: fromFront('concatenate', first, axis) });
  return nodes.length === 1 ? first : node;
}
