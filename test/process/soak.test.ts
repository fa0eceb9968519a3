// The campaigns of scripts/soak with few repetitions: processes and workers that end at any moment, threads and memory that cannot be had,
// and buffers that users take away. Times are for the campaigns alone.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { backends } from '../helpers/backends.ts';
import { root } from '../structure/tree.ts';

async function soak(script: string, ...options: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', join(root, 'scripts/soak', script), ...options], { cwd: root });
  return stdout;
}

describe.each(backends)('%s', (backend) => {
  test('a process ends in mid-fit as it is told to', async () => {
    expect((await soak('endings.mjs', '1', backend, '--any-time')).match(/1 of 1 with the expected code/g)).toHaveLength(5);
  }, 120_000);

  test('workers, forks and members of a cluster come and go', async () => {
    expect(await soak('workers.mjs', '4', '4', backend, '--any-time')).toMatch(/the main thread, at last: 1 of 1/);
  }, 120_000);

  test('buffers of users are read where they are, or refused', async () => {
    expect(await soak('buffers.mjs', backend)).toMatch(/\n0 not as expected\n$/);
  }, 120_000);
});

// The shim by which allocations fail is for Linux, and wants the compiler that has built the addon.
describe.runIf(backends.includes('native') && process.platform === 'linux')('where there is not enough', () => {
  test('allocations that fail are told of, and leave networks usable', async () => {
    for (const call of ['predict of many rows', 'fit on one thread']) expect(await soak('faults.mjs', '61', call)).toMatch(/1 calls with \d+ allocations; [1-9]\d* failures: .+; 0 not as expected\n$/);
  }, 120_000);

  test('threads are as many as can be had', async () => {
    expect(await soak('threads.mjs')).not.toContain('NOT AS EXPECTED');
  }, 120_000);
});
