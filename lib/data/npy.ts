// NumPy's files: an array in .npy (formats 1.0 to 3.0), several of them in .npz.

import { readFile } from 'node:fs/promises';
import { DataError } from '../errors.ts';
import { nonEmptyString, quote } from '../options.ts';
import { decodeElements, elementSize, isElement, type ElementArray, type ElementName } from './elements.ts';
import { readZip, zipFiles, type ByteSource, type CheckHead, type ZipFile } from './zip.ts';

/** The contents of a .npy file. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major, whatever the order in the file. 64-bit integers become Float64Array, halves Float32Array, truth values Uint8Array of 0 and 1. */
  readonly data: ElementArray;
}

/** What the header of a .npy file says. */
export interface NpyHeader {
  readonly element: ElementName;
  readonly littleEndian: boolean;
  /** The first index varies fastest. */
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly count: number;
  /** Bytes of the header; the numbers begin behind them. */
  readonly length: number;
}

/** Bytes that tell how long the header is. */
export const NPY_PREFIX = 12;

/** Longer headers are of no array of numbers, whose header has about a hundred bytes. */
const LONGEST_HEADER = 2 ** 16;

const MOST_DIMENSIONS = 64;

/**
 * Reads a .npy file of numbers or truth values, of either byte order. `Dataset.from` takes what it gives:
 * `Dataset.from({ x: x.data, shape: x.shape.slice(1), y: y.data })`.
 * @throws {DataError} On another format, on elements that are no numbers (pickled objects are never read), on a length that is
 *   not that of header and numbers, or on 64-bit integers beyond 2^53.
 */
export async function readNpy(path: string): Promise<NpyArray> {
  return decodeNpy(await readFile(nonEmptyString('readNpy', 'path', path)), `readNpy ${quote(path, Infinity)}`);
}

/**
 * Reads all arrays of a .npz file, stored or deflated, by their names.
 * @throws {DataError} On a broken zip file, and as `readNpy`.
 * @example const { x_train, y_train } = await readNpz('mnist.npz');
 */
export async function readNpz(path: string): Promise<Record<string, NpyArray>> {
  const where = `readNpz ${quote(nonEmptyString('readNpz', 'path', path), Infinity)}`;
  return arraysOf(await readZip(path, where, headCheck(where)), where);
}

/** The arrays in the bytes of a .npz file; as `readNpz`. */
export async function npzIn(source: ByteSource, where: string): Promise<Record<string, NpyArray>> {
  return arraysOf(await zipFiles(source, where, headCheck(where)), where);
}

function arraysOf(files: readonly ZipFile[], where: string): Record<string, NpyArray> {
  return Object.fromEntries(files.map(({ name, bytes }) => [name.replace(/\.npy$/, ''), decodeNpy(bytes, `${where} ${quote(name)}`)]));
}

/** A large file that is no array of its size is refused before it is unpacked. */
function headCheck(where: string): CheckHead {
  return (head, size, name) => checkLength(parseNpyHeader(head.subarray(0, npyHeaderLength(head, `${where} ${quote(name)}`)), `${where} ${quote(name)}`), size, `${where} ${quote(name)}`);
}

function checkLength({ element, shape, count, length }: NpyHeader, received: number, where: string): void {
  const expected = length + count * elementSize(element);
  if (received !== expected) throw new DataError(`[${where}] expected ${expected} bytes for shape [${shape.join(', ')}] but received ${received}`);
}

/** The array in the bytes of a .npy file; as `readNpy`. */
export function decodeNpy(bytes: Uint8Array, where: string): NpyArray {
  const length = npyHeaderLength(bytes, where);
  const header = parseNpyHeader(bytes.subarray(0, length), where);
  checkLength(header, bytes.length, where);
  const data = decodeElements(bytes.subarray(length), header.element, header.littleEndian, where);
  return { shape: header.shape, data: header.fortran && header.shape.length > 1 ? rowMajor(data, header.shape) : data };
}

/** Length of the header, from the first bytes of a file. */
export function npyHeaderLength(bytes: Uint8Array, where: string): number {
  if (bytes.length < NPY_PREFIX || bytes[0] !== 0x93 || Buffer.from(bytes.subarray(1, 6)).toString('latin1') !== 'NUMPY') {
    throw new DataError(`[${where}] expected a NumPy file, which begins with \\x93NUMPY`);
  }
  const version = bytes[6]!, view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (version < 1 || version > 3) throw new DataError(`[${where}] expected NumPy format 1, 2 or 3 but received ${version}`);
  const length = version === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
  if (length > LONGEST_HEADER) throw new DataError(`[${where}] expected a header of at most ${LONGEST_HEADER} bytes but it claims ${length}`);
  return length;
}

/** What a whole header says; `bytes` are all of it. */
export function parseNpyHeader(bytes: Uint8Array, where: string): NpyHeader {
  const length = npyHeaderLength(bytes, where);
  if (bytes.length < length) throw new DataError(`[${where}] expected a header of ${length} bytes but received ${bytes.length}`);
  const text = Buffer.from(bytes.subarray(bytes[6] === 1 ? 10 : 12, length)).toString('latin1');
  const kind = /'descr':\s*'([<>|=]?)(\w+)'/.exec(text), order = /'fortran_order':\s*(True|False)/.exec(text), dimensions = /'shape':\s*\(([\d,\sL]*)\)/.exec(text);
  if (order === null || dimensions === null || !/'descr':/.test(text)) throw new DataError(`[${where}] expected a header with descr, fortran_order and shape but received ${quote(text.trim(), 80)}`);
  if (kind?.[2]?.startsWith('O')) throw new DataError(`[${where}] expected numbers but received pickled Python objects, which are never read`);
  if (kind === null || !isElement(kind[2]!)) throw new DataError(`[${where}] expected numbers or truth values but received elements of type ${quote(/'descr':\s*(.*?),\s*'fortran/s.exec(text)?.[1] ?? text.trim())}`);
  const shape = dimensions[1]!.split(',').map((part) => part.replace('L', '').trim()).filter((part) => part !== '').map(Number);
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  if (shape.length > MOST_DIMENSIONS || !Number.isSafeInteger(count * 8)) throw new DataError(`[${where}] expected a possible shape but received [${quote(dimensions[1]!)}]`);
  if (count === 0) throw new DataError(`[${where}] expected at least one value but received shape [${shape.join(', ')}]`);
  return { element: kind[2], littleEndian: kind[1] !== '>', fortran: order[1] === 'True', shape, count, length };
}

/** Elements in which the last index varies fastest, of some in which the first does. */
function rowMajor(data: ElementArray, shape: readonly number[]): ElementArray {
  const result = data.slice();
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, dimension) => product * dimension, 1));
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
