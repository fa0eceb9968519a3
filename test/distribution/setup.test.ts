// scripts/setup.mjs on machines good and bad, in a project whose addon builds in seconds.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { addonFile, expectNative, node, type Outcome, pathWith, repository, temporaryFolder, tinyProject } from './project.ts';

let folder: string;
const setup = (env?: NodeJS.ProcessEnv, ...options: string[]): Promise<Outcome> => node(folder, ['scripts/setup.mjs', ...options], env);
const has = (name: string): boolean => existsSync(join(folder, name));

beforeEach(() => {
  folder = join(temporaryFolder(), 'project');
  tinyProject(folder);
});

describe('without the tools of the native build', () => {
  const sentences = (outcome: Outcome): string[] => outcome.stderr.trim().split('\n');

  test('says in one sentence what is missing, builds the rest and succeeds', async () => {
    const outcome = await setup(pathWith(folder));
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining('cmake, a C++ compiler, make are missing') });
    expect(sentences(outcome)).toHaveLength(1);
    expect(outcome.stderr).toMatch(/type: |install cmake/);
    expect(has('dist/index.js')).toBe(true);
  });

  test('DENSELY_REQUIRE_NATIVE=1 fails', async () => {
    const outcome = await setup({ ...pathWith(folder), DENSELY_REQUIRE_NATIVE: '1' });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('setup failed');
  });

  test.runIf(existsSync('/usr/bin/apt-get'))('an apt-get that fails counts as one that cannot install', async () => {
    const tools = { 'apt-get': '#!/bin/sh\necho "E: no network"\nexit 100\n', env: '#!/bin/sh\nshift\nexec "$@"\n', sudo: '#!/bin/sh\nexit 1\n' };
    const outcome = await setup(pathWith(folder, tools));
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain('sudo apt-get install -y libopenblas-pthread-dev cmake g++ make');
    expect(has('dist/index.js')).toBe(true);
  });
});

test('--no-native and DENSELY_SKIP_NATIVE=1 leave the addon out, and the second run does nothing', async () => {
  expect(await setup({}, '--no-native')).toMatchObject({ code: 0, stderr: '' });
  expect(has(addonFile)).toBe(false);
  const second = await setup({ DENSELY_SKIP_NATIVE: '1' });
  expect(second).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(second.seconds).toBeLessThan(2);
});

test('lib/ that does not compile fails with the message of tsc and leaves dist/ as it was', async () => {
  await setup({}, '--no-native');
  writeFileSync(join(folder, 'lib/index.ts'), "export const answer: number = '42';\n");
  const outcome = await setup({}, '--no-native');
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('lib/index.ts(1,14): error TS2322') });
  expect(readFileSync(join(folder, 'dist/index.js'), 'utf8')).toContain('42;');
});

describe.runIf(expectNative)('with the tools', () => {
  test('builds, then does nothing, then builds again what changed', async () => {
    const first = await setup();
    expect(first).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/native build: done in .*TypeScript build: done in/s) });
    expect(has(addonFile)).toBe(true);

    const second = await setup();
    expect(second).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(second.seconds).toBeLessThan(2);

    writeFileSync(join(folder, 'lib/index.ts'), 'export const answer: number = 43;\n');
    const third = await setup();
    expect(third.stdout).toContain('lib/ has changed');
    expect(third.stdout).not.toContain('native build');
  });

  test('two at once: one works, the other waits', async () => {
    const both = await Promise.all([setup(), setup()]);
    expect(both.map((outcome) => outcome.code)).toEqual([0, 0]);
    expect(both.filter((outcome) => outcome.stdout.includes('native build: done'))).toHaveLength(1);
    expect(has('.setup/lock')).toBe(false);
  });

  test('a lock whose owner died and a half-finished build are cleared away', async () => {
    await setup();
    writeFileSync(join(folder, '.setup/lock'), '4194305');
    const stamp = join(folder, '.setup/native.json');
    writeFileSync(stamp, JSON.stringify({ ...JSON.parse(readFileSync(stamp, 'utf8')), state: 'building', output: undefined }));
    writeFileSync(join(folder, addonFile), 'half');
    writeFileSync(join(folder, 'build/leftover'), '');
    expect(await setup()).toMatchObject({ code: 0, stderr: '' });
    expect(has('build/leftover')).toBe(false);
    expect((await node(folder, ['-p', `require('./${addonFile}').dot`])).stdout.trim()).toBe('1');
  });

  test('a build folder from another place or platform is not reused', async () => {
    await setup();
    const moved = `${folder} moved`;
    renameSync(folder, moved);
    folder = moved;
    writeFileSync(join(folder, 'native/binding/tiny.cc'), `${readFileSync(join(folder, 'native/binding/tiny.cc'), 'utf8')}\n`);
    expect(await setup()).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('its sources have changed') });
  });

  test('a native build that fails is loud, and fatal only where the addon is required', async () => {
    writeFileSync(join(folder, 'native/binding/tiny.cc'), '#error broken on purpose\n');
    const outcome = await setup();
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining('broken on purpose') });
    expect(outcome.stderr).toContain('THE NATIVE BUILD FAILED');
    expect(has('dist/index.js')).toBe(true);
    rmSync(join(folder, '.setup'), { recursive: true });
    expect((await setup({ DENSELY_REQUIRE_NATIVE: '1' })).code).toBe(1);
  });

  test('the repository itself is set up: nothing left to do', async () => {
    await node(repository, ['scripts/setup.mjs']);
    const again = await node(repository, ['scripts/setup.mjs']);
    expect(again).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(again.seconds).toBeLessThan(2);
  });
});
