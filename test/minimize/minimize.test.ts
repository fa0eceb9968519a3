// minimize on functions given in plain arithmetic: quadratic forms, NaN regions, rounding, limits, and what is refused.
import { describe, expect, test } from 'vitest';
import { conjugateGradient, lbfgs, minimize, type Iteration, type MinimizerSpec, type Objective } from '../../lib/graph.ts';
import { RandomStream } from '../../lib/random/philox.ts';

const methods = ['conjugateGradient', 'lbfgs'] as const;
const make = { conjugateGradient, lbfgs };

/** ½ Σ λᵢ (qᵢᵀ(x − c))² with Householder's reflection as Q: a dense quadratic form of known minimum. */
function quadratic(eigenvalues: readonly number[], seed: number): Objective & { minimum: Float64Array } {
  const size = eigenvalues.length, random = new RandomStream(seed, 5);
  const draw = (): Float64Array => Float64Array.from({ length: size }, () => random.normal());
  const minimum = draw(), v = draw(), length = Math.hypot(...v);
  const reflect = (x: Float64Array): Float64Array => {
    const twice = (2 * x.reduce((total, value, i) => total + value * v[i]!, 0)) / length ** 2;
    return x.map((value, i) => value - twice * v[i]!);
  };
  return {
    size, minimum,
    evaluate(x) {
      const part = reflect(x.map((value, i) => value - minimum[i]!));
      return { value: 0.5 * part.reduce((total, value, i) => total + eigenvalues[i]! * value * value, 0), gradient: reflect(part.map((value, i) => eigenvalues[i]! * value)) };
    },
  };
}

const rosenbrock: Objective = {
  size: 2,
  evaluate([a, b]: Float64Array) {
    const r = b! - a! * a!;
    return { value: 100 * r * r + (1 - a!) ** 2, gradient: Float64Array.of(-400 * r * a! - 2 * (1 - a!), 200 * r) };
  },
};
/** 3x − log x: the minimum at ⅓, NaN below 0. */
const logarithmic: Objective = { size: 1, evaluate: ([x]: Float64Array) => ({ value: 3 * x! - Math.log(x!), gradient: Float64Array.of(3 - 1 / x!) }) };
const falling: Objective = { size: 1, evaluate: ([x]: Float64Array) => ({ value: -x!, gradient: Float64Array.of(-1) }) };

