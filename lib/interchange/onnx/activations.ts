// Activations in ONNX graphs: operators, and the forms in which exporters write those that have no operator of their own.
import type { Activation, ActivationName } from '../../layers/activations.ts';
import type { OnnxGraph } from './graph.ts';
import { attributeNumber, attributeText, fail, type OnnxNode } from './node.ts';
import { match, type Pattern } from './patterns.ts';

/** An activation and the value it is applied to. */
export interface ActivationMatch {
  readonly x: string;
  readonly activation: Activation;
  readonly nodes: ReadonlySet<OnnxNode>;
  /** Activations over the features of an example need values of [rows, features]. */
  readonly root: OnnxNode;
}

const named = (name: ActivationName) => (): Activation => name;
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;
const withAlpha = (name: ActivationName, standard: number) => (node: OnnxNode): Activation => ({ name, alpha: attributeNumber(node, 'alpha', standard) });

/** Bounds of a Clip and the activations that they make. */
const clips: readonly [low: number, high: number, name: ActivationName][] = [[0, 6, 'relu6'], [-1, 1, 'hardTanh'], [0, 1, 'hardClip'], [0, Infinity, 'relu']];

/** Operators of one value; undefined where the attributes ask for something else. */
const operators: Readonly<Record<string, (node: OnnxNode, graph: OnnxGraph) => Activation | undefined>> = {
  Relu: named('relu'), Sigmoid: named('sigmoid'), Tanh: named('tanh'), Softplus: named('softplus'), Softsign: named('softsign'), HardSwish: named('hardSwish'),
  Mish: named('mish'), Abs: named('abs'), Exp: named('exp'), Sin: named('sin'), Cos: named('cos'), Softmax: named('softmax'), LogSoftmax: named('logSoftmax'),
  LeakyRelu: withAlpha('leakyRelu', 0.01), Elu: withAlpha('elu', 1),
  Gelu: (node) => (attributeText(node, 'approximate', 'none') === 'tanh' ? 'geluTanh' : 'gelu'),
  Selu: (node) => (near(attributeNumber(node, 'alpha', 1.673263), 1.673263) && near(attributeNumber(node, 'gamma', 1.050701), 1.050701) ? 'selu' : undefined),
  HardSigmoid: (node) => (near(attributeNumber(node, 'alpha', 0.2), 1 / 6) && near(attributeNumber(node, 'beta', 0.5), 0.5) ? 'hardSigmoid' : undefined),
  Clip(node, { constants }) {
    const bound = (input: number, attribute: string, open: number): number => constants.get(node.inputs[input] ?? '')?.data[0] ?? attributeNumber(node, attribute, open);
    const low = bound(1, 'min', -Infinity), high = bound(2, 'max', Infinity);
    // The largest number of single precision is how some exporters write that there is no bound.
    return clips.find(([least, most]) => least === low && (most === high || (most === Infinity && high > 3e38)))?.[2];
  },
};

const cubic: Pattern = ['Mul', ['Add', 'x', ['Mul', ['Mul', 'x', ['Mul', 'x', 'x']], 0.044715]], Math.sqrt(2 / Math.PI)];
const phi: Pattern = ['Add', ['Erf', ['Div', 'x', Math.SQRT2]], 1];

const composed: readonly [ActivationName, Pattern][] = [
  ['silu', ['Mul', 'x', ['Sigmoid', 'x']]], ['hardSwish', ['Mul', 'x', ['HardSigmoid', 'x']]], ['mish', ['Mul', 'x', ['Tanh', ['Softplus', 'x']]]],
  ['logSigmoid', ['Neg', ['Softplus', ['Neg', 'x']]]], ['logSigmoid', ['Log', ['Sigmoid', 'x']]],
  ['softsign', ['Div', 'x', ['Add', ['Abs', 'x'], 1]]],
  ['gelu', ['Mul', 'x', ['Mul', ['Add', ['Erf', ['Mul', 'x', Math.SQRT1_2]], 1], 0.5]]],
  ['gelu', ['Mul', ['Mul', 'x', phi], 0.5]], ['gelu', ['Mul', ['Mul', 'x', 0.5], phi]], ['gelu', ['Mul', 'x', ['Mul', phi, 0.5]]],
  ['geluTanh', ['Mul', 'x', ['Sigmoid', ['Mul', ['Add', 'x', ['Mul', ['Mul', 'x', ['Mul', 'x', 'x']], 0.044715]], 2 * Math.sqrt(2 / Math.PI)]]]],
  ['geluTanh', ['Mul', ['Mul', 'x', ['Add', ['Tanh', cubic], 1]], 0.5]], ['geluTanh', ['Mul', ['Mul', 'x', 0.5], ['Add', ['Tanh', cubic], 1]]],
];

/** Operators that stand in activations alone. */
export const activationOperators: readonly string[] = [...Object.keys(operators), 'Erf', 'Neg', 'Log', 'Abs'];

/** The activation that a value is; undefined where it is something else. */
export function matchActivation(graph: OnnxGraph, name: string): ActivationMatch | undefined {
  const root = graph.makers.get(name)!;
  for (const [activation, pattern] of composed) {
    const found = match(graph, pattern, name);
    if (found !== undefined) return { x: found.x, activation, nodes: found.nodes, root };
  }
  const operator = operators[root.op];
  if (operator === undefined || root.outputs[0] !== name) return undefined;
  const activation = operator(root, graph);
  if (activation !== undefined) return { x: root.inputs[0]!, activation, nodes: new Set([root]), root };
  if (root.op === 'HardSigmoid') return undefined;
  throw fail(root, 'no activation of this library has its attributes');
}
