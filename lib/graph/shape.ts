// Shapes: static sizes but for one leading dimension, `rows`, the examples of the minibatch.
import { ShapeError } from '../errors.ts';

/** One dimension: a size, or `'rows'`, the number of examples in the minibatch (leading only). */
export type Dimension = number | 'rows';
/** The shape of a node; `[]` is a scalar. */
export type Shape = readonly Dimension[];

export function hasRows(shape: Shape): boolean {
  return shape[0] === 'rows';
}

/** Number of elements per example (rows tensors) or in all (static tensors). */
export function countOf(shape: Shape): number {
  let count = 1;
  for (const dimension of shape) if (dimension !== 'rows') count *= dimension;
  return count;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Throws unless `shape` is well formed: whole positive sizes, `'rows'` only in front. */
export function checkShape(shape: Shape, where: string): void {
  shape.forEach((dimension, i) => {
    const good = dimension === 'rows' ? i === 0 : Number.isSafeInteger(dimension) && dimension > 0;
    if (!good) throw new ShapeError(`${where} expected positive whole dimensions with 'rows' only in front but received ${formatShape(shape)}`);
  });
}

/** Whether a tensor of shape `from` repeats to `to` and nothing of `to` has to stretch. */
export function broadcastsTo(from: Shape, to: Shape): boolean {
  const extra = to.length - from.length;
  return extra >= 0 && from.every((dimension, i) => dimension === 1 || dimension === to[extra + i]);
}

/** The shape two operands broadcast to (NumPy's rule: aligned at the end, 1 stretches). */
export function broadcastShapes(a: Shape, b: Shape, where: string): Shape {
  const rank = Math.max(a.length, b.length);
  const result: Dimension[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left === right || right === 1) result.push(left);
    else if (left === 1) result.push(right);
    else throw new ShapeError(`${where} cannot broadcast ${formatShape(a)} with ${formatShape(b)}`);
  }
  checkShape(result, where);
  return result;
}
