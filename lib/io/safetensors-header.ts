// The header of a safetensors file: JSON that names each tensor with its type, its shape and its place among the bytes behind.
// Nothing in it is believed: a file that passes here covers its bytes exactly once, with numbers of the sizes it claims.

import { ModelFormatError } from '../errors.ts';
import { quote } from '../options.ts';
import { duplicateKey, isObject, parseNested } from './json-keys.ts';

/** Element types of the format, with their size in bytes. */
export const elementBytes = {
  F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1,
} as const;

/** Name of an element type, as it stands in the file. */
export type ElementType = keyof typeof elementBytes;

/** One tensor of a file. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** First byte and byte behind the last, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/** What a header says. */
export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Record<string, string>;
}

/** Bytes of the number that begins a file: the length of the header. */
export const LENGTH_BYTES = 8;

/** Lists within tensors within the header: a few more are told by what they are. */
const DEEPEST_HEADER = 16;

/** The reference implementation refuses longer headers, so as not to be made to parse gigabytes of JSON; so do we. */
const LONGEST_HEADER = 100_000_000;

/**
 * The length of the header in bytes, from the first 8 bytes of a file.
 * @param where Begins every error sentence; it names the file.
 * @throws {ModelFormatError} Where the header would not fit the file, or is longer than 100 MB.
 */
export function headerLength(bytes: Uint8Array, fileLength: number, where: string): number {
  if (fileLength < LENGTH_BYTES || bytes.length < LENGTH_BYTES) {
    throw new ModelFormatError(`[${where}] expected at least ${LENGTH_BYTES} bytes but the file has ${fileLength}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > LONGEST_HEADER) throw new ModelFormatError(`[${where}] expected a header of at most ${LONGEST_HEADER} bytes but it claims ${length}`);
  if (LENGTH_BYTES + Number(length) > fileLength) {
    throw new ModelFormatError(`[${where}] expected a header of ${length} bytes but the file has only ${fileLength - LENGTH_BYTES} behind its length; it is truncated or no safetensors file`);
  }
  return Number(length);
}

/**
 * Reads and verifies a header.
 * @param header The bytes of the JSON.
 * @param dataLength Bytes in the file behind the header.
 * @param where Begins every error sentence; it names the file.
 * @throws {ModelFormatError} On anything that is not exactly right.
 */
export function decodeHeader(header: Uint8Array, dataLength: number, where: string): SafetensorsHeader {
  const fields = parseObject(header, where);
  const entries: TensorEntry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === '__metadata__') metadata = checkMetadata(value, where);
    else entries.push(checkEntry(name, value, where));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, dataLength, where);
  return { entries, metadata };
}

function parseObject(header: Uint8Array, where: string): Record<string, unknown> {
  if (header[0] !== 0x7b) throw new ModelFormatError(`[${where}] expected a header that begins with '{' but it is no JSON object`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(header);
    const fields = parseNested(text, DEEPEST_HEADER) as Record<string, unknown>;
    const twice = duplicateKey(text);
    if (twice === null) return fields;
    throw new ModelFormatError(`[${where}] expected each name once in the header but ${quote(twice)} is there twice`);
  } catch (error) {
    if (error instanceof ModelFormatError) throw error;
    throw new ModelFormatError(`[${where}] expected a header of JSON in UTF-8 but it cannot be parsed`, { cause: error });
  }
}

function checkMetadata(value: unknown, where: string): Record<string, string> {
  if (!isObject(value)) throw new ModelFormatError(`[${where}] expected '__metadata__' to be an object of texts`);
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw new ModelFormatError(`[${where}] expected metadata ${quote(name)} to be a text`);
  }
  return value as Record<string, string>;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function checkEntry(name: string, value: unknown, where: string): TensorEntry {
  const tensor = `[${where}] tensor ${quote(name)}`;
  if (!isObject(value)) throw new ModelFormatError(`${tensor}: expected an object with dtype, shape and data_offsets`);
  const { dtype, shape, data_offsets: offsets, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new ModelFormatError(`${tensor}: unknown field ${quote(unknown)}`);
  if (typeof dtype !== 'string' || !Object.hasOwn(elementBytes, dtype)) {
    throw new ModelFormatError(`${tensor}: unknown dtype ${typeof dtype === 'string' ? quote(dtype) : 'that is no text'}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) throw new ModelFormatError(`${tensor}: expected a shape of non-negative whole numbers`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw new ModelFormatError(`${tensor}: expected data_offsets to be two non-negative whole numbers`);
  }
  const [begin, end] = offsets as [number, number];
  let bytes: number = elementBytes[dtype as ElementType];
  for (const dimension of shape) {
    bytes *= dimension;
    if (bytes > Number.MAX_SAFE_INTEGER) throw new ModelFormatError(`${tensor}: the shape [${shortList(shape)}] is too large`);
  }
  if (end - begin !== bytes) {
    throw new ModelFormatError(`${tensor}: expected ${bytes} bytes for ${dtype} of shape [${shortList(shape)}] but its data_offsets are ${begin} to ${end}`);
  }
  return { name, dtype: dtype as ElementType, shape, begin, end };
}

function shortList(shape: readonly number[]): string {
  return shape.length > 8 ? `${shape.slice(0, 8).join(', ')}, …` : shape.join(', ');
}

/** Every byte behind the header belongs to exactly one tensor; `entries` are in order. */
function checkCover(entries: readonly TensorEntry[], dataLength: number, where: string): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (end > dataLength) throw new ModelFormatError(`[${where}] tensor ${quote(name)}: expected data up to byte ${end} but there are ${dataLength}; the file is truncated`);
    if (begin < covered) throw new ModelFormatError(`[${where}] tensor ${quote(name)}: its data begins at byte ${begin} and overlaps another's, which ends at ${covered}`);
    if (begin > covered) throw new ModelFormatError(`[${where}] tensor ${quote(name)}: its data begins at byte ${begin} and leaves a hole behind byte ${covered}`);
    covered = end;
  }
  if (covered !== dataLength) throw new ModelFormatError(`[${where}] expected ${covered} bytes of data but there are ${dataLength}`);
}
