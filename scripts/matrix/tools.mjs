// Commands of the matrix: run with their output kept, and the tools they come from.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Runs a command to its end; throws the end of what it said where it fails. */
export function run(folder, command, args, env = {}) {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(DENSELY_|npm_)/.test(name)));
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folder, env: { ...inherited, CI: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 15 * 60_000 });
    let stdout = '', stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => (code === 0 ? resolve({ stdout, stderr }) : reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? `code ${code}`}\n${(stdout + stderr).slice(-1500)}`))));
  });
}

/** Installs the tools beside this file; bun's and esbuild's programs are packages of their own, and need no install script. */
export function installTools() {
  const wanted = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).dependencies;
  const isThere = ([name, version]) => existsSync(join(here, 'node_modules', name)) && JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8')).version === version;
  if (Object.entries(wanted).every(isThere)) return;
  const { status } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error('the tools of the matrix could not be installed');
}

/** The file a tool's package names as its program `name`. */
export function program(tool, name = tool) {
  const manifest = join(here, 'node_modules', tool, 'package.json'), { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[name]);
}

export const toolsFolder = join(here, 'node_modules');
export const versionOf = (tool) => createRequire(join(here, 'package.json'))(join(toolsFolder, tool, 'package.json')).version;
export const bun = () => join(toolsFolder, '@oven', `bun-${process.platform}-${process.arch}`, 'bin/bun');

/** Whether a command can be run at all. */
export const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
