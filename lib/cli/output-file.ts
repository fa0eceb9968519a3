// Files that a command is going to write: refused before the work where they cannot be.
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { quote } from '../options.ts';
import { isFolder } from './data.ts';
import { UsageError } from './exit-codes.ts';

/** Throws where no file can be written at this path. */
export async function checkOutput(path: string): Promise<void> {
  if (path === '' || await isFolder(path)) throw new UsageError(`expected a file to write but received ${path === '' ? 'nothing' : `the folder ${quote(path, Infinity)}`}`);
  const folder = dirname(path);
  await access(folder, constants.W_OK).catch(() => {
    throw new UsageError(`expected a folder that can be written to for ${quote(path, Infinity)} but received ${quote(folder, Infinity)}`);
  });
}
