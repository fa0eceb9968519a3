import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cases, type BenchmarkCase } from '../../bench/cases.ts';
import { contestants, ownNames, peerNames, selectContestants } from '../../bench/contestants.ts';
import type { Command } from '../../bench/launch.ts';
import { openblas, peaks } from '../../bench/peers/openblas.ts';
import { modeVariants, pytorch } from '../../bench/peers/pytorch.ts';
import { blasVariants, pythonCommand } from '../../bench/peers/python.ts';
import type { TrialRequest } from '../../bench/trial-types.ts';

const named = (name: string): BenchmarkCase => cases.find((one) => one.name === name)!;
const training = named('W1-32-adam');
const request: TrialRequest = {
  case: training, contestant: 'pytorch', threads: 2, mode: 'measure', seconds: 1, data: { x: '/data/x', y: '/data/y' },
};
const asked = (command: Command): TrialRequest => JSON.parse(command.args[1]!) as TrialRequest;
const takers = (name: string): string[] => contestants.filter((one) => one.takes(named(name))).map((one) => one.name);

describe('contestants', () => {
  test('are the ways of the library, its peers, and what bounds them', () => {
    expect([...ownNames]).toEqual(['native', 'native-async', 'native-bf16', 'native-hog', 'typescript']);
    expect([...peerNames]).toEqual(['pytorch', 'onnxruntime', 'scikit-learn', 'tfjs-wasm', 'tfjs-cpu', 'brain.js']);
    expect(contestants.filter(({ role }) => role === 'bound').map(({ name }) => name)).toEqual(['openblas', 'peak-f32', 'peak-bf16']);
    expect(selectContestants(['pytorch', 'native']).map(({ name }) => name)).toEqual(['native', 'pytorch']);
    expect(() => selectContestants(['jax'])).toThrow(/expected peers among native, .*, peak-bf16 but received jax$/);
  });

  test('take the cases that are theirs', () => {
    expect(takers('W1-32-adam')).toEqual(['native', 'native-hog', 'typescript', 'pytorch', 'scikit-learn', 'tfjs-wasm', 'tfjs-cpu', 'openblas']);
    expect(takers('W3-512-sgd')).toEqual(['native', 'native-bf16', 'native-hog', 'typescript', 'pytorch', 'scikit-learn', 'tfjs-wasm', 'tfjs-cpu', 'brain.js', 'openblas']);
    expect(takers('W3-predict-16')).toEqual(['native', 'native-async', 'native-bf16', 'typescript', 'pytorch', 'onnxruntime', 'tfjs-wasm', 'tfjs-cpu', 'brain.js', 'openblas']);
    expect(takers('W2-concurrent-64')).toEqual(['native', 'onnxruntime']);
    expect(takers('import')).toEqual(['native', 'onnxruntime', 'tfjs-wasm', 'tfjs-cpu', 'brain.js']);
    expect(takers('W1-load')).toEqual(['native', 'onnxruntime', 'tfjs-wasm', 'tfjs-cpu']);
    expect(takers('W3-eventloop')).toEqual(['native']);
    expect(takers('memory')).toEqual(['native']);
    expect(takers('peak')).toEqual(['peak-f32', 'peak-bf16']);
  });

  test('of TypeScript run on one thread, once, and so does what is measured once', () => {
    expect(contestants.find(({ name }) => name === 'typescript')!.threads([1, 2], training)).toEqual([1]);
    expect(contestants[0]!.threads([1], named('memory'))).toEqual([1]);
    expect(openblas.threads([2], training)).toEqual([1]);
  });

  test('that cannot be given weights say why', () => {
    const reasons = contestants.flatMap(({ name, cannotAgree }) => (cannotAgree === undefined ? [] : [[name, cannotAgree(named('W3-512-sgd'))]]));
    expect(reasons.filter(([, reason]) => reason === undefined).map(([name]) => name)).toEqual(['native', 'typescript', 'pytorch', 'onnxruntime', 'scikit-learn', 'tfjs-wasm']);
    expect(reasons.filter(([, reason]) => reason !== undefined).map(([name]) => name)).toEqual(['tfjs-cpu', 'brain.js']);
  });
});

describe('PyTorch', () => {
  test('is tried with every BLAS that may be its best', () => {
    expect(blasVariants(1, 'Zen', '/lib/openmp', 'x64').map(({ coretype }) => coretype)).toEqual(['Zen', 'Haswell', 'unset']);
    expect(blasVariants(2, undefined, '/lib/openmp', 'arm64')).toEqual([{ blas: 'openmp', coretype: 'unset' }, { blas: 'system', coretype: 'unset' }]);
    expect(blasVariants(2, undefined, undefined, 'arm64')).toEqual([{ blas: 'system', coretype: 'unset' }]);
    expect(modeVariants(training)).toContainEqual({ mode: 'trace', foreach: true });
    expect(modeVariants(named('W1-predict-1'))).toContainEqual({ mode: 'optimized' });
  });

  test('has its fastest settings measured again, keeps the best of them and reports all', async () => {
    const short: Command[] = [], long: TrialRequest[] = [];
    const found = await pytorch.choose!(request, async (command) => {
      const { mode, seconds, variants } = asked(command);
      if (mode === 'measure') {
        long.push(asked(command));
        // What looked second best turns out to be the best.
        return { versions: {}, value: long.length === 2 ? 6 : 9 };
      }
      short.push(command);
      expect(seconds).toBe(request.seconds / 4);
      return { versions: {}, variants: variants!.map((settings, index) => ({ settings, value: 10 - index + 0.1 * short.length })) };
    });
    const { chosen, tried } = found!;
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
    expect(pythonCommand('torch', 'pytorch.py', { ...request, settings: { blas: 'openmp', coretype: 'Haswell' } }).env)
      .toMatchObject({ OMP_NUM_THREADS: '2', OPENBLAS_CORETYPE: 'Haswell' });
  });
});

test('plain OpenBLAS is told the sizes of a case, the peak its numbers', () => {
  expect(openblas.command(request).args).toEqual(['train', '1', '32', '4096', '784', '128', '10']);
  expect(openblas.command({ ...request, case: named('W2-predict-1') }).args).toEqual(['infer', '1', '1', '4096', '784', '512', '512', '10']);
  expect(peaks[1]!.command({ ...request, contestant: 'peak-bf16', case: named('peak') }).args).toEqual(['peak', '1', '2', 'bfloat16']);
});

test('programs for Python can be read by it', (context) => {
  try {
    execFileSync('python3', ['-c', ''], { stdio: 'ignore' });
  } catch {
    return context.skip();
  }
  for (const file of ['pytorch.py', 'scikit-learn.py', 'trial.py']) {
    const path = fileURLToPath(new URL(`../../bench/peers/${file}`, import.meta.url));
    execFileSync('python3', ['-c', 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read())', path]);
  }
});
