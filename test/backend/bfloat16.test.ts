// Precision 'bfloat16' of graphs: products of numbers rounded here, in doubles, against both backends.
import { describe, expect, test } from 'vitest';
import { add, assign, compile, input, matmul, mean, parameter, relu, scale, subtract, sum, type Node } from '../../lib/graph.ts';
import { nativeInfo } from '../../lib/backend/native.ts';
import { selectBackend } from '../../lib/backend/select.ts';
import { diagnostics } from '../../lib/index.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends, bfloat16Backends, withProcessors } from '../helpers/backends.ts';
import { expectRefusal, refusal } from '../helpers/networks.ts';

withProcessors(3);

/** To 8 bits of fraction, ties to even, from the definition: no bits are looked at. */
function rounded(value: number): number {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size < 2 ** -126) return size < 2 ** -126 ? 0 : value;
  const unit = 2 ** (Math.floor(Math.log2(size)) - 7), whole = Math.floor(size / unit), rest = size / unit - whole;
  return Math.sign(value) * unit * (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole);
}

const numbers = (count: number, seed: number): Float32Array => {
  const random = new RandomStream(seed, 91);
  return Float32Array.from({ length: count }, () => random.normal());
};

type Read = (i: number, p: number) => number;
/** Sums of products of rounded numbers, and of their sizes. */
function productOf(M: number, N: number, K: number, a: Read, b: Read): { value: Float64Array; size: Float64Array } {
  const value = new Float64Array(M * N), size = new Float64Array(M * N);
  for (let i = 0; i < M; i++) for (let j = 0; j < N; j++) for (let p = 0; p < K; p++) {
    const term = rounded(a(i, p)) * rounded(b(p, j));
    value[i * N + j]! += term;
    size[i * N + j]! += Math.abs(term);
  }
  return { value, size };
}

/** Products of two bfloat16 numbers are exact in single precision: only the sums round, at most once a term, and what stores them. */
function expectProduct(found: ArrayLike<number>, { value, size }: { value: Float64Array; size: Float64Array }, K: number, what: string): void {
  let worst = 0;
  for (let i = 0; i < value.length; i++) worst = Math.max(worst, Math.abs(found[i]! - value[i]!) / (size[i]! + 1e-30));
  expect(found.length, what).toBe(value.length);
  expect(worst, what).toBeLessThanOrEqual((K + 1) * 2 ** -24);
}

