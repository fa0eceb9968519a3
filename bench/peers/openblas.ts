// What bounds everybody: plain OpenBLAS on one thread, and the processor's own peak. A program in C, compiled when it is first asked for.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Contestant } from '../contestant.ts';
import type { Command } from '../launch.ts';
import type { TrialRequest } from '../trial-types.ts';

const source = fileURLToPath(new URL('openblas.c', import.meta.url));
const folder = fileURLToPath(new URL('build/', import.meta.url));
const program = `${folder}openblas`;

let failure: string | undefined | null = null;

/** Compiles the program where it is missing or older than its source; one sentence where that cannot be done. */
function cannotCompile(): string | undefined {
  if (failure !== null) return failure;
  failure = undefined;
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return failure;
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('cc', ['-O3', '-march=native', ...includes(), source, '-o', program, ...libraries(), '-lpthread'], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr || (error as Error).message).split('\n').find((line) => /error|ENOENT|cannot/.test(line));
    failure = `openblas.c cannot be compiled here: ${said?.trim() ?? 'cc failed'}`;
  }
  return failure;
}

function pkgConfig(flag: string): string[] | undefined {
  try {
    return execFileSync('pkg-config', [flag, 'openblas'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(/\s+/).filter((word) => word !== '');
  } catch {
    return undefined;
  }
}

const includes = (): string[] => pkgConfig('--cflags') ?? [];

/** With the place it was found in, so that it runs on the library it was compiled for. */
function libraries(): string[] {
  const flags = pkgConfig('--libs') ?? ['-lopenblas'];
  return [...flags, ...flags.filter((flag) => flag.startsWith('-L')).map((flag) => `-Wl,-rpath,${flag.slice(2)}`)];
}

function command({ case: one, seconds, threads, contestant }: TrialRequest): Command {
  if (one.kind === 'peak') return { command: program, args: ['peak', String(seconds), String(threads), contestant === 'peak-bf16' ? 'bfloat16' : 'float32'] };
  const sizes = [one.batch, one.rows, one.network.inputs, ...one.network.layers.map(({ units }) => units)];
  return { command: program, args: [one.kind === 'training' ? 'train' : 'infer', String(seconds), ...sizes.map(String)] };
}

/** The products of a case alone, without activations, losses or updates. */
export const openblas: Contestant = {
  name: 'openblas', role: 'bound', unavailable: cannotCompile, command,
  takes: ({ kind }) => kind === 'training' || kind === 'inference',
  threads: () => [1],
};

function peak(name: string, unavailable: () => string | undefined): Contestant {
  return {
    name, role: 'bound', unavailable, command,
    takes: ({ kind }) => kind === 'peak',
    threads: (asked) => asked.filter((threads) => threads <= availableParallelism()),
  };
}

function noBfloat16(): string | undefined {
  if (cannotCompile() !== undefined) return cannotCompile();
  try {
    execFileSync(program, ['peak', '0.001', '1', 'bfloat16'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'this processor has no AVX512-BF16';
  }
}

/** Multiply-adds of float32, and dot products of bfloat16. */
export const peaks: readonly Contestant[] = [peak('peak-f32', cannotCompile), peak('peak-bf16', noBfloat16)];
