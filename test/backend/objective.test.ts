// graphObjective: loss and gradients of a graph over one vector, on both backends, and what it refuses.
import { describe, expect, test } from 'vitest';
import {
  add, affine, crossEntropy, graphObjective, hyper, input, log, matmul, mean, minimize, multiply, parameter, scale, square, state, subtract, sum, tanh, uniform,
  type GraphObjectiveOptions, type Node,
} from '../../lib/graph.ts';
import { backends } from '../helpers/backends.ts';
import { digitsObjective, standardObjective } from '../helpers/objectives.ts';

const configurations: readonly (GraphObjectiveOptions & { name: string; error: number })[] = [
  { name: 'float64', precision: 'float64', error: 1e-9 },
  ...backends.map((backend) => ({ name: backend, backend, precision: 'float32' as const, error: 1e-4 })),
];

/** A network of 3-4-2 on five examples. */
function smallNetwork(): { loss: Node; parameters: Node[]; inputs: Record<string, number[][]> } {
  const w1 = parameter('w1', [4, 3], [[0.5, -0.3, 0.2], [0.1, 0.4, -0.6], [-0.2, 0.3, 0.7], [0.9, -0.8, 0.1]]), b1 = parameter('b1', [4]);
  const w2 = parameter('w2', [2, 4], [[0.3, -0.1, 0.8, 0.2], [-0.5, 0.6, 0.1, 0.4]]), b2 = parameter('b2', [2], [0.1, -0.1]);
  const loss = crossEntropy(affine(tanh(affine(input('x', ['rows', 3]), w1, b1)), w2, b2), input('t', ['rows', 1]));
  return { loss, parameters: [w2, b1, w1, b2], inputs: { x: [[1, 2, 3], [-1, 0.5, 2], [0, 1, -1], [2, -2, 0.3], [-0.4, 0.1, 0.9]], t: [[0], [1], [1], [0], [1]] } };
}

describe.each(configurations)('$name', ({ name, error, ...options }) => {
  test('puts parameters one after the other in the order given, with gradients that central differences confirm', async () => {
    const { loss, parameters, inputs } = smallNetwork();
    const objective = graphObjective(loss, parameters, { ...options, inputs });
    const reference = graphObjective(loss, parameters, { inputs });
    expect([objective.size, objective.backend]).toEqual([26, options.backend ?? 'typescript']);
    const { start } = objective;
    expect([...start.subarray(0, 4), ...start.subarray(8, 13), ...start.subarray(24)]).toEqual([0.3, -0.1, 0.8, 0.2, 0, 0, 0, 0, 0.5, 0.1, -0.1]);
    const { gradient } = await objective.evaluate(start);
    for (let i = 0; i < 26; i++) {
      const at = async (by: number): Promise<number> => (await reference.evaluate(start.map((value, j) => (i === j ? value + by : value)))).value;
      expect(Math.abs(gradient[i]! - ((await at(1e-5)) - (await at(-1e-5))) / 2e-5)).toBeLessThan(Math.max(error / 10, 1e-9));
    }
    const { w1, b2 } = objective.tensors(Float64Array.from({ length: 26 }, (_, i) => i));
    expect(w1).toEqual({ shape: [4, 3], data: Float64Array.from({ length: 12 }, (_, i) => 12 + i) });
    expect(b2).toEqual({ shape: [2], data: Float64Array.of(24, 25) });
    objective.dispose();
    reference.dispose();
  });

  test.each(['lbfgs', 'conjugateGradient'] as const)('%s solves a linear system as least squares', async (method) => {
    const a = [[4, 1, 0.5], [1, 3, -1], [0, 0.5, 2], [1, 1, 1]], solution = [[1], [-2], [0.5]];
    const b = a.map((row) => [row.reduce((total, value, i) => total + value * solution[i]![0]!, 0)]);
    const x = parameter('x', [3, 1]);
    const objective = graphObjective(sum(square(subtract(matmul(input('a', ['rows', 3]), x), input('b', ['rows', 1])))), [x], { ...options, inputs: { a, b } });
    const result = await minimize(objective, objective.start, method, { gradientTolerance: Math.max(error, 1e-8), valueTolerance: 0 });
    expect(result.reason).toBe('gradient');
    solution.flat().forEach((value, i) => expect(Math.abs(result.x[i]! - value)).toBeLessThan(error));
    objective.dispose();
  });

  test.each(['lbfgs', 'conjugateGradient'] as const)('%s: values never rise, and rounding ends what no tolerance does', async (method) => {
    const objective = standardObjective('beale', [1, 1], options), values: number[] = [];
    const result = await minimize(objective, objective.start, method, { gradientTolerance: 0, valueTolerance: 0, maxIterations: 400, onIteration: ({ value }) => { values.push(value); } });
    expect(['precision', 'gradient']).toContain(result.reason);
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThanOrEqual(values[i - 1]!);
    expect(Math.abs(result.x[0]! - 3)).toBeLessThan(10 * error);
    expect(Math.abs(result.x[1]! - 0.5)).toBeLessThan(10 * error);
    objective.dispose();
  });

  test.each(['lbfgs', 'conjugateGradient'] as const)('%s keeps out of where a logarithm is NaN', async (method) => {
    const x = parameter('x', [2], [0.5, 40]);
    const objective = graphObjective(sum(subtract(scale(x, 3), log(x))), [x], options);
    const result = await minimize(objective, objective.start, method, { gradientTolerance: Math.max(error, 1e-7), valueTolerance: 0 });
    expect(result.reason).toBe('gradient');
    result.x.forEach((value) => expect(Math.abs(value - 1 / 3)).toBeLessThan(error));
    objective.dispose();
  });

  test('draws the same numbers at every evaluation, and keeps state tensors and hyper nodes as they are', async () => {
    const w = parameter('w', [3], [1, 2, 3]), noise = multiply(uniform(['rows', 3], 7, 1), input('x', ['rows', 3]));
    const loss = add(mean(multiply(square(w), noise)), multiply(hyper('rate'), sum(multiply(w, state('kept', [3], [5, 6, 7])))));
    const objective = graphObjective(loss, [w], { ...options, inputs: { x: [[1, 2, 3], [4, 5, 6]], rate: 0.25 } });
    const first = await objective.evaluate(objective.start), values = [first.value, ...first.gradient];
    const second = await objective.evaluate(objective.start);
    expect([second.value, ...second.gradient]).toEqual(values);
    const { value } = await objective.evaluate(new Float64Array(3));
    expect(value).toBe(0);
    const { gradient } = await objective.evaluate(new Float64Array(3));
    expect([...gradient]).toEqual([1.25, 1.5, 1.75]);
    objective.dispose();
  });

  test('one evaluation at a time; none after dispose', async () => {
    const objective = digitsObjective(1e-4, options);
    const running = objective.evaluate(objective.start);
    await expect(objective.evaluate(new Float64Array(objective.size))).rejects.toThrow(expect.objectContaining({ code: 'ERR_BUSY' }));
    const { value } = await running;
    expect(Math.abs(value - 2.5449343824494264)).toBeLessThan(error);
    objective.dispose();
    await expect(objective.evaluate(objective.start)).rejects.toThrow(expect.objectContaining({ code: 'ERR_DISPOSED' }));
  });
});

