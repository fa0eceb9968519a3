// Every op against central differences in double precision, first and second derivatives, at several numbers of rows.
import { describe, expect, test } from 'vitest';
import { add, compile, gradients, input, multiply, sum, type CompiledGraph, type Node } from '../../lib/graph.ts';
import { makeNode } from '../../lib/graph/node.ts';
import type { OpDefinition, Sample } from '../../lib/graph/node.ts';
import { formatShape } from '../../lib/graph/shape.ts';
import { ops } from '../../lib/ops/registry.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { drawValues, relativeError, sampleValues, withRows } from '../helpers/values.ts';

/** A scalar that weighs every element of the op's result differently. */
function weighted(result: Node, weights: Node): Node {
  return sum(multiply(result, weights));
}

function build(op: OpDefinition, sample: Sample): { inputs: Node[]; result: Node; weights: Node; loss: Node } {
  const inputs = sample.shapes.map((shape, i) => input(`x${i}`, shape));
  const result = makeNode(op, inputs, sample.attributes ?? {});
  const weights = input('weights', result.shape);
  return { inputs, result, weights, loss: weighted(result, weights) };
}

function central(run: (values: Float64Array[]) => number, values: Float64Array[], which: number): Float64Array {
  const step = 1e-5, moved = values.map((array) => array.slice()), own = moved[which]!;
  return values[which]!.map((value, i) => {
    const at = (offset: number): number => {
      own[i] = value + offset;
      return run(moved);
    };
    const slope = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
    own[i] = value;
    return slope;
  });
}

/** What a program reads, of the given. */
function only({ program }: CompiledGraph, feeds: Record<string, Float64Array>): Record<string, Float64Array> {
  return Object.fromEntries(program.sources.map(({ name }) => [name, feeds[name]!]));
}

/** Computes one scalar, without the gradients: many times as quickly where there are many elements. */
function runner(output: Record<string, Node>, rows: number): (feeds: Record<string, Float64Array>) => number {
  const program = compile({ outputs: output }, { precision: 'float64', maxRows: rows }), [name] = Object.keys(output);
  return (feeds) => program.run(only(program, feeds))[name!]!.data[0]!;
}

const cases = Object.values(ops).filter((op) => op.arity > 0 && op.samples !== undefined)
  .flatMap((op) => op.samples!.map((sample, i) => ({ name: `${op.name} ${i} ${JSON.stringify(sample.shapes)}`, op, sample })));

describe.each(cases)('$name', ({ op, sample }) => {
  test.each([3, 5])('gradient at %i rows', (rows) => {
    const { inputs, result, weights, loss } = build(op, sample);
    const differentiable = op.gradient(result, input('upstream', result.shape)).map((part) => part != null);
    const values = sampleValues(sample, rows, 11);
    const weightValues = drawValues(withRows(weights.shape, rows), 'normal', new RandomStream(5, 98));
    const parts = gradients(loss, inputs);
    const program = compile({ outputs: { loss, ...Object.fromEntries(parts.map((part, i) => [`d${i}`, part])) } }, { precision: 'float64', maxRows: rows });
    const feed = (at: Float64Array[]): Record<string, Float64Array> => ({
      ...Object.fromEntries(at.map((array, i) => [`x${i}`, array])), weights: weightValues,
    });
    const run = runner({ loss }, rows), computed = program.run(only(program, feed(values)));
    inputs.forEach((node, i) => {
      if (!differentiable[i]) return;
      const expected = central((at) => run(feed(at)), values, i);
      expect(relativeError(computed[`d${i}`]!.data, expected), `${op.name} input ${i} ${formatShape(node.shape)}`).toBeLessThan(1e-7);
    });
  });

  test('gradient of the gradient', () => {
    const rows = 3;
    const { inputs, weights, loss } = build(op, sample);
    const parts = gradients(loss, inputs);
    const mixers = parts.map((part, i) => input(`mix${i}`, part.shape));
    const second = parts.map((part, i) => weighted(part, mixers[i]!)).reduce(add);
    const values = sampleValues(sample, rows, 12);
    const fixed: Record<string, Float64Array> = { weights: drawValues(withRows(weights.shape, rows), 'normal', new RandomStream(6, 98)) };
    mixers.forEach((mixer, i) => { fixed[`mix${i}`] = drawValues(withRows(mixer.shape, rows), 'normal', new RandomStream(7, 97, i)); });
    const smooth = inputs.map((_, i) => i).filter((i) => (sample.domain?.[i] ?? 'normal').startsWith('label') === false);
    const derivatives = gradients(second, inputs);
    const program = compile({ outputs: { second, ...Object.fromEntries(derivatives.map((part, i) => [`d${i}`, part])) } }, { precision: 'float64', maxRows: rows });
    const feed = (at: Float64Array[]): Record<string, Float64Array> => ({ ...fixed, ...Object.fromEntries(at.map((array, i) => [`x${i}`, array])) });
    const run = runner({ second }, rows), result = program.run(only(program, feed(values)));
    for (const i of smooth) {
      const expected = central((at) => run(feed(at)), values, i);
      expect(relativeError(result[`d${i}`]!.data, expected), `${op.name} input ${i}`).toBeLessThan(1e-6);
    }
  });
});
