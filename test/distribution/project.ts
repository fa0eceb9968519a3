// What the distribution tests share: copies of the project outside of the repository, and commands run in them.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const addonFile = 'build/Release/densely.node';

/** Tests of the addon run wherever it was built; where it is required they run, and fail, without it too. */
export const expectNative = existsSync(join(repository, addonFile)) || process.env['DENSELY_REQUIRE_NATIVE'] === '1';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder outside of the repository, with a space in its name, removed after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'densely test '));
  folders.push(folder);
  return folder;
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** Runs a command to its end; `env` is added to an environment without Densely's own variables. */
export function run(folder: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('DENSELY_')));
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { cwd: folder, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr, seconds: (performance.now() - started) / 1000 }));
  });
}

export const node = (folder: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> =>
  run(folder, process.execPath, args, env);

const leftOut = new Set(['node_modules', '.git', '.setup', 'build', 'build-gyp', 'build-prebuild', 'prebuilds', 'dist-next', 'test', 'bench']);

/** The project without what was installed or built (but with dist/), as `npm pack` finds it. */
export function copyProject(folder: string): void {
  cpSync(repository, folder, { recursive: true, filter: (file) => !leftOut.has(relative(repository, file)) });
}

const tinyAddon = `#include <napi.h>
#include <cblas.h>
static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  const float one = 1;
  exports.Set("dot", Napi::Number::New(env, cblas_sdot(1, &one, 1, &one, 1)));
  return exports;
}
NODE_API_MODULE(NODE_GYP_MODULE_NAME, Init)
`;

/** The project's build files around an addon and a module of a few lines, which build in seconds. */
export function tinyProject(folder: string): void {
  for (const name of ['scripts', 'cmake', 'CMakeLists.txt', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'native/exports.map']) {
    cpSync(join(repository, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const files = {
    'native/sources.json': '{ "sources": ["native/binding/tiny.cc", "native/core.cc"] }',
    'native/core.cc': 'int core() { return 1; }\n',
    'native/binding/tiny.cc': tinyAddon,
    'lib/index.ts': 'export const answer: number = 42;\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** PATH without the tools of the native build: a folder that holds the given programs only. */
export function pathWith(folder: string, programs: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin of a bare machine');
  mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries(programs)) writeFileSync(join(bin, name), script, { mode: 0o755 });
  return { PATH: bin, CXX: '' };
}
