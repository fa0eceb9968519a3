// ONNX models written by hand, for tests of reading them.
import { attributeTypes, modelSchema, type AttributeProto, type GraphProto, type NodeProto, type TensorProto, type ValueInfoProto } from '../../lib/io/onnx/schema.ts';
import { floatTensor } from '../../lib/io/onnx/tensor.ts';
import { encodeMessage } from '../../lib/io/onnx/wire.ts';

const lists = { floats: [], ints: [], strings: [] };

/** Whole numbers become `int` or `ints`, other numbers `float`. */
export function attributeOf(name: string, value: number | readonly number[] | TensorProto): AttributeProto {
  if (Array.isArray(value)) return { ...lists, name, ints: value, type: attributeTypes.ints };
  if (typeof value !== 'number') return { ...lists, name, t: value as TensorProto, type: attributeTypes.tensor };
  return Number.isInteger(value) ? { ...lists, name, i: value, type: attributeTypes.int } : { ...lists, name, f: value, type: attributeTypes.float };
}

export function nodeOf(opType: string, input: readonly string[], output: string, attributes: Readonly<Record<string, number | readonly number[] | TensorProto>> = {}, domain?: string): NodeProto {
  return { input, output: [output], opType, name: `${output} node`, attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)), ...(domain !== undefined && { domain }) };
}

export function portOf(name: string, dims: readonly (number | string)[], elemType = 1): ValueInfoProto {
  return { name, type: { tensorType: { elemType, shape: { dim: dims.map((dimension) => (typeof dimension === 'string' ? { dimParam: dimension } : { dimValue: dimension })) } } } };
}

/** Numbers 0.1, 0.2 and so on. */
export function weightsOf(name: string, ...dims: number[]): TensorProto {
  const count = dims.reduce((product, dimension) => product * dimension, 1);
  return floatTensor(name, dims, Float32Array.from({ length: count }, (_, i) => 0.1 * (i + 1)));
}

export interface ModelParts { readonly nodes: readonly NodeProto[]; readonly tensors?: readonly TensorProto[]; readonly inputs?: readonly ValueInfoProto[]; readonly outputs?: readonly string[]; readonly opset?: number }

/** A model from `x` [rows, 3] to `y`. */
export function modelOf({ nodes, tensors = [], inputs = [portOf('x', ['rows', 3])], outputs = ['y'], opset = 17 }: ModelParts): Uint8Array {
  const graph: GraphProto = { node: nodes, name: 'graph', initializer: tensors, input: inputs, output: outputs.map((name) => portOf(name, [])), sparseInitializer: [] };
  const { parts } = encodeMessage(modelSchema, { irVersion: 8, graph, opsetImport: [{ domain: '', version: opset }] });
  return Buffer.concat(parts);
}
