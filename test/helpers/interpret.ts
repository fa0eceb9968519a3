// The meaning of a graph without a compiler: every node by itself, in double precision, by the plainest loops there are.
import type { Node } from '../../lib/graph/node.ts';
import type { Shape } from '../../lib/graph/shape.ts';
import { blockLength, blocks, elementwiseKernels, type ElementwiseKernel } from '../../lib/ops/elementwise-kernels.ts';

export interface Meaning {
  readonly rows: number;
  /** Values of inputs, hyper nodes, parameters and of nodes that are fed. */
  readonly given: ReadonlyMap<Node, Float64Array>;
}

const sizesOf = (shape: Shape, rows: number): number[] => shape.map((dimension) => (dimension === 'rows' ? rows : dimension));
const volume = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const attribute = (node: Node, name: string): number => Number(node.attributes[name] ?? 0);

function broadcast(x: Float64Array, from: readonly number[], to: readonly number[]): Float64Array {
  return Float64Array.from({ length: volume(to) }, (_, i) => {
    let rest = i, index = 0, stride = 1;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const position = rest % to[axis]!, own = axis - (to.length - from.length);
      rest = Math.floor(rest / to[axis]!);
      if (own < 0) continue;
      if (from[own] !== 1) index += position * stride;
      stride *= from[own]!;
    }
    return x[index]!;
  });
}

function matmul(node: Node, [a, b]: Float64Array[], [aSize, bSize]: number[][], out: readonly number[]): Float64Array {
  const ta = node.attributes['transposeA'] === true, tb = node.attributes['transposeB'] === true;
  const [m, n] = out as [number, number], k = ta ? aSize![0]! : aSize![1]!;
  return Float64Array.from({ length: m * n }, (_, at) => {
    const i = Math.floor(at / n), j = at % n;
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a![ta ? p * aSize![1]! + i : i * k + p]! * b![tb ? j * bSize![1]! + p : p * n + j]!;
    return sum;
  });
}

/** Applies `line` to every run of the axes from `first` to `last`. */
function reduce(x: Float64Array, sizes: readonly number[], first: number, last: number, line: (values: number[]) => number): Float64Array {
  const outer = volume(sizes.slice(0, first)), middle = volume(sizes.slice(first, last + 1)), inner = volume(sizes.slice(last + 1));
  return Float64Array.from({ length: outer * inner }, (_, at) => {
    const o = Math.floor(at / inner), i = at % inner;
    return line(Array.from({ length: middle }, (__, p) => x[(o * middle + p) * inner + i]!));
  });
}

/** Parts at their places along an axis: whatever falls outside the result is left out, what nothing covers is 0. */
function join(out: readonly number[], axis: number, parts: readonly { x: Float64Array; size: number; at: number }[]): Float64Array {
  const inner = volume(out.slice(axis + 1)), middle = out[axis]!;
  return Float64Array.from({ length: volume(out) }, (_, index) => {
    const o = Math.floor(index / (middle * inner)), p = Math.floor(index / inner) % middle, i = index % inner;
    const part = parts.find(({ size, at }) => p >= at && p < at + size);
    return part === undefined ? 0 : part.x[(o * part.size + p - part.at) * inner + i]!;
  });
}

const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const logSumExp = (values: readonly number[]): number => {
  const largest = Math.max(...values);
  return largest + Math.log(sumOf(values.map((value) => Math.exp(value - largest))));
};
const lines = (x: Float64Array, k: number): number[][] => Array.from({ length: x.length / k }, (_, i) => [...x.subarray(i * k, (i + 1) * k)]);

function probabilities(node: Node, t: Float64Array, k: number): number[][] {
  return node.attributes['sparse'] === true ? [...t].map((label) => Array.from({ length: k }, (_, c) => (c === label ? 1 : 0))) : lines(t, k);
}

