// Ends processes in the middle of a fit, in five ways, at random moments: each must end with the code it is expected to end with, and
// be gone within 500 ms. Usage: node scripts/soak/endings.mjs [times] [native|typescript] [--any-time]
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';

const [times = '200', backend = 'native', anyTime] = process.argv.slice(2);
const job = fileURLToPath(new URL('endings-job.mjs', import.meta.url)), longest = 500;

/** What each way is asked by, and what the process then ends with. */
const endings = {
  exit: { code: 7 },
  throw: { code: 1 },
  SIGINT: { signal: 'SIGINT' },
  SIGTERM: { signal: 'SIGTERM' },
  handled: { asks: 'SIGTERM', code: 0 },
};

function endOnce(name, { asks, code = null, signal = null }) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [job, name, backend], { stdio: ['ignore', 'pipe', 'pipe'] });
    let asked, said = '', errors = '';
    child.stderr.on('data', (data) => { errors += data; });
    child.stdout.on('data', async (data) => {
      said += data;
      const own = /asked (\d+)/.exec(said);
      if (own !== null) asked ??= Number(own[1]);
      else if (asked === undefined && said.includes('training') && (asks ?? signal) !== null) {
        asked = Infinity;
        await setTimeout(150 * Math.random());
        asked = Date.now();
        child.kill(asks ?? signal);
      }
    });
    child.on('error', reject);
    child.on('exit', (gotCode, gotSignal) => resolve({ expected: gotCode === code && gotSignal === signal, time: Date.now() - asked, got: gotSignal ?? gotCode, errors }));
  });
}

let failed = 0;
for (const [name, ending] of Object.entries(endings)) {
  const runs = [];
  for (let i = 0; i < Number(times); i++) runs.push(await endOnce(name, ending));
  const wrong = runs.filter(({ expected }) => !expected), durations = runs.map(({ time }) => time).sort((a, b) => a - b);
  const slow = durations.filter((time) => time > longest).length;
  if (wrong.length > 0 || (slow > 0 && anyTime === undefined)) failed++;
  for (const { got, errors } of wrong.slice(0, 3)) console.log(`  ended with ${got}: ${errors.split('\n').slice(0, 8).join('\n  ')}`);
  console.log(`${name}: ${runs.length - wrong.length} of ${runs.length} with the expected code; gone after ${durations[durations.length >> 1]} ms (median), ${durations.at(-1)} ms (longest), ${slow} after more than ${longest} ms`);
}
process.exitCode = failed === 0 ? 0 : 1;
