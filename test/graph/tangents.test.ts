// Forward mode and Hessians of whole graphs: shared nodes, inner nodes as inputs, exact second derivatives of a small network.
import { describe, expect, test } from 'vitest';
import {
  add, affine, ancestors, broadcastTo, compile, constant, exp, gradients, hessian, hessianVectorProduct, input, matmul, meanSquaredError, multiply, parameter, reshape,
  sigmoid, sin, slice, square, stopGradient, sum, tangents, tanh, type Node, type Values,
} from '../../lib/graph.ts';
import { OptionError, ShapeError } from '../../lib/errors.ts';
import { backends } from '../helpers/backends.ts';

const run = (outputs: Record<string, Node>, values: Record<string, Values> = {}): Record<string, number[]> =>
  Object.fromEntries(Object.entries(compile({ outputs }, { precision: 'float64' }).run(values)).map(([name, { data }]) => [name, Array.from(data)]));

const x = input('x', ['rows', 3]), v = input('v', ['rows', 3]);

describe('tangents', () => {
  test('of several outputs at once, with zeros where an output does not depend on the inputs', () => {
    const [a, b, c] = tangents([square(x), sum(x), parameter('free', [2], [5, 6])], [x], [v]) as [Node, Node, Node];
    expect([a.shape, b.shape, c.shape]).toEqual([['rows', 3], [], [2]]);
    expect(run({ a, b, c }, { x: [[1, 2, 3]], v: [[1, 10, 100]] })).toEqual({ a: [2, 40, 600], b: [111], c: [0, 0] });
  });

  test('of a node used many times count every use', () => {
    const s = sin(x), y = multiply(add(s, s), multiply(s, x));
    const at = 0.7, analytic = 2 * (2 * Math.sin(at) * Math.cos(at) * at + Math.sin(at) ** 2);
    const [t] = tangents([y], [x], [v]) as [Node];
    run({ t }, { x: [[at, at, at]], v: [[1, 2, -3]] })['t']!.forEach((value, i) => expect(value).toBeCloseTo(analytic * [1, 2, -3][i]!, 12));
  });

  test('take inner nodes as inputs; one that depends on another moves with it', () => {
    const inner = multiply(x, constant(2)), y = square(inner), w = input('w', ['rows', 3]);
    const values = { x: [[1, 2, 3]], v: [[1, 1, 1]], w: [[1, 0, -1]] };
    expect(run({ t: tangents([y], [inner], [w])[0]! }, { x: values.x, w: values.w })['t']).toEqual([4, 0, -12]);
    expect(run({ t: tangents([y], [x, inner], [v, w])[0]! }, values)['t']).toEqual([4 * 3, 8 * 2, 12 * 1]);
    const u = input('u', ['rows', 3]), [dx, dInner] = gradients(y, [x, inner], u) as [Node, Node];
    const backward = run({ s: add(sum(multiply(dx, v)), sum(multiply(dInner, w))) }, { ...values, u: [[3, 5, 7]] });
    const forward = run({ s: sum(multiply(u, tangents([y], [x, inner], [v, w])[0]!)) }, { ...values, u: [[3, 5, 7]] });
    expect(forward).toEqual(backward);
  });

  test('an output that is an input has its direction; stopGradient stops them', () => {
    expect(tangents([x], [x], [v])).toEqual([v]);
    expect(run({ t: tangents([multiply(x, stopGradient(x))], [x], [v])[0]! }, { x: [[1, 2, 3]], v: [[1, 1, 1]] })['t']).toEqual([1, 2, 3]);
  });

  test('make nothing of what the inputs do not reach', () => {
    const free = exp(parameter('p', [3], [1, 2, 3])), y = multiply(tanh(x), free);
    const made = ancestors(tangents([y], [x], [v])).filter((node) => node.id > y.id);
    // (v − v·tanh² x) · free: nothing for free, whose tangent is 0.
    expect(made.map(({ op }) => op.name).toSorted()).toEqual(['multiply', 'multiply', 'square', 'subtract']);
  });

  test.each(backends)('of third order on %s', (backend) => {
    const y = multiply(square(x), square(x));
    const third = [1, 2, 3].reduce((node) => tangents([node], [x], [v])[0]!, y);
    expect(Array.from(compile({ outputs: { third } }, { backend }).run({ x: [[1, 2, 3]], v: [[1, 2, -1]] })['third']!.data)).toEqual([24, 48 * 8, -72]);
  });

  test.each<[string, () => unknown, typeof OptionError | typeof ShapeError, string]>([
    ['no inputs', () => tangents([x], [], []), OptionError, '[tangents] expected at least one input'],
    ['a direction too few', () => tangents([x], [x, v], [v]), OptionError, '[tangents] expected one direction for each of 2 inputs but received 1'],
    ['a direction of another shape', () => tangents([x], [x], [sum(x, [1])]), ShapeError, "[tangents] expected direction 0 to have its input's shape [rows, 3] but received [rows]"],
    ['vectors too many', () => hessianVectorProduct(sum(x), [x], [v, v]), OptionError, '[hessianVectorProduct] expected one vector for each of 1 targets but received 2'],
    ['no scalar', () => hessian(square(x), parameter('p', [2])), ShapeError, '[hessian] expected a scalar output but received [rows, 3]'],
    ['a target with rows', () => hessian(sum(x), x), ShapeError, '[hessian] expected a static target of at most 256 elements but received [rows, 3]'],
    ['a target too large', () => hessian(sum(x), parameter('p', [16, 17])), ShapeError, '[hessian] expected a static target of at most 256 elements but received [16, 17]'],
  ])('refuse %s', (_what, make, type, message) => {
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });
});

