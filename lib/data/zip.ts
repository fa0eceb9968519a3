// Zip files as NumPy writes them: stored or deflated files, found by the directory at the end. Nothing the file claims is allocated before it is
// known to be possible.

import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { DataError } from '../errors.ts';
import { quote } from '../options.ts';

/** A file in a zip file. */
export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

const END = 0x06054b50, END_BYTES = 22, LONGEST_COMMENT = 0xffff;
const ENTRY = 0x02014b50, ENTRY_BYTES = 46;
const LOCAL = 0x04034b50, LOCAL_BYTES = 30;
const LARGEST_DIRECTORY = 2 ** 24;

/** Files that are unpacked without a look at how they begin. */
const SMALL_FILE = 2 ** 20;
/** Packed bytes of which the beginning of a file is made: at most 4 MiB. */
const HEAD_BYTES = 4096;

/** Deflate makes at most 1032 bytes of one. */
const LARGEST_RATIO = 1032;

/** Bytes of any length, of which parts are read. */
export interface ByteSource {
  readonly size: number;
  /** Exactly so many bytes from `at` on. */
  read(at: number, length: number): Promise<Buffer>;
}

/** Throws where the first bytes of a file in a zip file, or its size, are not those of what is looked for. */
export type CheckHead = (head: Uint8Array, size: number, name: string) => void;

/**
 * All files of a zip file. Throws DataError on a broken one, on encryption, on other methods, on files that share bytes, and on sizes beyond 4 GiB.
 * @param checkHead Sees the beginning of each large packed file before the rest is unpacked.
 */
export async function readZip(path: string, where: string, checkHead: CheckHead): Promise<readonly ZipFile[]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await zipFiles({ size, read: (at, length) => readAt(file, at, length, where) }, where, checkHead);
  } finally {
    await file.close();
  }
}

/** The same from bytes that are read in parts. */
export async function zipFiles(source: ByteSource, where: string, checkHead: CheckHead): Promise<readonly ZipFile[]> {
  const entries = await directory(source, where), files: ZipFile[] = [];
  checkOverlap(entries, where);
  for (const entry of entries) files.push({ name: entry.name, bytes: await contents(source, entry, where, checkHead) });
  return files;
}

/** Files that share their bytes would make a large one of each small file: no writer makes them. */
function checkOverlap(entries: readonly Entry[], where: string): void {
  let end = 0;
  for (const { name, offset, packed } of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (offset < end) throw new DataError(`[${where}] expected files with bytes of their own but those of ${quote(name)} are another's`);
    end = offset + LOCAL_BYTES + packed;
  }
}

async function directory(source: ByteSource, where: string): Promise<Entry[]> {
  const { size } = source, tail = await source.read(Math.max(0, size - END_BYTES - LONGEST_COMMENT), Math.min(size, END_BYTES + LONGEST_COMMENT));
  let at = tail.length - END_BYTES;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--;
  if (at < 0) throw new DataError(`[${where}] expected a zip file but found no directory at its end`);
  const count = tail.readUInt16LE(at + 10), length = tail.readUInt32LE(at + 12), offset = tail.readUInt32LE(at + 16);
  if (offset === 0xffffffff || count === 0xffff) throw new DataError(`[${where}] expected a zip file below 4 GiB`);
  if (length > LARGEST_DIRECTORY || offset + length > size) throw new DataError(`[${where}] expected a zip directory within the file but it claims ${length} bytes at ${offset}`);
  const bytes = await source.read(offset, length);
  const entries: Entry[] = [];
  for (let i = 0, begin = 0; i < count; i++) {
    if (begin + ENTRY_BYTES > length || bytes.readUInt32LE(begin) !== ENTRY) throw new DataError(`[${where}] expected ${count} files in the zip directory but entry ${i} is broken`);
    const nameEnd = begin + ENTRY_BYTES + bytes.readUInt16LE(begin + 28);
    const entry = {
      name: bytes.toString('utf8', begin + ENTRY_BYTES, nameEnd), method: bytes.readUInt16LE(begin + 10), checksum: bytes.readUInt32LE(begin + 16),
      packed: bytes.readUInt32LE(begin + 20), size: bytes.readUInt32LE(begin + 24), offset: bytes.readUInt32LE(begin + 42),
    };
    checkEntry(entry, (bytes.readUInt16LE(begin + 8) & 1) === 1, size, where);
    begin = nameEnd + bytes.readUInt16LE(begin + 30) + bytes.readUInt16LE(begin + 32);
    if (!entry.name.endsWith('/')) entries.push(entry);
  }
  return entries;
}

function checkEntry({ name, method, packed, size, offset }: Entry, encrypted: boolean, fileSize: number, where: string): void {
  const shown = quote(name);
  if (encrypted) throw new DataError(`[${where}] expected ${shown} without encryption`);
  if (method !== 0 && method !== 8) throw new DataError(`[${where}] expected ${shown} stored or deflated but received compression method ${method}`);
  if (packed === 0xffffffff || size === 0xffffffff) throw new DataError(`[${where}] expected ${shown} below 4 GiB`);
  if (offset + LOCAL_BYTES + packed > fileSize) throw new DataError(`[${where}] expected ${shown} within the file but it claims ${packed} bytes at ${offset}`);
  const possible = method === 0 ? size === packed : size <= packed * LARGEST_RATIO;
  if (!possible) throw new DataError(`[${where}] expected a possible size of ${shown} but it claims ${size} bytes packed into ${packed}`);
}

async function contents(source: ByteSource, { name, method, checksum, packed, size, offset }: Entry, where: string, checkHead: CheckHead): Promise<Uint8Array> {
  const local = await source.read(offset, LOCAL_BYTES);
  if (local.readUInt32LE(0) !== LOCAL) throw new DataError(`[${where}] expected ${quote(name)} at ${offset} but found something else`);
  const begin = offset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (begin + packed > source.size) throw new DataError(`[${where}] expected ${quote(name)} within the file but it claims ${packed} bytes at ${begin}`);
  const raw = await source.read(begin, packed);
  const { crc32 } = await import('node:zlib'); // at first use: it is slow to load
  if (method !== 0 && size > SMALL_FILE) checkHead(await inflateHead(raw, name, where), size, name);
  const bytes = method === 0 ? raw : await inflate(raw, size, name, where);
  if (bytes.length !== size || crc32(bytes) !== checksum) throw new DataError(`[${where}] expected ${quote(name)} intact but its checksum is another`);
  return bytes;
}

/** The beginning of a packed file: what a few bytes of it make. */
async function inflateHead(packed: Uint8Array, name: string, where: string): Promise<Uint8Array> {
  const { inflateRaw, constants } = await import('node:zlib');
  try {
    return await promisify<Uint8Array, { finishFlush: number }, Buffer>(inflateRaw)(packed.subarray(0, HEAD_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw new DataError(`[${where}] expected ${quote(name)} to be deflated data but it cannot be unpacked: ${(error as Error).message}`, { cause: error });
  }
}

async function inflate(packed: Uint8Array, size: number, name: string, where: string): Promise<Uint8Array> {
  const { inflateRaw } = await import('node:zlib');
  try {
    return await promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflateRaw)(packed, { maxOutputLength: Math.max(size, 1) });
  } catch (error) {
    throw new DataError(`[${where}] expected ${quote(name)} to be deflated data of ${size} bytes but it cannot be unpacked: ${(error as Error).message}`, { cause: error });
  }
}

async function readAt(file: FileHandle, at: number, length: number, where: string): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new DataError(`[${where}] expected ${length} bytes at ${at} but the file ended`);
    done += bytesRead;
  }
  return bytes;
}
