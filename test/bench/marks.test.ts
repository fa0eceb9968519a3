import { describe, expect, test } from 'vitest';
import { cases } from '../../bench/cases.ts';
import { ratioOf, readMarks, regression, type Marks } from '../../bench/marks.ts';
import type { ResultRow } from '../../bench/report.ts';

const row = (contestant: string, threads: number, values: number[]): ResultRow => ({
  case: 'W1-32-sgd', contestant, threads, unit: 'ms/step', median: values[0]!, min: 0, max: 9, runs: values.length, values, versions: {},
});
const marks: Marks = { tolerance: 0.15, tolerances: { W4: 0.5 }, cpu: 'a processor', ratios: { 'W1-32-sgd': 2, W4: 2 } };

describe('ratioOf', () => {
  test('is the median round of plain OpenBLAS over the better number of threads', () => {
    expect(ratioOf([row('openblas', 1, [4, 4, 8]), row('native', 1, [2, 1, 9]), row('native', 2, [4, 2, 4])])).toBe(2);
  });

  test('knows nothing where one of the two is missing', () => {
    expect(ratioOf([row('native', 1, [1])])).toBeUndefined();
    expect(ratioOf([row('openblas', 1, [1])])).toBeUndefined();
  });
});

describe('regression', () => {
  test('is more than the tolerance below the mark', () => {
    expect(regression('W1-32-sgd', 1.71, marks)).toBeUndefined();
    expect(regression('W1-32-sgd', 3, marks)).toBeUndefined();
    expect(regression('W1-32-sgd', 1.6, marks)).toBe(
      "W1-32-sgd regressed: plain OpenBLAS takes 1.60 times the library's time, and the mark is 2.00 (20 % less, 15 % are tolerated)");
  });

  test('may have another tolerance in a case', () => {
    expect(regression('W4', 1.1, marks)).toBeUndefined();
    expect(regression('W4', 0.9, marks)).toContain('50 % are tolerated');
  });

  test('is also what could not be measured, and not what has no mark', () => {
    expect(regression('W1-32-sgd', undefined, marks)).toBe('W1-32-sgd could not be measured, and its mark is 2.00');
    expect(regression('W0', 0.1, marks)).toBeUndefined();
  });
});

test('the committed marks are of cases that there are, and positive', () => {
  const { tolerance, ratios } = readMarks(), names = cases.filter(({ kind }) => kind === 'training' || kind === 'inference').map(({ name }) => name);
  expect(tolerance).toBeGreaterThan(0);
  expect(tolerance).toBeLessThan(1);
  expect(Object.keys(ratios).toSorted()).toEqual(names.toSorted());
  expect(Object.values(ratios).every((ratio) => ratio > 0)).toBe(true);
});
