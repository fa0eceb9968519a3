// An ensemble as a folder: one safetensors file for each member, and an index that names them.
import { mkdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelFormatError } from '../errors.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { quote } from '../options.ts';
import type { Network } from '../network/network.ts';

/** Name of the index in its folder. */
const indexName = 'ensemble.json';
const formatVersion = 1;

/** What the index says. */
export interface EnsembleIndex {
  readonly seed: number;
  /** Size of the bootstrap samples as a part of the data; null without bagging. */
  readonly fraction: number | null;
  readonly members: readonly { readonly file: string; readonly failed: boolean }[];
}

const loading = (folder: string): string => `load ${quote(join(folder, indexName), Infinity)}`;

/** Whether a name stays within its folder. */
const isFileName = (name: unknown): boolean => typeof name === 'string' && /^[\w-][\w.-]*$/.test(name);

function isIndex(value: unknown): value is EnsembleIndex & { version: number } {
  const { seed, fraction, members } = value as Partial<EnsembleIndex>;
  const isPart = fraction === null || (typeof fraction === 'number' && fraction > 0 && fraction <= 1);
  const isMember = (each: EnsembleIndex['members'][number] | null): boolean => isFileName(each?.file) && typeof each!.failed === 'boolean';
  return Number.isSafeInteger(seed) && seed! >= 0 && isPart && Array.isArray(members) && members.length > 0 && members.every(isMember)
    && members.some(({ failed }) => !failed);
}

/** Whether a folder holds an ensemble. */
export async function isEnsemble(folder: string): Promise<boolean> {
  return stat(join(folder, indexName)).then((found) => found.isFile(), () => false);
}

/** Reads the index of a folder; throws a ModelFormatError where it is none. */
export async function readIndex(folder: string): Promise<EnsembleIndex> {
  const text = await readFile(join(folder, indexName), 'utf8');
  let parsed: { version?: unknown } | null;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch (error) {
    throw new ModelFormatError(`[${loading(folder)}] expected the index to be JSON`, { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || !Number.isSafeInteger(parsed.version)) throw new ModelFormatError(`[${loading(folder)}] the index has no version`);
  if (parsed.version !== formatVersion) throw new ModelFormatError(`[${loading(folder)}] the index has format version ${Number(parsed.version)} but this release reads version ${formatVersion}`);
  if (!isIndex(parsed)) throw new ModelFormatError(`[${loading(folder)}] expected the index to hold a seed, a fraction and members with a file each`);
  return parsed;
}

/** Removes files that nothing names any more; one that stays behind does no harm. */
async function remove(folder: string, files: readonly string[]): Promise<void> {
  await Promise.all(files.map((file) => unlink(join(folder, file)).catch(() => undefined)));
}

/**
 * Writes the members to files of new names and then the index, which puts them all in place at once; then the files of the
 * ensemble that was there before are removed. A failed save leaves that one as it was.
 */
export async function saveEnsemble(folder: string, networks: readonly Network[], failed: ReadonlySet<number>, about: Omit<EnsembleIndex, 'members'>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const before = await readIndex(folder).then(({ members }) => members.map(({ file }) => file), () => []);
  const name = crypto.randomUUID().slice(0, 8);
  const members = networks.map((_, i) => ({ file: `member-${i + 1}-${name}.safetensors`, failed: failed.has(i) }));
  try {
    for (const [i, network] of networks.entries()) await network.save(join(folder, members[i]!.file));
    await writeFileAtomic(join(folder, indexName), [Buffer.from(`${JSON.stringify({ version: formatVersion, ...about, members }, null, 2)}\n`)]);
  } catch (error) {
    await remove(folder, members.map(({ file }) => file));
    throw error;
  }
  await remove(folder, before);
}
