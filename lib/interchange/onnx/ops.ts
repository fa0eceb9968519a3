// How every op of this library becomes ONNX operators: one row for each.
import { OptionError } from '../../errors.ts';
import type { Node } from '../../graph/node.ts';
import { hasRows, type Shape } from '../../graph/shape.ts';
import { elementTypes } from '../../io/onnx/tensor.ts';
import { immediateOf } from '../../ops/elementwise.ts';
import { shapeOps } from '../../ops/shape.ts';
import type { GraphWriter } from './writer.ts';

/** What a node needs and, given the names of that, how it is written; gives the name of the result. */
export interface Plan {
  readonly needs: readonly Node[];
  write(writer: GraphWriter, names: readonly string[]): string;
}
export type Rule = (node: Node) => Plan;

const simple = (write: (writer: GraphWriter, names: readonly string[], node: Node) => string): Rule => (node) => ({
  needs: node.inputs, write: (writer, names) => write(writer, names, node),
});
const named = (opType: string): Rule => simple((writer, names) => writer.node(opType, names));
const withAlpha = (opType: string): Rule => simple((writer, names, node) => writer.node(opType, names, { alpha: { float: immediateOf(node) } }));
const withNumber = (opType: string): Rule => simple((writer, [x], node) => writer.node(opType, [x!, writer.scalar(immediateOf(node))]));

/** The inputs as they are before they are repeated, for ONNX repeats them by itself; the first is repeated where no other has the whole shape. */
function operands(node: Node): Node[] {
  const before = node.inputs.map((input) => (input.op === shapeOps.broadcastTo ? input.inputs[0]! : input));
  return before.some((input, i) => input === node.inputs[i]) ? before : [node.inputs[0]!, ...before.slice(1)];
}

const several = (write: (writer: GraphWriter, names: readonly string[]) => string): Rule => (node) => ({ needs: operands(node), write });
const numberOf = (writer: GraphWriter, truth: string): string => writer.node('Cast', [truth], { to: elementTypes.float });

/** Ops whose results are truths in ONNX, numbers here. */
const truths: Readonly<Record<string, (writer: GraphWriter, names: readonly string[]) => string>> = {
  step: (writer, [x]) => writer.node('Greater', [x!, writer.scalar(0)]),
  greater: (writer, names) => writer.node('Greater', names),
  equal: (writer, names) => writer.node('Equal', names),
};
const truth = (name: string): Rule => several((writer, names) => numberOf(writer, truths[name]!(writer, names)));

/** a where the condition holds, else b; a comparison is taken as the truth it is. */
function select(node: Node): Plan {
  const [condition, a, b] = operands(node) as [Node, Node, Node], compare = truths[condition.op.name];
  const compared = compare === undefined ? [condition] : operands(condition);
  return {
    needs: [...compared, a, b],
    write(writer, names) {
      const given = names.slice(0, compared.length);
      const holds = compare === undefined ? writer.node('Cast', given, { to: elementTypes.bool }) : compare(writer, given);
      return writer.node('Where', [holds, ...names.slice(compared.length)]);
    },
  };
}

/** A reduction; its axes are an attribute until an operator set, from then on an input. */
function reduce(writer: GraphWriter, opType: string, x: string, axes: readonly number[], inputSince: number): string {
  if (writer.opset >= inputSince) return writer.node(opType, [x, writer.integers(axes)], { keepdims: 0 });
  return writer.node(opType, [x], { axes, keepdims: 0 });
}

const axesOf = (node: Node): number[] => {
  const first = Number(node.attributes['first']), last = Number(node.attributes['last']);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
};

/** The number of rows as a list of one whole number. */
const rowsOf = (writer: GraphWriter): string => writer.node('Gather', [writer.node('Shape', [writer.firstInput]), writer.integers([0])], { axis: 0 });
const rowNumber = (writer: GraphWriter): string => numberOf(writer, writer.node('Squeeze', [rowsOf(writer), writer.integers([0])]));

function expand(writer: GraphWriter, x: string, shape: Shape): string {
  if (!hasRows(shape)) return writer.node('Expand', [x, writer.integers(shape as number[])]);
  const rest = shape.slice(1) as number[], rows = rowsOf(writer);
  return writer.node('Expand', [x, rest.length === 0 ? rows : writer.node('Concat', [rows, writer.integers(rest)], { axis: 0 })]);
}

function oneHot(writer: GraphWriter, labels: string, classes: number): string {
  const whole = writer.node('Cast', [labels], { to: elementTypes.int64 });
  return numberOf(writer, writer.node('Equal', [whole, writer.integers(Array.from({ length: classes }, (_, i) => i))]));
}

const lastAxis = { axis: -1 };
/** Targets as probabilities. */
const targetsOf = (writer: GraphWriter, t: string, node: Node): string => (node.attributes['sparse'] === true ? oneHot(writer, t, Number(node.inputs[0]!.shape[1])) : t);
const sumOfRow = (writer: GraphWriter, x: string): string => writer.node('ReduceSum', [x, writer.integers([1])], { keepdims: 1 });

const refused = (why: string): Rule => (node) => {
  throw new OptionError(`[exportOnnx] expected a network that predicts by its inputs alone but ${node.path === '' ? 'it' : `layer '${node.path}'`} ${why}`);
};
/** Ports and tensors are no nodes of the graph: the export names them itself. */
const tensor: Rule = (node) => ({ needs: [], write: () => node.name });

