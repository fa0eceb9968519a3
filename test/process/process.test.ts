// What can only be seen from outside: memory of a process, and threads that end at any moment.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { backends } from '../helpers/backends.ts';

const root = resolve(import.meta.dirname, '../..');

async function fixture(name: string, backend: string, flags: string[] = [], more: string[] = []): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, join(import.meta.dirname, 'fixtures', name), backend, ...more], { cwd: root });
  return stdout.trim();
}

describe.each(backends)('%s', (backend) => {
  test('a thousand networks leave less than 20 MiB', async () => {
    expect(Number(await fixture('many-networks.mjs', backend, ['--expose-gc']))).toBeLessThan(20);
  }, 240_000);

  test('worker threads compute the same, and may end while they compute', async () => {
    expect(await fixture('worker-run.mjs', backend)).toBe('survived');
  }, 240_000);

  test('worker threads on shared weights see each of them whole while the owner replaces them, and may end at any moment', async () => {
    const { results, last } = JSON.parse(await fixture('shared-workers.mjs', backend)) as { results: { answers: number; mixed: number; seen: number }[]; last: number };
    expect(results).toHaveLength(3);
    expect(last).toBe(300);
    for (const { answers, mixed, seen } of results) {
      expect(mixed).toBe(0);
      expect(answers).toBeGreaterThan(seen);
      expect(seen).toBeGreaterThan(2);
    }
  }, 240_000);

  test('four worker threads on shared weights hold one copy of them, four of their own', async () => {
    expect(Number(await fixture('shared-memory.mjs', backend, ['--expose-gc'], ['shared']))).toBeLessThan(2);
    expect(Number(await fixture('shared-memory.mjs', backend, ['--expose-gc'], ['own']))).toBeGreaterThan(3.5);
  }, 240_000);
});
