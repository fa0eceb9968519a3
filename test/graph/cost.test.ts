// What derivatives cost, counted: nodes of the graph, multiply-adds and operations of the compiled program.
import { describe, expect, test } from 'vitest';
import {
  add, ancestors, descendants, gradients, hessianVectorProduct, input, matmul, mean, meanSquaredError, multiply, parameter, sigmoid, square, subtract, sum, tangents, tanh,
  type Node,
} from '../../lib/graph.ts';
import type { Program } from '../../lib/compile/program.ts';
import { allOperations, multiplyAdds, named, programOf } from '../helpers/programs.ts';

interface Network { readonly x: Node; readonly weights: Node[]; readonly loss: Node }

/** A chain of `depth` layers of `width` units. */
function network(depth: number, width: number): Network {
  const x = input('x', ['rows', width]), weights: Node[] = [];
  let a = x;
  for (let i = 0; i < depth; i++) {
    weights.push(parameter(`w${i}`, [width, width]));
    a = tanh(matmul(a, weights.at(-1)!, { transposeB: true }));
  }
  return { x, weights, loss: meanSquaredError(a, input('t', ['rows', width])) };
}

const asOutputs = (nodes: readonly Node[]): Record<string, Node> => Object.fromEntries(nodes.map((node, i) => [`y${i}`, node]));
const rows = 32;

describe.each([1, 2, 5, 20, 80])('of %i layers', (depth) => {
  test.each([3, 17, 64])('of width %i, the gradient multiplies twice as often as the loss, but for the input\'s own gradient', (width) => {
    const { weights, loss } = network(depth, width);
    const forward = multiplyAdds(programOf({ outputs: { loss } }), rows);
    const both = multiplyAdds(programOf({ outputs: { loss, ...asOutputs(gradients(loss, weights)) } }), rows);
    expect(forward).toBe(depth * width * width * rows);
    expect(both).toBe((3 * depth - 1) * width * width * rows);
  });

  test('operations and nodes of the gradient are a constant times those of the loss', () => {
    const { weights, loss } = network(depth, 5);
    const derivatives = gradients(loss, weights);
    const forward = allOperations(programOf({ outputs: { loss } })).length;
    const both = allOperations(programOf({ outputs: { loss, ...asOutputs(derivatives) } })).length;
    expect(both).toBeLessThanOrEqual(5 * forward);
    expect(ancestors([loss, ...derivatives]).length).toBeLessThanOrEqual(5 * ancestors([loss]).length);
  });

  test('a tangent multiplies once more for every product that moves, a Hessian-vector product eight times as often as the loss, but for the first layer', () => {
    const { x, weights, loss } = network(depth, 7);
    const forward = depth * 49 * rows, direction = input('v', ['rows', 7]);
    const one = tangents([loss], [x], [direction]);
    expect(multiplyAdds(programOf({ outputs: { loss, ...asOutputs(one) } }), rows)).toBe(2 * forward);
    const vectors = weights.map((node, i) => input(`v${i}`, node.shape));
    // A layer's product and its two tangents; δ·W with two tangents; two tangents of δᵀ·a. The first layer's input stays, and it has no δ·W.
    const product = hessianVectorProduct(loss, weights, vectors);
    expect(multiplyAdds(programOf({ outputs: asOutputs(product) }), rows)).toBe((8 * depth - 5) * 49 * rows);
  });
});

test('the cost per layer is the same at any depth', () => {
  const count = (depth: number): number => {
    const { weights, loss } = network(depth, 5);
    return ancestors(gradients(loss, weights)).length;
  };
  expect(count(41) - count(40)).toBe(count(11) - count(10));
  expect(count(11) - count(10)).toBeGreaterThan(0);
});

describe('accumulation', () => {
  test('a node used k times is differentiated once, after k − 1 additions', () => {
    const x = input('x', ['rows', 3]), shared = sigmoid(x);
    const uses = Array.from({ length: 6 }, (_, i) => multiply(shared, input(`u${i}`, ['rows', 3])));
    const loss = sum(uses.reduce(add));
    const [dx] = gradients(loss, [x]) as [Node];
    const made = ancestors([dx]).filter((node) => node.id > loss.id).map(({ op }) => op.name);
    expect(made.filter((name) => name === 'add')).toHaveLength(5);
    // The derivative of the sigmoid, s − s², once.
    expect(made.filter((name) => name === 'square')).toHaveLength(1);
  });

  test('a ladder in which every node is used twice grows by steps, not by doubling', () => {
    const ladder = (steps: number): Program => {
      const x = input('x', ['rows', 3]);
      let a = x;
      for (let i = 0; i < steps; i++) a = tanh(add(a, square(a)));
      const loss = mean(a);
      return programOf({ outputs: { loss, d: gradients(loss, [x])[0]! } });
    };
    const [ten, twenty, thirty] = [10, 20, 30].map((steps) => allOperations(ladder(steps)).length) as [number, number, number];
    expect(twenty - ten).toBe(thirty - twenty);
    expect(thirty).toBeLessThan(30 * 12);
  });
});

