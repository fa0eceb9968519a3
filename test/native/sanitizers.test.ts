// The short part of `npm run sanitize`: programs under AddressSanitizer, LeakSanitizer and UBSan, with narrow vectors and few chains since building
// is what takes the time; and the team of threads under ThreadSanitizer.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { backends } from '../helpers/backends.ts';
import { writeCases } from '../helpers/native-cases.ts';
import { buildPrograms, configure, root, runProgram } from './programs.ts';

const compiler = process.env['CXX'] ?? 'c++';
const folder = mkdtempSync(join(tmpdir(), 'densely-sanitizers-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const compile = (...args: string[]): ReturnType<typeof spawnSync> => spawnSync(compiler, ['-std=c++17', '-O1', '-g1', ...args], { cwd: root, encoding: 'utf8' });

/** Whether what is built with a sanitizer also starts here. */
function has(sanitizer: string): boolean {
  if (!backends.includes('native') || process.platform !== 'linux') return false;
  const program = join(folder, 'probe');
  return compile(`-fsanitize=${sanitizer}`, 'test/native/probe.cc', '-o', program).status === 0 && spawnSync(program).status === 0;
}

describe.runIf(has('address,undefined'))('under AddressSanitizer, LeakSanitizer and UBSan', () => {
  test('programs of the library and what fuzzers found', async () => {
    const build = join(root, 'build-sanitize-quick');
    await configure(build, '-DDENSELY_SANITIZE=address,undefined,float-cast-overflow', '-DDENSELY_QUICK=ON');
    await buildPrograms(build, 'programs_test');
    writeCases(join(folder, 'cases'));
    await runProgram(build, 'programs_test', [join(folder, 'cases'), join(root, 'test/native/fuzz/found')], { ASAN_OPTIONS: 'allocator_may_return_null=1' });
  }, 300_000);
});

test.runIf(has('thread'))('the team of threads under ThreadSanitizer', () => {
  const program = join(folder, 'team_test');
  expect(compile('-fsanitize=thread', '-Inative', 'test/native/team_test.cc', 'native/team.cc', '-o', program).stderr).toBe('');
  const { stdout, stderr, status } = spawnSync(program, { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(stdout).toMatch(/^[1-9]\d* passed, 0 failed$/m);
}, 120_000);
