// Safetensors files (https://github.com/huggingface/safetensors): 8 bytes with the length of the header, little-endian; the
// header, JSON; the bytes of the tensors, little-endian, row-major, without gaps.

import { open, type FileHandle } from 'node:fs/promises';
import { internal, ModelFormatError } from '../errors.ts';
import { quote } from '../options.ts';
import { decodeHeader, elementBytes, headerLength, LENGTH_BYTES, type ElementType, type TensorEntry } from './safetensors-header.ts';

export type { ElementType } from './safetensors-header.ts';

/** The typed arrays tensors are written from and read to. */
export type TensorArray =
  | Float64Array | Float32Array | BigInt64Array | Int32Array | Int16Array | Int8Array | BigUint64Array | Uint32Array | Uint16Array | Uint8Array;

/** A tensor to write; its element type in the file is that of the array. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: TensorArray;
}

/** A tensor as it was read. */
export interface StoredTensor {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** Row-major; the raw 16 bits in a Uint16Array for F16 and BF16, a byte each for BOOL. */
  readonly data: TensorArray;
}

/** The contents of a file. */
export interface Safetensors {
  /** In the order of their bytes in the file. */
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

const arrayTypes = {
  F64: Float64Array, F32: Float32Array, F16: Uint16Array, BF16: Uint16Array, I64: BigInt64Array, I32: Int32Array, I16: Int16Array,
  I8: Int8Array, U64: BigUint64Array, U32: Uint32Array, U16: Uint16Array, U8: Uint8Array, BOOL: Uint8Array,
} as const satisfies Record<ElementType, unknown>;

const writtenTypes: readonly ElementType[] = ['F64', 'F32', 'I64', 'I32', 'I16', 'I8', 'U64', 'U32', 'U16', 'U8'];

/**
 * The contents of a file as chunks to write one after the other: the header, then the memory of each tensor, not copied. Larger
 * elements come first, which keeps every tensor aligned without gaps; otherwise the order is that given. Equal tensors and
 * metadata give equal bytes.
 */
export function encodeSafetensors(tensors: readonly NamedTensor[], metadata: Readonly<Record<string, string>>): Uint8Array[] {
  const ordered = tensors.toSorted((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const fields: [string, unknown][] = [['__metadata__', metadata]];
  const names = new Set(['__metadata__']);
  let offset = 0;
  for (const { name, shape, data } of ordered) {
    if (names.has(name)) throw internal(`two tensors are named ${quote(name)}`);
    if (shape.reduce((product, dimension) => product * dimension, 1) !== data.length) {
      throw internal(`tensor ${quote(name)} of shape [${shape.join(', ')}] has ${data.length} values`);
    }
    names.add(name);
    fields.push([name, { dtype: elementTypeOf(data), shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(fields)));
  const length = Math.ceil(json.length / 8) * 8;
  const header = Buffer.alloc(LENGTH_BYTES + length, ' ');
  header.writeBigUInt64LE(BigInt(length));
  header.set(json, LENGTH_BYTES);
  return [header, ...ordered.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

/**
 * Reads the bytes of a file. Tensors are views of `bytes` where they are aligned, else copies.
 * @param where Begins every error sentence; it should name the file, as in `load 'digits.safetensors'`.
 * @throws {ModelFormatError} On a file that is truncated, malformed or not exactly consistent in itself.
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const dataFrom = LENGTH_BYTES + headerLength(bytes, bytes.length, where);
  const { entries, metadata } = decodeHeader(bytes.subarray(LENGTH_BYTES, dataFrom), bytes.length - dataFrom, where);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { dtype, shape, data: asArray(bytes.subarray(dataFrom + begin, dataFrom + end), dtype) });
  }
  return { tensors, metadata };
}

/**
 * Reads a file, each tensor straight into memory of its own, so that a file may be larger than one array can be.
 * @throws {ModelFormatError} As `decodeSafetensors`; the system's error where the file cannot be read.
 */
export async function readSafetensors(path: string, where = `load ${quote(path, Infinity)}`): Promise<Safetensors> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const first = await readExactly(file, 0, Math.min(size, LENGTH_BYTES), where);
    const dataFrom = LENGTH_BYTES + headerLength(first, size, where);
    const header = await readExactly(file, LENGTH_BYTES, dataFrom - LENGTH_BYTES, where);
    const { entries, metadata } = decodeHeader(header, size - dataFrom, where);
    const tensors = new Map<string, StoredTensor>();
    for (const entry of entries) tensors.set(entry.name, await readTensor(file, entry, dataFrom, where));
    return { tensors, metadata };
  } finally {
    await file.close();
  }
}

async function readTensor(file: FileHandle, entry: TensorEntry, dataFrom: number, where: string): Promise<StoredTensor> {
  const { dtype, shape, begin, end } = entry;
  return { dtype, shape, data: asArray(await readExactly(file, dataFrom + begin, end - begin, where), dtype) };
}

/** Bytes the system is asked for in one call; some systems refuse more than 2^31. */
const LONGEST_READ = 2 ** 26;

async function readExactly(file: FileHandle, from: number, length: number, where: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await file.read(bytes, at, Math.min(length - at, LONGEST_READ), from + at);
    if (bytesRead === 0) throw new ModelFormatError(`[${where}] expected ${from + length} bytes but the file ended at ${from + at} while it was read`);
    at += bytesRead;
  }
  return bytes;
}

function elementTypeOf(data: TensorArray): ElementType {
  const found = writtenTypes.find((type) => data instanceof arrayTypes[type]);
  if (found === undefined) throw internal(`no element type for ${Object.prototype.toString.call(data)}`);
  return found;
}

function asArray(bytes: Uint8Array, dtype: ElementType): TensorArray {
  const size = elementBytes[dtype];
  const aligned = bytes.byteOffset % size === 0 ? bytes : Uint8Array.from(bytes);
  return new arrayTypes[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.length / size);
}
