// Step 4: dist/, compiled from lib/ when it has changed.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { inRoot } from './place.mjs';
import { begin, end, warn } from './report.mjs';
import { run } from './run.mjs';
import { clearStamp, fingerprint, isCurrent, versionOf, writeStamp } from './stamp.mjs';

const entry = 'dist/index.js';
const sourcesHash = () => fingerprint(['lib', 'tsconfig.json', 'tsconfig.build.json'], versionOf('typescript'));

export const typescriptIsCurrent = () => isCurrent('typescript', sourcesHash(), entry);

export async function buildTypescript() {
  const hash = sourcesHash();
  const step = 'TypeScript build';
  begin(step, existsSync(inRoot(entry)) ? 'lib/ has changed' : 'not built yet');
  clearStamp('typescript');
  // Built beside and swapped in: no stale files of removed modules, and never half a dist/.
  const next = 'dist-next';
  rmSync(inRoot(next), { recursive: true, force: true });
  const tsc = inRoot('node_modules/typescript/bin/tsc');
  const result = await run('typescript', process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', next]);
  if (!result.ok) {
    rmSync(inRoot(next), { recursive: true, force: true });
    warn(`tsc failed:\n${result.tail}\n(whole log: ${result.log})`);
    throw new Error('lib/ does not compile');
  }
  rmSync(inRoot('dist'), { recursive: true, force: true });
  renameSync(inRoot(next), inRoot('dist'));
  writeStamp('typescript', hash, entry);
  end(step);
}
