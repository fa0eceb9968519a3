// Assignments: every reader sees the old value, whatever the order of the request and whichever instruction reads.
import { describe, expect, test } from 'vitest';
import {
  add, assign, compile, copy, exp, gradients, hyper, input, matmul, mean, multiply, parameter, reshape, scale, shift, square, state, stopGradient,
  subtract, sum, transpose, uniform, type Node,
} from '../../lib/graph.ts';
import { named, operations, programOf } from '../helpers/programs.ts';
import { backends } from '../helpers/backends.ts';

type Request = { outputs?: Record<string, Node>; assignments: Node[] };

describe.each(backends)('%s', (backend) => {
  /** Runs once, with the assignments in order and in reverse, and gives state and outputs, which must not differ. */
  function both({ outputs = {}, assignments }: Request, names: string[], inputs: Record<string, number[][]> = {}): Record<string, number[]> {
    const results = [assignments, assignments.toReversed()].map((order) => {
      const program = compile({ outputs, assignments: order }, { backend });
      const handed = program.run(inputs);
      return Object.fromEntries([...Object.keys(outputs).map((name) => [name, [...handed[name]!.data]]), ...names.map((name) => [name, [...program.get(name).data]])]) as Record<string, number[]>;
    });
    expect(results[1]).toEqual(results[0]);
    return results[0]!;
  }

  const p = parameter('p', [3], [1, 2, 3]), q = parameter('q', [3], [10, 20, 30]), n = parameter('n', [3, 1], [[5], [6], [7]]);

  test('the old value is read later in the same chain', () => {
    const next = add(p, q);
    const result = both({ outputs: { y: multiply(next, p) }, assignments: [assign(p, next)] }, ['p']);
    expect(result).toEqual({ p: [11, 22, 33], y: [11, 44, 99] });
  });

  test('the old value is read by another chain', () => {
    const result = both({ outputs: { y: exp(matmul(p2x3, transpose(p2x3))), whole: sum(p2x3) }, assignments: [assign(p2x3, scale(p2x3, 0))] }, ['m']);
    expect(result['m']!.map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(result['whole']![0]).toBeCloseTo(2.1, 5);
    expect(result['y']![0]).toBeCloseTo(Math.exp(0.14), 5);
  });
  const p2x3 = parameter('m', [2, 3], [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]);

  test('the old value is an output, the new one is another', () => {
    const next = shift(p, 1);
    expect(both({ outputs: { old: p, next }, assignments: [assign(p, next)] }, ['p'])).toEqual({ old: [1, 2, 3], next: [2, 3, 4], p: [2, 3, 4] });
  });

  test('a product reads what its own epilogue overwrites', () => {
    const m = parameter('m', [2, 2], [[1, 2], [3, 4]]);
    expect(both({ assignments: [assign(m, matmul(m, m))] }, ['m'])).toEqual({ m: [7, 10, 15, 22] });
    expect(both({ assignments: [assign(m, subtract(m, matmul(m, m, { transposeA: true })))] }, ['m'])).toEqual({ m: [-9, -12, -11, -16] });
  });

  test('the epilogue of a product reads the weight that it overwrites', () => {
    const x = input('x', ['rows', 2]), m = parameter('m', [2, 2], [[1, 2], [3, 4]]);
    const z = matmul(x, m, { transposeB: true });
    const gradient = gradients(mean(square(z)), [m])[0]!;
    const result = both({ outputs: { z, gradient }, assignments: [assign(m, subtract(m, gradient))] }, ['m'], { x: [[1, 1], [2, 0]] });
    expect(result['z']).toEqual([3, 7, 2, 6]);
    expect(result['m']).toEqual([1 - result['gradient']![0]!, 2 - result['gradient']![1]!, 3 - result['gradient']![2]!, 4 - result['gradient']![3]!]);
  });

  test('two tensors swap, three go round', () => {
    expect(both({ assignments: [assign(p, q), assign(q, p)] }, ['p', 'q'])).toEqual({ p: [10, 20, 30], q: [1, 2, 3] });
    const r = state('r', [3], [7, 8, 9]);
    expect(both({ assignments: [assign(p, q), assign(q, r), assign(r, p)] }, ['p', 'q', 'r'])).toEqual({ p: [10, 20, 30], q: [7, 8, 9], r: [1, 2, 3] });
  });

  test('values that need each other\'s old ones: one chain, or several of different shapes', () => {
    expect(both({ assignments: [assign(p, shift(q, 1)), assign(q, shift(p, 1))] }, ['p', 'q'])).toEqual({ p: [11, 21, 31], q: [2, 3, 4] });
    const result = both({ assignments: [assign(p, reshape(shift(n, 1), [3])), assign(n, reshape(shift(p, 1), [3, 1]))] }, ['p', 'n']);
    expect(result).toEqual({ p: [6, 7, 8], n: [2, 3, 4] });
    expect(both({ assignments: [assign(p, reshape(n, [3])), assign(n, reshape(p, [3, 1]))] }, ['p', 'n'])).toEqual({ p: [5, 6, 7], n: [1, 2, 3] });
  });

  test('a sum, a broadcast and a view of the old value', () => {
    const total = sum(p);
    const result = both({ outputs: { total }, assignments: [assign(p, add(multiply(p, total), stopGradient(p)))] }, ['p']);
    expect(result).toEqual({ total: [6], p: [7, 14, 21] });
    const one = parameter('one', [1], [4]);
    expect(both({ assignments: [assign(p, add(p, one)), assign(one, reshape(sum(p), [1]))] }, ['p', 'one'])).toEqual({ p: [5, 6, 7], one: [6] });
  });

  test('one value goes to two tensors and to an output', () => {
    const value = multiply(p, q);
    expect(both({ outputs: { value }, assignments: [assign(p, value), assign(q, value)] }, ['p', 'q'])).toEqual({ value: [10, 40, 90], p: [10, 40, 90], q: [10, 40, 90] });
  });

  test('an unchanged tensor may be assigned to itself', () => {
    expect(both({ assignments: [assign(p, p), assign(q, copy(p))] }, ['p', 'q'])).toEqual({ p: [1, 2, 3], q: [1, 2, 3] });
  });

  test('assignments add up over runs, with a hyper value and draws of their own', () => {
    const w = parameter('w', [2], [0, 0]), rate = hyper('rate');
    const program = compile({ outputs: { u: uniform([2], 3, 1) }, assignments: [assign(w, add(w, rate))] }, { backend });
    const draws = [1, 2, 4].map((value) => [...program.run({ rate: value })['u']!.data]);
    expect([...program.get('w').data]).toEqual([7, 7]);
    expect(new Set(draws.map(String)).size).toBe(3);
  });

  test('every bit of a seed counts, up to the 53rd', () => {
    const seeds = [3, 3 + 2 ** 32, 3 + 2 ** 40, 3 + 2 ** 52];
    const outputs = Object.fromEntries(seeds.map((seed, i) => [`u${i}`, uniform([4], seed, 1)]));
    expect(new Set(Object.values(compile({ outputs }, { backend }).run()).map(({ data }) => String([...data]))).size).toBe(seeds.length);
  });
});

test('in one chain, a result that would overwrite what is still read waits in a register', () => {
  const p = parameter('p', [3]), q = parameter('q', [3]);
  const program = programOf({ assignments: [assign(p, shift(q, 1)), assign(q, shift(p, 1))] });
  const chains = named(program, 'chain');
  expect(chains).toHaveLength(1);
  expect(operations(chains[0]!)).toEqual(['shift', 'shift', 'copy']);
});

describe('requests that cannot be carried out', () => {
  const p = parameter('p', [3]);
  test('two values for one tensor', () => {
    expect(() => compile({ assignments: [assign(p, shift(p, 1)), assign(p, shift(p, 2))] })).toThrow("[compile] expected one assignment per tensor but 'p' is assigned twice");
    expect(() => compile({ assignments: [assign(p, shift(p, 1)), assign(p, shift(p, 1))] })).not.toThrow();
  });

  test('a circle: an assignment whose value is another assignment', () => {
    const q = parameter('q', [3]);
    const message = "[compile] expected the assignment to 'q' among the assignments but it is used as a value";
    expect(() => compile({ assignments: [assign(p, assign(q, p))] })).toThrow(message);
    expect(() => compile({ outputs: { y: shift(assign(q, p), 1) } })).toThrow(message);
    expect(() => compile({ outputs: { y: assign(q, p) }, assignments: [assign(q, p)] })).toThrow(message);
  });

  test('what is no assignment, no state, or of another shape', () => {
    expect(() => compile({ assignments: [shift(p, 1)] })).toThrow('[compile] expected assignments but received shift');
    expect(() => assign(shift(p, 1), p)).toThrow('[assign] expected a parameter or state tensor as target but received shift');
    expect(() => assign(p, parameter('q', [4]))).toThrow('[assign] cannot store [4] in [3]');
    expect(() => compile({})).toThrow('[compile] expected at least one output or assignment');
  });
});
