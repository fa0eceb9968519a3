// The npm package as a user gets it: installed without scripts, on TypeScript alone and with a prebuilt addon.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { copyProject, expectNative, node, type Outcome, repository, run, temporaryFolder } from './project.ts';

const work = temporaryFolder();
const source = join(work, 'source');
/** The 27 of glibc 2.27, which the documentation names; Node's own programs need 2.28. */
const oldestGlibc = 27;

/** Packs `source` and installs the tarball in a new project; returns that project's folder. */
async function packAndInstall(name: string): Promise<string> {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  const pack = await run(source, 'npm', ['pack', '--ignore-scripts', '--pack-destination', folder]);
  expect(pack.code, pack.stderr).toBe(0);
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "version": "1.0.0", "private": true }');
  const install = await run(folder, 'npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`]);
  expect(install.code, install.stderr).toBe(0);
  return folder;
}

const program = `
  const network = new densely.Network({ inputs: 3, seed: 7, layers: [densely.dense(5, 'tanh'), densely.dense(2, 'softmax')] });
  const output = network.predictSync([[0.5, -1, 2]]);
  const { backend, reason } = densely.diagnostics();
  const loaded = process.report.getReport().sharedObjects.filter((file) => /openblas|densely\\.\\w*\\.?node$/.test(file));
  console.log(JSON.stringify({ backend, reason, output: Array.from(output.data ?? output).flat(), loaded }));
`;
interface Answer {
  readonly backend: string;
  readonly reason: string;
  readonly output: readonly number[];
  readonly loaded: readonly string[];
}

/** Runs the program in a user's project; `how` is the way in which that user loads the package. */
async function use(folder: string, how: 'import' | 'require'): Promise<Answer> {
  const load = how === 'import' ? "import * as densely from 'densely';" : "const densely = require('densely');";
  const outcome: Outcome = await node(folder, [`--input-type=${how === 'import' ? 'module' : 'commonjs'}`, '-e', load + program]);
  expect(outcome.code, outcome.stderr).toBe(0);
  const answer = JSON.parse(outcome.stdout) as Answer;
  expect(answer.output).toHaveLength(2);
  expect(answer.output[0]! + answer.output[1]!).toBeCloseTo(1, 5);
  return answer;
}

beforeAll(() => copyProject(source));

