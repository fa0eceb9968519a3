// Fusion: what becomes one instruction. Programs are looked at, not run; what they compute is held elsewhere.
import { describe, expect, test } from 'vitest';
import {
  add, affine, assign, binaryCrossEntropy, constant, copy, crossEntropy, exp, gradients, input, matmul, mean, multiply, parameter, relu, scale,
  sigmoid, square, subtract, sum, tanh, type Node,
} from '../../lib/graph.ts';
import { access, emission, layout, region, type Instruction, type Program } from '../../lib/compile/program.ts';
import { adam, adamw, dense, sgd } from '../../lib/index.ts';
import { allOperations, named, operations, programOf, tally, trainingProgram } from '../helpers/programs.ts';

const x = input('x', ['rows', 3]);
const w = parameter('w', [4, 3]), b = parameter('b', [4]), b3 = parameter('b3', [3]);

function only(program: Program, name: string): Instruction {
  const found = named(program, name);
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('a product and what follows', () => {
  test('affine function, bias and activation are one product', () => {
    const program = programOf({ outputs: { y: tanh(affine(x, w, b)) } });
    expect(tally(program)).toEqual({ product: 1 });
    expect(operations(only(program, 'product'))).toEqual(['add', 'tanh']);
    expect(only(program, 'product').chain!.inputKinds).toEqual([access.product, access.line]);
  });

  test('a product by itself is stored by one copy', () => {
    const program = programOf({ outputs: { y: matmul(x, w, { transposeB: true }) } });
    expect(operations(only(program, 'product'))).toEqual(['copy']);
  });

  test('a product that is an output and goes on keeps both', () => {
    const z = matmul(x, w, { transposeB: true });
    const product = only(programOf({ outputs: { z, y: relu(z) } }), 'product');
    expect(operations(product)).toEqual(['copy', 'relu']);
    expect(product.outs).toHaveLength(2);
  });

  test('two products stay two instructions, the second with the sum', () => {
    const v = parameter('v', [4, 3]);
    const program = programOf({ outputs: { y: add(matmul(x, w, { transposeB: true }), matmul(x, v, { transposeB: true })) } });
    expect(tally(program)).toEqual({ product: 2 });
    expect(named(program, 'product').map(operations)).toEqual([['copy'], ['add']]);
  });

  test('a value that a second product reads leaves the first one and is not computed again', () => {
    const hidden = tanh(affine(x, w, b));
    const program = programOf({ outputs: { y: add(matmul(hidden, parameter('v', [4, 4])), hidden) } });
    expect(tally(program)).toEqual({ product: 2 });
    expect(allOperations(program)).toEqual(['add', 'tanh', 'add']);
  });

  test('what needs all of the product does not join it', () => {
    const z = matmul(x, w, { transposeB: true });
    const program = programOf({ outputs: { y: multiply(z, sum(z, [0])) } });
    expect(tally(program)).toEqual({ product: 1, chain: 1 });
    expect(only(program, 'product').chain!.outKinds).toContain(emission.lineSum);
  });
});

describe('chains', () => {
  test('a long elementwise expression is one chain with few registers', () => {
    let y: Node = x;
    for (let i = 0; i < 20; i++) y = tanh(add(square(y), x));
    const chain = only(programOf({ outputs: { y } }), 'chain');
    expect(operations(chain)).toHaveLength(60);
    expect(chain.ins).toHaveLength(1);
    expect(chain.chain!.registers).toBeLessThanOrEqual(2);
  });

  test('several results of one expression come from one chain', () => {
    const e = exp(x);
    const program = programOf({ outputs: { a: add(e, x), b: square(e), c: e } });
    expect(tally(program)).toEqual({ chain: 1 });
    expect(only(program, 'chain').outs).toHaveLength(3);
  });

  test('broadcasts are read through: by line, by column and as a scalar', () => {
    const column = input('column', ['rows', 1]);
    const y = multiply(add(multiply(x, parameter('line', [3])), column), parameter('one', []));
    const chain = only(programOf({ outputs: { y } }), 'chain');
    expect(chain.chain!.inputKinds.toSorted()).toEqual([access.full, access.line, access.column, access.scalar].toSorted());
  });

  test('a sum of a product of numbers is one multiplyAdd, on either side', () => {
    const a = input('a', ['rows', 3]), c = input('c', ['rows', 3]);
    for (const y of [add(multiply(x, a), c), add(c, multiply(x, a))]) expect(allOperations(programOf({ outputs: { y } }))).toEqual(['multiplyAdd']);
  });

  test('a product of numbers that something else reads too is kept', () => {
    const a = input('a', ['rows', 3]), c = input('c', ['rows', 3]);
    const product = multiply(x, a);
    expect(allOperations(programOf({ outputs: { y: add(product, c), z: exp(product) } })).toSorted()).toEqual(['add', 'exp', 'multiply']);
    expect(allOperations(programOf({ outputs: { y: add(product, c), product } })).toSorted()).toEqual(['add', 'multiply']);
    expect(allOperations(programOf({ outputs: { y: add(product, product) } })).toSorted()).toEqual(['add', 'multiply']);
  });

  test('tensors of other shapes do not share a chain', () => {
    const program = programOf({ outputs: { a: exp(parameter('p', [2, 3])), b: exp(parameter('q', [3, 2])) } });
    expect(tally(program)).toEqual({ chain: 2 });
  });

  test('sums over the examples join the chain that makes the values', () => {
    const program = programOf({ outputs: { s: sum(square(x), [0]), y: square(x) } });
    expect(tally(program)).toEqual({ chain: 1 });
    expect(operations(only(program, 'chain'))).toEqual(['square', 'sumColumns']);
  });
});

describe('losses', () => {
  test('softmax and cross-entropy are one instruction with loss and delta', () => {
    for (const targets of [1, 4]) {
      const z = affine(x, w, b), t = input('t', ['rows', targets]);
      const loss = crossEntropy(z, t);
      const program = programOf({ outputs: { loss, dw: gradients(loss, [w])[0]! } });
      expect(only(program, 'softmaxCrossEntropy').outs).toHaveLength(2);
      expect(named(program, 'softmax')).toHaveLength(0);
      expect(allOperations(program)).not.toContain('log');
      expect(allOperations(program)).not.toContain('exp');
    }
  });

  test('without a gradient there is no delta', () => {
    const program = programOf({ outputs: { loss: crossEntropy(affine(x, w, b), input('t', ['rows', 1])) } });
    expect(only(program, 'softmaxCrossEntropy').outs).toHaveLength(1);
  });

  test('sigmoid and cross-entropy are never computed unfused', () => {
    const y = sigmoid(affine(x, w, b)), t = input('t', ['rows', 4]);
    const loss = binaryCrossEntropy(y, t);
    const forward = allOperations(programOf({ outputs: { loss } }));
    expect(forward).toContain('softplus');
    for (const name of ['sigmoid', 'log', 'exp', 'divide', 'reciprocal']) expect(forward).not.toContain(name);
    const backward = allOperations(programOf({ outputs: { loss, dw: gradients(loss, [w])[0]! } }));
    expect(backward.filter((name) => name === 'sigmoid')).toHaveLength(1);
    for (const name of ['log', 'exp', 'divide', 'reciprocal']) expect(backward).not.toContain(name);
  });
});

describe('a training step', () => {
  const optimizers = { sgd: sgd(), momentum: sgd({ momentum: 0.9 }), nesterov: sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 }), adam: adam({ weightDecay: 0.1 }), adamw: adamw() };

  test.each(Object.entries(optimizers))('%s: the update of a weight is the epilogue of its gradient\'s product', (_name, optimizer) => {
    const program = trainingProgram({ inputs: 7, layers: [dense(6, 'relu'), dense(5, 'tanh'), dense(4, 'softmax')], optimizer });
    // Three layers: forward three, dX two, dW three.
    const products = named(program, 'product');
    expect(products).toHaveLength(8);
    const updates = products.filter(({ attributes }) => attributes[2] === -1);
    expect(updates).toHaveLength(3);
    for (const update of updates) {
      expect(update.outs.every((out) => out.region === region.state)).toBe(true);
      // The gradient itself is never stored.
      expect(operations(update)).not.toContain('copy');
    }
    // Besides: nothing but the updates of three biases writes to the state.
    const writers = program.instructions.filter(({ outs }) => outs.some((out) => out.region === region.state));
    expect(writers).toHaveLength(6);
  });

  test('gradients of biases are summed in the product that makes dZ', () => {
    const program = trainingProgram({ inputs: 7, layers: [dense(6, 'relu'), dense(5, 'tanh'), dense(4, 'softmax')], optimizer: sgd() });
    const hidden = named(program, 'product').filter(({ attributes }) => attributes[3] === 1);
    expect(hidden).toHaveLength(2);
    for (const product of hidden) {
      expect(product.chain!.outKinds).toContain(emission.lineSum);
      expect(operations(product)).toContain('sumColumns');
    }
  });

  test('the input of the first layer is loaded once, in both layouts, and never transposed', () => {
    const program = trainingProgram({ inputs: 7, layers: [dense(6, 'relu'), dense(4, 'softmax')], optimizer: sgd() });
    const loads = named(program, 'load').filter(({ attributes }) => attributes[0] === 0);
    expect(loads.map(({ outs }) => outs.map(({ kind }) => kind))).toEqual([[layout.featureMajor, layout.exampleMajor]]);
    expect(named(program, 'transpose')).toHaveLength(1);
  });

  test('no gradient of the data is computed', () => {
    const program = trainingProgram({ inputs: 7, layers: [dense(5)], optimizer: sgd(), targets: 5 });
    expect(named(program, 'product')).toHaveLength(2);
  });

  test('a decayed weight is read once although gradient and step use it', () => {
    const update = named(trainingProgram({ inputs: 7, layers: [dense(4)], targets: 4, optimizer: sgd({ weightDecay: 0.1 }) }), 'product')[1]!;
    expect(update.ins.filter((operand) => operand.region === region.state)).toHaveLength(1);
  });
});

