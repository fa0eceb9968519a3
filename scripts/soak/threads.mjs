// How many threads there are: no more than affinity and control group allow, fewer where no more can be made; and the same numbers are learnt
// with each of them, by one network and by two at once. Linux. Usage: node scripts/soak/threads.mjs
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildShim } from './faults/build.mjs';

const job = fileURLToPath(new URL('threads-job.mjs', import.meta.url)), root = fileURLToPath(new URL('../..', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'densely-threads-'));
const run = (command, args, env = {}) => JSON.parse(execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] }));
let failed = 0;

function report(name, { alone, together, cores, threads }, expected) {
  const equal = [...alone, ...together].join() === [...expected.alone, ...expected.alone].join();
  const right = equal && (expected.cores === undefined || cores === expected.cores) && (expected.threads === undefined ? threads <= cores : threads === expected.threads);
  if (!right) failed++;
  console.log(`${name}: ${right ? 'as expected' : 'NOT AS EXPECTED'}, ${cores} allowed, ${threads} in the team, ${equal ? 'equal' : 'other'} numbers`);
}

try {
  const free = run(process.execPath, [job]), { alone } = free;
  report('as it is', free, { alone, cores: availableParallelism() });
  if (spawnSync('taskset', ['--version']).status === 0) report('affinity to one processor', run('taskset', ['-c', '0', process.execPath, job]), { alone, cores: 1 });
  // A control group that is not one: the files that tell of it, in a mount of this process alone.
  const grouped = (quota) => ['-m', 'sh', '-c', `mount -t tmpfs none /sys/fs/cgroup && echo "${quota}" > /sys/fs/cgroup/cpu.max && exec "${process.execPath}" "${job}"`];
  if (spawnSync('unshare', ['-m', 'true']).status === 0) {
    report('a quota of one processor and a half', run('unshare', grouped('150000 100000')), { alone, cores: 1 });
    report('a quota of a fifth', run('unshare', grouped('20000 100000')), { alone, cores: 1 });
    report('no quota', run('unshare', grouped('max 100000')), { alone, cores: availableParallelism() });
  }
  const shim = buildShim(folder);
  for (const allowed of [0, 1, 2]) {
    // The first is the one that runs off the event loop.
    report(`where ${allowed} threads can be made`, run(process.execPath, [job, shim, String(allowed)], { LD_PRELOAD: shim }), { alone, threads: Math.max(1, Math.min(allowed, availableParallelism())) });
  }
  // The system's own limit, which is one of users: of one that has nothing else to run.
  if (process.getuid() === 0 && spawnSync('setpriv', ['--version']).status === 0) {
    for (const name of ['dist', 'build/Release', 'package.json', 'scripts/soak/threads-job.mjs']) cpSync(join(root, name), join(folder, name), { recursive: true });
    await chmod(folder, 0o755);
    for (const most of [8, 9, 11]) {
      const limited = ['--reuid=54321', '--clear-groups', 'prlimit', `--nproc=${most}`, process.execPath, join(folder, 'scripts/soak/threads-job.mjs')];
      report(`at most ${most} threads of a user, Node's own among them`, run('setpriv', limited, { UV_THREADPOOL_SIZE: '1' }), { alone });
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