describe.each(methods)('%s', (name) => {
  test('finds the minimum of a quadratic form of n variables in n steps of a nearly exact line search', async () => {
    const objective = quadratic([1, 2.5, 4, 9, 13, 20, 50], 3);
    const method = make[name]({ curvature: 1e-3, sufficientDecrease: 1e-4 });
    const result = await minimize(objective, new Float64Array(7), method, { gradientTolerance: 1e-9, valueTolerance: 0 });
    expect(result.reason).toBe('gradient');
    expect(result.iterations).toBeLessThanOrEqual(8);
    result.x.forEach((x, i) => expect(Math.abs(x - objective.minimum[i]!)).toBeLessThan(1e-9));
  });

  test('needs as many steps as there are distinct eigenvalues', async () => {
    const objective = quadratic([...Array<number>(20).fill(1), ...Array<number>(9).fill(7), 30], 4);
    const { iterations, converged } = await minimize(objective, new Float64Array(30), make[name]({ curvature: 1e-3, sufficientDecrease: 1e-4 }), { gradientTolerance: 1e-9, valueTolerance: 0 });
    expect(converged).toBe(true);
    expect(iterations).toBeLessThanOrEqual(4);
  });

  test.each([1e-3, 0.5, 40])('keeps out of where the logarithm is NaN, from %f', async (start) => {
    const { x, reason } = await minimize(logarithmic, [start], name, { gradientTolerance: 1e-8, valueTolerance: 0 });
    expect(reason).toBe('gradient');
    expect(Math.abs(x[0]! - 1 / 3)).toBeLessThan(1e-8);
  });

  test('reports iterations in order: values never rise, evaluations count up, the last is the result', async () => {
    const seen: Iteration[] = [];
    let awaited = 0;
    const result = await minimize(rosenbrock, [-1.2, 1], name, {
      valueTolerance: 0,
      onIteration: async (iteration) => {
        expect(awaited).toBe(seen.length);
        seen.push({ ...iteration, x: iteration.x.slice() });
        await new Promise((resolve) => { setImmediate(resolve); });
        awaited++;
      },
    });
    expect(seen.map(({ iteration }) => iteration)).toEqual(seen.map((_, i) => i + 1));
    for (let i = 1; i < seen.length; i++) {
      expect(seen[i]!.value).toBeLessThanOrEqual(seen[i - 1]!.value);
      expect(seen[i]!.evaluations).toBeGreaterThan(seen[i - 1]!.evaluations);
    }
    for (const { x, value, gradientNorm } of seen) {
      const { value: expected, gradient } = await rosenbrock.evaluate(x);
      expect([value, gradientNorm]).toEqual([expected, Math.max(...gradient.map(Math.abs))]);
    }
    const { x, value, gradientNorm, evaluations } = seen.at(-1)!;
    expect(result).toEqual({ x, value, gradientNorm, evaluations, iterations: seen.length, converged: true, reason: 'gradient' });
  });

  test('ends for the reason asked for', async () => {
    const run = (options: object) => minimize(rosenbrock, [-1.2, 1], name, { gradientTolerance: 0, valueTolerance: 0, ...options });
    expect(await run({ maxIterations: 4 })).toMatchObject({ reason: 'maxIterations', iterations: 4, converged: false });
    expect(await run({ valueTolerance: 1e-3 })).toMatchObject({ reason: 'value', converged: true });
    expect(await minimize(rosenbrock, [1, 1], name)).toMatchObject({ reason: 'gradient', iterations: 0, evaluations: 1, value: 0 });
    expect(await minimize(falling, [1], name, { maxEvaluations: 70 })).toMatchObject({ reason: 'maxEvaluations', evaluations: 70, converged: false });
  });

  test.each([0, 1, 2, 3, 7, 20])('at most %i evaluations give the lowest of their points', async (maxEvaluations) => {
    const values: number[] = [];
    const counted: Objective = { size: 2, evaluate: async (x) => { const evaluation = await rosenbrock.evaluate(x); values.push(evaluation.value); return evaluation; } };
    const { value, x, evaluations, reason } = await minimize(counted, [-1.2, 1], name, { maxEvaluations, gradientTolerance: 0, valueTolerance: 0 });
    expect([reason, evaluations, values.length]).toEqual(['maxEvaluations', Math.max(1, maxEvaluations), Math.max(1, maxEvaluations)]);
    expect(value).toBe(Math.min(...values));
    expect((await rosenbrock.evaluate(x)).value).toBe(value);
  });

  test('aborts after the evaluation in hand, and keeps the best point', async () => {
    const controller = new AbortController();
    const between = await minimize(rosenbrock, [-1.2, 1], name, { signal: controller.signal, onIteration: ({ iteration }) => { if (iteration === 5) controller.abort(); } });
    expect(between).toMatchObject({ reason: 'aborted', iterations: 5, converged: false });
    expect(await minimize(rosenbrock, [-1.2, 1], name, { signal: controller.signal })).toMatchObject({ reason: 'aborted', evaluations: 1, iterations: 0 });
    const within = new AbortController();
    let count = 0;
    const stopping: Objective = { size: 2, evaluate: (x) => { if (++count === 2) within.abort(); return rosenbrock.evaluate(x); } };
    expect(await minimize(stopping, [-1.2, 1], name, { signal: within.signal })).toMatchObject({ reason: 'aborted', evaluations: 2 });
  });

  test('lets timers run while the objective is evaluated at once', async () => {
    const controller = new AbortController();
    const slow: Objective = { size: 1, evaluate: ([x]) => { for (const until = performance.now() + 2; performance.now() < until;); return { value: -x!, gradient: Float64Array.of(-1) }; } };
    setTimeout(() => controller.abort(), 30);
    const { reason, evaluations } = await minimize(slow, [1], name, { signal: controller.signal, maxEvaluations: 2000 });
    expect(reason).toBe('aborted');
    expect(evaluations).toBeLessThan(1000);
  });

  test.each([0, 1, 1000])('ends where rounding to single precision hides the descent, at a minimum of %f', async (least) => {
    const rounded: Objective = {
      size: 2, precision: 2 ** -23,
      evaluate: async (x) => {
        // Shifted by a number that single precision does not have, so that no gradient vanishes.
        const { value, gradient } = await rosenbrock.evaluate(x.map((part) => Math.fround(part) + Math.PI / 1000));
        return { value: Math.fround(least + value), gradient: gradient.map(Math.fround) };
      },
    };
    const { reason, value, evaluations } = await minimize(rounded, [-1.2, 1], name, { gradientTolerance: 0, valueTolerance: 0 });
    expect(reason).toBe('precision');
    expect(value - least).toBeLessThan(Math.max(least * 2e-6, 1e-7));
    expect(evaluations).toBeLessThan(250);
  });

  test('a gradient of the wrong sign ends the run at its start', async () => {
    const wrong: Objective = { size: 2, evaluate: async (x) => { const { value, gradient } = await rosenbrock.evaluate(x); return { value, gradient: gradient.map((part) => -part) }; } };
    expect(await minimize(wrong, [-1.2, 1], name)).toMatchObject({ reason: 'precision', iterations: 0, converged: false, x: Float64Array.of(-1.2, 1) });
  });

  test('says where nothing finite can be reached', async () => {
    expect(await minimize(logarithmic, [-1], name)).toMatchObject({ reason: 'nonFinite', evaluations: 1, x: Float64Array.of(-1), converged: false });
    const island: Objective = { size: 1, evaluate: ([x]) => (x === 2 ? { value: 1, gradient: Float64Array.of(1) } : { value: NaN, gradient: Float64Array.of(NaN) }) };
    expect(await minimize(island, [2], name)).toMatchObject({ reason: 'nonFinite', x: Float64Array.of(2), value: 1 });
    const huge: Objective = { size: 1, evaluate: ([x]) => ({ value: Math.exp(x!), gradient: Float64Array.of(Math.exp(x!)) }) };
    expect(await minimize(huge, [600], name)).toMatchObject({ reason: 'nonFinite', evaluations: 1 });
  });

  test('a value of −∞ is not a minimum', async () => {
    const edge: Objective = { size: 1, evaluate: ([x]) => ({ value: x! < 1 ? -x! : -Infinity, gradient: Float64Array.of(-1) }) };
    const { x, value, reason } = await minimize(edge, [0.3], name, { valueTolerance: 0, maxIterations: 50 });
    expect(reason).toBe('nonFinite');
    expect(value).toBe(-x[0]!);
    expect(x[0]).toBeGreaterThan(0.99);
  });

  test('an objective may use its memory over and over, and what it throws comes through', async () => {
    const memory = new Float64Array(2);
    const sparing: Objective = { size: 2, evaluate: async (x) => { const { value, gradient } = await rosenbrock.evaluate(x); memory.set(gradient); return { value, gradient: memory }; } };
    expect(await minimize(sparing, [-1.2, 1], name)).toEqual(await minimize(rosenbrock, [-1.2, 1], name));
    const failing: Objective = { size: 2, evaluate: () => { throw new RangeError('no more'); } };
    await expect(minimize(failing, [0, 0], name)).rejects.toThrow(new RangeError('no more'));
  });

  test('leaves the start as it is, and goes by its specification alone', async () => {
    const start = Float64Array.of(-1.2, 1);
    const result = await minimize(rosenbrock, start, make[name]());
    expect(start).toEqual(Float64Array.of(-1.2, 1));
    expect(await minimize(rosenbrock, [-1.2, 1], JSON.parse(JSON.stringify(make[name]())) as MinimizerSpec)).toEqual(result);
    expect(await minimize(rosenbrock, [-1.2, 1], make[name]({ lineSearchEvaluations: 2 }))).not.toEqual(result);
  });
});

