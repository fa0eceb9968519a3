// The messages of an ONNX file, with the field numbers of the official onnx.proto (https://github.com/onnx/onnx, IR version 8): what
// feedforward models need. Fields that are left out are passed over when a file is read; those kept as bytes only tell that they are there.
import type { Field, Schema } from './wire.ts';

const one = (number: number, type: Field['type']): Field => ({ number, type });
const many = (number: number, type: Field['type']): Field => ({ number, type, repeated: true });
const message = (name: string, fields: Schema['fields']): Schema => ({ name, fields });

export interface StringEntry { readonly key?: string; readonly value?: string }
const stringEntry = message('StringStringEntryProto', { key: one(1, 'string'), value: one(2, 'string') });

/** A tensor: in `rawData`, in the list of its type, or in a file beside the model. */
export interface TensorProto {
  readonly dims: readonly number[];
  readonly dataType?: number;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly number[];
  readonly doubleData: readonly number[];
  readonly uint64Data: readonly number[];
  readonly name?: string;
  readonly rawData?: Uint8Array;
  readonly externalData: readonly StringEntry[];
  readonly dataLocation?: number;
}
const tensor = message('TensorProto', {
  dims: many(1, 'integer'), dataType: one(2, 'integer'), floatData: many(4, 'float'), int32Data: many(5, 'integer'), int64Data: many(7, 'integer'),
  name: one(8, 'string'), rawData: one(9, 'bytes'), doubleData: many(10, 'double'), uint64Data: many(11, 'integer'),
  externalData: many(13, stringEntry), dataLocation: one(14, 'integer'),
});

export interface AttributeProto {
  readonly name?: string;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly g?: Uint8Array;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly Uint8Array[];
  readonly type?: number;
  readonly refAttrName?: string;
}
const attribute = message('AttributeProto', {
  name: one(1, 'string'), f: one(2, 'float'), i: one(3, 'integer'), s: one(4, 'bytes'), t: one(5, tensor), g: one(6, 'bytes'),
  floats: many(7, 'float'), ints: many(8, 'integer'), strings: many(9, 'bytes'), type: one(20, 'integer'), refAttrName: one(21, 'string'),
});
/** Types of attributes, by which readers tell which field holds the value. */
export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attribute: readonly AttributeProto[];
  readonly domain?: string;
}
const node = message('NodeProto', {
  input: many(1, 'string'), output: many(2, 'string'), name: one(3, 'string'), opType: one(4, 'string'), attribute: many(5, attribute), domain: one(7, 'string'),
});

export interface DimensionProto { readonly dimValue?: number; readonly dimParam?: string }
export interface ValueInfoProto {
  readonly name?: string;
  readonly type?: { readonly tensorType?: { readonly elemType?: number; readonly shape?: { readonly dim: readonly DimensionProto[] } } };
}
const shape = message('TensorShapeProto', { dim: many(1, message('Dimension', { dimValue: one(1, 'integer'), dimParam: one(2, 'string') })) });
const valueInfo = message('ValueInfoProto', {
  name: one(1, 'string'),
  type: one(2, message('TypeProto', { tensorType: one(1, message('TypeProto.Tensor', { elemType: one(1, 'integer'), shape: one(2, shape) })) })),
});

export interface GraphProto {
  readonly node: readonly NodeProto[];
  readonly name?: string;
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly sparseInitializer: readonly Uint8Array[];
}
const graph = message('GraphProto', {
  node: many(1, node), name: one(2, 'string'), initializer: many(5, tensor), input: many(11, valueInfo), output: many(12, valueInfo),
  sparseInitializer: many(15, 'bytes'),
});

export interface ModelProto {
  readonly irVersion?: number;
  readonly producerName?: string;
  readonly graph?: GraphProto;
  readonly opsetImport: readonly { readonly domain?: string; readonly version?: number }[];
}
/** A whole file. */
export const modelSchema = message('ModelProto', {
  irVersion: one(1, 'integer'), producerName: one(2, 'string'), graph: one(7, graph),
  opsetImport: many(8, message('OperatorSetIdProto', { domain: one(1, 'string'), version: one(2, 'integer') })),
});
