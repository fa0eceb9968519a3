// Lines and matrices that are cut into several tiles, on every backend, against plain loops in the test.
import { describe, expect, test } from 'vitest';
import { add, compile, input, logSumExp, matmul, multiply, softmax, sum, transpose } from '../../lib/graph.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends } from '../helpers/backends.ts';
import { drawValues, relativeError } from '../helpers/values.ts';

const draw = (key: number, ...shape: number[]): Float32Array => Float32Array.from(drawValues(shape, 'normal', new RandomStream(key, 0)));

/** aᵢⱼ bⱼ + cᵢ, and its sums over j. */
function expected(lines: number, length: number, a: (i: number, j: number) => number, b: Float32Array, c: Float32Array): { values: number[]; sums: number[] } {
  const values = Array.from({ length: lines * length }, (_, at) => a(Math.floor(at / length), at % length) * b[at % length]! + c[Math.floor(at / length)]!);
  return { values, sums: Array.from({ length: lines }, (_, i) => values.slice(i * length, (i + 1) * length).reduce((total, value) => total + value, 0)) };
}

describe.each(backends)('%s', (backend) => {
  test.each([16_384, 16_385, 40_001])('elementwise over lines of %i, with their sums', (length) => {
    const lines = 3, [a, b, c] = [draw(1, lines, length), draw(2, length), draw(3, lines)];
    const result = add(multiply(input('a', [lines, length]), input('b', [length])), input('c', [lines, 1]));
    const { result: values, sums } = compile({ outputs: { result, sums: sum(result, [1]) } }, { backend }).run({ a, b, c });
    const want = expected(lines, length, (i, j) => a[i * length + j]!, b, c);
    expect(relativeError(values!.data, want.values)).toBeLessThan(1e-6);
    expect(relativeError(sums!.data, want.sums)).toBeLessThan(1e-5);
  });

  test.each([4096, 4097, 9001])('products with lines of %i, with their sums', (length) => {
    const lines = 5, terms = 3, [w, x, b, c] = [draw(1, lines, terms), draw(2, terms, length), draw(3, length), draw(4, lines)];
    const product = matmul(input('w', [lines, terms]), input('x', [terms, length]));
    const result = add(multiply(product, input('b', [length])), input('c', [lines, 1]));
    const dot = (i: number, j: number): number => w[i * terms]! * x[j]! + w[i * terms + 1]! * x[length + j]! + w[i * terms + 2]! * x[2 * length + j]!;
    const want = expected(lines, length, dot, b, c);
    for (const outputs of [{ sums: sum(result, [1]) }, { sums: sum(result, [1]), result }, { sums: sum(result, [1]), product }]) {
      const out: Record<string, { data: ArrayLike<number> }> = compile({ outputs }, { backend }).run({ w, x, b, c });
      expect(relativeError(out['sums']!.data, want.sums)).toBeLessThan(1e-5);
      if ('result' in out) expect(relativeError(out['result']!.data, want.values)).toBeLessThan(1e-6);
      if ('product' in out) expect(relativeError(out['product']!.data, Array.from(out['product']!.data, (_, at) => dot(Math.floor(at / length), at % length)))).toBeLessThan(1e-6);
    }
  });

  test('products with one column and many lines, kept and used', () => {
    const lines = 3001, terms = 40, [w, x, b] = [draw(1, lines, terms), draw(2, terms, 1), draw(3, lines, 1)];
    const product = matmul(input('w', [lines, terms]), input('x', [terms, 1])), result = add(product, input('b', [lines, 1]));
    const want = Array.from({ length: lines }, (_, i) => x.reduce((total, value, k) => total + w[i * terms + k]! * value, 0));
    for (const outputs of [{ product }, { product, result }, { result }]) {
      const out: Record<string, { data: ArrayLike<number> }> = compile({ outputs }, { backend }).run('result' in outputs ? { w, x, b } : { w, x });
      if ('product' in out) expect(relativeError(out['product']!.data, want)).toBeLessThan(1e-6);
      if ('result' in out) expect(relativeError(out['result']!.data, want.map((value, i) => value + b[i]!))).toBeLessThan(1e-6);
    }
  });

  test('transposes into several tiles, of which none writes into what comes after', () => {
    const lines = 300, length = 201, x = draw(1, lines, length), y = draw(2, length, lines);
    const a = input('x', [lines, length]), turned = transpose(a);
    const out = compile({ outputs: { turned, back: transpose(multiply(input('y', [length, lines]), turned)), again: transpose(add(a, a)) } }, { backend }).run({ x, y });
    const want = Array.from({ length: lines * length }, (_, at) => x[(at % lines) * length + Math.floor(at / lines)]!);
    expect(Array.from(out['turned']!.data)).toEqual(want);
    expect(Array.from(out['again']!.data)).toEqual(want.map((value) => 2 * value));
    expect(relativeError(out['back']!.data, Array.from(x, (value, at) => value * y[(at % length) * lines + Math.floor(at / length)]!))).toBeLessThan(1e-6);
  });

  test('log-sum-exp of lines that hold nothing but −∞', () => {
    const x = Float32Array.of(-Infinity, -Infinity, -Infinity, 0, 0, -Infinity);
    const out = compile({ outputs: { totals: logSumExp(input('x', [2, 3])), column: logSumExp(input('y', ['rows', 3])) } }, { backend }).run({ x, y: x });
    for (const { data } of [out['totals']!, out['column']!]) {
      expect(data[0]).toBe(-Infinity);
      expect(data[1]).toBeCloseTo(Math.LN2, 6);
    }
  });

  test('softmax of several groups a row, of many rows', () => {
    const [rows, groups, classes] = [301, 3, 4], x = draw(1, rows, groups, classes), a = input('x', ['rows', groups, classes]);
    const out = compile({ outputs: { probabilities: softmax(a), totals: logSumExp(a) } }, { backend }).run({ x });
    const totals = Array.from({ length: rows * groups }, (_, n) => x.slice(n * classes, (n + 1) * classes).reduce((total, value) => total + Math.exp(value), 0));
    expect(relativeError(out['totals']!.data, totals.map(Math.log))).toBeLessThan(1e-6);
    expect(relativeError(out['probabilities']!.data, Array.from(x, (value, n) => Math.exp(value) / totals[Math.floor(n / classes)]!))).toBeLessThan(1e-6);
  });
});
