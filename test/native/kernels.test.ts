// The native side without Node: kernels against naive twins for each width of vectors, programs in memory of exactly their size, the team of threads.
// The programs are test/native/*_test.cc, linked with the very objects of the addon; the sanitizers' are in sanitizers.test.ts.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backends } from '../helpers/backends.ts';
import { writeCases } from '../helpers/native-cases.ts';
import { buildPrograms, root, runProgram } from './programs.ts';

const build = join(root, 'build');
const folder = mkdtempSync(join(tmpdir(), 'densely-cases-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

// A build folder is there where the addon was built.
describe.runIf(backends.includes('native') && process.platform === 'linux' && existsSync(join(build, 'CMakeCache.txt')))('without Node', () => {
  beforeAll(async () => { await buildPrograms(build, 'native_tests'); }, 300_000);

  test.concurrent.each([512, 256, 128])('kernels with vectors of at most %i bits', async (bits) => {
    await runProgram(build, 'kernels_test', [], { VECTOR_BITS: String(bits) });
  }, 120_000);

  test('the team of threads', async () => { await runProgram(build, 'team_test'); });

  test.each([512, 128])('programs with vectors of at most %i bits', async (bits) => {
    const count = writeCases(folder);
    const told = await runProgram(build, 'programs_test', [folder, join(root, 'test/native/fuzz/found')], { VECTOR_BITS: String(bits) });
    // Nearly all of what the library makes is run; products of bfloat16 are refused where there are no instructions for them.
    const [, all, , ran] = /(\d+) cases, (\d+) taken, (\d+) ran/.exec(told)!.map(Number);
    expect(all).toBe(count);
    expect(ran).toBeGreaterThan(count * 0.95);
  }, 60_000);
});
