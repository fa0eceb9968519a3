// Pruning and merging: nothing is computed twice, nothing is computed in vain, and backward costs a constant times forward.
import { describe, expect, test } from 'vitest';
import {
  add, affine, compile, constant, exp, gradients, input, matmul, mean, multiply, parameter, select, softmax, softmaxCrossEntropy, square, subtract, sum,
  tanh, uniform, type Node,
} from '../../lib/graph.ts';
import { dense, sgd } from '../../lib/index.ts';
import { allOperations, multiplyAdds, named, programOf, tally, trainingProgram } from '../helpers/programs.ts';

const x = input('x', ['rows', 3]);
const w = parameter('w', [4, 3]), b = parameter('b', [4]);

describe('equal nodes', () => {
  test('are computed once', () => {
    const build = (): Node => softmax(tanh(affine(x, w, b)));
    const program = programOf({ outputs: { y: add(build(), exp(build())) } });
    expect(tally(program)).toEqual({ product: 1, softmax: 1, chain: 1 });
    expect(allOperations(program)).toEqual(['add', 'tanh', 'exp', 'add']);
  });

  test('through rewritten products too', () => {
    const build = (): Node => matmul(x, tanh(x), { transposeA: true });
    const program = programOf({ outputs: { a: build(), b: build() } });
    expect(tally(program)).toEqual({ chain: 1, transpose: 1, product: 1 });
  });

  test('with equal small constants, but not with others', () => {
    const one = programOf({ outputs: { y: add(exp(add(constant([1, 2, 3]), x)), exp(add(constant([1, 2, 3]), x))) } });
    expect(one.constants.length).toBe(16);
    const two = programOf({ outputs: { y: add(add(constant([1, 2, 3]), x), add(constant([1, 2, 4]), x)) } });
    expect(two.constants.length).toBe(32);
  });

  test('constants that JSON writes alike stay apart', () => {
    const y = (value: number): Node => select(x, constant(value), constant([1, 1, 1]));
    const values = [NaN, Infinity, -Infinity, 0, -0];
    const result = compile({ outputs: Object.fromEntries(values.map((value, i) => [`y${i}`, y(value)])) }, { backend: 'typescript' }).run({ x: [[1, 1, 1]] });
    values.forEach((value, i) => expect(result[`y${i}`]!.data[0]).toBe(value));
  });

  test('two variables of one name and two draws of different keys are not equal', () => {
    const program = programOf({ outputs: { y: add(parameter('p', [3]), parameter('p', [3])), u: add(uniform([3], 1, 1), uniform([3], 1, 2)) } });
    expect(named(program, 'chain').every(({ ins }) => ins.length === 2)).toBe(true);
    expect(named(program, 'draw')).toHaveLength(2);
    expect(named(programOf({ outputs: { u: add(uniform([3], 1, 1), uniform([3], 1, 1)) } }), 'draw')).toHaveLength(1);
  });

  test('forward values are shared by loss, metric and gradient', () => {
    const program = trainingProgram({ inputs: 5, layers: [dense(4, 'tanh'), dense(3, 'softmax')], optimizer: sgd() });
    expect(allOperations(program).filter((name) => name === 'tanh')).toHaveLength(1);
    expect(named(program, 'softmaxCrossEntropy')).toHaveLength(1);
    expect(named(program, 'softmax')).toHaveLength(0);
    expect(named(program, 'product')).toHaveLength(5);
  });
});

describe('pruning', () => {
  test('what no result depends on is left out', () => {
    const y = tanh(x);
    void exp(y);
    expect(allOperations(programOf({ outputs: { y } }))).toEqual(['tanh']);
  });

  test('gradients of inputs are not computed unless asked for', () => {
    const loss = sum(affine(x, w, b));
    expect(named(programOf({ outputs: { dw: gradients(loss, [w])[0]! } }), 'product')).toHaveLength(1);
    expect(named(programOf({ outputs: { dx: gradients(loss, [x])[0]! } }), 'product')).toHaveLength(1);
  });

  test('a gradient that needs no values computes none', () => {
    const program = programOf({ outputs: { db: gradients(sum(affine(x, w, b)), [b])[0]! } });
    expect(program.instructions.filter(({ name }) => name === 'product' || name === 'load')).toHaveLength(0);
  });

  test('a broadcast that all readers read through is never made', () => {
    const program = programOf({ outputs: { y: multiply(x, parameter('line', [3])) } });
    expect(tally(program)).toEqual({ chain: 1 });
    expect(program.scratchLength).toBe(2 * 3 * 32);
  });
});

/** A chain of `depth` layers of a width, with its loss. */
function tower(depth: number, width: number): { loss: Node; parameters: Node[] } {
  const parameters: Node[] = [];
  let y: Node = input('x', ['rows', width]);
  for (let i = 0; i < depth; i++) {
    const weight = parameter(`w${i}`, [width, width]), bias = parameter(`b${i}`, [width]);
    parameters.push(weight, bias);
    y = tanh(affine(y, weight, bias));
  }
  return { loss: mean(softmaxCrossEntropy(y, input('t', ['rows', 1]))), parameters };
}

describe('cost of the gradient', () => {
  test.each([2, 4, 8, 16, 32])('depth %i: products and operations are a constant times those of forward', (depth) => {
    const { loss, parameters } = tower(depth, 5);
    const forward = programOf({ outputs: { loss } });
    const both = programOf({ outputs: { loss, ...Object.fromEntries(gradients(loss, parameters).map((part, i) => [`d${i}`, part])) } });
    // Per layer one product forward, and dX and dW backward, but for the first layer, which has no dX.
    expect(named(both, 'product')).toHaveLength(3 * depth - 1);
    expect(multiplyAdds(both, 8)).toBe(multiplyAdds(forward, 8) * (3 - 1 / depth));
    expect(allOperations(both).length).toBeLessThanOrEqual(4 * allOperations(forward).length + 8);
    expect(both.instructions.length).toBeLessThanOrEqual(6 * forward.instructions.length);
  });

  test('a value used twice at every level is differentiated once: no doubling', () => {
    const cost = (depth: number): number => {
      const p = parameter('p', [7]);
      let y: Node = p;
      for (let i = 0; i < depth; i++) y = multiply(y, subtract(tanh(y), square(y)));
      return allOperations(programOf({ outputs: { dp: gradients(sum(y), [p])[0]! } })).length;
    };
    const steps = [4, 8, 16, 32].map(cost);
    const perLevel = (steps[1]! - steps[0]!) / 4;
    expect((steps[2]! - steps[1]!) / 8).toBeCloseTo(perLevel, 0);
    expect((steps[3]! - steps[2]!) / 16).toBeCloseTo(perLevel, 0);
    expect(perLevel).toBeLessThan(20);
  });
});
