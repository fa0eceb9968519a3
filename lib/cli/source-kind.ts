// What stands behind the name of a source of data: a file of some kind, standard input, or a folder or pattern of several files.
import { readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';

/** What a source holds. */
export type SourceKind = 'csv' | 'jsonLines' | 'parquet' | 'npz' | 'idx';

/** Whether a path is a folder; false where nothing is there. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isDirectory(), () => false);
}

/** What a file holds, by the end of its name. */
function kindOfFile(path: string): Exclude<SourceKind, 'idx'> {
  const name = path.replace(/\.gz$/, '');
  if (/\.(jsonl|ndjson)$/.test(name)) return 'jsonLines';
  return name.endsWith('.parquet') ? 'parquet' : name.endsWith('.npz') ? 'npz' : 'csv';
}

/** What a source holds; a folder by the names of its files, and IDX files where none of them is a table. Standard input is CSV. */
export async function kindOf(source: string): Promise<SourceKind> {
  if (source === '-') return 'csv';
  if (!(await isFolder(source))) return kindOfFile(source);
  const names = (await readdir(source)).filter((name) => !name.startsWith('.'));
  const table = names.find((name) => /\.(csv|tsv|txt|jsonl|ndjson)(\.gz)?$|\.parquet$/.test(name));
  return table === undefined ? 'idx' : kindOfFile(table);
}

/** Whether a source stands for several files: it is a folder, or a pattern that is no file itself. */
export async function isSeveral(source: string): Promise<boolean> {
  if (source === '-') return false;
  return stat(source).then((found) => found.isDirectory(), () => /[*?]/.test(basename(source)));
}