describe('the Hessian', () => {
  test('of a quadratic form is its matrix, made symmetric', () => {
    const A = [[2, 1, 0], [3, 5, -1], [4, 0, 7]];
    const p = parameter('p', [3, 1], [[1], [2], [3]]);
    const form = reshape(matmul(matmul(p, constant(A), { transposeA: true }), p), []);
    expect(run({ h: hessian(form, p) })['h']).toEqual([4, 4, 4, 4, 10, -1, 4, -1, 14]);
  });

  test('of a scalar target, and of one on which the output does not depend', () => {
    const s = parameter('s', [], 0.5), free = parameter('free', [2, 1]);
    const result = compile({ outputs: { h: hessian(multiply(s, square(s)), s), none: hessian(square(s), free) } }, { precision: 'float64' }).run();
    expect(result['h']).toEqual({ shape: [1, 1], data: Float64Array.of(3) });
    expect(result['none']).toEqual({ shape: [2, 2], data: new Float64Array(4) });
  });

  // A network 2-3-1 with tanh and mean squared error, its 13 weights and biases in one vector.
  const theta = parameter('theta', [13], Array.from({ length: 13 }, (_, i) => Math.sin(1.7 * i + 0.3)));
  const data = input('data', ['rows', 2]), targets = input('targets', ['rows', 1]);
  const hidden = tanh(affine(data, reshape(slice(theta, 0, 0, 6), [3, 2]), slice(theta, 0, 6, 9)));
  const output = affine(hidden, reshape(slice(theta, 0, 9, 12), [1, 3]), slice(theta, 0, 12, 13));
  const loss = meanSquaredError(output, targets);
  const values = { data: [[0.2, -1.1], [0.9, 0.4], [-0.6, 0.8], [1.4, -0.3]], targets: [[0.7], [-0.2], [0.1], [1.3]] };
  const exact = run({ h: hessian(loss, theta) }, values)['h']!;

  test('of a small network equals central differences of its gradient', () => {
    const gradient = compile({ outputs: { d: gradients(loss, [theta])[0]! } }, { precision: 'float64' });
    const base = [...gradient.get('theta').data], step = 1e-4;
    const at = (i: number, distance: number): ArrayLike<number> => {
      gradient.set('theta', base.map((value, j) => (j === i ? value + distance : value)));
      return gradient.run(values)['d']!.data;
    };
    const largest = Math.max(...exact.map(Math.abs));
    for (let i = 0; i < 13; i++) {
      const [far, near, before, behind] = [at(i, 2 * step), at(i, step), at(i, -step), at(i, -2 * step)];
      for (let j = 0; j < 13; j++) {
        const expected = (8 * (near![j]! - before![j]!) - (far![j]! - behind![j]!)) / (12 * step);
        expect(Math.abs(exact[i * 13 + j]! - expected) / Math.max(Math.abs(expected), 1e-3 * largest), `${i}, ${j}`).toBeLessThan(1e-6);
      }
    }
  });

  test('is symmetric, and no row of it is zero', () => {
    for (let i = 0; i < 13; i++) {
      expect(Math.max(...exact.slice(13 * i, 13 * i + 13).map(Math.abs))).toBeGreaterThan(1e-3);
      for (let j = 0; j < i; j++) expect(Math.abs(exact[i * 13 + j]! - exact[j * 13 + i]!)).toBeLessThan(1e-12);
    }
  });

  test('times a vector is what hessianVectorProduct gives, over one target or several', () => {
    const w = parameter('w', [3, 2], [[0.3, -0.5], [0.7, 0.2], [-0.4, 0.6]]), b = parameter('b', [3], [0.1, -0.2, 0.3]);
    const cost = sum(square(sigmoid(affine(data, w, b)))), vw = input('vw', [3, 2]), vb = input('vb', [3]);
    const [hw, hb] = hessianVectorProduct(cost, [w, b], [vw, vb]) as [Node, Node];
    const whole = { ww: hessian(cost, w), bb: hessian(cost, b) };
    const directions = { vw: [[1, -2], [0.5, 3], [2, 0.25]], vb: [0, 0, 0] };
    const times = (h: number[], vector: number[]): number[] => vector.map((_, i) => vector.reduce((total, value, j) => total + h[i * vector.length + j]! * value, 0));
    const both = run({ hw, ...whole }, { data: values.data, ...directions });
    times(both['ww']!, directions.vw.flat()).forEach((value, i) => expect(both['hw']![i]).toBeCloseTo(value, 12));
    const onlyB = run({ hb, ...whole }, { data: values.data, vw: [[0, 0], [0, 0], [0, 0]], vb: [1, -2, 4] });
    times(onlyB['bb']!, [1, -2, 4]).forEach((value, i) => expect(onlyB['hb']![i]).toBeCloseTo(value, 12));
    // With both, the mixed derivatives come in: by reverse over reverse.
    const [dw, db] = gradients(cost, [w, b]) as [Node, Node];
    const mixed = gradients(add(sum(multiply(dw, vw)), sum(multiply(db, vb))), [w, b]);
    const all = run({ hw, hb, mw: mixed[0]!, mb: mixed[1]! }, { data: values.data, vw: directions.vw, vb: [1, -2, 4] });
    all['mw']!.forEach((value, i) => expect(all['hw']![i]).toBeCloseTo(value, 12));
    all['mb']!.forEach((value, i) => expect(all['hb']![i]).toBeCloseTo(value, 12));
  });

  test.each(backends)('runs on %s', (backend) => {
    const { shape, data: h } = compile({ outputs: { h: hessian(loss, theta) } }, { backend }).run(values)['h']!;
    expect(shape).toEqual([13, 13]);
    exact.forEach((value, i) => expect(Math.abs(h[i]! - value)).toBeLessThan(2e-6));
  });

  test.each(backends)('of as many elements as it may have, whose rows share their values, on %s', (backend) => {
    const n = 256, p = parameter('p', [n], Array.from({ length: n }, (_, i) => Math.sin(i))), q = parameter('q', [n], Array.from({ length: n }, (_, i) => Math.cos(i)));
    const h = compile({ outputs: { h: hessian(sum(multiply(tanh(multiply(p, q)), exp(sin(p)))), p) } }, { backend }).run()['h']!.data;
    for (let i = 0; i < n; i++) {
      const at = Math.sin(i), c = Math.cos(i), t = Math.tanh(at * c), e = Math.exp(Math.sin(at)), slope = c * (1 - t * t);
      const expected = -2 * t * slope * c * e + 2 * slope * e * Math.cos(at) + t * e * (Math.cos(at) ** 2 - Math.sin(at));
      expect(Math.abs(h[i * n + i]! - expected), `element ${i}`).toBeLessThan(5e-6);
      expect(h.subarray(i * n, i * n + n).every((value, j) => i === j || value === 0)).toBe(true);
    }
  });

  test('takes directions that are repeated numbers', () => {
    const [t] = tangents([loss], [theta], [broadcastTo(constant(1), [13])]) as [Node];
    const [d] = gradients(loss, [theta]) as [Node];
    const result = run({ t, s: sum(d) }, values);
    expect(result['t']![0]).toBeCloseTo(result['s']![0]!, 12);
  });
});
