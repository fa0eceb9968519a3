// Directions of the minimizers: what they learn, when they refuse to learn it, and how a run goes on after a line without descent.
import { describe, expect, test } from 'vitest';
import { minimize, type Objective } from '../../lib/graph.ts';
import { minimizers } from '../../lib/minimize/registry.ts';
import type { Point } from '../../lib/minimize/minimizer.ts';

const point = (x: readonly number[], gradient: readonly number[], value = 0): Point => ({ x: Float64Array.from(x), gradient: Float64Array.from(gradient), value });
const begin = (name: keyof typeof minimizers, options = {}) => minimizers[name].begin(2, minimizers[name].check(options).options);

function directionAt(directions: ReturnType<typeof begin>, at: Point): number[] {
  const direction = new Float64Array(2);
  directions.write(direction, at);
  return [...direction];
}

/** Two points with a step and a change of the gradient between them. */
const before = point([0, 0], [1, -2], 5), after = point([-0.5, 1.5], [0.25, 1]);

describe('lbfgs', () => {
  test('the direction is that of BFGS with the matrix written out', () => {
    const directions = begin('lbfgs');
    expect(directionAt(directions, before)).toEqual([-1, 2]);
    directions.learn(before, after);
    // H = (I − ρ s yᵀ) γ (I − ρ y sᵀ) + ρ s sᵀ
    const s = [-0.5, 1.5], y = [-0.75, 3], sy = 0.375 + 4.5, gamma = sy / (0.5625 + 9), rho = 1 / sy;
    const left = [0, 1].map((i) => [0, 1].map((j) => (i === j ? 1 : 0) - rho * s[i]! * y[j]!));
    const h = [0, 1].map((i) => [0, 1].map((j) => gamma * (left[i]![0]! * left[j]![0]! + left[i]![1]! * left[j]![1]!) + rho * s[i]! * s[j]!));
    const expected = h.map((row) => -(row[0]! * 0.25 + row[1]! * 1));
    directionAt(directions, after).forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-15));
    expect(directions.firstStep(after, -1)).toBe(1);
  });

  test('a step over which the gradient did not grow along it is not remembered', () => {
    const directions = begin('lbfgs');
    directions.learn(before, point([-0.5, 1.5], [1.5, -3]));
    expect(directionAt(directions, after)).toEqual([-0.25, -1]);
    expect(directions.forget()).toBe(false);
  });

  test('the direction does not depend on the unit of the function', () => {
    const unit = 2 ** -100, inUnit = ({ x, gradient }: Point): Point => point([...x], [...gradient].map((g) => g * unit));
    const directions = begin('lbfgs'), other = begin('lbfgs');
    directions.learn(before, after);
    other.learn(inUnit(before), inUnit(after));
    expect(directionAt(other, inUnit(after))).toEqual(directionAt(directions, after));
  });

  test('first goes a step of length 1; where nothing was learned from that, no further than 1', () => {
    const flat = point([0, 0], [0.03, -0.04]), steep = point([0, 0], [3, -4]), directions = begin('lbfgs');
    expect(directions.firstStep(flat, -1)).toBeCloseTo(20, 12);
    expect(directions.firstStep(steep, -1)).toBeCloseTo(0.2, 14);
    directions.learn(before, point([-0.5, 1.5], [1.5, -3]));
    expect(directions.firstStep(flat, -1)).toBe(1);
    expect(directions.firstStep(steep, -1)).toBeCloseTo(0.2, 14);
  });

  test('the oldest of more than `memory` steps is forgotten', () => {
    const third = point([0.5, 2], [0.5, 2]);
    const short = begin('lbfgs', { memory: 1 }), long = begin('lbfgs', { memory: 2 }), late = begin('lbfgs', { memory: 1 });
    for (const directions of [short, long]) directions.learn(before, after);
    for (const directions of [short, long, late]) directions.learn(after, third);
    const elsewhere = point([0, 0], [1, -0.5]);
    expect(directionAt(short, elsewhere)).toEqual(directionAt(late, elsewhere));
    expect(directionAt(short, elsewhere)).not.toEqual(directionAt(long, elsewhere));
    // A step that is not remembered drives nothing out.
    short.learn(before, point([-0.5, 1.5], [1.5, -3]));
    expect(directionAt(short, elsewhere)).toEqual(directionAt(late, elsewhere));
    expect([short.forget(), short.forget()]).toEqual([true, false]);
    expect(directionAt(short, third)).toEqual([-0.5, -2]);
  });
});

