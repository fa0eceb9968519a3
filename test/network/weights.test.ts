// Weights of examples: a weight of two is the example twice, a weight of none is no example.
import { describe, expect, test } from 'vitest';
import { Dataset, dense, Network, sgd } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, labelled, largestDifference, refusal } from '../helpers/networks.ts';

const { x, y } = labelled(12, 5, 3), weights = [1, 0, 2, 1, 3, 0, 1, 1, 0, 2, 1, 0];
const repeated = { x: x.flatMap((row, i) => Array<number[]>(weights[i]!).fill(row)), y: y.flatMap((label, i) => Array<number>(weights[i]!).fill(label)) };

describe.each(backends)('%s', (backend) => {
  const make = (): Network => new Network({ inputs: 5, layers: [dense(6, 'tanh'), dense(3, 'softmax')], seed: 2, backend });

  test('a full batch with weights is the batch with examples repeated', async () => {
    const weighted = make(), plain = make(), optimizer = sgd({ learningRate: 0.4, momentum: 0.5 });
    const a = await weighted.fit({ x, y, weights }, { epochs: 8, batchSize: 12, optimizer }), b = await plain.fit(repeated, { epochs: 8, batchSize: 12, optimizer });
    expect(largestDifference(a.epochs.map(({ loss }) => loss), b.epochs.map(({ loss }) => loss))).toBeLessThan(3e-6);
    weighted.weights().forEach(({ data }, i) => expect(largestDifference(data, plain.weights()[i]!.data)).toBeLessThan(1e-5));
    const measured = await weighted.evaluate({ x, y, weights });
    expect(measured.loss).toBeCloseTo((await weighted.evaluate(repeated)).loss, 5);
    // Metrics count every example once.
    expect(measured.accuracy).toBeCloseTo((await weighted.evaluate({ x, y })).accuracy!, 6);
  });

  test('weights follow their rows through views and minibatches, and may be all 0 in one', async () => {
    const set = Dataset.from({ x, y, weights }), { train, test: rest } = set.split({ test: 4, seed: 3 }), network = make();
    const { epochs } = await network.fit(train, { epochs: 3, batchSize: 1, validation: rest });
    for (const { loss, validation } of epochs) for (const value of [loss, validation!.loss]) expect(Number.isFinite(value)).toBe(true);
    const rows = Array.from(rest.index!), chosen = { x: rows.map((row) => x[row]!), y: rows.map((row) => y[row]!), weights: rows.map((row) => weights[row]!) };
    expect((await network.evaluate(rest)).loss).toBeCloseTo((await network.evaluate(chosen)).loss, 6);
    expect((await network.evaluate(set.slice(2, 6))).loss).toBeCloseTo((await network.evaluate({ x: x.slice(2, 6), y: y.slice(2, 6), weights: weights.slice(2, 6) })).loss, 6);
  });

  test('validation has weights of its own, or none', async () => {
    const { epochs } = await make().fit({ x, y, weights }, { validation: { x, y } }), other = await make().fit({ x, y }, { validation: { x, y, weights } });
    expect(epochs[0]!.validation!.loss).not.toBe(other.epochs[0]!.validation!.loss);
  });
});

test.each([
  ['one too few', weights.slice(1), 'ERR_SHAPE', 'a weight for each of 12'], ['a negative one', weights.map((weight, i) => (i === 5 ? -1 : weight)), 'ERR_DATA', '-1 (row 5)'],
  ['only zeros', weights.map(() => 0), 'ERR_DATA', 'above 0'], ['no number', weights.map(() => NaN), 'ERR_DATA', 'NaN (row 0'],
] as const)('%s are refused', async (_name, given, code, part) => {
  expectRefusal(await refusal(() => Dataset.from({ x, y, weights: given })), code, part);
});
