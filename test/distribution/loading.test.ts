// The search for the addon in an installed package: binaries that are missing, broken or for other machines, bundles, several threads.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { addonFile, expectNative, node, repository, temporaryFolder } from './project.ts';

const folder = temporaryFolder();
const installed = join(folder, 'node_modules/densely');
const variant = process.platform === 'linux' ? 'densely.glibc.node' : 'densely.node';
const binary = join(installed, 'prebuilds', `${process.platform}-${process.arch}`, variant);

interface Account {
  readonly backend: string;
  readonly reason: string;
  readonly platform: string;
  readonly addon: { readonly file?: string; readonly tried: readonly { file: string; error: string }[] };
  readonly warnings: readonly { code: string; message: string }[];
}

const body = `
  const warnings = [];
  process.on('warning', ({ code, message }) => warnings.push({ code, message }));
  for (let i = 0; i < 2; i++) new densely.Network({ inputs: 2, layers: [densely.dense(1)] }).predictSync([[1, 2]]);
  setTimeout(() => console.log(JSON.stringify({ ...densely.diagnostics(), warnings })), 20);
`;

async function account(env: NodeJS.ProcessEnv = {}, file = 'program.mjs'): Promise<Account> {
  const outcome = await node(folder, [file], env);
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  return JSON.parse(outcome.stdout) as Account;
}

beforeAll(() => {
  mkdirSync(join(binary, '..'), { recursive: true });
  cpSync(join(repository, 'dist'), join(installed, 'dist'), { recursive: true });
  copyFileSync(join(repository, 'package.json'), join(installed, 'package.json'));
  writeFileSync(join(folder, 'program.mjs'), `import * as densely from 'densely';\n${body}`);
  writeFileSync(join(folder, 'threads.mjs'), threads);
});

/** Two worker threads that say their backends; with an argument, the main thread uses the library before. */
const threads = `
  import { Worker, isMainThread } from 'node:worker_threads';
  const use = async () => {
    const { dense, diagnostics, Network } = await import('densely');
    new Network({ inputs: 1, layers: [dense(1)] }).predictSync([[1]]);
    return diagnostics().backend;
  };
  if (!isMainThread) console.log(await use());
  else {
    if (process.argv.length > 2) await use();
    for (let i = 0; i < 2; i++) new Worker(new URL(import.meta.url));
  }
`;