test('more memory, fewer iterations; lbfgs is the default', async () => {
  const objective = quadratic(Array.from({ length: 40 }, (_, i) => 1 + i * i), 9);
  const iterations = async (memory: number) => (await minimize(objective, new Float64Array(40), lbfgs({ memory }))).iterations;
  expect(await iterations(40)).toBeLessThan(await iterations(1));
  expect(await minimize(objective, new Float64Array(40))).toEqual(await minimize(objective, new Float64Array(40), lbfgs()));
});

describe('refused', () => {
  const bad: Objective = { size: 2, evaluate: () => ({ value: 1, gradient: new Float64Array(3) }) };
  const refusals: readonly [string, () => unknown, string][] = [
    ['a memory of 0', () => lbfgs({ memory: 0 }), "[lbfgs] expected 'memory' to be a positive integer but received 0"],
    ['an unknown option', () => conjugateGradient({ memory: 3 } as object), "[conjugateGradient] unknown option 'memory'; known are 'sufficientDecrease', 'curvature', 'lineSearchEvaluations'"],
    ['a curvature of 1', () => lbfgs({ curvature: 1 }), "[lbfgs] expected 'curvature' to be a number in (0, 1) but received 1"],
    ['conditions that no step satisfies', () => conjugateGradient({ sufficientDecrease: 0.5 }), "[conjugateGradient] expected 'sufficientDecrease' to be below 'curvature' but received 0.5 and 0.4"],
    ['an unknown method', () => minimize(rosenbrock, [1, 1], 'lbgfs' as 'lbfgs'), "[minimize] expected 'method' to be one of conjugateGradient, lbfgs but received 'lbgfs'; did you mean 'lbfgs'?"],
    ['no objective', () => minimize(null as unknown as Objective, []), "[minimize] expected 'objective' to be an object with size and evaluate but received null"],
    ['a size of 0', () => minimize({ ...rosenbrock, size: 0 }, []), "[minimize] expected 'objective.size' to be a positive integer but received 0"],
    ['a short start', () => minimize(rosenbrock, [1]), "[minimize] expected 'start' to have 2 numbers but received an array of length 1"],
    ['a start that is not finite', () => minimize(rosenbrock, [1, NaN]), "[minimize] expected 'start' to be finite numbers but start[1] is NaN"],
    ['no start', () => minimize(rosenbrock, undefined as unknown as number[]), "[minimize] expected 'start' to be 2 numbers but received undefined"],
    ['a tolerance below 0', () => minimize(rosenbrock, [1, 1], 'lbfgs', { gradientTolerance: -1 }), "[minimize] expected 'gradientTolerance' to be a non-negative number but received -1"],
    ['half an iteration', () => minimize(rosenbrock, [1, 1], 'lbfgs', { maxIterations: 0.5 }), "[minimize] expected 'maxIterations' to be a non-negative integer but received 0.5"],
    ['an unknown option of minimize', () => minimize(rosenbrock, [1, 1], 'lbfgs', { tolerance: 1 } as object), "[minimize] unknown option 'tolerance'"],
    ['a hook that is no function', () => minimize(rosenbrock, [1, 1], 'lbfgs', { onIteration: 3 as never }), "[minimize] expected 'onIteration' to be a function but received 3"],
    ['a gradient of the wrong length', () => minimize(bad, [1, 1]), '[minimize] expected a gradient of length 2 but received a Float64Array of length 3'],
    ['a gradient that is no Float64Array', () => minimize({ size: 1, evaluate: () => ({ value: 1, gradient: [1] as never }) }, [1]), "[minimize] expected the objective's gradient to be a Float64Array but received an array of length 1"],
    ['a value that is no number', () => minimize({ size: 1, evaluate: () => ({ value: '1' as never, gradient: new Float64Array(1) }) }, [1]), "[minimize] expected the objective's value to be a number but received '1'"],
  ];
  test.each(refusals)('%s', async (_what, call, message) => {
    await expect((async () => call())()).rejects.toThrow(message);
  });
});
