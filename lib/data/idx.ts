// IDX, the format of MNIST: a big-endian header with type and dimensions, then the numbers, row by row.

import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, ShapeError } from '../errors.ts';
import { checkOptions, finiteNumber, nonEmptyString, quote } from '../options.ts';
import { checkFinite, type Columns } from './columns.ts';
import { Dataset } from './dataset.ts';
import { decodeElements, elementSize, type ElementArray, type ElementName } from './elements.ts';
import { gunzipped } from './pieces.ts';

/** The contents of an IDX file. */
export interface IdxTensor {
  readonly shape: readonly number[];
  /** Row-major; Float64Array for doubles, and so on, one array type for each IDX type. */
  readonly data: ElementArray;
}

/** Options of `readIdxDataset`. */
export interface IdxDatasetOptions {
  /** Path of the file of examples: two dimensions or more, the first of which counts them. */
  readonly images: string;
  /** Path of the file of labels: one dimension. */
  readonly labels: string;
  /** Factor of every raw input; default 1/255 for unsigned bytes, else 1. */
  readonly scale?: number;
}

const types: ReadonlyMap<number | undefined, ElementName> = new Map<number, ElementName>([
  [0x08, 'u1'], [0x09, 'i1'], [0x0b, 'i2'], [0x0c, 'i4'], [0x0d, 'f4'], [0x0e, 'f8'],
]);

/** What the header of an IDX file says. */
export interface IdxHeader {
  readonly element: ElementName;
  readonly shape: readonly number[];
  /** Bytes of the header; the numbers begin behind them. */
  readonly length: number;
}

/** Bytes that tell how long the header is. */
export const IDX_PREFIX = 4;

/**
 * Reads an IDX file, plain or gzip, which is told by its first bytes.
 * @throws {DataError} On a wrong magic number, a bad dimension, a length that is not that of header and numbers, or broken gzip.
 */
export async function readIdx(path: string): Promise<IdxTensor> {
  const where = `readIdx ${quote(path, Infinity)}`;
  const file = await readFile(nonEmptyString('readIdx', 'path', path));
  return idxIn(file, where);
}

/** The contents of an IDX file, plain or gzip, from its bytes; as `readIdx`. */
export async function idxIn(file: Uint8Array, where: string): Promise<IdxTensor> {
  return decodeIdx(file[0] === 0x1f && file[1] === 0x8b ? await unpack(file, where) : file, where);
}

/**
 * Reads examples and labels into a data set; unsigned bytes stay bytes, and are scaled where they are used.
 * @throws {ShapeError} Where the two files do not fit each other.
 * @throws {DataError} As `readIdx`.
 */
export async function readIdxDataset(options: IdxDatasetOptions): Promise<Dataset> {
  checkOptions('readIdxDataset', options, ['images', 'labels', 'scale']);
  const [images, labels] = await Promise.all([readIdx(options.images), readIdx(options.labels)]);
  const [count = 0, ...shape] = images.shape;
  if (shape.length === 0) throw new ShapeError(`[readIdxDataset ${quote(options.images, Infinity)}] expected two dimensions or more but received shape [${count}]`);
  if (labels.shape.length !== 1) throw new ShapeError(`[readIdxDataset ${quote(options.labels, Infinity)}] expected one dimension but received shape [${labels.shape.join(', ')}]`);
  if (labels.shape[0] !== count) throw new ShapeError(`[readIdxDataset ${quote(options.labels, Infinity)}] expected a label for each of ${count} examples but received ${labels.shape[0]}`);
  const scale = finiteNumber('readIdxDataset', 'scale', options.scale ?? (images.data instanceof Uint8Array ? 1 / 255 : 1));
  const width = shape.reduce((product, dimension) => product * dimension, 1);
  return new Dataset({
    inputs: toColumns(images, width, scale, options.images),
    targets: toColumns(labels, 1, 1, options.labels),
    targetNames: ['label'],
    shape,
  });
}

/**
 * Reads the four files of MNIST and of data sets packed like it from a folder: `train-images-idx3-ubyte`,
 * `train-labels-idx1-ubyte` and the same two with `t10k` for testing, each plain or with `.gz` behind.
 * @throws {DataError} Where one is missing, and as `readIdxDataset`.
 */
