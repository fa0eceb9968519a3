// PyTorch's numbers of elementwise functions and composed activations with their derivatives, up to ±1e4, on every backend.
// The numbers are in torch-functions.json, made in double precision by make_torch_functions.py.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  clip, compile, erf, expm1, gelu, gradients, hardClip, hardTanh, input, log1p, logSigmoid, mish, selu, silu, softsign, type Node,
} from '../../lib/graph.ts';
import { backends } from '../helpers/backends.ts';
import { tally, programOf } from '../helpers/programs.ts';

const { functions: golden } = JSON.parse(readFileSync(new URL('torch-functions.json', import.meta.url), 'utf8')) as {
  functions: Record<string, { x: number[]; y: number[]; dx: number[] }>;
};

const functions: Record<string, (x: Node) => Node> = {
  erf, log1p, expm1, gelu, 'gelu tanh': (x) => gelu(x, { approximate: 'tanh' }), silu, mish, selu, softsign, logSigmoid,
  clip: (x) => clip(x, -1.5, 2.5), hardTanh, 'hardTanh -1.5 2.5': (x) => hardTanh(x, -1.5, 2.5), hardClip,
};
const configurations = [
  { name: 'float64', options: { precision: 'float64' as const }, error: 1e-13, epsilon: 1e-15 },
  ...backends.map((backend) => ({ name: backend, options: { backend }, error: 1e-5, epsilon: 3e-7 })),
];

/** Largest difference of single values, relative to values above 1e-2 and absolute in units of 1e-2 below. */
function difference(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value) / Math.max(Math.abs(value), 1e-2)));
}

test('every function has its numbers', () => {
  expect(Object.keys(golden).toSorted()).toEqual(Object.keys(functions).toSorted());
});

describe.each(configurations)('$name', ({ options, error, epsilon }) => {
  test.each(Object.keys(functions))('%s and its derivative', (name) => {
    const { x: grid, y: expected, dx } = golden[name]!;
    const x = input('x', ['rows', 1]), y = functions[name]!(x);
    const result = compile({ outputs: { y, dx: gradients(y, [x])[0]! } }, options).run({ x: grid });
    expect(difference(result['y']!.data, expected)).toBeLessThan(error);
    expect(difference(result['dx']!.data, dx)).toBeLessThan(5 * error);
  });

  test.each(['erf', 'log1p', 'expm1'])('%s keeps its relative precision near 0', (name) => {
    const tiny = [1e-30, -1e-12, 3e-8, -2e-5, 1e-4];
    const x = input('x', ['rows', 1]);
    const result = compile({ outputs: { y: functions[name]!(x) } }, options).run({ x: tiny })['y']!.data;
    const series = { erf: (v: number) => 2 / Math.sqrt(Math.PI) * (v - v ** 3 / 3), log1p: Math.log1p, expm1: Math.expm1 }[name]!;
    tiny.forEach((value, i) => expect(Math.abs(result[i]! / series(value) - 1), `${name}(${value})`).toBeLessThan(epsilon));
  });

  test('infinity and NaN', () => {
    const x = input('x', ['rows', 1]);
    const program = compile({ outputs: Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, f(x)])) }, options);
    const result = program.run({ x: [Infinity, -Infinity, NaN] });
    const list = (name: string): number[] => Array.from(result[name]!.data);
    expect(list('erf')).toEqual([1, -1, NaN]);
    expect(list('log1p')).toEqual([Infinity, NaN, NaN]);
    expect(list('expm1')).toEqual([Infinity, -1, NaN]);
    expect(list('clip')).toEqual([2.5, -1.5, NaN]);
    expect(list('hardTanh')).toEqual([1, -1, NaN]);
    expect(list('logSigmoid')).toEqual([-0, -Infinity, NaN]);
    for (const name of Object.keys(functions)) expect(result[name]!.data[2], name).toBeNaN();
  });
});

test('a composed activation is one pass over the data', () => {
  const x = input('x', ['rows', 3]);
  for (const f of [gelu, mish, selu, hardTanh]) expect(tally(programOf({ outputs: { y: f(x) } }))).toEqual({ chain: 1 });
});

test('bad options are refused', () => {
  const x = input('x', ['rows', 3]);
  expect(() => gelu(x, { approximate: 'tahn' as 'tanh' })).toThrow("[gelu] expected 'approximate' to be one of 'none', 'tanh' but received 'tahn'; did you mean 'tanh'?");
  expect(() => clip(x, 2, 1)).toThrow("[clip] expected 'low' to be less than 'high' but received 2 and 1");
  expect(() => hardTanh(x, 1, 1)).toThrow("[hardTanh] expected 'low' to be less than 'high' but received 1 and 1");
});
