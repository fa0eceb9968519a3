// Runs all campaigns of this folder, one after the other. Usage: node scripts/soak/all.mjs [share] [--any-time]
// share: of the full number of repetitions (default 1: 200 endings of each kind, 1,000 life cycles, 10⁶ predictions, …)
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [share = '1', ...more] = process.argv.slice(2);
const times = (full) => String(Math.max(2, Math.round(full * Number(share))));
const every = String(Math.max(1, Math.round(1 / Number(share)))), huge = Number(share) >= 1 ? ['huge'] : [];

const campaigns = [
  ['endings.mjs', times(200), 'native', ...more],
  ['endings.mjs', times(200), 'typescript', ...more],
  ['workers.mjs', times(1000), '32', 'native', ...more],
  ['workers.mjs', times(200), '32', 'typescript', ...more],
  ['threads.mjs'],
  ['memory.mjs', share, 'native'],
  ['memory.mjs', share, 'typescript'],
  ['faults.mjs', every],
  ['buffers.mjs', 'native', ...huge],
  ['buffers.mjs', 'typescript', ...huge],
  ['kill.mjs', times(200), 'native'],
  ['event-loop.mjs', times(60), 'native', ...more],
];
for (const [script, ...options] of campaigns) {
  console.log(`\n${script} ${options.join(' ')}`);
  const { status } = spawnSync(process.execPath, ['--expose-gc', fileURLToPath(new URL(script, import.meta.url)), ...options], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
