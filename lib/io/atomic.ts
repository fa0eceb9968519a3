// Files that are there whole or not at all: written beside their place, made durable, then put in place in one step.

import { open, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Bytes handed to the system in one call; some systems refuse more than 2^31. */
const LONGEST_WRITE = 2 ** 26;

/** Whether a file of this name is one that `writeFileAtomic` had not finished. */
export function isTemporary(name: string): boolean {
  return /^\.densely-[0-9a-f-]{36}\.tmp$/.test(name);
}

/**
 * Replaces or makes the file at `path`. Whatever happens, a reader finds the old file or the new one, whole: the bytes go to a
 * temporary file in the same folder, which is synced and renamed, and then the folder is synced. A link is followed; the mode
 * of an old file is kept. On failure the temporary file is removed, the old file is untouched, and the system's error is thrown.
 * @param chunks The contents, in order; they must not change until the promise settles.
 */
export async function writeFileAtomic(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
  const target = await realpath(path).catch(missing) ?? path;
  const mode = (await stat(target).catch(missing))?.mode;
  const folder = dirname(target);
  const temporary = join(folder, `.densely-${crypto.randomUUID()}.tmp`);
  const file = await open(temporary, 'wx');
  try {
    try {
      for await (const chunk of chunks) await writeAll(file, chunk);
      if (mode !== undefined) await file.chmod(mode & 0o777);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    // What went wrong first is what the caller must hear of.
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let at = 0;
  while (at < chunk.length) {
    const { bytesWritten } = await file.write(chunk, at, Math.min(chunk.length - at, LONGEST_WRITE));
    at += bytesWritten;
  }
}

/** Makes a rename in `folder` durable, where the system can: Windows opens no folders, some file systems sync none. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
