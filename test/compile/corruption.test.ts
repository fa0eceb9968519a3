// Random corruptions of encoded programs: the addon says no with a sentence and never crashes.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { addon } from '../helpers/addon.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test.runIf(addon !== undefined).each([1, 2])('20000 corrupted programs in a process of their own, seed %i', (seed) => {
  const child = spawnSync(process.execPath, ['--import', 'tsx', 'test/helpers/corrupt.ts', '20000', String(seed)], { cwd: root, encoding: 'utf8' });
  expect(child.stderr).toBe('');
  expect({ status: child.status, signal: child.signal }).toEqual({ status: 0, signal: null });
  const counts = JSON.parse(child.stdout) as { refused: number; taken: number; ran: number };
  expect(counts.refused + counts.taken).toBe(20000);
  // Most changes break a rule; a few only change a number, and then the program must still run in its memory.
  expect(counts.refused).toBeGreaterThan(15000);
  expect(counts.ran).toBeGreaterThan(500);
});
