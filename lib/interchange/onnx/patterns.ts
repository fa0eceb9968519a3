// Patterns of ONNX operators: what several nodes mean together, written as nested lists.
import type { Constant } from './constants.ts';
import type { OnnxGraph } from './graph.ts';
import { attributeNumber, attributeNumbers, type OnnxNode } from './node.ts';

/**
 * `'x'` is any value, the same wherever it stands; `'#name'` any constant; a number a constant of that number; a list an operator with its
 * inputs (those of Add and Mul in any order).
 */
export type Pattern = string | number | readonly Pattern[];

export interface Match {
  /** Name of the value that stands at `'x'`. */
  readonly x: string;
  /** The constants at `'#name'`, with their names in the graph. */
  readonly constants: Readonly<Record<string, Constant & { readonly name: string }>>;
  /** The node at the top. */
  readonly root: OnnxNode;
  readonly nodes: ReadonlySet<OnnxNode>;
}

interface State { readonly x: string | undefined; readonly constants: Match['constants']; readonly nodes: readonly OnnxNode[] }

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-5 * Math.abs(b);

/** Operators in patterns mean their usual form: what their attributes have to be. */
const usual: Readonly<Record<string, (node: OnnxNode) => boolean>> = {
  HardSigmoid: (node) => near(attributeNumber(node, 'alpha', 0.2), 1 / 6) && near(attributeNumber(node, 'beta', 0.5), 0.5),
  ReduceMean: (node) => attributeNumber(node, 'keepdims', 1) === 1,
};

function matchAt(graph: OnnxGraph, pattern: Pattern, name: string, state: State): State | undefined {
  const constant = graph.constants.get(name);
  if (pattern === 'x') return constant === undefined && (state.x ?? name) === name ? { ...state, x: name } : undefined;
  if (typeof pattern === 'string') return constant && { ...state, constants: { ...state.constants, [pattern.slice(1)]: { ...constant, name } } };
  if (typeof pattern === 'number') return constant?.data.length === 1 && near(constant.data[0]!, pattern) ? state : undefined;
  const node = graph.makers.get(name), [first, ...inputs] = pattern, op = String(first);
  if (node === undefined || node.op !== op || node.outputs[0] !== name || node.inputs.length < inputs.length || usual[op]?.(node) === false) return undefined;
  const begun = { ...state, nodes: [...state.nodes, node] };
  const inOrder = (names: readonly string[]): State | undefined => {
    let so: State | undefined = begun;
    for (let i = 0; i < inputs.length && so !== undefined; i++) so = matchAt(graph, inputs[i]!, names[i]!, so);
    return so;
  };
  return inOrder(node.inputs) ?? (op === 'Add' || op === 'Mul' ? inOrder(node.inputs.toReversed()) : undefined);
}

/** Whether nothing outside of `nodes` reads the value. */
export function isPrivate(graph: OnnxGraph, name: string, nodes: ReadonlySet<OnnxNode>): boolean {
  return !graph.outputs.includes(name) && graph.readers.get(name)!.every((reader) => nodes.has(reader));
}

/** The match of a pattern at a value; one with constants only where nothing else reads what it computes on the way. */
export function match(graph: OnnxGraph, pattern: Pattern, name: string): Match | undefined {
  const found = matchAt(graph, pattern, name, { x: undefined, constants: {}, nodes: [] });
  if (found?.x === undefined) return undefined;
  const nodes = new Set(found.nodes), [root, ...inner] = nodes as unknown as Iterable<OnnxNode> as OnnxNode[];
  const isShared = Object.keys(found.constants).length > 0 && inner.some((node) => !isPrivate(graph, node.outputs[0]!, nodes));
  return isShared ? undefined : { x: found.x, constants: found.constants, root: root!, nodes };
}

/** Axes of a reduction over the features alone. */
export function isOverFeatures(node: OnnxNode, graph: OnnxGraph): boolean {
  const given = graph.constants.get(node.inputs[1] ?? ''), axes = given === undefined ? attributeNumbers(node, 'axes') : [...given.data];
  return axes?.length === 1 && (axes[0] === 1 || axes[0] === -1);
}
