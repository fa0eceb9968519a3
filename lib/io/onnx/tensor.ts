// Tensors of an ONNX file as arrays of numbers, wherever the file keeps them: packed bytes, lists by type, or a file beside the model.
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { ModelFormatError } from '../../errors.ts';
import { quote } from '../../options.ts';
import { fromBfloat16, fromFloat16 } from '../half.ts';
import type { TensorProto } from './schema.ts';

/** Numbers of the element types that are written and read. */
export const elementTypes = { float: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, string: 8, bool: 9, float16: 10, double: 11, uint32: 12, uint64: 13, bfloat16: 16 } as const;

/** A tensor as it was read, row-major; whole numbers beyond 2^53 are rounded. */
export interface OnnxTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
  /** Number of the element type in the file. */
  readonly type: number;
}

interface Reading {
  readonly name: string;
  readonly bytes: number;
  /** The list of the message that holds values of the type, where they are not packed. */
  readonly list: 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';
  read(view: DataView, at: number): number;
  /** Values of 16 bits lie in lists as their bits. */
  ofList?(value: number): number;
}

const readings: Readonly<Record<number, Reading>> = {
  [elementTypes.float]: { name: 'float', bytes: 4, list: 'floatData', read: (view, at) => view.getFloat32(at, true) },
  [elementTypes.uint8]: { name: 'uint8', bytes: 1, list: 'int32Data', read: (view, at) => view.getUint8(at) },
  [elementTypes.int8]: { name: 'int8', bytes: 1, list: 'int32Data', read: (view, at) => view.getInt8(at) },
  [elementTypes.uint16]: { name: 'uint16', bytes: 2, list: 'int32Data', read: (view, at) => view.getUint16(at, true) },
  [elementTypes.int16]: { name: 'int16', bytes: 2, list: 'int32Data', read: (view, at) => view.getInt16(at, true) },
  [elementTypes.int32]: { name: 'int32', bytes: 4, list: 'int32Data', read: (view, at) => view.getInt32(at, true) },
  [elementTypes.int64]: { name: 'int64', bytes: 8, list: 'int64Data', read: (view, at) => Number(view.getBigInt64(at, true)) },
  [elementTypes.bool]: { name: 'bool', bytes: 1, list: 'int32Data', read: (view, at) => view.getUint8(at) },
  [elementTypes.float16]: { name: 'float16', bytes: 2, list: 'int32Data', read: (view, at) => fromFloat16(view.getUint16(at, true)), ofList: fromFloat16 },
  [elementTypes.double]: { name: 'double', bytes: 8, list: 'doubleData', read: (view, at) => view.getFloat64(at, true) },
  [elementTypes.uint32]: { name: 'uint32', bytes: 4, list: 'uint64Data', read: (view, at) => view.getUint32(at, true) },
  [elementTypes.uint64]: { name: 'uint64', bytes: 8, list: 'uint64Data', read: (view, at) => Number(view.getBigUint64(at, true)) },
  [elementTypes.bfloat16]: { name: 'bfloat16', bytes: 2, list: 'int32Data', read: (view, at) => fromBfloat16(view.getUint16(at, true)), ofList: fromBfloat16 },
};

/** Name of an element type for people. */
export function elementTypeName(type: number | undefined): string {
  const names = Object.entries(elementTypes).find(([, number]) => number === type);
  return names?.[0] ?? `number ${type ?? 'none'}`;
}

const emptyLists = { floatData: [], int32Data: [], int64Data: [], doubleData: [], uint64Data: [], externalData: [] };

