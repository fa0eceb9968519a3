// slice, pad and concatenate: exact values on both backends, tiles larger than one, what they cost, what they refuse.
import { describe, expect, test } from 'vitest';
import { broadcastTo, compile, concatenate, constant, gradients, input, multiply, pad, parameter, scale, slice, sum, tanh, type Node, type Values } from '../../lib/graph.ts';
import { ShapeError } from '../../lib/errors.ts';
import { backends } from '../helpers/backends.ts';
import { named, programOf, tally } from '../helpers/programs.ts';

const x = input('x', ['rows', 4]), y = input('y', ['rows', 2]);
const m = parameter('m', [2, 3], [[1, 2, 3], [4, 5, 6]]);

describe.each(backends)('%s', (backend) => {
  const run = (node: Node, values: Record<string, Values> = {}): unknown => {
    const program = compile({ outputs: { node } }, { backend }), used = program.program.sources.map(({ name }) => name);
    const { shape, data } = program.run(Object.fromEntries(Object.entries(values).filter(([name]) => used.includes(name))))['node']!;
    return { shape, data: Array.from(data) };
  };

  test('columns of a fed input', () => {
    const fed = { x: [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]] };
    expect(run(slice(x, 1, 1, 3), fed)).toEqual({ shape: [3, 2], data: [2, 3, 6, 7, 10, 11] });
    expect(run(slice(x, -1, 3, 4), fed)).toEqual({ shape: [3, 1], data: [4, 8, 12] });
    expect(run(pad(x, 1, 0, 1), fed)).toEqual({ shape: [3, 5], data: [1, 2, 3, 4, 0, 5, 6, 7, 8, 0, 9, 10, 11, 12, 0] });
  });

  test('static tensors along either axis', () => {
    expect(run(slice(m, 0, 1, 2))).toEqual({ shape: [1, 3], data: [4, 5, 6] });
    expect(run(slice(m, 1, 0, 2))).toEqual({ shape: [2, 2], data: [1, 2, 4, 5] });
    expect(run(pad(m, 0, 1, 0))).toEqual({ shape: [3, 3], data: [0, 0, 0, 1, 2, 3, 4, 5, 6] });
    expect(run(concatenate([m, scale(m, 10), m], 0))).toEqual({ shape: [6, 3], data: [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60, 1, 2, 3, 4, 5, 6] });
    expect(run(concatenate([m, scale(m, 10)]))).toEqual({ shape: [2, 6], data: [1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60] });
  });

  test('features of two inputs side by side, and apart again', () => {
    const both = concatenate([x, y]);
    const fed = { x: [[1, 2, 3, 4], [5, 6, 7, 8]], y: [[-1, -2], [-3, -4]] };
    expect(run(both, fed)).toEqual({ shape: [2, 6], data: [1, 2, 3, 4, -1, -2, 5, 6, 7, 8, -3, -4] });
    expect(run(slice(both, 1, 3, 5), fed)).toEqual({ shape: [2, 2], data: [4, -1, 8, -3] });
  });

  test('many tiles: thousands of features and rows', () => {
    const wide = input('wide', ['rows', 300]), rows = 1000;
    const values = Float64Array.from({ length: rows * 300 }, (_, i) => i % 8191);
    const node = concatenate([slice(wide, 1, 7, 250), pad(slice(wide, 1, 0, 20), 1, 33, 5)]);
    const { data } = compile({ outputs: { node } }, { backend }).run({ wide: values })['node']!;
    const expected = Float64Array.from({ length: rows * 301 }, (_, i) => {
      const r = Math.floor(i / 301), f = i % 301, start = r * 300;
      return f < 243 ? values[start + 7 + f]! : f >= 276 && f < 296 ? values[start + f - 276]! : 0;
    });
    expect(data.length).toBe(expected.length);
    expect(data.every((value, i) => value === expected[i])).toBe(true);
  });

  test('a gradient goes to the part it came from', () => {
    const weights = constant([[1, 2, 3, 4, 5, 6]]);
    const loss = sum(multiply(concatenate([x, y]), weights));
    const [dx, dy] = gradients(loss, [x, y]);
    const fed = { x: [[1, 2, 3, 4]], y: [[0, 0]] };
    expect(run(concatenate([dx!, dy!]), fed)).toMatchObject({ data: [1, 2, 3, 4, 5, 6] });
    expect(run(gradients(sum(slice(x, 1, 1, 3)), [x])[0]!, fed)).toMatchObject({ data: [0, 1, 1, 0] });
  });
});

describe('cost', () => {
  test('a slice of a fed input is one copy of its columns, and nothing else is made of the input', () => {
    const program = programOf({ outputs: { z: slice(input('big', ['rows', 100]), 1, 10, 14) } });
    expect(tally(program)).toEqual({ join: 1 });
    expect(named(program, 'join')[0]).toMatchObject({ attributes: [1, -1, 4, 100, 10, 14, 0], outs: [{ count: 4 }] });
  });

  test('a concatenation of any number of tensors is one instruction', () => {
    expect(tally(programOf({ outputs: { z: concatenate([x, y, tanh(x), y, x]) } }))).toEqual({ chain: 1, join: 1 });
  });

  test('the whole of a tensor, no zeros, one tensor alone: the tensor itself; a part of a repeated number is that number', () => {
    expect(slice(x, 1, 0, 4)).toBe(x);
    expect(pad(x, 1, 0, 0)).toBe(x);
    expect(concatenate([x])).toBe(x);
    expect(tally(programOf({ outputs: { z: multiply(slice(broadcastTo(constant(3), ['rows', 4]), 1, 1, 3), y) } }))).toEqual({ chain: 1 });
  });
});

test.each<[string, () => Node, string]>([
  ['a slice of rows', () => slice(x, 0, 0, 1), '[slice] expected an axis of [rows, 4] other than rows but received 0'],
  ['an axis that is not there', () => slice(x, 2, 0, 1), '[slice] expected an axis of [rows, 4] other than rows but received 2'],
  ['half an axis', () => pad(x, 0.5, 0, 1), '[pad] expected an axis of [rows, 4] other than rows but received 0.5'],
  ['an empty slice', () => slice(x, 1, 2, 2), '[slice] expected whole numbers with 0 <= begin < end <= 4 along axis 1 of [rows, 4] but received 2 and 2'],
  ['a slice that goes too far', () => slice(x, 1, 2, 5), '[slice] expected whole numbers with 0 <= begin < end <= 4 along axis 1 of [rows, 4] but received 2 and 5'],
  ['a slice from half', () => slice(x, 1, 0.5, 3), '[slice] expected whole numbers with 0 <= begin < end <= 4 along axis 1 of [rows, 4] but received 0.5 and 3'],
  ['fewer than no zeros', () => pad(x, 1, -1, 2), '[pad] expected whole numbers of zeros before and after but received -1 and 2'],
  ['other dimensions that differ', () => concatenate([m, x], 1), '[concatenate] expected shapes that differ along axis 1 alone but received [2, 3], [rows, 4]'],
  ['another rank', () => concatenate([x, input('c', ['rows', 2, 3])], 1), '[concatenate] expected shapes that differ along axis 1 alone but received [rows, 4], [rows, 2, 3]'],
])('refuses %s', (_what, make, message) => {
  expect(make).toThrow(ShapeError);
  expect(make).toThrow(message);
});

test('refuses to concatenate nothing', () => {
  expect(() => concatenate([])).toThrow('[concatenate] expected one or more tensors but received none');
});
