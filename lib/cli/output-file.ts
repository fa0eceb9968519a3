// Files that a command is going to write: refused before the work where they cannot be.
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { quote } from '../options.ts';
import { UsageError } from './exit-codes.ts';
import { isFolder } from './source-kind.ts';

/** Throws where no folder can be made, or written to, at this path. */
export async function checkOutputFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (path === '' || found?.isDirectory() === false) throw new UsageError(`expected a folder to write the ensemble to but received ${path === '' ? 'nothing' : `the file ${quote(path, Infinity)}`}`);
  await checkWritable(path, found === undefined ? dirname(resolve(path)) : path);
}

async function checkWritable(path: string, folder: string): Promise<void> {
  await access(folder, constants.W_OK).catch(() => {
    throw new UsageError(`expected a folder that can be written to for ${quote(path, Infinity)} but received ${quote(folder, Infinity)}`);
  });
}

/** Throws where no file can be written at this path. */
export async function checkOutput(path: string): Promise<void> {
  if (path === '' || await isFolder(path)) throw new UsageError(`expected a file to write but received ${path === '' ? 'nothing' : `the folder ${quote(path, Infinity)}`}`);
  await checkWritable(path, dirname(path));
}
