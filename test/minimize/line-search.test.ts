// The line search on the six functions of Moré and Thuente (1994), section 5, with the evaluations that their tables report.
import { describe, expect, test } from 'vitest';
import type { LinePoint } from '../../lib/minimize/interval.ts';
import { searchLine } from '../../lib/minimize/line-search.ts';

type Line = (step: number) => readonly [value: number, slope: number];

const rational: Line = (a) => [-a / (a * a + 2), (a * a - 2) / (a * a + 2) ** 2];
const steep: Line = (a) => [(a + 0.004) ** 5 - 2 * (a + 0.004) ** 4, 5 * (a + 0.004) ** 4 - 8 * (a + 0.004) ** 3];
/** A kink smoothed over ±β at 1, with a wave on top (5.3). */
const wavy: Line = (a) => {
  const beta = 0.01, frequency = (39 * Math.PI) / 2, inside = Math.abs(a - 1) <= beta;
  const base = inside ? (a - 1) ** 2 / (2 * beta) + beta / 2 : Math.abs(a - 1), slope = inside ? (a - 1) / beta : Math.sign(a - 1);
  return [base + ((2 * (1 - beta)) / (39 * Math.PI)) * Math.sin(frequency * a), slope + (1 - beta) * Math.cos(frequency * a)];
};
/** Yanai, Ozawa and Kaneko's function (5.4). */
const yanai = (beta1: number, beta2: number): Line => {
  const gamma = (beta: number): number => Math.sqrt(1 + beta ** 2) - beta;
  const g1 = gamma(beta1), g2 = gamma(beta2);
  return (a) => {
    const left = Math.hypot(1 - a, beta2), right = Math.hypot(a, beta1);
    return [g1 * left + g2 * right, (-g1 * (1 - a)) / left + (g2 * a) / right];
  };
};

const tables: readonly { name: string; line: Line; decrease: number; curvature: number; evaluations: readonly number[]; steps: readonly number[] }[] = [
  { name: 'rational', line: rational, decrease: 1e-3, curvature: 0.1, evaluations: [6, 3, 1, 4], steps: [1.4, 1.4, 10, 37] },
  { name: 'steep', line: steep, decrease: 0.1, curvature: 0.1, evaluations: [12, 8, 8, 11], steps: [1.6, 1.6, 1.6, 1.6] },
  { name: 'wavy', line: wavy, decrease: 0.1, curvature: 0.1, evaluations: [12, 12, 10, 13], steps: [1, 1, 1, 1] },
  { name: 'symmetric', line: yanai(0.001, 0.001), decrease: 1e-3, curvature: 1e-3, evaluations: [4, 1, 3, 4], steps: [0.085, 0.1, 0.35, 0.83] },
  { name: 'sharp on the right', line: yanai(0.01, 0.001), decrease: 1e-3, curvature: 1e-3, evaluations: [6, 3, 7, 8], steps: [0.075, 0.078, 0.073, 0.076] },
  { name: 'sharp on the left', line: yanai(0.001, 0.01), decrease: 1e-3, curvature: 1e-3, evaluations: [13, 11, 8, 11], steps: [0.93, 0.93, 0.92, 0.92] },
];

async function search(line: Line, first: number, decrease: number, curvature: number, most = 20, tolerance = 1e-14, noise = 0) {
  const at = (step: number): LinePoint => { const [value, slope] = line(step); return { step, value, slope }; };
  const tried: number[] = [], start = at(0);
  const evaluate = async (step: number): Promise<LinePoint> => { tried.push(step); return at(step); };
  const result = await searchLine(start, first, evaluate, { sufficientDecrease: decrease, curvature, intervalTolerance: tolerance, lineSearchEvaluations: most }, noise);
  return { ...result, tried, start };
}

describe.each(tables)('$name', ({ line, decrease, curvature, evaluations, steps }) => {
  test.each([1e-3, 1e-1, 1e1, 1e3].map((first, i) => ({ first, evaluations: evaluations[i]!, step: steps[i]! })))('from $first', async ({ first, evaluations: expected, step }) => {
    const { outcome, point, start, tried } = await search(line, first, decrease, curvature);
    expect(outcome).toBe('wolfe');
    expect(point.value).toBeLessThanOrEqual(start.value + decrease * point.step * start.slope);
    expect(Math.abs(point.slope)).toBeLessThanOrEqual(curvature * -start.slope);
    expect(tried.length).toBe(expected);
    expect(Math.abs(point.step - step) / step).toBeLessThan(0.05);
  });
});