function valueOf(node: Node, inputs: Float64Array[], rows: number): Float64Array {
  const sizes = node.inputs.map((input) => sizesOf(input.shape, rows)), out = sizesOf(node.shape, rows);
  const [x, second] = inputs as [Float64Array, Float64Array];
  const kernel = (elementwiseKernels as Partial<Record<string, ElementwiseKernel>>)[node.op.name];
  if (kernel !== undefined) {
    const y = new Float64Array(volume(out));
    for (let at = 0; at < y.length; at += blockLength) {
      [x, second ?? x, inputs[2] ?? x].forEach((input, i) => { blocks.set(input.subarray(at, at + blockLength), i * blockLength); });
      kernel(Math.min(blockLength, y.length - at), 3 * blockLength, 0, blockLength, 2 * blockLength, attribute(node, 'immediate'));
      y.set(blocks.subarray(3 * blockLength, 3 * blockLength + Math.min(blockLength, y.length - at)), at);
    }
    return y;
  }
  const k = sizes[0]?.at(-1) ?? 1;
  switch (node.op.name) {
    case 'rows': return Float64Array.of(rows);
    case 'inverseRows': return Float64Array.of(1 / rows);
    case 'reshape': case 'stopGradient': return x;
    case 'broadcastTo': return broadcast(x, sizes[0]!, out);
    case 'matmul': return matmul(node, inputs, sizes, out);
    case 'sum': return reduce(x, sizes[0]!, attribute(node, 'first'), attribute(node, 'last'), sumOf);
    case 'max': return reduce(x, sizes[0]!, attribute(node, 'first'), attribute(node, 'last'), (values) => Math.max(...values));
    case 'transpose': {
      const axis = attribute(node, 'axis'), [outer, a, b, inner] = [volume(out.slice(0, axis)), sizes[0]![axis]!, sizes[0]![axis + 1]!, volume(out.slice(axis + 2))];
      const y = new Float64Array(x.length);
      for (let o = 0; o < outer; o++) for (let p = 0; p < a; p++) for (let q = 0; q < b; q++) for (let i = 0; i < inner; i++) y[((o * b + q) * a + p) * inner + i] = x[((o * a + p) * b + q) * inner + i]!;
      return y;
    }
    case 'slice': return join(out, attribute(node, 'axis'), [{ x, size: sizes[0]![attribute(node, 'axis')]!, at: -attribute(node, 'begin') }]);
    case 'pad': return join(out, attribute(node, 'axis'), [{ x, size: sizes[0]![attribute(node, 'axis')]!, at: attribute(node, 'before') }]);
    case 'concatenate': {
      const axis = attribute(node, 'axis');
      return join(out, axis, inputs.map((part, i) => ({ x: part, size: sizes[i]![axis]!, at: sumOf(sizes.slice(0, i).map((other) => other[axis]!)) })));
    }
    case 'softmax': return Float64Array.from(lines(x, k).flatMap((line) => line.map((value) => Math.exp(value - logSumExp(line)))));
    case 'logSoftmax': return Float64Array.from(lines(x, k).flatMap((line) => line.map((value) => value - logSumExp(line))));
    case 'logSumExp': return Float64Array.from(lines(x, k).map(logSumExp));
    case 'softmaxCrossEntropy': {
      const targets = probabilities(node, second, k);
      return Float64Array.from(lines(x, k).map((line, r) => sumOf(line.map((value, c) => targets[r]![c]! * (logSumExp(line) - value)))));
    }
    case 'crossEntropyDelta': {
      const targets = probabilities(node, second, k);
      return Float64Array.from(lines(x, k).flatMap((line, r) => line.map((value, c) => Math.exp(value - logSumExp(line)) * sumOf(targets[r]!) - targets[r]![c]!)));
    }
    case 'oneHot': return Float64Array.from([...x].flatMap((label) => Array.from({ length: attribute(node, 'classes') }, (_, c) => (c === label ? 1 : 0))));
    case 'argmax': return Float64Array.from(lines(x, k).map((line) => line.indexOf(Math.max(...line))));
    case 'assign': return second;
    default: throw new Error(`the interpreter does not know ${node.op.name}`);
  }
}

/** Values of nodes. */
export function interpret(nodes: readonly Node[], { rows, given }: Meaning): Float64Array[] {
  const known = new Map<Node, Float64Array>(given);
  const visit = (node: Node): Float64Array => {
    let value = known.get(node);
    if (value === undefined) {
      value = node.op.name === 'assign' ? visit(node.inputs[1]!) : node.data ?? valueOf(node, node.inputs.map(visit), rows);
      known.set(node, value);
    }
    return value;
  };
  return nodes.map(visit);
}