/** What is in the binary's place, and what the loader is heard to say of it. */
const broken: [what: string, said: RegExp, make: () => void, env?: NodeJS.ProcessEnv][] = [
  ['none at all', /there is none for .*build-native/, () => rmSync(binary, { force: true })],
  ['a text', /invalid ELF header|file too short|not a mach-o/i, () => writeFileSync(binary, 'version https://git-lfs.github.com/spec/v1\n'.repeat(9))],
  ['an empty file', /file too short|not a mach-o/i, () => writeFileSync(binary, '')],
  ['a folder', /EISDIR|directory/, () => mkdirSync(binary)],
];
const ofThisAddon: typeof broken = [
  ...[0.1, 0.5, 0.99].map((part): (typeof broken)[number] => [`the first ${part * 100} % of one`, /cut short: it has \d+ of \d+ bytes/, () => {
    copyFileSync(join(repository, addonFile), binary);
    truncateSync(binary, Math.floor(readFileSync(binary).length * part));
  }]),
  ['one for another processor', /wrong ELF class|cannot open shared object file|invalid ELF/, () => edit((bytes) => bytes.writeUInt16LE(8, 18))],
  ['one for a newer glibc', /version `GLIBC_9\.\d+' not found/, () => edit((bytes) => bytes.write('GLIBC_9.2', bytes.indexOf('GLIBC_2.2')))],
  ['one for glibc, where the process runs on musl', /there is none for .*, musl/, () => copyFileSync(join(repository, addonFile), binary), { LIBC: 'musl' }],
];

function edit(change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(join(repository, addonFile));
  change(bytes);
  writeFileSync(binary, bytes);
}

describe.each([...broken, ...(expectNative && process.platform === 'linux' ? ofThisAddon : [])])('%s', (_what, said, make, env) => {
  test('the TypeScript backend runs, with one warning, and diagnostics tell the path and the error', async () => {
    rmSync(binary, { recursive: true, force: true });
    make();
    const { backend, reason, platform, addon, warnings } = await account(env);
    expect({ backend, platform }).toEqual({ backend: 'typescript', platform: `${process.platform}-${process.arch}` });
    expect(addon.file).toBeUndefined();
    expect(addon.tried).toHaveLength(1);
    expect(addon.tried[0]!.error).toMatch(said);
    expect(addon.tried[0]!.file).toContain(join('node_modules', 'densely', 'prebuilds'));
    expect(reason).toContain(addon.tried[0]!.error);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code: 'DENSELY_NO_NATIVE', message: expect.stringContaining(addon.tried[0]!.error) });
  });
});

describe('without a binary', () => {
  beforeAll(() => rmSync(binary, { recursive: true, force: true }));

  test('whoever chooses the TypeScript backend hears nothing', async () => {
    expect(await account({ DENSELY_BACKEND: 'typescript' })).toMatchObject({ backend: 'typescript', warnings: [] });
  });

  test("backend 'native' is refused with the reason", async () => {
    const script = "import { dense, Network } from 'densely'; try { new Network({ inputs: 1, layers: [dense(1)], backend: 'native' }).predictSync([[1]]); } catch ({ code, message }) { console.log(code, message); }";
    expect((await node(folder, ['--input-type=module', '-e', script])).stdout).toMatch(/^ERR_BACKEND .*there is none for /);
  });

  test('worker threads started after the warning do not repeat it', async () => {
    const { stderr, code } = await node(folder, ['threads.mjs', 'and here']);
    expect(code, stderr).toBe(0);
    expect(stderr.match(/DENSELY_NO_NATIVE/g)).toHaveLength(1);
  });
});

describe.runIf(expectNative)('with a binary', () => {
  beforeAll(() => {
    rmSync(binary, { recursive: true, force: true });
    copyFileSync(join(repository, addonFile), binary);
  });

  test('runs natively and says from which file', async () => {
    expect(await account()).toMatchObject({ backend: 'native', warnings: [], addon: { file: expect.stringContaining(variant), tried: [] } });
  });

  test('a build by hand goes first; one that does not load is told of, and the binary takes its place', async () => {
    const built = join(installed, addonFile);
    mkdirSync(join(built, '..'), { recursive: true });
    writeFileSync(built, 'not a build');
    const { backend, addon, warnings } = await account();
    expect({ backend, warnings }).toEqual({ backend: 'native', warnings: [] });
    expect(addon.tried).toMatchObject([{ file: expect.stringContaining(addonFile) }]);
    copyFileSync(join(repository, addonFile), built);
    expect(await account()).toMatchObject({ addon: { file: expect.stringContaining(addonFile), tried: [] } });
    rmSync(join(installed, 'build'), { recursive: true });
  });

  test('worker threads alone, with no main thread that has loaded it', async () => {
    expect(await node(folder, ['threads.mjs'])).toMatchObject({ code: 0, stdout: 'native\nnative\n', stderr: '' });
  });

  describe('from a bundle', () => {
    const bundle = async (format: 'esm' | 'cjs', file: string): Promise<void> => {
      const { rolldown } = await import('rolldown');
      const bundled = await rolldown({ input: join(folder, 'program.mjs'), platform: 'node', logLevel: 'silent' });
      await bundled.write({ file: join(folder, file), format, codeSplitting: false });
      await bundled.close();
    };

    test.each(['esm', 'cjs'] as const)('%s: of the package as it is installed', async (format) => {
      const file = format === 'esm' ? 'bundle/program.mjs' : 'bundle/program.cjs';
      await bundle(format, file);
      expect(await account({}, file)).toMatchObject({ backend: 'native', warnings: [] });
    });

    test('alone: the TypeScript backend, and what to do; with prebuilds beside it the native one', async () => {
      await bundle('esm', 'program-alone.mjs');
      const elsewhere = temporaryFolder(), run = async (): Promise<Account> => JSON.parse((await node(elsewhere, ['program.mjs'])).stdout) as Account;
      copyFileSync(join(folder, 'program-alone.mjs'), join(elsewhere, 'program.mjs'));
      expect(await run()).toMatchObject({ backend: 'typescript', reason: expect.stringContaining('copy its folder prebuilds beside the bundle'), warnings: [{ code: 'DENSELY_NO_NATIVE' }] });
      cpSync(join(installed, 'prebuilds'), join(elsewhere, 'prebuilds'), { recursive: true });
      expect(await run()).toMatchObject({ backend: 'native', warnings: [] });
    });
  });
});