test('precision is double unless the native backend is asked for', () => {
  const objective = standardObjective('beale', [1, 1]);
  expect([objective.backend, objective.precision]).toEqual(['typescript', 2 ** -52]);
  const single = standardObjective('beale', [1, 1], { precision: 'float32' });
  expect(single.precision).toBe(2 ** -23);
  for (const backend of backends) expect(standardObjective('beale', [1, 1], { backend }).precision).toBe(backend === 'native' ? 2 ** -23 : 2 ** -52);
});

describe('refused', () => {
  const { loss, parameters, inputs } = smallNetwork();
  const refusals: readonly [string, () => unknown, string][] = [
    ['a loss that is not a scalar', () => graphObjective(square(parameters[0]!), parameters), "[graphObjective] expected 'loss' to be a scalar but received shape [2, 4]"],
    ['no parameters', () => graphObjective(loss, []), '[graphObjective] expected at least one parameter'],
    ['an input as a parameter', () => graphObjective(loss, [loss.inputs[0]!], { inputs }), "[graphObjective] expected parameters made by 'parameter' but received "],
    ['a parameter that the loss does not read', () => graphObjective(loss, [...parameters, parameter('other', [2])], { inputs }), "[graphObjective] expected 'loss' to depend on 'other' but it does not"],
    ['a parameter given twice', () => graphObjective(loss, [parameters[0]!, parameters[0]!], { inputs }), "[graphObjective] two parameters are named 'w2'"],
    ['a missing input', () => graphObjective(loss, parameters, { inputs: { x: inputs['x']! } }), "[graphObjective] expected a value for 't'"],
    ['an unknown input', () => graphObjective(loss, parameters, { inputs: { ...inputs, y: 1 } }), "[graphObjective] unknown input 'y'"],
    ['another number of rows', () => graphObjective(loss, parameters, { inputs: { ...inputs, t: [[1]] } }), '[graphObjective] expected'],
    ['doubles on the native backend', () => graphObjective(loss, parameters, { inputs, backend: 'native', precision: 'float64' }), "expected backend 'typescript' for precision 'float64'"],
    ['an unknown option', () => graphObjective(loss, parameters, { input: inputs } as object), "[graphObjective] unknown option 'input'; did you mean 'inputs'?"],
  ];
  test.each(refusals)('%s', (_what, call, message) => expect(call).toThrow(message));

  test('a vector of another size', async () => {
    const objective = graphObjective(loss, parameters, { inputs });
    await expect(objective.evaluate(new Float64Array(25))).rejects.toThrow("[evaluate] expected 'x' to have 26 numbers but received 25");
    expect(() => objective.tensors(new Float64Array(27))).toThrow("[tensors] expected 'x' to have 26 numbers but received 27");
    objective.dispose();
  });
});
