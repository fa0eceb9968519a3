// Shapes with and without rows, on every backend, against plain loops in the test.
import { describe, expect, test } from 'vitest';
import {
  add, argmax, broadcastTo, compile, constant, exp, gradients, hyper, input, matmul, max, mean, multiply, parameter, reshape, rowCount, inverseRows,
  negate, scale, shift, softmax, sum, tanh, transpose, type Node, type Shape,
} from '../../lib/graph.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends } from '../helpers/backends.ts';
import { drawValues, relativeError, withRows } from '../helpers/values.ts';

const rowCounts = [1, 5, 16, 35];

/** Positions of every element of a shape, row-major. */
function* positions(shape: readonly number[]): Generator<number[]> {
  const total = shape.reduce((a, b) => a * b, 1);
  for (let i = 0; i < total; i++) {
    let rest = i;
    yield shape.map((_, axis) => {
      const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
      const at = Math.floor(rest / stride);
      rest %= stride;
      return at;
    });
  }
}

/** The element of `data` that broadcasting puts at `position`. */
function at(data: ArrayLike<number>, shape: readonly number[], position: readonly number[]): number {
  const aligned = position.slice(position.length - shape.length);
  return data[shape.reduce((index, size, axis) => index * size + (size === 1 ? 0 : aligned[axis]!), 0)]!;
}

const broadcasts: [Shape, Shape][] = [
  [[], ['rows', 3]], [[1], ['rows', 3]], [[3], ['rows', 3]], [[1, 3], ['rows', 3]], [['rows', 1], ['rows', 3]], [['rows', 3], ['rows', 3]], [['rows'], ['rows']], [[], ['rows']],
  [[3], ['rows', 2, 3]], [[2, 1], ['rows', 2, 3]], [[2, 3], ['rows', 2, 3]], [[1, 2, 3], ['rows', 2, 3]], [['rows', 1, 1], ['rows', 2, 3]], [['rows', 1, 3], ['rows', 2, 3]], [['rows', 2, 1], ['rows', 2, 3]],
  [[], [4]], [[1], [4]], [[4], [3, 4]], [[3, 1], [3, 4]], [[1, 1], [3, 4]], [[3, 1], [2, 3, 4]], [[2, 1, 1], [2, 3, 4]], [[2, 1, 4], [2, 3, 4]], [[1, 3, 1], [2, 3, 4]], [[2, 3, 1], [2, 3, 4]],
];

