// Gradients as graph: pruned, each node differentiated once, differentiable again, weighed by an upstream gradient.
import { describe, expect, test } from 'vitest';
import {
  add, affine, ancestors, compile, copy, exp, gradients, input, matmul, mean, multiply, negate, parameter, broadcastTo, reshape, scale, sigmoid, sin, square, stopGradient,
  sum, tanh, type Node, type Values,
} from '../../lib/graph.ts';
import type { OpDefinition } from '../../lib/graph/node.ts';
import { makeNode } from '../../lib/graph/node.ts';
import { elementwiseOps } from '../../lib/ops/elementwise.ts';

const run = (outputs: Record<string, Node>, inputs: Record<string, Values> = {}): Record<string, number[]> =>
  Object.fromEntries(Object.entries(compile({ outputs }, { precision: 'float64' }).run(inputs)).map(([name, { data }]) => [name, [...data]]));

const opsOf = (...roots: Node[]): string[] => ancestors(roots).map(({ op }) => op.name);

describe('pruning', () => {
  const x = input('x', ['rows', 3]), w = parameter('w', [4, 3]), b = parameter('b', [4]);

  test('a target on which nothing depends gets zeros of its shape', () => {
    const [dw, du] = gradients(sum(affine(x, w, b)), [w, parameter('u', [2, 5])]) as [Node, Node];
    expect(dw.shape).toEqual([4, 3]);
    expect(du.shape).toEqual([2, 5]);
    expect(run({ du })['du']).toEqual(new Array<number>(10).fill(0));
  });

  test('no gradient flows through stopGradient, or into what is not asked for', () => {
    const y = sum(multiply(stopGradient(exp(x)), tanh(x)));
    expect(opsOf(gradients(y, [x])[0]!)).not.toContain('add');
    expect(run({ d: gradients(sum(stopGradient(b)), [b])[0]! })['d']).toEqual([0, 0, 0, 0]);
    // Of the two products of a backward pass only the one for w is made.
    expect(opsOf(gradients(sum(affine(x, w, b)), [w])[0]!).filter((name) => name === 'matmul')).toHaveLength(1);
  });

  test('the gradient of what is added reads no values', () => {
    expect(opsOf(gradients(sum(add(exp(b), b)), [b])[0]!)).toContain('exp');
    expect(opsOf(gradients(sum(add(b, w.shape.length > 0 ? copy(b) : b)), [b])[0]!)).not.toContain('copy');
  });
});

describe('sharing', () => {
  test('a shared subexpression is differentiated once', () => {
    let calls = 0;
    const counted: OpDefinition = { ...elementwiseOps.tanh, gradient: (node, upstream) => { calls++; return elementwiseOps.tanh.gradient(node, upstream); } };
    const p = parameter('p', [3]);
    const shared = makeNode(counted, [p]);
    const total = add(add(sum(square(shared)), sum(exp(shared))), sum(multiply(shared, shared)));
    gradients(total, [p]);
    expect(calls).toBe(1);
  });

  test('uses add up: x + x, x · x, x used at two depths', () => {
    const p = parameter('p', [2], [3, 5]);
    expect(run({ d: gradients(add(p, p), [p])[0]! })['d']).toEqual([2, 2]);
    expect(run({ d: gradients(multiply(p, p), [p])[0]! })['d']).toEqual([6, 10]);
    expect(run({ d: gradients(add(multiply(square(p), p), p), [p])[0]! })['d']).toEqual([28, 76]);
  });

  test('one sweep serves many targets, inner nodes among them', () => {
    const p = parameter('p', [2], [0.3, 0.7]);
    const inner = sin(p), output = sum(square(inner));
    const result = run(Object.fromEntries(gradients(output, [p, inner, output]).map((node, i) => [`d${i}`, node])));
    expect(result['d2']).toEqual([1]);
    result['d1']!.forEach((value, i) => expect(value).toBeCloseTo(2 * Math.sin([0.3, 0.7][i]!), 12));
    result['d0']!.forEach((value, i) => expect(value).toBeCloseTo(Math.sin(2 * [0.3, 0.7][i]!), 12));
  });

  test('inner nodes of expressions that a compiler would merge have their gradients', () => {
    const p = parameter('p', [2, 1], [[1], [2]]);
    const factor = scale(p, 2), wide = broadcastTo(factor, [2, 3]), wider = broadcastTo(wide, [4, 2, 3]), flat = reshape(wider, [24]), minus = negate(scale(flat, 3));
    const result = run(Object.fromEntries(gradients(sum(minus), [p, factor, wide, wider, flat, minus]).map((node, i) => [`d${i}`, node])));
    expect(result['d0']).toEqual([-72, -72]);
    expect(result['d1']).toEqual([-36, -36]);
    expect(result['d2']).toEqual(new Array<number>(6).fill(-12));
    expect(result['d3']).toEqual(new Array<number>(24).fill(-3));
    expect(result['d4']).toEqual(new Array<number>(24).fill(-3));
    expect(result['d5']).toEqual(new Array<number>(24).fill(1));
  });
});

