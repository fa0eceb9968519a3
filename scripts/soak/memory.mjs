// Four loops that must not grow: predictions, fits, networks loaded and disposed of, networks dropped. The engine's space for young objects is
// held to its first size, for its growth would hide that of the library.
// Usage: node scripts/soak/memory.mjs [share of the full number] [native|typescript]
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [share = '1', backend = 'native'] = process.argv.slice(2);
const loop = fileURLToPath(new URL('memory-loop.mjs', import.meta.url)), most = 8;
const loops = { predict: 1e6, fit: 1e4, load: 1e4, drop: 1e4 };

for (const [name, full] of Object.entries(loops)) {
  const times = Math.ceil(full * Number(share)), started = performance.now();
  const growth = Number(execFileSync(process.execPath, ['--expose-gc', '--max-semi-space-size=1', loop, name, String(times), backend], { encoding: 'utf8' }));
  if (!(growth < most)) process.exitCode = 1;
  console.log(`${name}, ${times} times on ${backend}: ${growth} MiB more than after the warm-up, in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
