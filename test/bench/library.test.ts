import { expect, test } from 'vitest';
import { cases, type BenchmarkCase, type TrainingCase } from '../../bench/cases.ts';
import { makeData } from '../../bench/data.ts';
import { buildNetwork, firstBatchLoss, firstRows, fitEpochs, networkWeights } from '../../bench/library.ts';
import { lossComplaint } from '../../bench/loss.ts';

test.each(['W0', 'W4-32-adam'])('%s is trained through the public API, and its loss goes down', async (name) => {
  const found = cases.find((one) => one.name === name) as TrainingCase;
  const one: TrainingCase = { ...found, rows: Math.min(found.rows, 3 * found.batch) };
  const data = makeData(one);
  const network = buildNetwork(one.network, 'typescript', 1);
  const before = firstBatchLoss(network, one, data);
  await fitEpochs(network, one, firstRows(one, data, one.rows), 20);
  expect(lossComplaint(before, firstBatchLoss(network, one, data))).toBeUndefined();
});

test.each(['W0', 'W1-32-sgd', 'W2-128-adam'].map((name) => cases.find((one) => one.name === name)!))('$name: weights are [out, in], in the order of the layers', (one: BenchmarkCase) => {
  const { network: shape } = one;
  const weights = networkWeights(buildNetwork(shape, 'typescript', 1));
  const widths = [shape.inputs, ...shape.layers.map(({ units }) => units)];
  expect(weights.map(({ shape: sizes }) => sizes)).toEqual(shape.layers.flatMap(({ units }, index) => [[units, widths[index]], [units]]));
});
