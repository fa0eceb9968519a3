// Numbers as binary files hold them: element types by their size and byte order, turned into typed arrays.

import { endianness } from 'node:os';
import { DataError } from '../errors.ts';

/** Arrays that files are read into; 64-bit integers become doubles, halves become floats, truth values bytes. */
export type ElementArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

type Decode = (body: ArrayBuffer, where: string) => ElementArray;

/** NumPy's names of the element types, with their size in bytes and what makes an array of bytes in this machine's order. */
const types = {
  b1: { size: 1, decode: (body) => new Uint8Array(body) },
  u1: { size: 1, decode: (body) => new Uint8Array(body) },
  i1: { size: 1, decode: (body) => new Int8Array(body) },
  u2: { size: 2, decode: (body) => new Uint16Array(body) },
  i2: { size: 2, decode: (body) => new Int16Array(body) },
  u4: { size: 4, decode: (body) => new Uint32Array(body) },
  i4: { size: 4, decode: (body) => new Int32Array(body) },
  u8: { size: 8, decode: (body, where) => doubles(new BigUint64Array(body), where) },
  i8: { size: 8, decode: (body, where) => doubles(new BigInt64Array(body), where) },
  f2: { size: 2, decode: (body) => Float32Array.from(new Uint16Array(body), half) },
  f4: { size: 4, decode: (body) => new Float32Array(body) },
  f8: { size: 8, decode: (body) => new Float64Array(body) },
} as const satisfies Record<string, { readonly size: number; readonly decode: Decode }>;

/** The name of an element type: kind and bytes. */
export type ElementName = keyof typeof types;

/** Whether there is an element type of this name. */
export function isElement(name: string): name is ElementName {
  return Object.hasOwn(types, name);
}

/** Bytes of one element. */
export function elementSize(name: ElementName): number {
  return types[name].size;
}

/**
 * The elements that `bytes` hold, copied.
 * @throws {DataError} On 64-bit integers beyond 2^53, which no double holds exactly.
 */
export function decodeElements(bytes: Uint8Array, name: ElementName, littleEndian: boolean, where: string): ElementArray {
  const { size, decode } = types[name];
  // Copied: the numbers need not be aligned in the file.
  const body = Uint8Array.from(bytes);
  if (littleEndian !== (endianness() === 'LE')) swap(Buffer.from(body.buffer), size);
  return decode(body.buffer, where);
}

function swap(bytes: Buffer, size: number): void {
  if (size === 2) bytes.swap16();
  if (size === 4) bytes.swap32();
  if (size === 8) bytes.swap64();
}

function doubles(values: BigInt64Array | BigUint64Array, where: string): Float64Array {
  return Float64Array.from({ length: values.length }, (_, i) => {
    const value = Number(values[i]!);
    if (!Number.isSafeInteger(value)) throw new DataError(`[${where}] expected integers below 2^53 but received ${values[i]}`);
    return value;
  });
}

/** The number of an IEEE 754 half: a sign, five bits of exponent, ten of fraction. */
function half(bits: number): number {
  const sign = bits >>> 15 === 0 ? 1 : -1, exponent = (bits >>> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