describe('without a prebuilt addon', () => {
  let folder: string;
  const installed = (...path: string[]): string => join(folder, 'node_modules/densely', ...path);
  beforeAll(async () => {
    folder = await packAndInstall('plain');
  });

  test('has nothing that would run or build at installation', () => {
    const files = readdirSync(installed());
    expect(files).not.toContain('binding.gyp');
    for (const file of ['dist', 'LICENSE', 'CHANGELOG.md', 'NOTICE']) expect(files).toContain(file);
    for (const file of ['scripts', 'test', 'bench', 'build', 'node_modules']) expect(files).not.toContain(file);
    const manifest = JSON.parse(readFileSync(installed('package.json'), 'utf8'));
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) expect(manifest.scripts).not.toHaveProperty(hook);
    expect(manifest.gypfile).toBe(false);
    expect(manifest).not.toHaveProperty('dependencies');
  });

  test('runs on the TypeScript backend and says why', async () => {
    const answer = await use(folder, 'import');
    expect(answer).toMatchObject({ backend: 'typescript', loaded: [] });
    expect(answer.reason).not.toBe('');
  });

  test('require() gives the same', async () => {
    expect((await use(folder, 'require')).output).toEqual((await use(folder, 'import')).output);
  });

  test('is a handful of files, with names in stack traces and one copy of what both entries share', async () => {
    const programs = (readdirSync(installed('dist'), { recursive: true, encoding: 'utf8' })).filter((file) => file.endsWith('.js'));
    expect(programs.length).toBeLessThan(12);
    for (const program of programs) {
      const [, sources] = /"sources":(\[.*?\])/.exec(readFileSync(installed('dist', `${program}.map`), 'utf8'))!;
      for (const path of JSON.parse(sources!) as string[]) expect(existsSync(resolve(installed('dist', program), '..', path)), path).toBe(true);
    }
    const script = `
      import { Network, ShapeError, lbfgs } from 'densely';
      import * as graph from 'densely/graph';
      let error;
      try { graph.add(graph.input('x', ['rows', 2]), graph.input('y', ['rows', 3])); } catch (thrown) { error = thrown; }
      const slow = ['crypto', 'zlib'].filter((name) => process.moduleLoadList.includes('NativeModule ' + name));
      console.log(JSON.stringify([Network.name, error instanceof ShapeError, lbfgs === graph.lbfgs, slow]));
    `;
    const outcome = await node(folder, ['--input-type=module', '-e', script]);
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stdout: '["Network",true,true,[]]\n' });
  });

  test('has the program densely, which trains and predicts', async () => {
    writeFileSync(join(folder, 'points.csv'), `a,b,side\n${Array.from({ length: 40 }, (_, i) => `${i % 8},${i % 5},${i % 8 > i % 5 ? 'right' : 'left'}`).join('\n')}\n`);
    const densely = (...args: string[]): Promise<Outcome> => run(folder, 'npx', ['--no', 'densely', ...args]);
    const trained = await densely('train', '--data', 'points.csv', '--target', 'side', '--epochs', '3');
    expect(trained, trained.stderr).toMatchObject({ code: 0 });
    expect(trained.stdout).toContain("Saved as 'model.safetensors'.");
    const predicted = await densely('predict', 'model.safetensors', '--data', 'points.csv', '--keep', 'side');
    expect(predicted, predicted.stderr).toMatchObject({ code: 0 });
    expect(predicted.stdout).toMatch(/^side,prediction\n(left|right),(left|right)\n/);
  });

  test('has types for both entry points', async () => {
    writeFileSync(
      join(folder, 'user.ts'),
      "import { Network, dense } from 'densely';\nimport * as graph from 'densely/graph';\n" +
        'export const network: Network = new Network({ inputs: 2, layers: [dense(1)] });\n' +
        "export const x = graph.input('x', ['rows', 2]);\n",
    );
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    const roots = ['--typeRoots', join(repository, 'node_modules/@types')];
    const outcome = await node(folder, [tsc, ...options, ...roots, 'user.ts']);
    expect(outcome, outcome.stdout).toMatchObject({ code: 0 });
  });
});

describe.runIf(expectNative)('with a prebuilt addon', () => {
  let prebuilds: string;
  beforeAll(async () => {
    // Inside of the repository: prebuildify renames the binary, which works on one file system only.
    const folder = join(repository, 'build-prebuild/packed');
    const outcome = await node(repository, ['scripts/prebuild.mjs', folder]);
    expect(outcome.code, outcome.stderr.slice(-2000)).toBe(0);
    prebuilds = join(folder, 'prebuilds');
    cpSync(prebuilds, join(source, 'prebuilds'), { recursive: true });
  });

  test('runs natively with OpenBLAS inside, and needs none on the machine', async () => {
    const folder = await packAndInstall('native');
    const answer = await use(folder, 'import');
    expect(answer.backend, answer.reason).toBe('native');
    expect(answer.loaded).toHaveLength(1);
    expect(answer.loaded[0]).toMatch(/node_modules[\\/]densely[\\/]prebuilds[\\/]/);
    expect((await use(folder, 'require')).output).toEqual(answer.output);
    expect(statSync(join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz'))!)).size).toBeLessThan(12e6);
  });

  test.runIf(process.platform === 'linux')('shows the two symbols of Node-API, and asks for the C library of the oldest system that Node runs on', async () => {
    const binary = join(prebuilds, `linux-${process.arch}`, 'densely.glibc.node');
    const symbols = (await run(work, 'objdump', ['--dynamic-syms', binary])).stdout.split('\n').filter((line) => /^[0-9a-f]{16} /.test(line));
    const shown = symbols.filter((line) => !line.includes('*UND*') && !/ l +d /.test(line)).map((line) => line.split(' ').at(-1));
    expect(shown.toSorted()).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
    const newer = symbols.filter((line) => Number(/\(?GLIBC_2\.(\d+)/.exec(line)?.[1] ?? 0) > oldestGlibc);
    expect(newer).toEqual([]);
    const needed = [...(await run(work, 'objdump', ['--private-headers', binary])).stdout.matchAll(/NEEDED +(\S+)/g)].map((match) => match[1]);
    expect(needed.filter((name) => !/^(libc|libm|ld-linux-[\w-]+)\.so\.\d$/.test(name!))).toEqual([]);
  });
});
