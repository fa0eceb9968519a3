import { describe, expect, test } from 'vitest';
import { cases, productGflop, selectCases } from '../../bench/cases.ts';
import { agreementPlan } from '../../bench/trial-types.ts';

describe('cases', () => {
  test('have the names of the workloads, each once', () => {
    const names = cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.slice(0, 9)).toEqual([
      'W0', 'W1-32-sgd', 'W1-32-adam', 'W1-128-sgd', 'W1-128-adam', 'W2-128-adam', 'W3-128-sgd', 'W3-512-sgd', 'W4-32-adam',
    ]);
    expect(names.slice(9, 24)).toEqual(['W1', 'W2', 'W3'].flatMap((network) => [1, 4, 16, 64, 512].map((batch) => `${network}-predict-${batch}`)));
    expect(names.slice(24)).toEqual(['W2-concurrent-64', 'import', 'W1-load', 'W3-eventloop', 'memory', 'peak']);
  });

  test('have whole batches only', () => {
    for (const { rows, batch } of cases) expect(rows % batch).toBe(0);
  });

  test('are selected by name, in their own order, and an unknown one is named', () => {
    expect(selectCases(['W4-32-adam', 'W0']).map(({ name }) => name)).toEqual(['W0', 'W4-32-adam']);
    expect(selectCases(undefined)).toBe(cases);
    expect(() => selectCases(['W0', 'W9'])).toThrow(/expected names of cases \(W0, .* but received W9$/);
  });

  test('count the products of a step without the gradient of the data, and those of a call', () => {
    const flop = (name: string): number => Math.round(1e9 * productGflop(cases.find((one) => one.name === name)!));
    expect(flop('W0')).toBe(2 * 4 * (2 * 2 * 2 + 3 * 2 * 1));
    expect(flop('W1-32-sgd')).toBe(2 * 32 * (2 * 784 * 128 + 3 * 128 * 10));
    expect(flop('W1-predict-16')).toBe(2 * 16 * (784 * 128 + 128 * 10));
  });

  test('are checked over ten steps, inference over none', () => {
    for (const one of cases) {
      const { rows, epochs } = agreementPlan(one);
      expect(rows).toBeLessThanOrEqual(one.rows);
      expect((rows / one.batch) * epochs).toBe(one.kind === 'training' ? 10 : 0);
    }
  });
});
