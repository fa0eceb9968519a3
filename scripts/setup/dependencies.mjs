// Step 1: node_modules, installed from package-lock.json when the two disagree.
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { inRoot } from './place.mjs';
import { begin, end, warn } from './report.mjs';
import { run } from './run.mjs';

const read = (path) => JSON.parse(readFileSync(inRoot(path), 'utf8'));

/** A package built for another platform than this one: node_modules was copied from elsewhere. */
const isForeign = ({ os, cpu }) =>
  (os && !os.includes(process.platform)) || (cpu && !cpu.includes(process.arch));

export function dependenciesAreCurrent() {
  try {
    const wanted = read('package-lock.json').packages;
    const installed = read('node_modules/.package-lock.json').packages;
    return (
      Object.entries(wanted).every(
        ([path, { version, optional }]) =>
          path === '' ||
          (installed[path] ? installed[path].version === version && existsSync(inRoot(path, 'package.json')) : optional),
      ) && !Object.values(installed).some(isForeign)
    );
  } catch {
    return false;
  }
}

/** The npm that started us, or the one on PATH. */
function npm() {
  const started = process.env.npm_execpath;
  if (started && basename(started).startsWith('npm-cli')) return { command: process.execPath, before: [started] };
  return { command: 'npm', before: [], shell: process.platform === 'win32' };
}

export async function installDependencies() {
  const step = 'npm ci';
  begin(step, existsSync(inRoot('node_modules')) ? 'node_modules differs from package-lock.json' : 'no node_modules yet');
  const { command, before, shell } = npm();
  // No dependency needs its install script, and NODE_ENV=production must not leave out the compiler.
  const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  const result = await run('npm-ci', command, [...before, ...args], { shell });
  if (result.ok && dependenciesAreCurrent()) return end(step);
  warn(`npm ci failed:\n${result.tail}\n(whole log: ${result.log})`);
  throw new Error('the development tools could not be installed');
}
