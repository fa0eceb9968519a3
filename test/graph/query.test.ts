// Questions about a graph: ancestors, consumers, text.
import { describe, expect, test } from 'vitest';
import { add, ancestors, consumersOf, descendants, exp, formatGraph, input, matmul, multiply, parameter, scale, sum, tanh, type Node } from '../../lib/graph.ts';
import { withPath } from '../../lib/graph/node.ts';

const x = input('x', ['rows', 3]), w = parameter('w', [3, 2]);
const z = matmul(x, w), a = tanh(z), y = add(a, z), loss = sum(y);

describe('ancestors', () => {
  test('every node once, inputs before their users', () => {
    const nodes = ancestors([loss, y]);
    expect(new Set(nodes).size).toBe(nodes.length);
    expect(nodes.slice(0, 5)).toEqual([x, w, z, a, y]);
    expect(nodes.at(-1)).toBe(loss);
    for (const node of nodes) for (const read of node.inputs) expect(nodes.indexOf(read)).toBeLessThan(nodes.indexOf(node));
  });

  test('stop at a cut, which belongs to them', () => {
    expect(ancestors([y], new Set([z]))).toEqual([z, a, y]);
    expect(ancestors([z], new Set([z]))).toEqual([z]);
    expect(ancestors([])).toEqual([]);
  });

  test('of a graph as deep as it may get', () => {
    let deep: Node = x;
    for (let i = 0; i < 50_000; i++) deep = scale(deep, 1.5);
    expect(ancestors([deep])).toHaveLength(50_001);
  });
});

test('consumers: each reader once, only those asked about', () => {
  const twice = multiply(z, z);
  const consumers = consumersOf([x, z, a, y, twice]);
  expect(consumers.get(z)).toEqual([a, y, twice]);
  expect(consumers.get(y)).toEqual([]);
  expect(consumers.get(x)).toEqual([z]);
  expect(consumers.has(w)).toBe(false);
});

test('text: a line a node with shape, attributes and layer', () => {
  const inside = withPath('head', () => exp(scale(x, 2)));
  const lines = formatGraph([inside]).split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^%\d+ = input\(name=x, shape=\["rows",3\], serial=\d+\) \[rows, 3\]$/);
  expect(lines[1]).toBe(`${inside.inputs[0]} = scale(${x}, immediate=2) [rows, 3] head`);
  expect(lines[2]).toBe(`${inside} = exp(${inside.inputs[0]}) [rows, 3] head`);
});

test('a node is named after its variable, or after its op', () => {
  expect([x.name, w.name, y.name]).toEqual(['x', 'w', 'add']);
  expect(`${y}`).toBe(`%${y.id}`);
});

test('descendants: the nodes that depend on the roots, which belong to them, in order', () => {
  const other = exp(x), nodes = ancestors([loss, other]);
  const names = (roots: Node[], among = nodes): string => descendants(roots, among).map(({ name }) => name).join(' ');
  expect(names([z])).toBe('matmul tanh add sum sum');
  expect(names([w], nodes.toReversed())).toBe('w matmul tanh add sum sum');
  expect(names([other, y])).toBe('add sum sum exp');
  expect(descendants([], nodes)).toEqual([]);
  expect(descendants([a], [z, y])).toEqual([y]);
});
