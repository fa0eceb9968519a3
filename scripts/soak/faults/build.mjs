// Compiles the shim by which allocations and threads of the addon fail.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiles it into `folder`, and gives its path: for LD_PRELOAD and for `require`. Linux alone. */
export function buildShim(folder) {
  const shim = join(folder, 'shim.node'), headers = createRequire(import.meta.url)('node-api-headers').include_dir;
  execFileSync(process.env.CXX ?? 'c++', ['-std=c++17', '-O1', '-shared', '-fPIC', `-I${headers}`, fileURLToPath(new URL('shim.cc', import.meta.url)), '-o', shim, '-ldl'], { stdio: 'inherit' });
  return shim;
}
