// Step 4: dist/, made from lib/ when it has changed: types by tsc, programs by rolldown.
import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { inRoot } from './place.mjs';
import { begin, end, warn } from './report.mjs';
import { run } from './run.mjs';
import { clearStamp, fingerprint, isCurrent, versionOf, writeStamp } from './stamp.mjs';

const entry = 'dist/index.js';
const sourcesHash = () =>
  fingerprint(['lib', 'tsconfig.json', 'tsconfig.build.json', 'package.json', 'scripts/bundle.mjs'], ...['typescript', 'rolldown'].map(versionOf));

export const typescriptIsCurrent = () => isCurrent('typescript', sourcesHash(), entry);

export async function buildTypescript() {
  const hash = sourcesHash();
  const step = 'TypeScript build';
  begin(step, existsSync(inRoot(entry)) ? 'lib/ has changed' : 'not built yet');
  clearStamp('typescript');
  // Built beside and swapped in: no stale files of removed modules, and never half a dist/.
  const next = 'dist-next';
  rmSync(inRoot(next), { recursive: true, force: true });
  await make('tsc', next, [inRoot('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', next]);
  await make('rolldown', next, [inRoot('scripts/bundle.mjs'), next]);
  makeRunnable(next);
  rmSync(inRoot('dist'), { recursive: true, force: true });
  renameSync(inRoot(next), inRoot('dist'));
  writeStamp('typescript', hash, entry);
  end(step);
}

/** One of the two that fill `folder`; where it fails, nothing stays. */
async function make(tool, folder, args) {
  const result = await run(tool, process.execPath, args);
  if (result.ok) return;
  rmSync(inRoot(folder), { recursive: true, force: true });
  warn(`${tool} failed:\n${result.tail}\n(whole log: ${result.log})`);
  throw new Error('lib/ does not compile');
}

/** Lets the programs that package.json names be run by their names, as npm does where it installs them. */
function makeRunnable(folder) {
  const { bin = {} } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  for (const path of Object.values(bin)) {
    const built = inRoot(path.replace(/^dist/, folder));
    if (existsSync(built)) chmodSync(built, 0o755);
  }
}
