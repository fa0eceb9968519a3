import { describe, expect, test } from 'vitest';
import { cases, selectCases } from '../../bench/cases.ts';
import { checkPlan } from '../../bench/trial-types.ts';

describe('cases', () => {
  test('have the names of the workloads, each once', () => {
    const names = cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.slice(0, 9)).toEqual([
      'W0', 'W1-32-sgd', 'W1-32-adam', 'W1-128-sgd', 'W1-128-adam', 'W2-128-adam', 'W3-128-sgd', 'W3-512-sgd', 'W4-32-adam',
    ]);
    expect(names.slice(9)).toEqual(['W1', 'W2', 'W3'].flatMap((network) => [1, 16, 64, 512].map((batch) => `${network}-predict-${batch}`)));
  });

  test('have whole batches only', () => {
    for (const { rows, batch } of cases) expect(rows % batch).toBe(0);
  });

  test('are selected by name, in their own order, and an unknown one is named', () => {
    expect(selectCases(['W4-32-adam', 'W0']).map(({ name }) => name)).toEqual(['W0', 'W4-32-adam']);
    expect(selectCases(undefined)).toBe(cases);
    expect(() => selectCases(['W0', 'W9'])).toThrow(/expected names of cases \(W0, .* but received W9$/);
  });

  test('are checked over ten steps, inference over none', () => {
    for (const one of cases) {
      const { rows, epochs } = checkPlan(one);
      expect(rows).toBeLessThanOrEqual(one.rows);
      expect((rows / one.batch) * epochs).toBe(one.kind === 'training' ? 10 : 0);
    }
  });
});
