// SciPy's numbers: evaluations that CG and L-BFGS-B need from the same starts to the same tolerances, and the minima they find. The
// numbers are in scipy.json, made by make_scipy.py.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { minimize, type GraphObjective, type GraphObjectiveOptions, type MinimizerName } from '../../lib/graph.ts';
import { maxNorm } from '../../lib/minimize/vector.ts';
import { backends } from '../helpers/backends.ts';
import { digitsObjective, standardObjective } from '../helpers/objectives.ts';

interface Run {
  name: string; size: number; start: number[] | string; tolerance: number; method: MinimizerName;
  atStart: { value: number; gradientNorm: number };
  iterations: number; evaluations: number; value: number; x: number[]; reached: (number | null)[];
}
const golden = JSON.parse(readFileSync(new URL('scipy.json', import.meta.url), 'utf8')) as { levels: number[]; penalty: number; runs: Run[] };
const cases = golden.runs.map((run) => ({ ...run, title: `${run.method}: ${run.name} in ${run.size} dimensions` }));

const objectiveOf = ({ name, start }: Run, options: GraphObjectiveOptions = {}): GraphObjective =>
  (typeof start === 'string' ? digitsObjective(golden.penalty, options) : standardObjective(name, start, options));

/** Minimizes, and counts the evaluations until the value was at most each level. */
async function solve(run: Run, objective: GraphObjective, options: { maxEvaluations?: number } = {}) {
  const reached: (number | null)[] = golden.levels.map(() => null);
  let count = 0;
  const counted = {
    size: objective.size, precision: objective.precision,
    evaluate: async (x: Float64Array) => {
      const evaluation = await objective.evaluate(x);
      count++;
      golden.levels.forEach((level, i) => { if (evaluation.value <= level) reached[i] ??= count; });
      return evaluation;
    },
  };
  const result = await minimize(counted, objective.start, run.method, { gradientTolerance: run.tolerance, valueTolerance: 0, ...options });
  expect(result.evaluations).toBe(count);
  return { ...result, reached };
}

describe('double precision', () => {
  test.each(cases)('$title: no more than 1.3 times as many evaluations', async (run) => {
    const objective = objectiveOf(run), { size, start } = objective;
    expect(size).toBe(run.size);
    const { value, gradient } = await objective.evaluate(start);
    expect(Math.abs(value / run.atStart.value - 1)).toBeLessThan(1e-12);
    expect(Math.abs(maxNorm(gradient) / run.atStart.gradientNorm - 1)).toBeLessThan(1e-12);

    const result = await solve(run, objective);
    expect(result.reason).toBe('gradient');
    expect(result.gradientNorm).toBeLessThanOrEqual(run.tolerance);
    expect(result.evaluations).toBeLessThanOrEqual(1.3 * run.evaluations);
    if (run.x.length > 0) run.x.forEach((x, i) => expect(Math.abs(result.x[i]! - x)).toBeLessThan(run.name === 'powell' ? 0.02 : 1e-5));
    else expect(Math.abs(result.value / run.value - 1)).toBeLessThan(0.02);
    run.reached.forEach((evaluations, i) => {
      if (run.name === 'digits') expect(result.reached[i], `value ${golden.levels[i]}`).toBeLessThanOrEqual(1.3 * evaluations!);
    });
    objective.dispose();
  });
});

describe.each(backends)('single precision, %s', (backend) => {
  test.each(cases)('$title: the minimum as far as rounding shows it', async (run) => {
    const objective = objectiveOf(run, { backend, precision: 'float32' });
    const result = await solve(run, objective, run.name === 'digits' ? { maxEvaluations: 100 } : {});
    if (run.name === 'digits') {
      const level = golden.levels.findLastIndex((_, i) => run.reached[i]! <= 75);
      expect(result.reached[level]).toBeLessThanOrEqual(1.3 * run.reached[level]!);
      expect(result.evaluations).toBe(100);
    } else {
      expect(['gradient', 'precision']).toContain(result.reason);
      expect(result.value).toBeLessThan(1e-8);
      expect(result.evaluations).toBeLessThanOrEqual(1.5 * run.evaluations + 40);
    }
    objective.dispose();
  });
});
