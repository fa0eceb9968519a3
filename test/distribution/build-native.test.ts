// densely build-native in an installed package, with an addon that builds in seconds in place of the real one.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { addonFile, expectNative, node, type Outcome, pathWith, repository, temporaryFolder, tinyProject } from './project.ts';

const folder = join(temporaryFolder(), 'node_modules/densely');
const build = (env?: NodeJS.ProcessEnv): Promise<Outcome> => node(folder, ['dist/cli/main.js', 'build-native', '--json'], env);

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  tinyProject(folder);
  for (const name of ['node_modules', 'scripts', 'lib']) rmSync(join(folder, name), { recursive: true });
  cpSync(join(repository, 'dist'), join(folder, 'dist'), { recursive: true });
});

test('without npm it fails in a sentence and says what a build needs', async () => {
  const { code, stderr } = await build({ ...pathWith(temporaryFolder()), npm_execpath: '' });
  expect(code).toBe(1);
  rmSync(/all it said is in (.+)build-native\.log/.exec(stderr)![1]!, { recursive: true });
  expect(stderr).toMatch(/npm install .*cmake-js.* failed[^]*ENOENT[^]*A build needs cmake/);
});

describe.runIf(expectNative)('with the tools', () => {
  test('builds the addon where it is looked for, without anything else in the package', async () => {
    const outcome = await build();
    expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(outcome.stdout)).toEqual({ file: join(folder, addonFile) });
    expect((await node(folder, ['-p', `require('./${addonFile}').dot`])).stdout.trim()).toBe('1');
    expect(existsSync(join(folder, 'node_modules'))).toBe(false);
  });

  test('a build that fails keeps the one before, and tells where all it said is kept', async () => {
    const before = readFileSync(join(folder, addonFile));
    writeFileSync(join(folder, 'native/binding/tiny.cc'), '#error broken on purpose\n');
    const { code, stderr } = await build();
    expect(code).toBe(1);
    const [, log] = /all it said is in (.+\.log), and/.exec(stderr)!;
    expect(readFileSync(log!, 'utf8')).toContain('broken on purpose');
    expect(readFileSync(join(folder, addonFile)).equals(before)).toBe(true);
    rmSync(join(log!, '..'), { recursive: true });
  });
});
