import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cases } from '../../bench/cases.ts';
import { contestants, selectContestants } from '../../bench/contestants.ts';
import { blasVariants, modeVariants, pytorch } from '../../bench/peers/pytorch.ts';
import type { Command } from '../../bench/launch.ts';
import type { TrialRequest } from '../../bench/trial-types.ts';

const training = cases.find(({ name }) => name === 'W1-32-adam')!;
const request: TrialRequest = {
  case: training, contestant: 'pytorch', threads: 2, mode: 'measure', seconds: 1, data: { x: 'x', y: 'y' },
};

describe('contestants', () => {
  test('are the two backends and the peer', () => {
    expect(contestants.map(({ name }) => name)).toEqual(['native', 'typescript', 'pytorch']);
    expect(selectContestants(['pytorch', 'native']).map(({ name }) => name)).toEqual(['native', 'pytorch']);
    expect(() => selectContestants(['jax'])).toThrow('expected peers among native, typescript, pytorch but received jax');
  });

  test('of TypeScript run on one thread, once', () => {
    expect(contestants[1]!.threads([1, 2])).toEqual([1]);
  });
});

describe('PyTorch', () => {
  test('is tried with every BLAS that may be its best', () => {
    expect(blasVariants(1, 'Haswell', '/lib/openmp')).toEqual([{ blas: 'system', coretype: 'Haswell' }, { blas: 'system', coretype: 'unset' }]);
    expect(blasVariants(2, undefined, '/lib/openmp')).toEqual([{ blas: 'openmp', coretype: 'unset' }, { blas: 'system', coretype: 'unset' }]);
    expect(blasVariants(2, undefined, undefined)).toEqual([{ blas: 'system', coretype: 'unset' }]);
    expect(modeVariants(training)).toContainEqual({ mode: 'trace', foreach: true });
    expect(modeVariants(cases.at(-1)!)).toContainEqual({ mode: 'optimized' });
  });

  test('has its fastest settings measured again, keeps the best of them and reports all', async () => {
    const short: Command[] = [], long: TrialRequest[] = [];
    const { chosen, tried } = await pytorch.choose!(request, async (command) => {
      const asked = JSON.parse(command.args[1]!) as TrialRequest;
      if (asked.mode === 'measure') {
        long.push(asked);
        // What looked second best turns out to be the best.
        return { versions: {}, value: long.length === 2 ? 6 : 9 };
      }
      short.push(command);
      expect(asked.seconds).toBe(request.seconds / 4);
      return { versions: {}, variants: asked.variants!.map((settings, index) => ({ settings, value: 10 - index + 0.1 * short.length })) };
    });
    expect(long).toHaveLength(3);
    expect(long.every(({ seconds }) => seconds === request.seconds)).toBe(true);
    expect(chosen).toEqual(long[1]!.settings);
    expect(tried[0]).toEqual({ settings: chosen, value: 6, finalist: true });
    expect(tried).toHaveLength(short.length * modeVariants(training).length);
    expect(tried.every(({ value }, index) => index === 0 || value >= tried[index - 1]!.value)).toBe(true);
  });

  test('says so when no setting could be run', async () => {
    await expect(pytorch.choose!(request, async () => ({ versions: {} }))).rejects.toThrow('none of its settings');
  });

  test('has two pools of threads never at once', () => {
    const { env } = pytorch.command({ ...request, settings: { blas: 'system', coretype: 'unset' } });
    expect(env).toMatchObject({ OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '2', OPENBLAS_CORETYPE: undefined });
    expect(pytorch.command({ ...request, settings: { blas: 'openmp', coretype: 'Haswell' } }).env).toMatchObject({ OMP_NUM_THREADS: '2' });
  });

  test('is asked by a program that Python can read', (context) => {
    const path = fileURLToPath(new URL('../../bench/peers/pytorch.py', import.meta.url));
    try {
      execFileSync('python3', ['-c', ''], { stdio: 'ignore' });
    } catch {
      return context.skip();
    }
    execFileSync('python3', ['-c', 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read())', path]);
  });
});
