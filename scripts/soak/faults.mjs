// Lets every allocation of the addon fail: once, and together with all after it. See faults/campaign.mjs.
// Usage: node scripts/soak/faults.mjs [every] [calls]     every: 1 reaches all allocations, 7 every seventh; calls: part of their names
// With DENSELY_PREBUILD naming a folder whose build/Release/densely.node has sanitizers in it, and DENSELY_ASAN their run-time library,
// the campaign runs under them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildShim } from './faults/build.mjs';

const folder = await mkdtemp(join(tmpdir(), 'densely-shim-'));
try {
  const shim = buildShim(folder), sanitizer = process.env.DENSELY_ASAN;
  // The shim stands before the sanitizer's allocators.
  const env = { ...process.env, LD_PRELOAD: [shim, ...(sanitizer ? [sanitizer] : [])].join(':'), ASAN_OPTIONS: 'detect_leaks=0:verify_asan_link_order=0' };
  const child = spawn(process.execPath, [fileURLToPath(new URL('faults/campaign.mjs', import.meta.url)), shim, ...process.argv.slice(2)], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data) => { out += data; });
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the campaign ended with ${signal ?? code}`);
  const { found, problems } = JSON.parse(out.trim().split('\n').at(-1)), total = { sites: 0, failures: 0, refused: 0, without: 0 };
  for (const tally of Object.values(found)) for (const key of Object.keys(total)) total[key] += tally[key];
  for (const problem of problems) console.log(problem);
  console.log(`${Object.keys(found).length} calls with ${total.sites} allocations; ${total.failures} failures: ${total.refused} told as ERR_OUT_OF_MEMORY, ${total.without} done without; ${problems.length} not as expected`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
