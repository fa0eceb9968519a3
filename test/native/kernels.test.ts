// The native kernels against naive twins, built for each width of vectors; the programs themselves are kernels_test.cc and bfloat16_test.cc.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backends } from '../helpers/backends.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const openblas = async (what: 'include' | 'libs'): Promise<string> => (await run(process.execPath, [join(root, 'scripts/openblas.mjs'), what])).stdout;

// A compiler is there where the addon was built.
describe.runIf(backends.includes('native') && process.platform === 'linux')('kernels', () => {
  let folder = '';
  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-kernels-')); });
  afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

  /** Builds a program of tests over kernels and returns what it prints. */
  const outputOf = async (test: string, kernels: readonly string[], flags: readonly string[], libraries: readonly string[]): Promise<string> => {
    const program = join(folder, `${test}${flags.join('')}`);
    const sources = [`test/native/${test}.cc`, ...kernels.map((name) => `native/kernels/${name}.cc`)];
    await run(process.env['CXX'] ?? 'c++', ['-O2', '-std=c++17', '-fno-exceptions', ...flags, '-Inative/kernels', `-I${await openblas('include')}`, ...sources, '-o', program, ...libraries], { cwd: root });
    return (await run(program)).stdout.trim();
  };

  test.each([512, 256, 128])('vectors of at most %i bits', async (bits) => {
    const output = await outputOf('kernels_test', ['gemm', 'gemm_kernels', 'elementwise', 'transpose'], [`-DDENSELY_WIDEST=${bits}`], (await openblas('libs')).split(' '));
    expect(output.split('\n').at(-1)).toMatch(/^[1-9]\d* passed, 0 failed$/);
  }, 300_000);

  test('products rounded to bfloat16', async (context) => {
    const output = await outputOf('bfloat16_test', ['gemm_bf16'], [], []);
    if (output === 'no AVX512-BF16') return context.skip(output);
    expect(output).toMatch(/^[1-9]\d* passed, 0 failed$/);
  }, 300_000);
});