/** A tensor of single precision to write; on big-endian machines nothing of this library runs. */
export function floatTensor(name: string, shape: readonly number[], values: ArrayLike<number>): TensorProto {
  const data = values instanceof Float32Array ? values : Float32Array.from(values);
  return { ...emptyLists, dims: shape, dataType: elementTypes.float, name, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** A list of whole numbers to write: shapes, axes, positions. */
export function integerTensor(name: string, values: readonly number[], shape: readonly number[] = [values.length]): TensorProto {
  const data = BigInt64Array.from(values, (value) => BigInt(value));
  return { ...emptyLists, dims: shape, dataType: elementTypes.int64, name, rawData: new Uint8Array(data.buffer) };
}

/** Number of values of a shape; throws where it is no shape. */
function countOf(dims: readonly number[], what: string): number {
  let count = 1;
  for (const dimension of dims) {
    if (!Number.isSafeInteger(dimension) || dimension < 0) throw new ModelFormatError(`${what}: expected a shape of non-negative whole numbers`);
    count *= dimension;
    if (count > Number.MAX_SAFE_INTEGER / 8) throw new ModelFormatError(`${what}: the shape is too large`);
  }
  return count;
}

function fromBytes(bytes: Uint8Array, count: number, reading: Reading, what: string): Float32Array | Float64Array {
  if (bytes.length !== count * reading.bytes) throw new ModelFormatError(`${what}: expected ${count * reading.bytes} bytes for ${count} values of type ${reading.name} but there are ${bytes.length}`);
  // A copy, so that the values are aligned and the file's bytes can go.
  if (reading.name === 'float') return new Float32Array(Uint8Array.from(bytes).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), data = new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = reading.read(view, i * reading.bytes);
  return data;
}

function fromList(list: readonly number[], count: number, { ofList, name }: Reading, what: string): Float32Array | Float64Array {
  if (list.length !== count) throw new ModelFormatError(`${what}: expected ${count} values of type ${name} but there are ${list.length}`);
  if (name === 'float') return Float32Array.from(list);
  return ofList === undefined ? Float64Array.from(list) : Float64Array.from(list, ofList);
}

/**
 * Reads a tensor.
 * @param folder Where external data may lie; undefined where none are allowed.
 * @throws {ModelFormatError} On other element types, wrong sizes, and external data outside of the folder.
 */
export async function readTensor(tensor: TensorProto, folder: string | undefined, where: string): Promise<OnnxTensor> {
  const what = `[${where}] tensor ${quote(tensor.name ?? '')}`, reading = readings[tensor.dataType ?? 0];
  if (reading === undefined) throw new ModelFormatError(`${what}: expected numbers but its element type is ${elementTypeName(tensor.dataType)}`);
  const shape = [...tensor.dims], count = countOf(shape, what), type = tensor.dataType!;
  if ((tensor.dataLocation ?? 0) !== 0) return { shape, type, data: fromBytes(await readExternal(tensor, folder, count * reading.bytes, what), count, reading, what) };
  if (tensor.rawData !== undefined) return { shape, type, data: fromBytes(tensor.rawData, count, reading, what) };
  return { shape, type, data: fromList(tensor[reading.list], count, reading, what) };
}

/** Exactly `length` bytes of a file in `folder` that the tensor names. */
async function readExternal({ externalData }: TensorProto, folder: string | undefined, length: number, what: string): Promise<Uint8Array> {
  const entries = new Map(externalData.map(({ key, value }) => [key ?? '', value ?? '']));
  const location = entries.get('location') ?? '', offset = Number(entries.get('offset') ?? 0), given = entries.get('length');
  if (folder === undefined) throw new ModelFormatError(`${what}: its values are in a file of their own, ${quote(location)}; name its folder as 'externalData'`);
  const parts = location.split('/');
  if (isAbsolute(location) || /[\\:\0]/.test(location) || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new ModelFormatError(`${what}: expected a file inside of the folder for its values but received ${quote(location)}`);
  }
  if (!Number.isSafeInteger(offset) || offset < 0 || (given !== undefined && Number(given) !== length)) {
    throw new ModelFormatError(`${what}: expected ${length} bytes of ${quote(location)} but it names ${quote(given ?? 'all')} from ${quote(entries.get('offset') ?? '0')}`);
  }
  const root = await realpath(folder);
  const path = await realpath(join(root, location)).catch((error: unknown) => {
    throw new ModelFormatError(`${what}: its file ${quote(location)} cannot be read`, { cause: error });
  });
  // Links may lead elsewhere: what counts is where the file is.
  if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) throw new ModelFormatError(`${what}: expected a file inside of the folder for its values but ${quote(location)} leads out of it`);
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (offset + length > size) throw new ModelFormatError(`${what}: expected ${length} bytes from ${offset} in ${quote(location)} but it has ${size}`);
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const { bytesRead } = await file.read(bytes, at, Math.min(length - at, 2 ** 26), offset + at);
      if (bytesRead === 0) throw new ModelFormatError(`${what}: ${quote(location)} ended while it was read`);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
