// A job killed at any moment and taken up again ends as one that was left alone: some kills here, hundreds in scripts/soak/kill.mjs.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { backends } from '../helpers/backends.ts';
import { root } from '../structure/tree.ts';

test.each(backends)('%s', async (backend) => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'scripts/soak/kill.mjs'), '4', backend], { cwd: root });
  expect(stdout).toMatch(/(\d+) kills, (\d+) of \2 jobs ended with equal weights, history and logs\n$/);
}, 300_000);
