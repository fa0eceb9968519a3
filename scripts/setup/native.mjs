// Step 3: the addon, build/Release/densely.node, by cmake-js when its sources have changed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { inRoot, root } from './place.mjs';
import { begin, end, warn } from './report.mjs';
import { run } from './run.mjs';
import { clearStamp, fingerprint, isCurrent, readStamp, versionOf, writeStamp } from './stamp.mjs';
import { installSentence, missingPrograms, tryInstall } from './tools.mjs';

const addon = 'build/Release/densely.node';
const target = `${process.platform}-${process.arch}`;
const sourcesHash = () =>
  fingerprint(['native', 'cmake', 'CMakeLists.txt'], target, ...['node-addon-api', 'node-api-headers', 'cmake-js'].map(versionOf));

export const nativeIsCurrent = () => isCurrent('native', sourcesHash(), addon);

/** A build folder is reused only when it was left in order, by this platform, in this place. */
function buildFolderIsSound() {
  const stamp = readStamp('native');
  if (stamp?.target !== target || stamp.state === 'building') return false;
  const cache = inRoot('build/CMakeCache.txt');
  return existsSync(cache) && readFileSync(cache, 'utf8').includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${root.replace(/[\\/]$/, '')}\n`);
}

const removeBuild = () => rmSync(inRoot('build'), { recursive: true, force: true });

async function compile(hash) {
  if (!buildFolderIsSound()) removeBuild();
  const cmakeJs = () =>
    run('native', process.execPath, [
      inRoot('node_modules/cmake-js/bin/cmake-js'),
      'compile',
      '--CDDENSELY_STATIC_OPENBLAS=OFF',
      '--CDDENSELY_SANITIZE=OFF',
      '--parallel',
      String(availableParallelism()),
    ]);
  writeStamp('native', hash, undefined, { target, state: 'building' });
  const reused = existsSync(inRoot('build'));
  let result = await cmakeJs();
  if (!result.ok && reused && result.output.includes('CMake Error')) {
    removeBuild(); // a cache from other tools than today's
    result = await cmakeJs();
  }
  writeStamp('native', hash, undefined, { target, state: 'failed' });
  return result;
}

/** Loads the addon in a process of its own: a missing shared library shows here and not in the user's program. */
function loads() {
  const child = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', inRoot(addon)], { encoding: 'utf8' });
  return { ok: child.status === 0, tail: child.stderr.trimEnd() || `ended by ${child.signal}` };
}

const lacksOpenBlas = (result) => !result.ok && result.output.includes('Could NOT find OpenBLAS');

/** Returns undefined when the addon is in place, else the sentence that says why not. */
export async function buildNative() {
  let missing = missingPrograms();
  if (missing.length > 0 && (await tryInstall(missing))) missing = missingPrograms();
  if (missing.length > 0) return installSentence(missing);

  const hash = sourcesHash();
  const step = 'native build';
  begin(step, existsSync(inRoot(addon)) ? 'its sources have changed' : 'not built yet');
  let result = await compile(hash);
  if (lacksOpenBlas(result) && (await tryInstall(['OpenBLAS']))) result = await compile(hash);
  if (lacksOpenBlas(result)) {
    clearStamp('native');
    return installSentence(['OpenBLAS']);
  }
  const outcome = result.ok ? loads() : result;
  if (!outcome.ok) {
    warn(`the native build ${result.ok ? 'cannot be loaded' : 'failed'}:\n${outcome.tail}\n(whole log: ${result.log})`);
    return 'THE NATIVE BUILD FAILED (see above), so Densely runs on its TypeScript backend.';
  }
  writeStamp('native', hash, addon, { target, state: 'built' });
  end(step);
  return undefined;
}