describe('conjugateGradient', () => {
  test('β is of Polak and Ribière', () => {
    const directions = begin('conjugateGradient');
    directionAt(directions, before);
    directions.learn(before, after);
    // β = gᵀ(g − g₋) / g₋ᵀg₋ = (0.25 (−0.75) + 1 · 3) / 5, on the direction (−1, 2)
    const beta = (0.25 * -0.75 + 3) / 5;
    const next = point([0, 0], [0.25, 0.1]);
    directionAt(directions, next).forEach((value, i) => expect(Math.abs(value - (-next.gradient[i]! + beta * [-1, 2][i]!))).toBeLessThan(1e-15));
  });

  test('first goes so far that a parabola falls by half the norm, then 1.01 times as far as the last fall tells', () => {
    const directions = begin('conjugateGradient'), norm = Math.sqrt(5);
    // A parabola of slope −5 at 0 falls by d up to its minimum at 2 d / 5.
    expect(directions.firstStep(before, -5)).toBeCloseTo(1.01 * norm / 5, 14);
    directions.learn(before, { ...after, value: 2 });
    expect(directions.firstStep({ ...after, value: 2 }, -0.5)).toBeCloseTo(1.01 * 2 * (5 - 2) / 0.5, 14);
    // Where the last step fell by nothing, a step of length 1 along the gradient.
    expect(directions.firstStep({ ...after, value: 5 }, -0.5)).toBeCloseTo(1 / Math.sqrt(0.25 ** 2 + 1), 14);
  });

  test('restarts where β would be negative', () => {
    const directions = begin('conjugateGradient');
    directionAt(directions, before);
    const shorter = point([-0.5, 1.5], [0.5, -1]);
    directions.learn(before, shorter);
    expect(directionAt(directions, shorter)).toEqual([-0.5, 1]);
    expect(directions.forget()).toBe(false);
  });

  test('restarts where the direction would ascend', () => {
    const directions = begin('conjugateGradient');
    directionAt(directions, before);
    const risen = point([-0.5, 1.5], [-3, 6]);
    directions.learn(before, risen);
    expect(directionAt(directions, risen)).toEqual([3, -6]);
  });
});

test('limits are those of SciPy', () => {
  expect(minimizers.lbfgs.limits(30)).toEqual({ maxIterations: 15_000, maxEvaluations: 15_000, valueTolerance: 2.220446049250313e-9 });
  expect(minimizers.conjugateGradient.limits(30)).toEqual({ maxIterations: 6000, maxEvaluations: Infinity, valueTolerance: 0 });
});

describe.each(['lbfgs', 'conjugateGradient'] as const)('%s', (name) => {
  test('goes on along the steepest descent after a line on which nothing is finite', async () => {
    let count = 0;
    const interrupted: Objective = {
      size: 2,
      evaluate([a, b]) {
        count++;
        if (count > 8 && count <= 28) return { value: NaN, gradient: Float64Array.of(NaN, NaN) };
        const r = b! - a! * a!;
        return { value: 100 * r * r + (1 - a!) ** 2, gradient: Float64Array.of(-400 * r * a! - 2 * (1 - a!), 200 * r) };
      },
    };
    const { reason, x } = await minimize(interrupted, [-1.2, 1], name, { valueTolerance: 0 });
    expect(reason).toBe('gradient');
    x.forEach((value) => expect(Math.abs(value - 1)).toBeLessThan(1e-4));
  });

  test('where values are equal, goes on only to what is flatter', async () => {
    const norms: number[] = [];
    // A value all of whose decrease is lost in rounding, and a gradient that turns.
    const turning: Objective = {
      size: 2, precision: 1,
      evaluate([a, b]) {
        const angle = 3 * (a! + 2 * b!);
        return { value: 1, gradient: Float64Array.of(Math.cos(angle), Math.sin(angle)) };
      },
    };
    const { reason, iterations } = await minimize(turning, [0.1, 0], name, { valueTolerance: 0, maxIterations: 200, onIteration: ({ gradientNorm }) => { norms.push(gradientNorm); } });
    expect(reason).toBe('precision');
    expect(iterations).toBeGreaterThan(0);
    expect(iterations).toBe(norms.length);
    for (let i = 1; i < norms.length; i++) expect(norms[i]).toBeLessThan(norms[i - 1]!);
  });
});