describe.each(bfloat16Backends)('%s', (backend) => {
  const options = { backend, precision: 'bfloat16' as const };

  test.each([[3, 1, 5], [16, 17, 33], [40, 130, 7], [1, 600, 9]])('a layer from %i to %i features, and its gradients, by rows up to %i × 8', (inputs, outputs, most) => {
    const x = input('x', ['rows', inputs]), dz = input('dz', ['rows', outputs]), w = parameter('w', [outputs, inputs]);
    const compiled = compile({ outputs: {
      z: matmul(x, w, { transposeB: true }), dx: matmul(dz, w), dw: matmul(dz, x, { transposeA: true }),
      lines: sum(relu(matmul(dz, x, { transposeA: true })), [1]),
    } }, { ...options, maxRows: most * 8 });
    const W = numbers(outputs * inputs, 1);
    compiled.set('w', W);
    for (const rows of [1, 2, 7, 8, 9, most * 8]) {
      const X = numbers(rows * inputs, 2), D = numbers(rows * outputs, 3), found = compiled.run({ x: X, dz: D });
      expectProduct(found['z']!.data, productOf(rows, outputs, inputs, (r, i) => X[r * inputs + i]!, (i, o) => W[o * inputs + i]!), inputs, `z of ${rows}`);
      expectProduct(found['dx']!.data, productOf(rows, inputs, outputs, (r, o) => D[r * outputs + o]!, (o, i) => W[o * inputs + i]!), outputs, `dx of ${rows}`);
      const dw = productOf(outputs, inputs, rows, (o, r) => D[r * outputs + o]!, (r, i) => X[r * inputs + i]!);
      expectProduct(found['dw']!.data, dw, rows, `dw of ${rows}`);
      for (let o = 0; o < outputs; o++) {
        const line = dw.value.subarray(o * inputs, (o + 1) * inputs).reduce((so, value) => so + Math.max(value, 0), 0);
        expect(Math.abs(found['lines']!.data[o]! - line), `lines of ${rows}`).toBeLessThan(1e-5 * (1 + dw.size.subarray(o * inputs, (o + 1) * inputs).reduce((so, size) => so + size, 0)));
      }
    }
    compiled.dispose();
  });

  test.each([[5, 1100, 3], [130, 37, 66], [1, 1, 1], [2, 513, 31]])('%i × %i of %i terms, in all four transpositions', (M, N, K) => {
    const A = numbers(M * K, 4), B = numbers(K * N, 5);
    for (const transposeA of [false, true]) for (const transposeB of [false, true]) {
      const a = parameter('a', transposeA ? [K, M] : [M, K]), b = parameter('b', transposeB ? [N, K] : [K, N]);
      const product = matmul(a, b, { transposeA, transposeB }), compiled = compile({ outputs: { product, lines: sum(product, [1]) } }, options);
      compiled.set('a', A);
      compiled.set('b', B);
      const expected = productOf(M, N, K, (i, p) => A[transposeA ? p * M + i : i * K + p]!, (p, j) => B[transposeB ? j * K + p : p * N + j]!), found = compiled.run();
      expectProduct(found['product']!.data, expected, K, `${transposeA} ${transposeB}`);
      found['lines']!.data.forEach((line, i) => expect(Math.abs(line - expected.value.subarray(i * N, (i + 1) * N).reduce((so, value) => so + value, 0))).toBeLessThan(1e-5 * K * N));
    }
  });

  test('ties round to even, tiny numbers are 0, and what is no number stays so', () => {
    const x = input('x', ['rows', 1]), w = parameter('w', [1, 1]), compiled = compile({ outputs: { y: matmul(x, w) } }, options);
    compiled.set('w', [1]);
    const given = [1 + 2 ** -8, 1 + 3 * 2 ** -8, -1 - 2 ** -8, 1 + 2 ** -8 + 2 ** -20, 1e-40, -1e-39, 3.4e38, Infinity, NaN];
    expect(Array.from(compiled.run({ x: given }).y!.data, (value) => value + 0)).toEqual([1, 1 + 2 ** -6, -1, 1 + 2 ** -7, 0, 0, Infinity, Infinity, NaN]);
  });

  test('everything but products is as in single precision', () => {
    const x = input('x', ['rows', 3]), build = { outputs: { y: mean(subtract(scale(x, 1 / 3), x), [1]) } };
    const values = numbers(60, 6);
    expect(compile(build, options).run({ x: values })).toEqual(compile(build, { backend, precision: 'float32' }).run({ x: values }));
  });

  test('weights packed in one run are packed anew once they have changed', () => {
    const x = input('x', ['rows', 20]), w = parameter('w', [30, 20]), y = matmul(x, w, { transposeB: true }), X = numbers(3 * 20, 7);
    const fixed = compile({ outputs: { y } }, options), W = numbers(600, 8);
    const run = (): number[] => Array.from(fixed.run({ x: X }).y!.data);
    fixed.set('w', W);
    const first = run();
    expect(run()).toEqual(first);
    fixed.set('w', W.map((value) => 2 * value));
    expect(run()).toEqual(first.map((value) => 2 * value));
    // A program that writes its weights itself packs them in every run.
    const moving = compile({ outputs: { y }, assignments: [assign(w, add(w, w))] }, options);
    moving.set('w', W);
    for (const factor of [1, 2, 4]) expect(Array.from(moving.run({ x: X }).y!.data)).toEqual(first.map((value) => factor * value));
  });
});

test.runIf(bfloat16Backends.includes('native'))('any number of threads gives the same bits', () => {
  const x = input('x', ['rows', 700]), w1 = parameter('w1', [900, 700]), w2 = parameter('w2', [50, 900]);
  const hidden: Node = relu(matmul(x, w1, { transposeB: true })), outputs = { y: matmul(hidden, w2, { transposeB: true }), dw: matmul(hidden, x, { transposeA: true }) };
  const results = [1, 2, 3].map((threads) => {
    const compiled = compile({ outputs }, { backend: 'native', precision: 'bfloat16', threads });
    compiled.set('w1', numbers(900 * 700, 9));
    compiled.set('w2', numbers(50 * 900, 10));
    return [100, 1, 5].flatMap((rows) => Object.values(compiled.run({ x: numbers(rows * 700, 11) })).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  });
  // A comparison of bytes: one of values takes seconds.
  for (const other of results.slice(1)) expect(other.map((bytes, i) => bytes.equals(results[0]![i]!))).toEqual([100, 1, 5].flatMap(() => [true, true]));
});

test('diagnostics say whether the processor has it; the native backend refuses it where it has not', async () => {
  expect(diagnostics().native?.bfloat16).toBe(nativeInfo()?.bfloat16);
  expect(selectBackend('typescript', 'bfloat16')).toMatchObject({ name: 'typescript', precision: 'bfloat16' });
  if (bfloat16Backends.includes('native')) expect(selectBackend('auto', 'bfloat16')).toMatchObject({ name: 'native', precision: 'bfloat16' });
  else if (backends.includes('native')) for (const choice of ['auto', 'native'] as const) expectRefusal(await refusal(() => selectBackend(choice, 'bfloat16')), 'ERR_OPTION', 'AVX512-BF16', "'typescript'");
});
