// densely build-native: builds the addon from the sources in the package, for a platform without a binary or with another OpenBLAS.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Command, CommandLine } from './command.ts';
import { packageFolder, packageManifest } from './package.ts';
import { note, print, printJson, type Terminal } from './terminal.ts';

/** What builds the addon: fetched for the build, in the versions the package was made with, and no part of an installation. */
const tools = ['cmake-js', 'node-addon-api', 'node-api-headers'] as const;
const tailLines = 25;
const needs = 'A build needs cmake, make, a C++17 compiler and OpenBLAS (pthread) with its headers; the README has the line that installs them on each system.';

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(command: string, args: readonly string[], folder: string): Promise<Ended> {
  return new Promise((end) => {
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => end({ code: null, output: error.message }));
    child.on('close', (code) => end({ code, output }));
  });
}

/** Runs a step; where it fails, keeps all it said in a file and throws the end of that. */
async function step(name: string, command: string, args: readonly string[], folder: string): Promise<void> {
  const { code, output } = await run(command, args, folder);
  if (code === 0) return;
  const log = join(await mkdtemp(join(tmpdir(), 'densely-log-')), 'build-native.log');
  await writeFile(log, output);
  throw Object.assign(new Error(`${name} failed; all it said is in ${log}, and at its end:\n${output.trimEnd().split('\n').slice(-tailLines).join('\n')}\n${needs}`), { code: 'ERR_BUILD' });
}

/** Installs the tools into a folder with npm: the one that started this program, or the one on PATH. */
async function installTools(folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  const { devDependencies } = packageManifest(), started = process.env['npm_execpath'];
  const [command, ...before] = started !== undefined && basename(started).startsWith('npm-cli') ? [process.execPath, started] : ['npm'];
  const wanted = tools.map((name) => `${name}@${devDependencies[name]}`);
  await step(`npm install ${wanted.join(' ')}`, command!, [...before, 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', ...wanted], folder);
}

async function build({ flags }: CommandLine, terminal: Terminal, folder: string): Promise<string> {
  const source = packageFolder(), target = join(source, 'build', 'Release');
  accessSync(source, constants.W_OK);
  note(terminal, `fetching ${tools.join(', ')} …`);
  await installTools(folder);

  const require = createRequire(join(folder, 'package.json'));
  // One of the two names its folder as seen from where this process runs.
  const headers = tools.slice(1).map((name) => resolve((require(name) as { include_dir: string }).include_dir));
  const openblas = flags.text('openblas');
  const options = [
    `--CDCMAKE_JS_INC=${headers.join(';')}`, `--CDDENSELY_STATIC_OPENBLAS=${flags.isSet('static') ? 'ON' : 'OFF'}`,
    ...(openblas === undefined ? [] : [`--CDOpenBLAS_ROOT=${openblas}`]),
  ];
  note(terminal, 'building: some minutes …');
  const cmakeJs = join(folder, 'node_modules/cmake-js/bin/cmake-js');
  await step('cmake-js', process.execPath, [cmakeJs, 'compile', '--directory', source, '--out', join(folder, 'build'), '--parallel', String(availableParallelism()), ...options], folder);

  // Tried in a process of its own and then put in place whole: a build that does not load replaces nothing.
  const built = join(folder, 'build', 'Release', 'densely.node'), file = join(target, 'densely.node');
  await step('loading the addon', process.execPath, ['-e', 'require(process.argv[1])', built], folder);
  await mkdir(target, { recursive: true });
  await copyFile(built, `${file}.new`);
  await rename(`${file}.new`, file);
  return file;
}

async function runCommand(line: CommandLine, terminal: Terminal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'densely-build-'));
  try {
    const file = await build(line, terminal, folder);
    if (line.flags.isSet('json')) printJson(terminal, { file });
    else print(terminal, `Built '${file}', which is used from now on.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const buildNativeCommand: Command = {
  name: 'build-native',
  summary: 'Builds the addon of this installation from its sources.',
  usage: ['[--openblas <folder>] [--static] [--json]'],
  operands: [0, 0],
  flags: {
    openblas: { kind: 'text', value: '<folder>', doc: 'the prefix of an OpenBLAS (pthread) that is not found by itself' },
    static: { kind: 'switch', doc: 'links OpenBLAS into the addon, which then needs none where it runs' },
    json: { kind: 'switch', doc: 'as JSON' },
  },
  examples: [{ line: 'densely build-native', doc: 'for this platform, with the OpenBLAS of the system' }],
  notes: [needs],
  run: runCommand,
};
