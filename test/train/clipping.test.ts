// Gradient clipping as graph: values and norms after it, what passes unchanged, and what is refused.
import { describe, expect, test } from 'vitest';
import { add, compile, gradients, multiply, parameter, sum, type Node } from '../../lib/graph.ts';
import { dense, Network, sgd, type Clip } from '../../lib/index.ts';
import { checkClip, clipGradients } from '../../lib/train/clipping.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, refusal, regression } from '../helpers/networks.ts';

const given = [[3, -0.5, 0.25, -4], [0.5, 1.5, -2], [0.01]];
const norm = (values: readonly number[]): number => Math.hypot(...values);
const times = (values: readonly number[], factor: number): number[] => values.map((value) => value * factor);

describe.each(backends)('%s', (backend) => {
  /** Gradients that come to `given`, clipped; and that of a tensor on which nothing depends. */
  function clipped(clip: Clip): number[][] {
    const weights = given.map((each, i) => parameter(`w${i}`, [each.length]));
    const terms = weights.map((w, i) => sum(multiply(w, parameter(`g${i}`, [given[i]!.length], given[i]!))));
    const unused = parameter('unused', [2, 3]);
    const found = clipGradients(gradients(terms.reduce(add), [...weights, unused]), clip);
    const result = compile({ outputs: Object.fromEntries(found.map((gradient: Node, i) => [`d${i}`, gradient])) }, { backend }).run({});
    expect(Array.from(result['d3']!.data)).toEqual([0, 0, 0, 0, 0, 0]);
    return given.map((_, i) => Array.from(result[`d${i}`]!.data));
  }

  const expectClose = (actual: number[][], expected: number[][]): void =>
    actual.forEach((values, i) => values.forEach((value, j) => expect(Math.abs(value - expected[i]![j]!)).toBeLessThan(3e-6 * Math.max(1, Math.abs(expected[i]![j]!)))));

  test('by value', () => {
    expectClose(clipped({ value: 0.75 }), [[0.75, -0.5, 0.25, -0.75], [0.5, 0.75, -0.75], [0.01]]);
  });

  test('by the norm of each tensor: the small ones stay as they are', () => {
    expectClose(clipped({ norm: 2.6 }), [times(given[0]!, 2.6 / norm(given[0]!)), given[1]!, given[2]!]);
    expect(clipped({ norm: 2.6 })[1]).toEqual(given[1]);
  });

  test('by the norm of all together: one factor for all', () => {
    const all = norm(given.flat());
    expectClose(clipped({ globalNorm: 1.5 }), given.map((values) => times(values, 1.5 / all)));
    expect(clipped({ globalNorm: all + 1 })).toEqual(given.map((values) => values.map(Math.fround)));
  });

  test('several limits one after the other', () => {
    const byValue = given.map((values) => values.map((value) => Math.max(-2, Math.min(2, value))));
    const byNorm = byValue.map((values) => times(values, Math.min(1, 2.2 / norm(values))));
    expectClose(clipped({ globalNorm: 1, norm: 2.2, value: 2 }), byNorm.map((values) => times(values, 1 / norm(byNorm.flat()))));
  });

  test('a step of fit is no longer than the limit allows', async () => {
    const data = regression(12, 3, 2), network = new Network({ inputs: 3, layers: [dense(4, 'tanh'), dense(2)], seed: 1, backend });
    const before = network.weights().flatMap(({ data: values }) => Array.from(values));
    await network.fit(data, { batchSize: 12, optimizer: sgd({ learningRate: 1 }), clip: { globalNorm: 0.125 } });
    const after = network.weights().flatMap(({ data: values }) => Array.from(values));
    expect(norm(after.map((value, i) => value - before[i]!))).toBeCloseTo(0.125, 5);
  });
});

describe('refusals', () => {
  const network = new Network({ inputs: 3, layers: [dense(2)] });
  test.each<[string, unknown, string | RegExp]>([
    ['a number', 5, "expected 'clip' to be limits such as { globalNorm: 1 } but received 5"],
    ['null', null, "'clip'"],
    ['an array', [1], 'an array of length 1'],
    ['no limit', {}, 'at least one of value, norm, globalNorm'],
    ['a limit without a value', { norm: undefined }, 'at least one of'],
    ['an unknown limit', { globalnorm: 1 }, "did you mean 'globalNorm'"],
    ['zero', { value: 0 }, "expected 'clip.value' to be a positive number but received 0"],
    ['a negative number', { norm: -1 }, "'clip.norm'"],
    ['infinity', { globalNorm: Infinity }, "'clip.globalNorm'"],
    ['text', { globalNorm: '1' }, "'clip.globalNorm'"],
  ])('%s', async (_name, clip, part) => {
    expectRefusal(await refusal(() => network.fit(regression(4, 3, 2), { clip: clip as Clip })), 'ERR_OPTION', part);
  });

  test('no clip is no limit', () => {
    expect(checkClip('fit', undefined)).toBeUndefined();
    expect(checkClip('fit', { value: 1, norm: undefined })).toEqual({ value: 1 });
  });
});
