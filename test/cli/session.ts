// Sessions of the command line: in this process with streams in memory, and in a terminal of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';
import { Interruption } from '../../lib/cli/interruption.ts';
import { runCommandLine } from '../../lib/cli/run.ts';

export const root = resolve(import.meta.dirname, '../..');
export const digits = join(root, 'examples/data/digits.csv');
export const program = join(root, 'lib/cli/main.ts');
const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');

/** A folder that is removed after the file's tests. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'densely cli '));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Session {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface SessionOptions {
  readonly input?: string;
  readonly columns?: number;
  /** Interrupts the command whenever it has written this to its errors, for the first time. */
  readonly interruptAt?: string;
}

/** Runs a command line in this process. */
export async function densely(args: readonly string[], { input = '', columns = 80, interruptAt }: SessionOptions = {}): Promise<Session> {
  let output = '', errors = '', left = false;
  const interruption = new Interruption((line) => { errors += `${line}\n`; }, () => { left = true; });
  const code = await runCommandLine(args, {
    interruption, drained: async () => true,
    input: (async function* () { for (let at = 0; at < input.length; at += 1000) yield Buffer.from(input.slice(at, at + 1000)); })(),
    output: { columns, write: (text: string | Uint8Array) => { output += typeof text === 'string' ? text : Buffer.from(text).toString(); return true; } },
    errors: {
      columns,
      write: (text: string | Uint8Array) => {
        const before = errors.includes(interruptAt ?? '\0');
        errors += String(text);
        if (interruptAt !== undefined && !before && errors.includes(interruptAt)) interruption.interrupt();
        return true;
      },
    },
  });
  if (left) throw new Error('the command left the process');
  return { code, output, errors };
}

/** Runs the program in a process of its own. */
export function spawned(args: readonly string[], { input = '', cwd = root }: { input?: string; cwd?: string } = {}): Promise<Session> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [tsx, program, ...args], { cwd, stdio: 'pipe' });
    let output = '', errors = '';
    child.stdout.on('data', (piece) => { output += piece; });
    child.stderr.on('data', (piece) => { errors += piece; });
    child.on('error', failed);
    child.on('close', (code) => done({ code: code ?? -1, output, errors }));
    child.stdin.end(input);
  });
}

/** Numbers that are always the same. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
}

/** A table of names, numbers and missing cells whose `species` follows from `age` and `city`. */
export function mixedTable(path: string, rows: number, seed: number): void {
  const next = numbers(seed), lines = ['id,age,city,sex,species'];
  for (let id = 0; id < rows; id++) {
    const age = Math.round(1000 * next()) / 10, city = ['Paris', 'Rome', '"Köln, am Rhein"'][Math.floor(3 * next())]!, sex = ['m', 'f', ''][Math.floor(3 * next())]!;
    lines.push(`${id},${next() < 0.05 ? '' : age},${city},${sex},${age > 60 ? 'cat' : city === 'Rome' ? '"bird, big"' : 'dog'}`);
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
}

/** A table of two inputs and a number that follows from them. */
export function numberTable(path: string, rows: number, seed: number): void {
  const next = numbers(seed), lines = ['a,b,y'];
  for (let i = 0; i < rows; i++) {
    const a = next(), b = next();
    lines.push(`${a.toFixed(4)},${b.toFixed(4)},${(a - 2 * b + 0.5).toFixed(4)}`);
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
}
