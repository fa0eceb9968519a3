// The memory plan: values that live at the same time never share memory, and others do.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { affine, assign, exp, gradients, input, mean, multiply, parameter, square, subtract, tanh, type Node } from '../../lib/graph.ts';
import { planMemory, type Lifetime } from '../../lib/compile/plan.ts';
import { region, reservedLength, type Operand, type Program } from '../../lib/compile/program.ts';
import { adam, dense } from '../../lib/index.ts';
import { predictionProgram, programOf, trainingProgram } from '../helpers/programs.ts';

const lifetimes: fc.Arbitrary<Lifetime[]> = fc.array(
  fc.record({ units: fc.integer({ min: 1, max: 40 }), first: fc.nat(30), span: fc.nat(12) }).map(({ units, first, span }) => ({ length: 16 * units, first, last: first + span })),
  { maxLength: 40 },
);
const meet = (a: Lifetime, b: Lifetime): boolean => a.first <= b.last && b.first <= a.last;

/** The most memory in use at any one moment: no plan can do with less. */
function peak(values: readonly Lifetime[]): number {
  return Math.max(0, ...values.map(({ first }) => values.filter((value) => value.first <= first && first <= value.last).reduce((sum, { length }) => sum + length, 0)));
}

describe('any lifetimes', () => {
  test('no two live values overlap', () => {
    fc.assert(fc.property(lifetimes, (values) => {
      const { offsets } = planMemory(values);
      values.forEach((a, i) => values.forEach((b, j) => {
        if (i < j && meet(a, b)) expect(offsets[i]! + a.length <= offsets[j]! || offsets[j]! + b.length <= offsets[i]!).toBe(true);
      }));
    }), { numRuns: 400, seed: 1 });
  });

  test('the total is what is used: from the peak to the sum', () => {
    fc.assert(fc.property(lifetimes, (values) => {
      const { offsets, total } = planMemory(values);
      expect(total).toBe(Math.max(0, ...values.map(({ length }, i) => offsets[i]! + length)));
      expect(total).toBeLessThanOrEqual(values.reduce((sum, { length }) => sum + length, 0));
      expect(total).toBeGreaterThanOrEqual(peak(values));
    }), { numRuns: 400, seed: 2 });
  });

  test('offsets are whole vectors, never negative', () => {
    fc.assert(fc.property(lifetimes, (values) => {
      for (const offset of planMemory(values).offsets) expect(offset % 16 === 0 && offset >= 0).toBe(true);
    }), { numRuns: 100, seed: 3 });
  });

  test('values one after the other share one place', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 30 }), (sizes) => {
      const values = sizes.map((size, i) => ({ length: 16 * size, first: 2 * i, last: 2 * i + 1 }));
      expect(planMemory(values).total).toBe(16 * Math.max(...sizes));
    }), { numRuns: 100, seed: 4 });
  });
});

/** Lifetimes of a program's scratch values, read off its instructions. */
function scratchLives(program: Program): { operand: Operand; first: number; last: number }[] {
  const lives: { operand: Operand; first: number; last: number }[] = [];
  program.instructions.forEach(({ outs, ins }, index) => {
    for (const operand of ins) {
      if (operand.region !== region.scratch) continue;
      lives.findLast((life) => life.operand.offset === operand.offset && life.operand.count === operand.count)!.last = index;
    }
    for (const operand of outs) if (operand.region === region.scratch) lives.push({ operand, first: index, last: index });
  });
  return lives;
}

const layers = (depth: number, units: number) => Array.from({ length: depth }, () => dense(units, 'tanh'));

describe('programs', () => {
  test.each([1, 3, 6])('a training step of %i layers: no live value is overwritten', (depth) => {
    const program = trainingProgram({ inputs: 11, layers: [...layers(depth, 9), dense(5, 'softmax')], optimizer: adam(), maxRows: 20 });
    const lives = scratchLives(program);
    const end = ({ offset, count, kind }: Operand): number => offset + reservedLength(count, kind, program.maxRows);
    lives.forEach((a, i) => lives.slice(i + 1).forEach((b) => {
      if (a.first <= b.last && b.first <= a.last) expect(end(a.operand) <= b.operand.offset || end(b.operand) <= a.operand.offset).toBe(true);
    }));
    const sum = lives.reduce((total, { operand }) => total + reservedLength(operand.count, operand.kind, program.maxRows), 0);
    expect(program.scratchLength).toBeLessThan(sum);
  });

  test('prediction needs no more scratch for more layers', () => {
    const [two, five, forty] = [2, 5, 40].map((depth) => predictionProgram(30, layers(depth, 30)).scratchLength);
    expect(five).toBe(two);
    expect(forty).toBe(two);
  });

  test('training keeps one activation a layer, not more', () => {
    const scratch = (depth: number): number => trainingProgram({ inputs: 30, layers: [...layers(depth, 30), dense(4, 'softmax')], optimizer: adam() }).scratchLength;
    const activation = reservedLength(30, 1, 32);
    expect(scratch(12) - scratch(11)).toBe(activation);
    expect(scratch(30) - scratch(29)).toBe(activation);
  });

  test('what is written straight to the state takes no scratch', () => {
    const p = parameter('p', [64, 32]), q = parameter('q', [64, 32]);
    const step: Node = subtract(p, multiply(exp(p), q));
    expect(programOf({ assignments: [assign(p, step), assign(q, square(step))] }).scratchLength).toBe(16);
  });

  test('every offset is a whole vector', () => {
    const program = trainingProgram({ inputs: 7, layers: [dense(5, 'relu'), dense(3, 'softmax')], optimizer: adam(), maxRows: 13 });
    for (const { ins, outs } of program.instructions) for (const operand of [...ins, ...outs]) if (operand.region < region.step) expect(operand.offset % 16).toBe(0);
  });

  test('gradients are applied as soon as they are known: none waits in scratch', () => {
    const x = input('x', ['rows', 8]);
    let y: Node = x;
    const weights = Array.from({ length: 10 }, (_, i) => parameter(`w${i}`, [8, 8]));
    for (const weight of weights) y = tanh(affine(y, weight, parameter('b', [8])));
    const loss = mean(square(y)), parts = gradients(loss, weights);
    const program = programOf({ assignments: weights.map((weight, i) => assign(weight, subtract(weight, parts[i]!))) });
    expect(scratchLives(program).filter(({ operand }) => operand.count === 64)).toHaveLength(0);
  });
});
