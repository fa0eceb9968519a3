// Every op on both backends: the same program over the same values, within the op's tolerance of a double-precision run.
import { describe, expect, test } from 'vitest';
import { compile, gradients, input, multiply, sum, type Node } from '../../lib/graph.ts';
import { makeNode, type OpDefinition, type Sample } from '../../lib/graph/node.ts';
import { ops } from '../../lib/ops/registry.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends } from '../helpers/backends.ts';
import { drawValues, relativeError, sampleValues, withRows } from '../helpers/values.ts';

const cases = Object.values(ops).filter((op) => op.samples !== undefined)
  .flatMap((op) => op.samples!.map((sample, i) => ({ name: `${op.name} ${i} ${JSON.stringify(sample.shapes)}`, op, sample })));

/** Value and gradients of a weighted sum of the op's result. */
function build(op: OpDefinition, sample: Sample): { outputs: Record<string, Node>; weights: Node } {
  const inputs = sample.shapes.map((shape, i) => input(`x${i}`, shape));
  const result = makeNode(op, inputs, sample.attributes ?? {});
  const weights = input('weights', result.shape);
  const parts = inputs.length === 0 ? [] : gradients(sum(multiply(result, weights)), inputs);
  return { outputs: { result, ...Object.fromEntries(parts.map((part, i) => [`d${i}`, part])) }, weights };
}

describe.each(backends)('%s', (backend) => {
  test.each(cases)('$name', ({ op, sample }) => {
    const { outputs, weights } = build(op, sample);
    for (const rows of [1, 2, 7, 16, 19, 33, 70]) {
      const values: Record<string, Float64Array> = Object.fromEntries(sampleValues(sample, rows, rows).map((array, i) => [`x${i}`, array.map(Math.fround)]));
      values['weights'] = drawValues(withRows(weights.shape, rows), 'normal', new RandomStream(rows, 96)).map(Math.fround);
      const run = (options: object): Record<string, { data: ArrayLike<number> }> => {
        const program = compile({ outputs }, { maxRows: 80, ...options });
        const used = new Set(program.program.sources.map(({ name }) => name));
        return program.run(Object.fromEntries(Object.entries(values).filter(([name]) => used.has(name))));
      };
      const expected = run({ precision: 'float64' }), actual = run({ backend });
      for (const name of Object.keys(outputs)) {
        expect(relativeError(actual[name]!.data, expected[name]!.data), `${name} at ${rows} rows`).toBeLessThan(Math.max(op.tolerance ?? 2e-6, 5e-6));
      }
    }
  });

  test('draws are the same bits on every backend', () => {
    for (const shape of [['rows', 5] as const, [3, 7] as const]) {
      const node = makeNode(ops['uniform']!, [], { shape: JSON.stringify(shape), seed: 2 ** 40 + 7, key: 9 });
      const feed = input('x', ['rows', 1]);
      const run = (options: object): ArrayLike<number> => {
        const program = compile({ outputs: { node, x: feed } }, { maxRows: 40, ...options });
        program.run({ x: new Float32Array(3) });
        return program.run({ x: new Float32Array(37) })['node']!.data;
      };
      expect(Array.from(run({ backend }))).toEqual(Array.from(run({ precision: 'float64' })));
    }
  });
});