describe('upstream', () => {
  const x = input('x', ['rows', 2]);

  test('weighs the elements of the output; ones by default', () => {
    const y = square(x), u = input('u', ['rows', 2]);
    const values = { x: [[1, 2], [3, 4]], u: [[1, 0], [0, 10]] };
    expect(run({ d: gradients(y, [x], u)[0]! }, values)['d']).toEqual([2, 0, 0, 80]);
    expect(run({ d: gradients(y, [x])[0]! }, { x: values.x })['d']).toEqual([2, 4, 6, 8]);
    expect(run({ d: gradients(sum(multiply(y, u)), [x])[0]! }, values)['d']).toEqual([2, 0, 0, 80]);
  });

  test('can be differentiated with respect to itself', () => {
    const u = input('u', ['rows', 2]);
    const [d] = gradients(square(x), [x], u) as [Node];
    expect(run({ du: gradients(sum(d), [u])[0]! }, { x: [[1, 2]] })['du']).toEqual([2, 4]);
  });

  test('of another shape is refused', () => {
    expect(() => gradients(square(x), [x], input('u', ['rows', 3]))).toThrow('[gradients] expected an upstream gradient of shape [rows, 2] but received [rows, 3]');
    expect(() => gradients(x, [])).toThrow('[gradients] expected at least one target');
  });
});

describe('second derivatives', () => {
  test('of functions of one variable', () => {
    const p = parameter('p', [3], [-0.7, 0.2, 1.3]);
    for (const [f, second] of [
      [sin, (v: number) => -Math.sin(v)], [exp, Math.exp], [(n: Node) => multiply(square(n), n), (v: number) => 6 * v],
      [tanh, (v: number) => -2 * Math.tanh(v) * (1 - Math.tanh(v) ** 2)],
      [sigmoid, (v: number) => { const s = 1 / (1 + Math.exp(-v)); return s * (1 - s) * (1 - 2 * s); }],
    ] as const) {
      const [d] = gradients(f(p), [p]) as [Node];
      const [dd] = gradients(d, [p]) as [Node];
      run({ dd })['dd']!.forEach((value, i) => expect(value).toBeCloseTo(second([-0.7, 0.2, 1.3][i]!), 10));
    }
  });

  test('a Hessian-vector product of a network equals the difference of gradients', () => {
    const x = input('x', ['rows', 3]), w = parameter('w', [2, 3], [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]]), v = input('v', [2, 3]);
    const loss = mean(square(tanh(matmul(x, w, { transposeB: true }))));
    const [dw] = gradients(loss, [w]) as [Node];
    const [product] = gradients(sum(multiply(dw, v)), [w]) as [Node];
    const data = { x: [[1, 2, 3], [-1, 0.5, 0.2]] }, direction = [0.3, -0.1, 0.2, 0.5, -0.4, 0.6];
    const gradient = compile({ outputs: { dw } }, { precision: 'float64' });
    const base = [...gradient.get('w').data], step = 1e-5;
    const at = (sign: number): ArrayLike<number> => {
      gradient.set('w', base.map((value, i) => value + sign * step * direction[i]!));
      return gradient.run(data)['dw']!.data;
    };
    const plus = at(1), minus = at(-1);
    const expected = direction.map((_, i) => (plus[i]! - minus[i]!) / (2 * step));
    run({ product }, { ...data, v: direction })['product']!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 8));
  });
});