/** By name of the op. */
export const onnxRules: Readonly<Record<string, Rule>> = {
  input: tensor, parameter: tensor, state: tensor, constant: tensor,
  hyper: refused('needs a number given at every step'), uniform: refused('draws random numbers'), assign: refused('writes to its state'),
  rows: simple(rowNumber), inverseRows: simple((writer) => writer.node('Reciprocal', [rowNumber(writer)])),
  copy: named('Identity'), negate: named('Neg'), abs: named('Abs'), sign: named('Sign'), sqrt: named('Sqrt'), reciprocal: named('Reciprocal'),
  exp: named('Exp'), log: named('Log'), sigmoid: named('Sigmoid'), tanh: named('Tanh'), relu: named('Relu'), softplus: named('Softplus'),
  sin: named('Sin'), cos: named('Cos'), erf: named('Erf'), leakyRelu: withAlpha('LeakyRelu'), elu: withAlpha('Elu'),
  scale: withNumber('Mul'), shift: withNumber('Add'),
  square: simple((writer, [x]) => writer.node('Mul', [x!, x!])),
  // x log u / (u − 1) with u = 1 + x as it is rounded, x itself where u is 1 (Goldberg 1991, theorem 4).
  log1p: simple((writer, [x]) => {
    const one = writer.scalar(1), u = writer.node('Add', [x!, one]);
    const ratio = writer.node('Div', [writer.node('Mul', [x!, writer.node('Log', [u])]), writer.node('Sub', [u, one])]);
    return writer.node('Where', [writer.node('Equal', [u, one]), x!, ratio]);
  }),
  // eˣ − 1 = tanh(x/2) (eˣ + 1), which keeps its digits near 0.
  expm1: simple((writer, [x]) => {
    const half = writer.node('Tanh', [writer.node('Mul', [x!, writer.scalar(0.5)])]);
    return writer.node('Mul', [half, writer.node('Add', [writer.node('Exp', [x!]), writer.scalar(1)])]);
  }),
  add: several((writer, names) => writer.node('Add', names)), subtract: several((writer, names) => writer.node('Sub', names)),
  multiply: several((writer, names) => writer.node('Mul', names)), divide: several((writer, names) => writer.node('Div', names)),
  maximum: several((writer, names) => writer.node('Max', names)), minimum: several((writer, names) => writer.node('Min', names)),
  power: several((writer, names) => writer.node('Pow', names)),
  multiplyAdd: several((writer, [a, b, c]) => writer.node('Add', [writer.node('Mul', [a!, b!]), c!])),
  step: truth('step'), greater: truth('greater'), equal: truth('equal'), select,
  matmul: simple((writer, names, { attributes: { transposeA, transposeB } }) => {
    if (transposeA !== true && transposeB !== true) return writer.node('MatMul', names);
    return writer.node('Gemm', names, { transA: Number(transposeA === true), transB: Number(transposeB === true) });
  }),
  sum: simple((writer, [x], node) => reduce(writer, 'ReduceSum', x!, axesOf(node), 13)),
  max: simple((writer, [x], node) => reduce(writer, 'ReduceMax', x!, axesOf(node), 18)),
  broadcastTo: simple((writer, [x], node) => expand(writer, x!, node.shape)),
  // 0 keeps the dimension as it is: the rows.
  reshape: simple((writer, [x], { shape }) => writer.node('Reshape', [x!, writer.integers(shape.map((dimension) => (dimension === 'rows' ? 0 : dimension)))])),
  stopGradient: simple((_writer, [x]) => x!),
  transpose: simple((writer, [x], node) => {
    const axis = Number(node.attributes['axis']), perm = node.shape.map((_, i) => i);
    [perm[axis], perm[axis + 1]] = [axis + 1, axis];
    return writer.node('Transpose', [x!], { perm });
  }),
  slice: simple((writer, [x], { attributes: { axis, begin, end } }) => writer.node('Slice', [x!, ...[begin, end, axis].map((value) => writer.integers([Number(value)]))])),
  pad: simple((writer, [x], { shape, attributes: { axis, before, after } }) => {
    const pads = [before, after].flatMap((count) => shape.map((_, i) => (i === axis ? Number(count) : 0)));
    return writer.node('Pad', [x!, writer.integers(pads)]);
  }),
  concatenate: simple((writer, names, node) => writer.node('Concat', names, { axis: Number(node.attributes['axis']) })),
  softmax: simple((writer, names) => writer.node('Softmax', names, lastAxis)),
  logSoftmax: simple((writer, names) => writer.node('LogSoftmax', names, lastAxis)),
  logSumExp: simple((writer, [x]) => reduce(writer, 'ReduceLogSumExp', x!, [-1], 18)),
  softmaxCrossEntropy: simple((writer, [z, t], node) => {
    const product = writer.node('Mul', [targetsOf(writer, t!, node), writer.node('LogSoftmax', [z!], lastAxis)]);
    return writer.node('Neg', [sumOfRow(writer, product)]);
  }),
  crossEntropyDelta: simple((writer, [z, t], node) => {
    const targets = targetsOf(writer, t!, node);
    return writer.node('Sub', [writer.node('Mul', [writer.node('Softmax', [z!], lastAxis), sumOfRow(writer, targets)]), targets]);
  }),
  oneHot: simple((writer, [labels], node) => oneHot(writer, labels!, Number(node.attributes['classes']))),
  argmax: simple((writer, [x]) => numberOf(writer, writer.node('ArgMax', [x!], { axis: 1, keepdims: 1 }))),
};
