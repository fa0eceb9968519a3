// Constants of an ONNX graph: initializers, and what follows from them alone, computed while the file is read.
import { ModelFormatError } from '../../errors.ts';
import { elementTypes, elementTypeName } from '../../io/onnx/tensor.ts';
import { attributeNumber, attributeNumbers, axisOf, fail, type OnnxNode } from './node.ts';

/** A tensor of the graph; in lists of dimensions, -1 stands for the rows and NaN for what is not known. */
export interface Constant {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Memory that computed values may take: in proportion to what the file holds. */
export class Budget {
  private left: number;
  private readonly where: string;

  constructor(where: string, given: number) {
    this.where = where;
    this.left = 4 * given + 1e6;
  }

  /** The file holds so many values more. */
  add(count: number): void {
    this.left += 4 * count;
  }

  /** Takes room for so many values. */
  take(count: number): number {
    this.left -= count;
    if (this.left < 0) throw new ModelFormatError(`[${this.where}] expected weights in proportion to the size of the file but far more would follow from it`);
    return count;
  }
}

export const countOf = (shape: readonly number[]): number => shape.reduce((product, dimension) => product * dimension, 1);

/** Multiples of the positions along each axis, row-major; 0 along axes that are repeated. */
function strides(shape: readonly number[], rank: number): number[] {
  const result = Array<number>(rank).fill(0);
  for (let i = shape.length - 1, stride = 1; i >= 0; stride *= shape[i--]!) result[rank - shape.length + i] = shape[i] === 1 ? 0 : stride;
  return result;
}

/** Positions in a tensor of each element of `shape`, in order. */
function* positions(shape: readonly number[], steps: readonly number[]): Generator<number> {
  const index = Array<number>(shape.length).fill(0);
  let at = 0;
  for (let left = countOf(shape); left > 0; left--) {
    yield at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

function broadcast(node: OnnxNode, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const shape = Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1, right = b[b.length - rank + i] ?? 1;
    if (left !== right && left !== 1 && right !== 1) throw fail(node, `its constants of shapes [${a.join(', ')}] and [${b.join(', ')}] do not fit`);
    return left === 1 ? right : left;
  });
  if (countOf(shape) > Math.max(countOf(a), countOf(b))) throw fail(node, 'its constants stretch each other, which is not supported');
  return shape;
}

type Fold = (node: OnnxNode, inputs: readonly Constant[], budget: Budget) => Constant;

const unary = (f: (x: number) => number): Fold => (_node, [x], budget) => {
  budget.take(x!.data.length);
  return { shape: x!.shape, data: Float64Array.from(x!.data, (value) => f(value)) };
};

const binary = (f: (a: number, b: number) => number): Fold => (node, [a, b], budget) => {
  const shape = broadcast(node, a!.shape, b!.shape), data = new Float64Array(budget.take(countOf(shape)));
  const left = positions(shape, strides(a!.shape, shape.length)), right = positions(shape, strides(b!.shape, shape.length));
  for (let i = 0; i < data.length; i++) data[i] = f(a!.data[left.next().value!]!, b!.data[right.next().value!]!);
  return { shape, data };
};

/** The same values under another shape. */
function reshaped(node: OnnxNode, { shape, data }: Constant, wanted: readonly number[]): Constant {
  const open = wanted.indexOf(-1), kept = wanted.map((dimension, i) => (dimension === 0 ? shape[i] ?? 0 : dimension));
  if (open >= 0) kept[open] = data.length / kept.reduce((product, dimension, i) => (i === open ? product : product * dimension), 1);
  if (countOf(kept) !== data.length || !kept.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) throw fail(node, `a constant of shape [${shape.join(', ')}] cannot become [${wanted.join(', ')}]`);
  return { shape: kept, data };
}

function concatenated(node: OnnxNode, inputs: readonly Constant[], budget: Budget): Constant {
  if (inputs.some(({ shape }) => shape.length !== 1)) throw fail(node, 'constants are only joined where they are lists');
  const data = Float64Array.from(inputs.flatMap(({ data }) => [...data]));
  return { shape: [budget.take(data.length)], data };
}

function gather(node: OnnxNode, [x, index]: readonly Constant[]): Constant {
  if (x!.shape.length !== 1 || index!.data.length !== 1 || index!.shape.length > 1) throw fail(node, 'of constants only a single entry of a list is taken');
  const at = index!.data[0]!, value = x!.data[at < 0 ? at + x!.data.length : at];
  if (value === undefined) throw fail(node, 'the list it takes an entry of has fewer entries');
  return { shape: index!.shape, data: Float64Array.of(value) };
}

function slice(node: OnnxNode, [x, begin, end, , steps]: readonly Constant[]): Constant {
  if (x!.shape.length !== 1 || begin?.data.length !== 1 || end?.data.length !== 1 || (steps?.data[0] ?? 1) !== 1) throw fail(node, 'of constants only a part of a list is taken');
  const data = Float64Array.from(x!.data).slice(begin.data[0], end.data[0]);
  return { shape: [data.length], data };
}

function transposed(node: OnnxNode, [x]: readonly Constant[], budget: Budget): Constant {
  const rank = x!.shape.length, order = attributeNumbers(node, 'perm') ?? x!.shape.map((_, i) => rank - 1 - i);
  if (order.toSorted((a, b) => a - b).join() !== x!.shape.map((_, i) => i).join()) throw fail(node, 'its order of axes is none');
  const shape = order.map((axis) => x!.shape[axis]!), own = strides(x!.shape, rank), data = new Float32Array(budget.take(x!.data.length));
  let i = 0;
  for (const at of positions(shape, order.map((axis) => own[axis]!))) data[i++] = x!.data[at]!;
  return { shape, data };
}

/** Axes of an operator that takes them as an attribute or, in later operator sets, as an input. */
const axesOf = (node: OnnxNode, given: Constant | undefined, rank: number): number[] | undefined =>
  (given === undefined ? attributeNumbers(node, 'axes') : [...given.data])?.map((axis) => (axis < 0 ? axis + rank : axis));

/** What is computed of constants, by operator. */
export const folds: Readonly<Record<string, Fold>> = {
  Identity: (_node, [x]) => x!,
  Cast(node, [x]) {
    const to = attributeNumber(node, 'to', 0), isWhole = to === elementTypes.int64 || to === elementTypes.int32;
    if (!isWhole && ![elementTypes.float, elementTypes.double, elementTypes.float16].includes(to as never)) throw fail(node, `constants of type ${elementTypeName(to)} are not supported`);
    return isWhole ? { shape: x!.shape, data: Float64Array.from(x!.data, Math.trunc) } : x!;
  },
  Reshape: (node, [x, shape]) => reshaped(node, x!, [...shape!.data]),
  Flatten(node, [x]) {
    const axis = axisOf(node, x!.shape.length, 1);
    return reshaped(node, x!, [countOf(x!.shape.slice(0, axis)), countOf(x!.shape.slice(axis))]);
  },
  Squeeze(node, [x, given]) {
    const axes = axesOf(node, given, x!.shape.length);
    return reshaped(node, x!, x!.shape.filter((dimension, i) => !(axes === undefined ? dimension === 1 : axes.includes(i))));
  },
  Unsqueeze(node, [x, given]) {
    const axes = axesOf(node, given, x!.shape.length + 1) ?? [], shape = [...x!.shape];
    for (const axis of axes.toSorted((a, b) => a - b)) shape.splice(axis, 0, 1);
    return reshaped(node, x!, shape);
  },
  Transpose: transposed, Concat: concatenated, Gather: gather, Slice: slice,
  Add: binary((a, b) => a + b), Sub: binary((a, b) => a - b), Mul: binary((a, b) => a * b), Div: binary((a, b) => a / b), Pow: binary((a, b) => a ** b),
  Neg: unary((x) => -x), Sqrt: unary(Math.sqrt), Reciprocal: unary((x) => 1 / x), Exp: unary(Math.exp), Abs: unary(Math.abs),
};
