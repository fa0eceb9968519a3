// Forward mode of every op: against central differences in double, as the transpose of the reverse mode, and twice over.
import { describe, expect, test } from 'vitest';
import { add, compile, gradients, input, multiply, sum, tangents, type Node } from '../../lib/graph.ts';
import { makeNode, type OpDefinition, type Sample } from '../../lib/graph/node.ts';
import { ops } from '../../lib/ops/registry.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { drawValues, relativeError, sampleValues, withRows } from '../helpers/values.ts';

const rows = 3;
const cases = Object.values(ops).filter((op) => op.arity > 0 && op.samples !== undefined)
  .flatMap((op) => op.samples!.map((sample, i) => ({ name: `${op.name} ${i} ${JSON.stringify(sample.shapes)}`, op, sample })));

type Named = Record<string, Float64Array>;

/** A case with directions for its inputs; labels and conditions, which are whole numbers, stay where they are. */
function build(op: OpDefinition, sample: Sample) {
  const inputs = sample.shapes.map((shape, i) => input(`x${i}`, shape));
  const directions = inputs.map((node, i) => input(`v${i}`, node.shape)), others = inputs.map((node, i) => input(`w${i}`, node.shape));
  const result = makeNode(op, inputs, sample.attributes ?? {});
  const upstream = input('u', result.shape);
  const moves = inputs.map((_, i) => !(sample.domain?.[i] ?? 'normal').startsWith('label'));
  const random = (node: Node, i: number, seed: number): Float64Array => drawValues(withRows(node.shape, rows), 'normal', new RandomStream(seed, 95, i)).map((value) => (i < 0 || moves[i] === true ? value : 0));
  const values: Named = { anchor: new Float64Array(rows), u: drawValues(withRows(upstream.shape, rows), 'normal', new RandomStream(4, 94)) };
  sampleValues(sample, rows, 13).forEach((array, i) => { values[`x${i}`] = array; });
  directions.forEach((node, i) => { values[`v${i}`] = random(node, i, 21); });
  others.forEach((node, i) => { values[`w${i}`] = random(node, i, 22); });
  return { inputs, directions, others, result, upstream, values };
}

/** What tells a program the number of rows where nothing else does, as in derivatives that are 0 everywhere. */
const anchor = input('anchor', ['rows', 1]);

function evaluate(outputs: Record<string, Node>, values: Named): (at?: Named) => Record<string, ArrayLike<number>> {
  const program = compile({ outputs: { ...outputs, anchor } }, { precision: 'float64', maxRows: rows });
  const used = program.program.sources.map(({ name }) => name);
  return (at = {}) => {
    const result = program.run(Object.fromEntries(used.map((name) => [name, at[name] ?? values[name]!])));
    return Object.fromEntries(Object.entries(result).map(([name, { data }]) => [name, data]));
  };
}

/** Change of output `y` as the inputs move along the vectors named `direction`, by differences of fourth order. */
function differences(run: (at?: Named) => Record<string, ArrayLike<number>>, values: Named, count: number, direction: string): number[] {
  const step = 1e-4;
  const at = (distance: number): ArrayLike<number> => run(Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, values[`x${i}`]!.map((value, j) => value + distance * values[`${direction}${i}`]![j]!)])))['y']!;
  const [far, near, before, behind] = [at(2 * step), at(step), at(-step), at(-2 * step)];
  return Array.from(near!, (_, i) => (8 * (near![i]! - before![i]!) - (far![i]! - behind![i]!)) / (12 * step));
}

describe.each(cases)('$name', ({ op, sample }) => {
  const { inputs, directions, others, result, upstream, values } = build(op, sample);
  const [tangent] = tangents([result], inputs, directions) as [Node];

  test('the tangent is the difference along the direction', () => {
    const run = evaluate({ y: result }, values);
    expect(relativeError(evaluate({ tangent }, values)()['tangent']!, differences(run, values, inputs.length, 'v'))).toBeLessThan(1e-8);
  });

  test('is the transpose of the gradient', () => {
    const parts = gradients(result, inputs, upstream);
    const forward = sum(multiply(upstream, tangent));
    const backward = parts.map((part, i) => sum(multiply(part, directions[i]!))).reduce(add);
    const run = evaluate({ forward, backward }, values)();
    const [a, b] = [run['forward']![0]!, run['backward']![0]!];
    expect(Math.abs(a - b)).toBeLessThan(1e-12 * (1 + Math.abs(a)));
  });

  test('one input at a time adds up to all of them', () => {
    const single = inputs.map((node, i) => tangents([result], [node], [directions[i]!])[0]!).reduce(add);
    const run = evaluate({ tangent, single }, values)();
    expect(relativeError(run['single']!, Array.from(run['tangent']!))).toBeLessThan(1e-13);
  });

  test('the tangent of the tangent is its difference along another direction', () => {
    const run = evaluate({ y: tangent }, values);
    const [second] = tangents([tangent], inputs, others) as [Node];
    expect(relativeError(evaluate({ second }, values)()['second']!, differences(run, values, inputs.length, 'w'))).toBeLessThan(1e-7);
  });

  test('forward over reverse is reverse over reverse', () => {
    const parts = gradients(result, inputs, upstream);
    const forward = tangents(parts, inputs, directions);
    const backward = gradients(parts.map((part, i) => sum(multiply(part, directions[i]!))).reduce(add), inputs);
    const run = evaluate(Object.fromEntries(inputs.flatMap((_, i) => [[`f${i}`, forward[i]!], [`b${i}`, backward[i]!]])), values)();
    inputs.forEach((_, i) => expect(relativeError(run[`f${i}`]!, Array.from(run[`b${i}`]!)), `input ${i}`).toBeLessThan(1e-11));
  });
});
