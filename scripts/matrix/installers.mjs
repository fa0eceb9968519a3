// Cells of the matrix: each package manager in an empty folder, and the programs of a user run there.
import { cpSync, writeFileSync } from 'node:fs';
import { bun, program, run, versionOf } from './tools.mjs';

const node = process.execPath;
const npm = ['install', '--no-audit', '--no-fund', '--prefer-offline'];

let base;

/** A new folder with the tarball as npm installs it; installed once and copied, where `flags` are the usual ones. */
export async function installed(workspace, name, flags) {
  const install = async (folder, more) => {
    await run(folder, 'npm', [...npm, ...more, workspace.tarball]);
    return folder;
  };
  if (flags !== undefined) return install(workspace.folder(name), flags);
  base ??= install(workspace.folder('base'), ['--ignore-scripts']);
  const folder = workspace.folder(name);
  cpSync(await base, folder, { recursive: true, verbatimSymlinks: true }); // else the commands of the copy are those of the base
  return folder;
}

async function yarn(workspace, linker) {
  const folder = workspace.folder(`yarn ${linker}`), yarnJs = program('@yarnpkg/cli-dist', 'yarn');
  writeFileSync(`${folder}/.yarnrc.yml`, `nodeLinker: ${linker}\nenableTelemetry: false\nenableImmutableInstalls: false\nenableGlobalCache: false\n`);
  await run(folder, node, [yarnJs, 'add', `densely@file:${workspace.tarball}`], { YARN_IGNORE_PATH: '1' });
  return { folder, command: linker === 'pnp' ? [node, yarnJs, 'node'] : [node] };
}

/** Runs a user's program, `command` before its name; its last line is the answer. */
export async function answer(folder, command, file, env) {
  const { stdout, stderr } = await run(folder, command[0], [...command.slice(1), file], env);
  return { ...JSON.parse(stdout.trim().split('\n').at(-1)), warned: stderr.includes('DENSELY_NO_NATIVE') };
}

const both = async (folder, command = [node], env = {}) => [await answer(folder, command, 'xor.mjs', env), await answer(folder, command, 'xor.cjs', env)];

export const installers = [
  { name: 'npm, ESM and require', run: async (w) => both(await installed(w, 'npm', [])) },
  { name: 'npm --ignore-scripts', run: async (w) => both(await installed(w, 'npm without scripts', ['--ignore-scripts'])) },
  { name: `pnpm ${versionOf('pnpm')}`, run: async (w) => {
    const folder = w.folder('pnpm');
    await run(folder, node, [program('pnpm'), 'add', '--store-dir', w.folder('pnpm store'), w.tarball]);
    return both(folder);
  } },
  ...['node-modules', 'pnp'].map((linker) => ({ name: `yarn ${versionOf('@yarnpkg/cli-dist')}, ${linker}`, run: async (w) => {
    const { folder, command } = await yarn(w, linker);
    return both(folder, command);
  } })),
  { name: `bun ${versionOf('bun')} install, run by Node`, run: async (w) => {
    const folder = w.folder('bun install');
    await run(folder, bun(), ['add', w.tarball], { BUN_INSTALL_CACHE_DIR: w.folder('bun cache') });
    return both(folder);
  } },
  { name: `bun ${versionOf('bun')}, run by bun`, run: async (w) => both(await installed(w, 'bun run'), [bun()]) },
];

export { both, node };
