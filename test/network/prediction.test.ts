// Prediction of few and many rows, copied or read where they lie, into memory of its own or the caller's.
import { describe, expect, test } from 'vitest';
import { dense, Network } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, largestDifference, refusal, rowsOf } from '../helpers/networks.ts';

describe.each(backends)('%s', (backend) => {
  const inputs = 150, outputs = 5;
  const build = (): Network => new Network({ inputs, layers: [dense(9, 'tanh'), dense(outputs, 'softmax')], seed: 3, backend });
  const flat = (rows: number, seed: number): Float32Array => Float32Array.from(rowsOf(rows, inputs, seed).flat());

  /** Outputs row by row, each by a call of its own. */
  function oneByOne(network: Network, x: Float32Array): number[] {
    return Array.from({ length: x.length / inputs }, (_, row) => [...network.predictSync(x.slice(row * inputs, (row + 1) * inputs)).data]).flat();
  }

  // 436 rows of 150 are the last that are copied, and steps hold 512.
  test.each([1, 2, 33, 436, 437, 512, 513, 1500])('%i rows are each predicted as by themselves, whatever came before', async (rows) => {
    const network = build(), x = flat(rows, rows), expected = oneByOne(network, x);
    const warm = build();
    for (const before of [700, 3, 600, 40]) warm.predictSync(flat(before, 1));
    const answers = [network.predictSync(x), warm.predictSync(x), await network.predict(x), await warm.predict(rowsOf(rows, inputs, rows))];
    for (const { shape, data } of answers) {
      expect(shape).toEqual([rows, outputs]);
      expect(largestDifference(data, expected)).toBeLessThan(1e-6);
    }
    expect(answers[1]!.data).toEqual(answers[0]!.data);
    expect(answers[2]!.data).toEqual(answers[0]!.data);
  });

  test.each([3, 900])('into memory of the caller: %i rows', (rows) => {
    const network = build(), x = flat(rows, 4), expected = network.predictSync(x);
    const whole = new Float32Array(rows * outputs + 7).fill(-1), into = whole.subarray(3, 3 + rows * outputs);
    const answer = network.predictSync(x, { into });
    expect(answer.data).toBe(into);
    expect(answer.shape).toEqual([rows, outputs]);
    expect(answer.data).toEqual(expected.data);
    expect([...whole.subarray(0, 3), ...whole.subarray(3 + rows * outputs)]).toEqual(Array.from({ length: 7 }, () => -1));
  });

  test.each([3, 900])('into memory that the inputs are in: %i rows', (rows) => {
    const network = build(), x = flat(rows, 5), expected = network.predictSync(x.slice()).data;
    expect(network.predictSync(x, { into: x.subarray(10, 10 + rows * outputs) }).data).toEqual(expected);
  });

  test("an 'into' that does not fit is refused, and nothing is written", async () => {
    const network = build(), x = flat(2, 6), short = new Float32Array(9);
    for (const into of [short, new Float32Array(11), new Float64Array(10), [], 10]) {
      expectRefusal(await refusal(() => network.predictSync(x, { into: into as never })), 'ERR_OPTION', "[predictSync] expected 'into' to be a Float32Array of length 10");
    }
    expectRefusal(await refusal(() => network.predictSync(x, { out: short } as never)), 'ERR_OPTION', "unknown option 'out'");
    expect([...short]).toEqual(Array.from({ length: 9 }, () => 0));
  });

  test('arrays read or written where they lie are let go', async () => {
    const network = build(), x = flat(900, 7), into = new Float32Array(900 * outputs), expected = network.predictSync(x).data;
    network.predictSync(x, { into });
    const { data } = await network.predict(x);
    structuredClone(null, { transfer: [x, into, data].map(({ buffer }) => buffer as ArrayBuffer) });
    expect(x.length + into.length).toBe(0);
    expect(network.predictSync(flat(900, 7)).data).toEqual(expected);
    expect(network.predictSync(flat(2, 7)).shape).toEqual([2, outputs]);
  });
});

test('in double precision', async () => {
  const network = new Network({ inputs: 3, layers: [dense(2, 'tanh')], precision: 'float64', seed: 1 }), x = rowsOf(600, 3, 1);
  const into = new Float64Array(1200), { data } = await network.predict(x);
  expect(data).toBeInstanceOf(Float64Array);
  expect(network.predictSync(x, { into }).data).toBe(into);
  expect(into).toEqual(data);
  expectRefusal(await refusal(() => network.predictSync(x, { into: new Float32Array(1200) })), 'ERR_OPTION', 'a Float64Array of length 1200');
});
