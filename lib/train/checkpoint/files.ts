// Checkpoint files of a folder: written whole, read back before older ones go, and found again newest first.
import { mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isTemporary, writeFileAtomic } from '../../io/atomic.ts';
import { encodeSafetensors, readSafetensors, type Safetensors } from '../../io/safetensors.ts';
import { checkSum, withSum } from '../../io/safetensors-sum.ts';
import { quote } from '../../options.ts';
import type { RunCapture } from '../callbacks/callback.ts';

const pattern = /^checkpoint-(\d+)\.safetensors$/;

/** Writes a capture to a file with its sum. */
export async function writeCapture(path: string, { metadata, tensors }: RunCapture): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, await withSum(tensors, metadata)));
}

/** Reads a capture; throws a ModelFormatError where it is not what was written. */
export async function readCapture(path: string): Promise<Safetensors> {
  const where = `checkpoint ${quote(path, Infinity)}`;
  const found = await readSafetensors(path, where);
  await checkSum(found, where);
  return found;
}

/** The checkpoints of a folder, the newest first; none where the folder is not there. */
async function listCheckpoints(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const steps = (name: string): number => Number(pattern.exec(name)![1]);
  return names.filter((name) => pattern.test(name)).sort((a, b) => steps(b) - steps(a)).map((name) => join(folder, name));
}

/** Writes the checkpoint after `steps` steps of the network, reads it back, and then removes older ones beyond `keep`. Returns its path. */
export async function writeCheckpoint(folder: string, steps: number, capture: RunCapture, keep: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `checkpoint-${String(steps).padStart(10, '0')}.safetensors`);
  await writeCapture(path, capture);
  await readCapture(path);
  for (const old of (await listCheckpoints(folder)).slice(keep)) await unlink(old);
  return path;
}

/** Removes what processes that were killed while they wrote have left in a folder; one that cannot be removed does no harm. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder);
  await Promise.all(names.filter(isTemporary).map((name) => unlink(join(folder, name)).catch(() => undefined)));
}

/** The newest checkpoint of a folder that is whole, with a warning for every newer one that is not; undefined where there is none at all. */
export async function readNewest(folder: string): Promise<{ path: string; capture: Safetensors } | undefined> {
  const paths = await listCheckpoints(folder);
  let last: unknown;
  for (const path of paths) {
    try {
      return { path, capture: await readCapture(path) };
    } catch (error) {
      last = error;
      process.emitWarning(`a checkpoint cannot be read and an older one is tried: ${(error as Error).message}`, { code: 'DENSELY_CHECKPOINT' });
    }
  }
  if (paths.length > 0) throw last;
  return undefined;
}
