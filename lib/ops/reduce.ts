// Reductions: sum and max over axes, mean, and their gradients.
import { ShapeError } from '../errors.ts';
import { makeNode, type Node, type OpDefinition, whereOf } from '../graph/node.ts';
import { countOf, formatShape, hasRows, type Dimension, type Shape } from '../graph/shape.ts';
import { divide, equal, multiply, scale } from './elementwise.ts';
import { broadcastTo, reshape } from './shape.ts';
import { inverseRows } from './variables.ts';

/** Removes dimensions `first` to `last` (both included). */
function reducedShape([x]: readonly Shape[], attributes: Readonly<Record<string, unknown>>, where: string): Shape {
  const first = Number(attributes['first']), last = Number(attributes['last']);
  if (!(first >= 0 && first <= last && last < x!.length)) throw new ShapeError(`${where} cannot reduce axes ${first} to ${last} of ${formatShape(x!)}`);
  if (x![first] === 'rows' && last > 0) throw new ShapeError(`${where} reduces rows and features in two steps, not in one`);
  return [...x!.slice(0, first), ...x!.slice(last + 1)];
}

/** [kind, outer, middle, inner] of the physical tensor, in which rows come last. */
function reduceAttributes(kind: 0 | 1) {
  return (node: Node): readonly number[] => {
    const x = node.inputs[0]!.shape, first = Number(node.attributes['first']), last = Number(node.attributes['last']);
    if (x[first] === 'rows') return [kind, countOf(x), -1, 1];
    const inner = countOf(x.slice(last + 1));
    return [kind, countOf(x.slice(0, first)), countOf(x.slice(first, last + 1)), hasRows(x) ? -inner : inner];
  };
}

/** Puts reduced dimensions back as 1 and repeats: the gradient's way up. */
function spread(reduced: Node, like: Node, first: number, last: number): Node {
  const kept: Dimension[] = like.shape.map((dimension, i) => (i >= first && i <= last ? 1 : dimension));
  return broadcastTo(reshape(reduced, kept), like.shape);
}

/** The axes that a node sums or takes the maximum over. */
function axesOf(node: Node): number[] {
  const first = Number(node.attributes['first']), last = Number(node.attributes['last']);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

const samples = [
  { shapes: [['rows', 4]], attributes: { first: 0, last: 0 } },
  { shapes: [['rows', 4]], attributes: { first: 1, last: 1 } },
  { shapes: [['rows', 2, 3]], attributes: { first: 1, last: 1 } },
  { shapes: [['rows', 2, 3]], attributes: { first: 2, last: 2 } },
  { shapes: [['rows', 2, 3]], attributes: { first: 1, last: 2 } },
  { shapes: [[3, 5]], attributes: { first: 0, last: 0 } },
  { shapes: [[3, 5]], attributes: { first: 1, last: 1 } },
  { shapes: [[2, 3, 5]], attributes: { first: 1, last: 1 } },
  { shapes: [[70, 90]], attributes: { first: 0, last: 1 } },
] as const;

export const reduceOps = {
  sum: {
    name: 'sum', doc: 'Sum over neighbouring axes.', arity: 1,
    shape: reducedShape,
    gradient: (node, upstream) => [spread(upstream, node.inputs[0]!, Number(node.attributes['first']), Number(node.attributes['last']))],
    tangent: (node, [t]) => sum(t!, axesOf(node)),
    lowering: { kind: 'instruction', instruction: 'reduce', attributes: reduceAttributes(0) },
    samples,
  },
  max: {
    name: 'max', doc: 'Maximum over neighbouring axes; equal maxima share the gradient evenly.', arity: 1,
    shape: reducedShape,
    gradient: (node, upstream) => {
      const x = node.inputs[0]!, first = Number(node.attributes['first']), last = Number(node.attributes['last']);
      const winners = equal(x, spread(node, x, first, last));
      return [multiply(winners, spread(divide(upstream, sum(winners, axesOf(node))), x, first, last))];
    },
    tangent: (node, [t]) => {
      const x = node.inputs[0]!, axes = axesOf(node);
      const winners = equal(x, spread(node, x, Number(node.attributes['first']), Number(node.attributes['last'])));
      return divide(sum(multiply(winners, t!), axes), sum(winners, axes));
    },
    lowering: { kind: 'instruction', instruction: 'reduce', attributes: reduceAttributes(1) },
    samples,
  },
} as const satisfies Record<string, OpDefinition>;

/** Axes counted from the front, each once, the last first. */
function checkAxes(name: string, x: Node, axes: readonly number[]): number[] {
  const rank = x.shape.length;
  for (const axis of axes) {
    if (!(Number.isInteger(axis) && axis >= -rank && axis < rank)) {
      throw new ShapeError(`${whereOf(name)} expected axes from ${-rank} to ${rank - 1} of ${formatShape(x.shape)} but received ${axis}`);
    }
  }
  return [...new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)))].sort((a, b) => b - a);
}

function reduceAxes(op: OpDefinition, x: Node, axes: readonly number[]): Node {
  const sorted = checkAxes(op.name, x, axes);
  let result = x;
  // From the last axis to the first, neighbours together, but by themselves rows and the last axis of a static tensor,
  // which a chain can sum while it makes the values.
  for (let i = 0; i < sorted.length;) {
    const last = sorted[i]!;
    let first = last;
    const alone = op === reduceOps.sum && !hasRows(x.shape) && last === x.shape.length - 1;
    while (++i < sorted.length && !alone && sorted[i] === first - 1 && x.shape[first - 1] !== 'rows') first--;
    const shape = [...result.shape.slice(0, first), ...result.shape.slice(last + 1)];
    const isSingle = result.shape.slice(first, last + 1).every((dimension) => dimension === 1);
    result = isSingle ? reshape(result, shape) : makeNode(op, [result], { first, last });
  }
  return result;
}

const allAxes = (x: Node): number[] => x.shape.map((_, i) => i);

/** Sum over `axes` (default all), which are removed from the shape. */
export function sum(x: Node, axes: readonly number[] = allAxes(x)): Node {
  return reduceAxes(reduceOps.sum, x, axes);
}

/** Maximum over `axes` (default all), which are removed from the shape. */
export function max(x: Node, axes: readonly number[] = allAxes(x)): Node {
  return reduceAxes(reduceOps.max, x, axes);
}

/** Mean over `axes` (default all); over rows it divides by the number of examples of the run. */
export function mean(x: Node, axes: readonly number[] = allAxes(x)): Node {
  const dimensions = checkAxes('mean', x, axes).map((axis) => x.shape[axis]!);
  const scaled = scale(sum(x, axes), 1 / countOf(dimensions));
  return dimensions.includes('rows') ? multiply(scaled, inverseRows()) : scaled;
}