describe('where the function is not finite', () => {
  // −log(1 − a) − 3a: the minimum at 2/3, NaN beyond 1.
  const barrier: Line = (a) => [-Math.log(1 - a) - 3 * a, a < 1 ? 1 / (1 - a) - 3 : NaN];

  test.each([0.5, 1, 1.5, 40, 1e6, 1e9])('retreats from %f', async (first) => {
    const { outcome, point, nonFinite, tried } = await search(barrier, first, 1e-4, 0.01);
    expect(outcome).toBe('wolfe');
    expect(Math.abs(point.step - 2 / 3)).toBeLessThan(0.01);
    if (first >= 1) expect(nonFinite).toBe(true);
    expect(tried.length).toBeLessThan(22);
  });

  test('extrapolates up to it, and not beyond it again', async () => {
    // Falls to the edge at 1, beyond which it is infinite.
    const cliff: Line = (a) => (a < 1 ? [-a, -1] : [Infinity, NaN]);
    const { outcome, point, tried } = await search(cliff, 0.3, 1e-4, 0.4);
    expect(outcome).toBe('lower');
    expect(tried.filter((step) => step >= 1).length).toBeLessThan(20);
    expect(point.step).toBeGreaterThan(0.99);
    expect(point.step).toBeLessThan(1);
  });

  test('fails where nothing of the line is finite', async () => {
    const { outcome, point, nonFinite } = await search((a) => (a === 0 ? [1, -1] : [NaN, NaN]), 1, 1e-4, 0.4);
    expect([outcome, point.step, nonFinite]).toEqual(['failed', 0, true]);
  });
});

test('ends with what is lowest, where evaluations run out or the bracket is narrow', async () => {
  const few = await search(steep, 1e-3, 0.1, 0.1, 5);
  expect([few.outcome, few.tried.length]).toEqual(['lower', 5]);
  expect(few.point.value).toBe(Math.min(...few.tried.map((step) => steep(step)[0])));
  const narrow = await search(wavy, 1e1, 0.1, 0.1, 20, 0.9);
  expect(narrow.outcome).toBe('lower');
  expect(narrow.tried.length).toBeLessThan(10);
});

test('fails where the slope promises what the value does not keep', async () => {
  const { outcome, tried } = await search((a) => [a, -1], 1, 1e-4, 0.4, 50);
  expect(outcome).toBe('failed');
  expect(tried.length).toBeLessThan(51);
});

describe('where rounding hides the decrease that is asked for', () => {
  // 1 − 10⁻¹¹ (a − a² / 20), minimal at 10, in values with ten digits: each of them is 1. Asked for at 10 is a decrease of 0.1 · 10 · 10⁻¹¹.
  const slope = (a: number): number => -1e-11 * (1 - a / 10);
  const level: Line = (a) => [1, slope(a)];

  test('the slope alone decides', async () => {
    const { outcome, tried } = await search(level, 10, 0.1, 0.4, 20, 1e-14, 1e-10);
    expect([outcome, tried]).toEqual(['wolfe', [10]]);
  });

  test('but not where the decrease would be seen', async () => {
    expect((await search(level, 10, 0.1, 0.4, 20, 1e-14, 0.9e-11)).outcome).toBe('failed');
  });

  test('and not at a value above that of the start', async () => {
    const raised: Line = (a) => [a === 0 ? 1 : 1 + 1e-13, slope(a)];
    expect((await search(raised, 10, 0.1, 0.4, 20, 1e-14, 1e-10)).outcome).toBe('failed');
  });
});

test('is not caught in a minimum that lies too high', async () => {
  // Wells at 1, of depth 0.5, and at 10, where 0.05 is less than a tenth of what the slope of −e/2 at the start promises.
  const wells: Line = (a) => [-0.5 * a * Math.exp(1 - a) - 0.05 * Math.exp(-((a - 10) ** 2)), -0.5 * (1 - a) * Math.exp(1 - a) + 0.1 * (a - 10) * Math.exp(-((a - 10) ** 2))];
  for (const first of [9.5, 10]) {
    const { outcome, point } = await search(wells, first, 0.1, 0.1);
    expect(outcome).toBe('wolfe');
    expect(Math.abs(point.step - 1)).toBeLessThan(0.2);
  }
});
