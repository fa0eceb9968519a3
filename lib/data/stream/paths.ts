// The files that a path, a folder, a pattern or a list of these stands for.

import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError } from '../../errors.ts';
import { invalid, quote } from '../../options.ts';

/** A file, a folder, a pattern with `*` and `?` in the name of the file, or a list of these. */
export type Paths = string | URL | readonly (string | URL)[];

/**
 * Paths of the files meant, in the order given; those of a folder or of a pattern sorted by code units. Of a folder only files with
 * one of the `endings` count, plain or with `.gz` behind.
 * @param name The option, or argument, that gives the paths, for errors.
 * @throws {OptionError} Where something is no path.
 * @throws {DataError} On a folder or pattern without files. What the system says of a path that is not there is passed on.
 */
export async function filesOf(caller: string, name: string, paths: Paths, endings: readonly string[]): Promise<string[]> {
  const given: readonly unknown[] = Array.isArray(paths) ? paths : [paths];
  if (given.length === 0) throw invalid(caller, name, 'a path or a list of paths', paths);
  const files: string[] = [];
  for (const each of given) {
    const path = each instanceof URL ? fileURLToPath(each) : each;
    if (typeof path !== 'string' || path === '') throw invalid(caller, name, 'a path or a list of paths', path);
    files.push(...(await expand(caller, path, endings)));
  }
  return files;
}

async function expand(caller: string, path: string, endings: readonly string[]): Promise<string[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    if (found.code !== 'ENOENT' || !/[*?]/.test(basename(path))) throw found;
    const pattern = expression(basename(path));
    const files = await list(dirname(path), (name) => pattern.test(name));
    if (files.length === 0) throw new DataError(`[${caller} ${quote(path, Infinity)}] expected at least one file of this pattern but found none`);
    return files;
  }
  if (!found.isDirectory()) return [path];
  const files = await list(path, (name) => endings.some((ending) => name.endsWith(ending) || name.endsWith(`${ending}.gz`)));
  if (files.length === 0) throw new DataError(`[${caller} ${quote(path, Infinity)}] expected a folder with at least one file *${endings.join(', *')} but found none`);
  return files;
}

/** Files of a folder that are not hidden, sorted by name. */
async function list(folder: string, wanted: (name: string) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && wanted(entry.name)).map(({ name }) => name);
  return names.toSorted().map((name) => join(folder, name));
}

function expression(pattern: string): RegExp {
  const parts = [...pattern].map((character) => (character === '*' ? '.*' : character === '?' ? '.' : character.replace(/[\\^$.|+()[\]{}]/, String.raw`\$&`)));
  return new RegExp(`^${parts.join('')}$`, 's');
}
