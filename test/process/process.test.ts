// What can only be seen from outside: memory of a process, and threads that end at any moment.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { backends } from '../helpers/backends.ts';

const root = resolve(import.meta.dirname, '../..');

async function fixture(name: string, backend: string, flags: string[] = []): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, join(import.meta.dirname, 'fixtures', name), backend], { cwd: root });
  return stdout.trim();
}

describe.each(backends)('%s', (backend) => {
  test('a thousand networks leave less than 20 MiB', async () => {
    expect(Number(await fixture('many-networks.mjs', backend, ['--expose-gc']))).toBeLessThan(20);
  }, 240_000);

  test('worker threads compute the same, and may end while they compute', async () => {
    expect(await fixture('worker-run.mjs', backend)).toBe('survived');
  }, 240_000);
});
