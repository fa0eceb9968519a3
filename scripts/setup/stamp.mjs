// Stamps say what an output was made from, so that setup works only when something has changed.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inRoot, inState, root, stateFolder } from './place.mjs';

function* filesUnder(path) {
  if (!statSync(path).isDirectory()) return yield path;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (!entry.name.startsWith('.')) yield* filesUnder(join(path, entry.name));
  }
}

/** Hash of the names and contents of files and folders of the repository, and of further strings. */
export function fingerprint(paths, ...more) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap((path) => [...filesUnder(inRoot(path))]).toSorted()) {
    hash.update(`${relative(root, file)}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.update(more.join('\0')).digest('hex');
}

/** Version of an installed package: a new compiler or header set makes old outputs stale. */
export const versionOf = (name) =>
  JSON.parse(readFileSync(inRoot('node_modules', name, 'package.json'), 'utf8')).version;

/** Identity of an output file; another build or a deletion changes it. */
function identity(file) {
  const stat = statSync(inRoot(file), { throwIfNoEntry: false });
  return stat ? `${stat.size} ${stat.mtimeMs}` : undefined;
}

const stampFile = (name) => inState(`${name}.json`);

export function readStamp(name) {
  try {
    return JSON.parse(readFileSync(stampFile(name), 'utf8'));
  } catch {
    return undefined;
  }
}

export function isCurrent(name, hash, output) {
  const stamp = readStamp(name);
  return stamp?.hash === hash && stamp.output !== undefined && stamp.output === identity(output);
}

export function writeStamp(name, hash, output, more = {}) {
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(stampFile(name), JSON.stringify({ hash, output: output && identity(output), ...more }));
}

export const clearStamp = (name) => rmSync(stampFile(name), { force: true });
