// Kills a training job at random moments, resumes it each time, and holds its end to that of a job that was left alone.
// Usage: node scripts/soak/kill.mjs [kills] [native|typescript]
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';

const kills = Number(process.argv[2] ?? 200), backend = process.argv[3] ?? 'native';
const job = fileURLToPath(new URL('job.mjs', import.meta.url));
const root = await mkdtemp(join(tmpdir(), 'densely-kill-'));

/** Runs the job to its end, or kills it after `life` milliseconds; says whether it ended by itself. */
function run(folder, result, life) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [job, folder, result, backend], { stdio: ['ignore', 'inherit', 'inherit'] });
    if (life !== undefined) setTimeout(life).then(() => child.kill('SIGKILL'));
    child.on('error', reject);
    child.on('exit', (code, signal) => (code === 0 ? resolve(true) : signal === 'SIGKILL' ? resolve(false) : reject(new Error(`the job ended with code ${code}`))));
  });
}

try {
  const started = performance.now();
  await run(join(root, 'whole'), join(root, 'whole.json'));
  const length = performance.now() - started, expected = await readFile(join(root, 'whole.json'), 'utf8');
  console.log(`one job takes ${(length / 1000).toFixed(1)} s`);
  let done = 0, jobs = 0, equal = 0;
  while (done < kills) {
    const folder = join(root, `job${++jobs}`), result = `${folder}.json`;
    for (;;) {
      // The last lives are long, so that every job ends.
      const ended = await run(folder, result, done < kills ? length * (0.05 + 0.9 * Math.random()) : undefined);
      if (ended) break;
      done++;
    }
    if ((await readFile(result, 'utf8')) === expected) equal++;
    else console.log(`job ${jobs} ended otherwise`);
    await rm(folder, { recursive: true, force: true });
    console.log(`${done} kills, ${equal} of ${jobs} jobs ended with equal weights, history and logs`);
  }
  process.exitCode = equal === jobs ? 0 : 1;
} finally {
  await rm(root, { recursive: true, force: true });
}