test('an assignment is made by what computes its value', () => {
  const p = parameter('p', [3]), q = parameter('q', [3]);
  const value = scale(p, 2);
  const program = programOf({ assignments: [assign(p, value), assign(q, value)] });
  expect(tally(program)).toEqual({ chain: 1 });
  expect(operations(only(program, 'chain'))).toEqual(['scale', 'copy']);
  expect(tally(programOf({ assignments: [assign(p, constant([1, 2, 3]))] }))).toEqual({ chain: 1 });
  expect(allOperations(programOf({ assignments: [assign(p, copy(q))] }))).toEqual(['copy']);
});

test('views cost nothing and break no chain', () => {
  const y = subtract(mean(square(x), [1]), constant(1));
  expect(tally(programOf({ outputs: { y } }))).toEqual({ chain: 2, reduce: 1 });
});

describe('a chain holds 256 values', () => {
  const valuesOf = (program: Program): number[] => program.instructions.flatMap(({ chain }) => (chain === undefined ? [] : [chain.inputKinds.length + chain.outKinds.length + chain.registers]));

  test('a sum of 700 tensors is cut into three chains', () => {
    const parts = Array.from({ length: 700 }, (_, i) => parameter(`p${i}`, [3, 5]));
    const values = valuesOf(programOf({ outputs: { y: tanh(parts.reduce(add)) } }));
    expect(values).toHaveLength(3);
    expect(Math.max(...values)).toBeLessThanOrEqual(256);
  });

  test('many values made early and read late', () => {
    const made = Array.from({ length: 400 }, (_, i) => sigmoid(scale(x, 1 + i)));
    const values = valuesOf(programOf({ outputs: { y: made.toReversed().reduce(add), ...Object.fromEntries(made.slice(0, 90).map((node, i) => [`m${i}`, node])) } }));
    expect(Math.max(...values)).toBeLessThanOrEqual(256);
    expect(values.length).toBeGreaterThan(1);
  });

  test('a long chain of few values is one', () => {
    let node: Node = x;
    for (let i = 0; i < 1000; i++) node = tanh(add(node, b3));
    expect(valuesOf(programOf({ outputs: { node } }))).toEqual([4]);
  });
});