export async function readIdxFolder(folder: string): Promise<{ train: Dataset; test: Dataset }> {
  nonEmptyString('readIdxFolder', 'folder', folder);
  const read = async (kind: string): Promise<Dataset> => readIdxDataset({
    images: await find(folder, `${kind}-images-idx3-ubyte`),
    labels: await find(folder, `${kind}-labels-idx1-ubyte`),
  });
  return { train: await read('train'), test: await read('t10k') };
}

async function find(folder: string, name: string): Promise<string> {
  for (const candidate of [join(folder, name), join(folder, `${name}.gz`)]) {
    if (await access(candidate).then(() => true, () => false)) return candidate;
  }
  throw new DataError(`[readIdxFolder ${quote(folder, Infinity)}] expected a file '${name}' or '${name}.gz' but found neither`);
}

/** What gzip holds, as far as the header says there is something: a small file of gigabytes that mean nothing is refused before they are there. */
async function unpack(file: Uint8Array, where: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0, expected = Infinity;
  for await (const piece of gunzipped([file], where)) {
    pieces.push(piece);
    length += piece.length;
    if (expected === Infinity) expected = lengthIn(Buffer.concat(pieces), where);
    if (length > expected) throw new DataError(`[${where}] expected ${expected} bytes, as its header says, but there are more`);
  }
  return Buffer.concat(pieces);
}

/** Bytes that the file should have by what is there of its header; Infinity where that is not enough. */
function lengthIn(bytes: Uint8Array, where: string): number {
  if (bytes.length < IDX_PREFIX || bytes.length < idxHeaderLength(bytes, where)) return Infinity;
  return lengthOf(parseIdxHeader(bytes, where));
}

/** Bytes of a file with this header. */
function lengthOf({ element, shape, length }: IdxHeader): number {
  return length + shape.reduce((product, dimension) => product * dimension, elementSize(element));
}

function decodeIdx(bytes: Uint8Array, where: string): IdxTensor {
  const header = parseIdxHeader(bytes, where), { element, shape, length } = header, expected = lengthOf(header);
  if (bytes.length !== expected) throw new DataError(`[${where}] expected ${expected} bytes for shape [${shape.length > 8 ? `${shape.slice(0, 8).join(', ')}, …` : shape.join(', ')}] but received ${bytes.length}`);
  if (expected === length) throw new DataError(`[${where}] expected at least one value but received shape [${shape.join(', ')}]`);
  if (element === 'u1') return { shape, data: new Uint8Array(bytes.buffer, bytes.byteOffset + length, bytes.length - length) };
  return { shape, data: decodeElements(bytes.subarray(length), element, false, where) };
}

/** Length of the header, from the first bytes of a file. */
export function idxHeaderLength(bytes: Uint8Array, where: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < IDX_PREFIX) throw new DataError(`[${where}] expected a header of at least 4 bytes but received ${bytes.length}`);
  if (view.getUint16(0) !== 0 || !types.has(bytes[2]) || bytes[3] === 0) {
    throw new DataError(`[${where}] expected an IDX magic number (0x0000, a type, a count of dimensions) but received 0x${view.getUint32(0).toString(16).padStart(8, '0')}`);
  }
  return IDX_PREFIX + 4 * bytes[3]!;
}

/** What a whole header says; `bytes` begin with it. */
export function parseIdxHeader(bytes: Uint8Array, where: string): IdxHeader {
  const length = idxHeaderLength(bytes, where);
  if (bytes.length < length) throw new DataError(`[${where}] expected a header of ${length} bytes but received ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { element: types.get(bytes[2])!, shape: Array.from({ length: bytes[3]! }, (_, i) => view.getUint32(4 + 4 * i)), length };
}

function toColumns({ data }: IdxTensor, width: number, scale: number, path: string): Columns {
  if (data instanceof Uint8Array || data instanceof Int32Array) return { data, width, scale, shift: 0 };
  const single = Float32Array.from(data);
  checkFinite(single, width, `readIdxDataset ${quote(path, Infinity)}`);
  return { data: single, width, scale, shift: 0 };
}
