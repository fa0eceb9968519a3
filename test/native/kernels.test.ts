// The native kernels against naive twins, built for each width of vectors; the program itself is kernels_test.cc.
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

  test.each([512, 256, 128])('vectors of at most %i bits', async (bits) => {
    const program = join(folder, `kernels-${bits}`);
    const sources = ['test/native/kernels_test.cc', 'test/native/dots_test.cc', 'test/native/gather_test.cc', 'test/native/bfloat16_test.cc', ...['chain_code', 'gemm', 'gemm_bf16', 'gemm_dots', 'gemm_kernels', 'elementwise', 'transpose'].map((name) => `native/kernels/${name}.cc`)];
    const flags = ['-O2', '-std=c++17', '-fno-exceptions', `-DDENSELY_WIDEST=${bits}`, '-Inative/kernels', '-Itest/native', `-I${await openblas('include')}`];
    await run(process.env['CXX'] ?? 'c++', [...flags, ...sources, '-o', program, ...(await openblas('libs')).split(' ')], { cwd: root });
    const { stdout } = await run(program);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^[1-9]\d* passed, 0 failed$/);
  }, 300_000);
});