/** Every computation of a program by what it computes: name, immediate, and the values read, followed back to loads and memory. */
function computations(program: Program): string[] {
  const found: string[] = [], written = new Map<string, string>();
  const place = ({ region, offset }: { region: number; offset: number }): string => `${region}:${offset}`;
  for (const [index, { name, ins, outs, attributes, chain }] of program.instructions.entries()) {
    const reads = ins.map((operand) => written.get(place(operand)) ?? place(operand));
    if (chain === undefined || name === 'product') {
      const own = chain === undefined ? reads : reads.slice(0, 2);
      const layouts = outs.map(({ kind }) => kind).join('');
      const key = `${name}<${attributes.join(' ')}>(${own.join(', ')})${name === 'load' ? layouts : ''}`;
      if (name !== 'store') found.push(key);
      outs.forEach((out, i) => written.set(place(out), `${key}#${i}`));
      if (chain === undefined) continue;
    }
    const chainReads = name === 'product' ? [found.at(-1)!, ...reads.slice(2)] : reads;
    const values = chain.inputKinds.map((kind, i) => `${kind}@${chainReads[i]}`);
    for (const { name: operation, destination, a, b, c, immediate } of chain.operations) {
      const arity = { add: 2, subtract: 2, multiply: 2, divide: 2, multiplyAdd: 3, select: 3 }[operation] ?? 1;
      const key = `${operation}<${immediate}>(${[a, b, c].slice(0, arity).map((value) => values[value]).join(', ')})`;
      if (operation !== 'copy') found.push(key);
      values[destination] = key;
    }
    outs.forEach((out, i) => written.set(place(out), values[chain.inputKinds.length + i] ?? `${index}#${i}`));
  }
  return found;
}

describe('no equal computation appears twice', () => {
  test('in a program of a loss, its gradients and a Hessian-vector product that share most of their nodes', () => {
    const { weights, loss } = network(3, 4);
    const vectors = weights.map((node, i) => input(`v${i}`, node.shape));
    const outputs = { loss, ...asOutputs([...gradients(loss, weights), ...hessianVectorProduct(loss, weights, vectors)]) };
    const all = computations(programOf({ outputs }));
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter((key, i) => all.indexOf(key) !== i)).toEqual([]);
    // The inputs, their targets and three vectors; both layouts of the inputs at once.
    expect(named(programOf({ outputs }), 'load')).toHaveLength(5);
  });

  test('would be seen: a program with one instruction twice has an equal computation', () => {
    const program = programOf({ outputs: { loss: network(2, 4).loss } });
    const repeated = program.instructions.find(({ name }) => name === 'product')!;
    const all = computations({ ...program, instructions: program.instructions.flatMap((each) => (each === repeated ? [each, each] : [each])) });
    expect(all.filter((key, i) => all.indexOf(key) !== i).length).toBeGreaterThan(0);
  });

  test('where a graph was built twice', () => {
    const x = input('x', ['rows', 3]), w = parameter('w', [2, 3]), t = input('t', ['rows', 2]);
    const build = (): Node => mean(square(subtract(tanh(matmul(x, w, { transposeB: true })), t)));
    const [first, second] = [build(), build()];
    const one = programOf({ outputs: { loss: first, d: gradients(first, [w])[0]! } });
    const two = programOf({ outputs: { loss: first, other: second, d: gradients(add(first, second), [w])[0]! } });
    expect(multiplyAdds(two, rows)).toBe(multiplyAdds(one, rows));
    const all = computations(two);
    expect(all.filter((key, i) => all.indexOf(key) !== i)).toEqual([]);
  });
});

describe('pruning', () => {
  const { x, weights, loss } = network(6, 4);

  test('gradients of the last layers do not go on to the first', () => {
    for (const [first, products] of [[5, 1], [3, 5], [0, 11]] as const) {
      const derivatives = gradients(loss, weights.slice(first));
      const made = ancestors(derivatives).filter((node) => node.id > loss.id);
      expect(made.filter(({ op }) => op.name === 'matmul')).toHaveLength(products);
    }
  });

  test('what a gradient visits lies between its targets and the output', () => {
    const side = tanh(matmul(x, parameter('side', [3, 4]), { transposeB: true }));
    const between = descendants([weights[4]!], ancestors([loss]));
    expect(between.every((node) => ancestors([node]).includes(weights[4]!))).toBe(true);
    const program = programOf({ outputs: asOutputs(gradients(loss, [weights[4]!])) });
    expect(program.instructions.flatMap(({ ins }) => ins).filter(({ region }) => region === 0).length).toBeLessThanOrEqual(7);
    expect(ancestors(gradients(loss, [weights[4]!]))).not.toContain(side);
  });

  test('a tangent does not visit what comes before its inputs', () => {
    const inner = weights[4]!, [t] = tangents([loss], [inner], [input('v', inner.shape)]) as [Node];
    const made = ancestors([t]).filter((node) => node.id > loss.id);
    // One product for the layer that moves, one for the layer above it.
    expect(made.filter(({ op }) => op.name === 'matmul')).toHaveLength(2);
  });
});
