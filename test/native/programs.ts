// Builds and runs the programs of the native tests.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const execute = promisify(execFile);
export const root = resolve(import.meta.dirname, '../..');

/** A build folder of its own, beside the addon's. */
export async function configure(folder: string, ...options: string[]): Promise<void> {
  await execute('cmake', ['-S', root, '-B', folder, ...options], { cwd: root, maxBuffer: 1 << 26 });
}

/** Builds targets of a folder that cmake has configured; what is up to date stays. */
export async function buildPrograms(folder: string, ...targets: string[]): Promise<void> {
  await execute('cmake', ['--build', folder, '--parallel', '2', '--target', ...targets], { cwd: root, maxBuffer: 1 << 26 });
}

/** Runs a program, whose last line must say that nothing failed, and returns what it printed. */
export async function runProgram(folder: string, name: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await execute(join(folder, 'test/native', name), args, { cwd: root, env: { ...process.env, ...env }, maxBuffer: 1 << 26 })
    .catch((error: { stdout: string; stderr: string }) => { throw new Error(`${name} failed:\n${error.stdout.slice(-2000)}\n${error.stderr.slice(-6000)}`); });
  expect(stdout.trim().split('\n').at(-1)).toMatch(/^[1-9]\d* passed, 0 failed$/);
  return stdout;
}
