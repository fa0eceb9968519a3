// A sum over a safetensors file, kept in its own metadata: what tells damage from other weights.
import { setImmediate } from 'node:timers/promises';
import { ModelFormatError } from '../errors.ts';
import { quote } from '../options.ts';
import type { NamedTensor, Safetensors, TensorArray } from './safetensors.ts';

/** Name of the metadata entry that holds the sum over everything else, and of the sum itself. */
export const sumEntry = 'sha256';

/** Bytes summed at once, about two milliseconds: others have their turn between. */
const PIECE = 2 ** 21;

/** A sum over all metadata and the bytes of all tensors, by name. */
async function sumOf(metadata: Readonly<Record<string, string>>, tensors: readonly (readonly [name: string, data: TensorArray])[]): Promise<string> {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256'); // at first use: it is slow to load
  for (const key of Object.keys(metadata).filter((name) => name !== sumEntry).sort()) hash.update(`${key}\0${metadata[key]}\0`);
  let since = 0;
  for (const [name, data] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0`);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      hash.update(piece);
      since += piece.length;
      if (since < PIECE) continue;
      since = 0;
      await setImmediate();
    }
  }
  return hash.digest('hex');
}

/** The metadata with the sum over them and the tensors, which must not change until the promise settles. */
export async function withSum(tensors: readonly NamedTensor[], metadata: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  return { ...metadata, [sumEntry]: await sumOf(metadata, tensors.map(({ name, data }) => [name, data])) };
}

/** Throws a ModelFormatError where a file does not hold the sum over its contents. */
export async function checkSum({ tensors, metadata }: Safetensors, where: string): Promise<void> {
  const sum = await sumOf(metadata, [...tensors].map(([name, { data }]) => [name, data])), given = metadata[sumEntry];
  if (given !== sum) throw new ModelFormatError(`[${where}] expected the sum over its contents to be ${quote(sum, 12)} but the file says ${quote(given ?? 'nothing', 12)}; it has been damaged or changed`);
}
