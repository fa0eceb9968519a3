// The bytes of a file in pieces, plain or unpacked from gzip, the next one read while the last is in use.

import { open, type FileHandle } from 'node:fs/promises';
import { DataError } from '../errors.ts';

/** Bytes read at once: about a millisecond of parsing, so that others have their turn. */
const PIECE = 2 ** 18;

/**
 * Pieces of a file in order, each valid until the next is asked for. The file is closed at the end, on errors, and where the
 * consumer breaks off. Gzip is told by its first two bytes.
 * @throws {DataError} On broken gzip. What the system says of a file that cannot be read is passed on.
 */
export async function* piecesOf(path: string, where: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(path, 'r');
  try {
    const pieces = rawPieces(file);
    const first = await pieces.next();
    if (first.done) return;
    if (first.value[0] === 0x1f && first.value[1] === 0x8b) {
      yield* gunzipped(withFirst(first.value, pieces), where);
    } else {
      yield first.value;
      yield* pieces;
    }
  } finally {
    await file.close();
  }
}

async function* rawPieces(file: FileHandle): AsyncGenerator<Uint8Array, void, undefined> {
  const read = (into: Uint8Array): Promise<{ bytesRead: number }> => {
    const reading = file.read(into, 0, PIECE, null);
    // A read that fails while its consumer is busy is heard of when its turn comes.
    reading.catch(() => undefined);
    return reading;
  };
  let current = new Uint8Array(PIECE), next = new Uint8Array(PIECE);
  let reading = read(current);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = read(next);
      yield current.subarray(0, bytesRead);
      [current, next] = [next, current];
    }
  } finally {
    // The file may not be closed under a read.
    await reading.catch(() => undefined);
  }
}

async function* withFirst(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(first);
  for await (const piece of rest) yield Buffer.from(piece);
}

/**
 * What gzip in pieces holds, in pieces; those given must not change.
 * @throws {DataError} On broken gzip.
 */
export async function* gunzipped(packed: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array, void, undefined> {
  // At first use: they are slow to load.
  const [{ Readable }, { pipeline }, { createGunzip }] = await Promise.all([import('node:stream'), import('node:stream/promises'), import('node:zlib')]);
  const gunzip = createGunzip({ chunkSize: PIECE });
  const done = pipeline(Readable.from(packed), gunzip).catch(() => undefined);
  try {
    for await (const piece of gunzip) yield piece as Uint8Array;
  } catch (error) {
    if (!((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_')) throw error;
    throw new DataError(`[${where}] expected intact gzip data but it cannot be unpacked: ${(error as Error).message}`, { cause: error });
  } finally {
    gunzip.destroy();
    await done;
  }
}