describe.each(backends)('%s', (backend) => {
  describe.each(broadcasts.map(([from, to]) => ({ from, to, name: `[${from.join(', ')}] to [${to.join(', ')}]` })))('$name', ({ from, to }) => {
    test('value alone, in a chain and after a reshape, with the gradient', () => {
      const a = input('a', from), c = input('c', to);
      const wide = broadcastTo(a, to);
      const flat: Shape = to[0] === 'rows' ? ['rows', Number(to.slice(1).reduce<number>((x, y) => x * Number(y), 1))] : [to.reduce<number>((x, y) => x * Number(y), 1)];
      const outputs = { wide, product: multiply(a, c), flat: scale(reshape(wide, flat), 2), da: gradients(sum(multiply(wide, c)), [a])[0]! };
      const program = compile({ outputs }, { backend, maxRows: 35 });
      for (const rows of from[0] === 'rows' || to[0] === 'rows' ? rowCounts : [1]) {
        const fromShape = withRows(from, rows), toShape = withRows(to, rows);
        const av = drawValues(fromShape, 'normal', new RandomStream(1, rows)), cv = drawValues(toShape, 'normal', new RandomStream(2, rows));
        const result = program.run({ a: fromShape.length === 0 ? av[0]! : av, c: cv });
        const places = [...positions(toShape)];
        const expected = places.map((position) => at(av, fromShape, position));
        const da = new Float64Array(av.length);
        places.forEach((position, i) => {
          const aligned = position.slice(position.length - fromShape.length);
          da[fromShape.reduce((index, size, axis) => index * size + (size === 1 ? 0 : aligned[axis]!), 0)]! += cv[i]!;
        });
        expect(result['wide']!.shape).toEqual(toShape);
        expect(relativeError(result['wide']!.data, expected)).toBeLessThan(1e-6);
        expect(relativeError(result['flat']!.data, expected.map((value) => 2 * value))).toBeLessThan(1e-6);
        expect(relativeError(result['product']!.data, expected.map((value, i) => value * cv[i]!))).toBeLessThan(1e-6);
        expect(relativeError(result['da']!.data, da)).toBeLessThan(5e-6);
        expect(result['da']!.shape).toEqual(fromShape);
      }
    });
  });

  describe.each<Shape>([['rows'], ['rows', 3], ['rows', 2, 3], ['rows', 2, 3, 4], [5], [3, 5], [2, 3, 5]])('reductions of %s, %s, %s', (...shape: Shape) => {
    const axesOf = (rank: number): number[][] => Array.from({ length: 2 ** rank }, (_, bits) => Array.from({ length: rank }, (_, axis) => axis).filter((axis) => (bits >> axis) % 2 === 1));
    test.each(axesOf(shape.length).map((axes) => ({ axes })))('over $axes', ({ axes }) => {
      const x = input('x', shape);
      const program = compile({ outputs: { sum: sum(x, axes), max: max(x, axes), mean: mean(x, axes) } }, { backend, maxRows: 35 });
      for (const rows of shape[0] === 'rows' ? rowCounts : [1]) {
        const full = withRows(shape, rows), values = drawValues(full, 'normal', new RandomStream(3, rows));
        const left = full.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
        const size = left.map((axis) => full[axis]!);
        const count = size.reduce((a, b) => a * b, 1);
        const sums = new Float64Array(count), maxima = new Float64Array(count).fill(-Infinity);
        [...positions(full)].forEach((position, i) => {
          const index = left.reduce((total, axis) => total * full[axis]! + position[axis]!, 0);
          sums[index]! += values[i]!;
          maxima[index] = Math.max(maxima[index]!, values[i]!);
        });
        const result = program.run({ x: values });
        expect(result['sum']!.shape).toEqual(size);
        expect(relativeError(result['sum']!.data, sums)).toBeLessThan(5e-6);
        expect(relativeError(result['max']!.data, maxima)).toBeLessThan(1e-6);
        expect(relativeError(result['mean']!.data, sums.map((value) => (value * count) / values.length))).toBeLessThan(5e-6);
      }
    });
  });

  const run = (outputs: Record<string, Node>, inputs: Parameters<ReturnType<typeof compile>['run']>[0] = {}, feeds?: Record<string, Node>): Record<string, number[]> => {
    const handed = compile({ outputs, ...(feeds && { feeds }) }, { backend }).run(inputs);
    return Object.fromEntries(Object.entries(handed).map(([name, { data }]) => [name, [...data]]));
  };

  test('outputs that are inputs, parameters, constants, hyper values, numbers of rows, views of them', () => {
    const x = input('x', ['rows', 2]), fixed = input('fixed', [3]), p = parameter('p', [2, 2], [[1, 2], [3, 4]]), c = constant([[5], [6]]);
    const outputs = { x, fixed, p, c, rate: hyper('rate'), rows: rowCount(), inverse: inverseRows(), flat: reshape(p, [4]), again: x, column: reshape(x, ['rows', 2, 1]) };
    expect(run(outputs, { x: [[1, 2], [3, 4], [5, 6], [7, 8]], fixed: [7, 8, 9], rate: 0.5 })).toEqual({
      x: [1, 2, 3, 4, 5, 6, 7, 8], fixed: [7, 8, 9], p: [1, 2, 3, 4], c: [5, 6], rate: [0.5], rows: [4], inverse: [0.25], flat: [1, 2, 3, 4],
      again: [1, 2, 3, 4, 5, 6, 7, 8], column: [1, 2, 3, 4, 5, 6, 7, 8],
    });
  });

  test('a graph without rows at all', () => {
    const a = parameter('a', [2, 3], [[1, 2, 3], [4, 5, 6]]), b = constant([[1, 0], [0, 1], [1, 1]]);
    const y = matmul(a, b);
    const [da] = gradients(sum(multiply(y, y)), [a]) as [Node];
    expect(run({ y, da, t: transpose(a), best: max(softmax(y)) })).toMatchObject({ y: [4, 5, 10, 11], da: [8, 10, 18, 20, 22, 42], t: [1, 4, 2, 5, 3, 6] });
  });

  test('a parameter used twice gets the sum of both gradients', () => {
    const x = input('x', ['rows', 2]), w = parameter('w', [2, 2], [[1, 2], [3, 4]]);
    const y = matmul(matmul(x, w), w);
    // y = x W W: dW = xᵀ 1 Wᵀ + (x W)ᵀ 1.
    expect(run({ dw: gradients(sum(y), [w])[0]! }, { x: [[1, 1]] })['dw']).toEqual([3 + 4, 7 + 4, 3 + 6, 7 + 6]);
  });

  test('feeds cut the graph: what lies behind them is neither computed nor asked for', () => {
    const x = input('x', ['rows', 2]), w = parameter('w', [2], [10, 20]);
    const hidden = exp(x), y = add(multiply(hidden, w), hidden);
    expect(run({ y }, { h: [[1, 2]] }, { h: hidden })['y']).toEqual([11, 42]);
    expect(run({ y, hidden }, { h: [[1, 2]] }, { h: hidden })['hidden']).toEqual([1, 2]);
    expect(run({ y }, { h: [[1, 2]], v: [1, 1] }, { h: hidden, v: w })['y']).toEqual([2, 4]);
    const d = gradients(sum(y), [x])[0]!;
    expect(run({ d }, { h: [[1, 2]] }, { h: hidden })['d']).toEqual([11, 42]);
    const labels = argmax(x);
    expect(run({ next: shift(labels, 1) }, { l: [[3], [4]] }, { l: labels })['next']).toEqual([4, 5]);
  });

  test('feeds inside of what is merged: factors of factors, repetitions of repetitions', () => {
    const p = parameter('p', [2], [1, 2]), factor = scale(p, 2), wide = broadcastTo(scale(sum(p), 1.5), [2]);
    const outputs = { six: scale(factor, 3), minus: negate(factor), repeated: broadcastTo(broadcastTo(p, [2, 2]), [2, 2, 2]), flat: reshape(wide, [2, 1]) };
    expect(run(outputs)).toEqual({ six: [6, 12], minus: [-2, -4], repeated: [1, 2, 1, 2, 1, 2, 1, 2], flat: [4.5, 4.5] });
    expect(run({ six: outputs.six, minus: outputs.minus }, { f: [5, 7] }, { f: factor })).toEqual({ six: [15, 21], minus: [-5, -7] });
    expect(run({ repeated: outputs.repeated }, { f: [[1, 2], [3, 4]] }, { f: outputs.repeated.inputs[0]! })['repeated']).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
    expect(run({ flat: outputs.flat }, { f: [8, 9] }, { f: wide })['flat']).toEqual([8, 9]);
  });

  test('axes named twice or from both ends are one axis', () => {
    const p = parameter('p', [2, 3], [[1, 2, 3], [4, 5, 9]]);
    expect(run({ sum: sum(p, [1, -1]), mean: mean(p, [-1, 1, 1]), all: mean(p, [0, 1, -2]) })).toEqual({ sum: [6, 18], mean: [2, 6], all: [4] });
  });

  test('fed variables take the place of their values: parameter, constant, hyper', () => {
    const p = parameter('p', [2], [1, 2]), c = constant([3, 4]), rate = hyper('rate');
    const y = multiply(add(p, c), rate);
    expect(run({ y, p }, { p: [5, 6], c: [7, 8], r: 2 }, { p, c, r: rate })).toEqual({ y: [24, 28], p: [5, 6] });
    const x = input('x', ['rows', 2]);
    expect(run({ y: matmul(x, parameter('w', [2, 2]), { transposeB: true }), z: tanh(x) }, { renamed: [[0, 0]] }, { renamed: x })).toEqual({ y: [0, 0], z: [0, 0] });
  });

  test('a fed rows tensor that a product sums over is read in its other order too', () => {
    const x = input('x', ['rows', 3]), d = input('d', ['rows', 2]), hidden = tanh(x);
    expect(run({ dw: matmul(d, hidden, { transposeA: true }), same: hidden }, { h: [[1, 2, 3], [4, 5, 6]], d: [[1, 0], [0, 1]] }, { h: hidden })).toEqual({ dw: [1, 2, 3, 4, 5, 6], same: [1, 2, 3, 4, 5, 6] });
  });
});
