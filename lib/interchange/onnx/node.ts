// Nodes of an ONNX graph as they are read: operator, names of values, attributes.
import { ModelFormatError } from '../../errors.ts';
import type { AttributeProto, NodeProto } from '../../io/onnx/schema.ts';
import { quote } from '../../options.ts';

export interface OnnxNode {
  /** Begins errors about the node: where, its name and its operator. */
  readonly label: string;
  readonly op: string;
  /** Names of values; empty for optional inputs that are left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

/** Numbers of inputs that an operator takes: those it needs, and at most; one of its own where it is not named. */
const arities: Readonly<Record<string, readonly [least: number, most: number]>> = {
  Constant: [0, 0], Add: [2, 2], Sub: [2, 2], Mul: [2, 2], Div: [2, 2], Pow: [2, 2], MatMul: [2, 2], Gemm: [2, 3], Gather: [2, 2], PRelu: [2, 2], Slice: [3, 5],
  BatchNormalization: [5, 5], LayerNormalization: [2, 3], Clip: [1, 3], Dropout: [1, 3], Squeeze: [1, 2], Unsqueeze: [1, 2], ReduceMean: [1, 2], ReduceMax: [1, 2],
  Reshape: [2, 2], Sum: [1, Infinity], Mean: [1, Infinity], Max: [1, Infinity], Min: [1, Infinity], Concat: [1, Infinity],
};

/** Throws unless the node has the inputs and the output that its operator needs. */
export function checkArity(node: OnnxNode): void {
  const [least, most] = arities[node.op] ?? [1, 1], { inputs } = node, needed = most === Infinity ? inputs.length : least;
  if (inputs.length < least || inputs.length > most || inputs.slice(0, needed).includes('')) throw fail(node, `expected ${least}${most > least ? ' or more' : ''} inputs but it has ${inputs.filter((name) => name !== '').length}`);
  if ((node.outputs[0] ?? '') === '') throw fail(node, 'expected an output');
}

/** The node as it is in the file; the standard domain has two names. */
export function nodeOf({ name, opType = '', domain = '', input, output, attribute }: NodeProto, index: number, where: string): OnnxNode {
  const op = quote(opType), title = name === undefined || name === '' ? `number ${index + 1}` : quote(name);
  if (domain !== '' && domain !== 'ai.onnx') throw new ModelFormatError(`[${where}] node ${title}: the operator ${op} is of domain ${quote(domain)}, which is not supported`);
  const attributes = new Map(attribute.map((each) => [each.name ?? '', each]));
  for (const each of attributes.values()) if ((each.refAttrName ?? '') !== '' || each.g !== undefined) throw new ModelFormatError(`[${where}] node ${title}: attributes that are graphs or references are not supported`);
  return { label: `[${where}] node ${title} (${op.slice(1, -1)})`, op: opType, inputs: input, outputs: output, attributes };
}

/** An error about a node. */
export function fail({ label }: OnnxNode, what: string): ModelFormatError {
  return new ModelFormatError(`${label}: ${what}`);
}

/** A whole number or one of single precision, as short a decimal as gives the same. */
export function attributeNumber({ attributes }: OnnxNode, name: string, standard: number): number {
  const attribute = attributes.get(name);
  return attribute?.i ?? (attribute?.f === undefined ? standard : shortest(attribute.f));
}

export function attributeNumbers({ attributes }: OnnxNode, name: string): readonly number[] | undefined {
  const attribute = attributes.get(name);
  if (attribute === undefined) return undefined;
  return attribute.ints.length > 0 ? attribute.ints : attribute.floats;
}

export function attributeText({ attributes }: OnnxNode, name: string, standard: string): string {
  const bytes = attributes.get(name)?.s;
  return bytes === undefined ? standard : Buffer.from(bytes).toString('utf8');
}

/** 0.1 of 0.10000000149011612: the shortest decimal that is the same number in single precision. */
export function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** The attribute `axis`, counted from the front. */
export function axisOf(node: OnnxNode, rank: number, standard: number): number {
  const axis = attributeNumber(node, 'axis', standard);
  return axis < 0 ? axis + rank : axis;
}
