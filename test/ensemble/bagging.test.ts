// Bagging: samples with replacement, and errors on what is out of bag.
import { describe, expect, test } from 'vitest';
import { Dataset, dense, Ensemble, Network, sgd } from '../../lib/index.ts';
import { bootstrapSample, outOfBag } from '../../lib/ensemble/bootstrap.ts';
import { memberSeed } from '../../lib/ensemble/members.ts';
import { backends } from '../helpers/backends.ts';
import { bits, labelled } from '../helpers/networks.ts';

test('a sample is drawn with replacement, all examples alike, and is a function of seed and number', () => {
  const length = 50, draws = 20_000, sample = bootstrapSample(length, draws, 3, 1), counts = new Array<number>(length).fill(0);
  for (const position of sample) counts[position]!++;
  // χ² with 49 degrees of freedom is below 85.4 with probability 0.999.
  expect(counts.reduce((total, count) => total + (count - draws / length) ** 2 / (draws / length), 0)).toBeLessThan(85.4);
  expect(bootstrapSample(length, draws, 3, 1)).toEqual(sample);
  expect(bootstrapSample(length, draws, 3, 2)).not.toEqual(sample);
  expect(bootstrapSample(length, draws, 4, 1)).not.toEqual(sample);
});

test('about 1/e of the examples are out of bag, none of which is in the sample, and together they are all', () => {
  const length = 5000, sample = bootstrapSample(length, length, 1, 0), rest = outOfBag(sample, length), drawn = new Set(sample);
  expect(rest.length / length).toBeCloseTo(1 / Math.E, 1);
  expect(rest.some((position) => drawn.has(position))).toBe(false);
  expect([...drawn, ...rest].toSorted((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
  expect(drawn.size).toBeLessThan(sample.length);
});

test('a view of a view repeats the rows asked for', () => {
  const whole = Dataset.from({ x: [[0], [1], [2], [3], [4]], y: [0, 10, 20, 30, 40], weights: [1, 2, 3, 4, 5] });
  const view = whole.select([4, 2, 2, 0]).select([1, 1, 0, 3]);
  expect(view.toArrays().y.map(([y]) => y)).toEqual([20, 20, 40, 0]);
  expect(view.length).toBe(4);
  expect(view.inputs.data).toBe(whole.inputs.data);
});

describe.each(backends)('%s', (backend) => {
  const { x, y } = labelled(60, 5, 3), data = Dataset.from({ x, y });
  const network = { inputs: 5, backend, layers: [dense(7, 'tanh'), dense(3, 'softmax')] };

  test('each member trains on its sample, of the size asked for', async () => {
    const ensemble = new Ensemble({ members: 3, seed: 9, network, bagging: { fraction: 0.55 } }), samples = ensemble.samples(60)!;
    expect(samples.map(({ length }) => length)).toEqual([33, 33, 33]);
    const { members } = await ensemble.fit(data, { epochs: 2, batchSize: 8 });
    for (const [i, member] of ensemble.members.entries()) {
      const alone = new Network({ ...network, seed: memberSeed(9, i) }), rows = Array.from(samples[i]!);
      const { epochs, steps } = await alone.fit({ x: rows.map((row) => x[row]!), y: rows.map((row) => y[row]!) }, { epochs: 2, batchSize: 8 });
      expect(members[i]!.epochs).toEqual(epochs);
      expect(members[i]!.steps).toBe(steps);
      expect(bits(member)).toBe(bits(alone));
    }
    expect(new Ensemble({ network }).samples(60)).toBeUndefined();
  });

  test('out-of-bag error: every example by the members that have not seen it', async () => {
    const ensemble = new Ensemble({ members: 4, seed: 2, network, bagging: true });
    const { outOfBag: found } = await ensemble.fit(data, { epochs: 6, optimizer: sgd({ learningRate: 0.3 }), batchSize: 8 });
    const unseen = ensemble.samples(60)!.map((sample) => x.map((_, row) => !sample.includes(row)));
    let rows = 0, loss = 0, right = 0;
    for (const [row, example] of x.entries()) {
      const votes = ensemble.members.filter((_, member) => unseen[member]![row]).map((member) => Array.from(member.predictSync(example).data));
      if (votes.length === 0) continue;
      const p = [0, 1, 2].map((k) => votes.reduce((total, vote) => total + vote[k]!, 0) / votes.length);
      rows++;
      loss -= Math.log(p[y[row]!]!);
      right += p.indexOf(Math.max(...p)) === y[row] ? 1 : 0;
    }
    expect(rows).toBeGreaterThan(40);
    expect(rows).toBeLessThan(60);
    expect(found!.rows).toBe(rows);
    expect(found!.loss).toBeCloseTo(loss / rows, 5);
    expect(found!.accuracy).toBeCloseTo(right / rows, 6);
    for (const [i, member] of ensemble.members.entries()) {
      const own = await member.evaluate(data.select(outOfBag(ensemble.samples(60)![i]!, 60)));
      expect(found!.members[i]!.loss).toBeCloseTo(own.loss, 5);
      expect(found!.members[i]!.accuracy).toBeCloseTo(own.accuracy!, 6);
    }
  });

  test('members without unseen examples, and unseen examples without weight, are left out', async () => {
    const two = new Ensemble({ members: 3, seed: 1, network, bagging: true }), drawn = two.samples(2)!;
    expect(drawn.map((sample) => new Set(sample).size)).toContain(2);
    const { outOfBag: found } = await two.fit({ x: x.slice(0, 2), y: y.slice(0, 2) });
    expect(found?.members.map((member) => member === undefined) ?? [true, true, true]).toEqual(drawn.map((sample) => new Set(sample).size === 2));
    const weightless = await two.fit({ x: x.slice(0, 9), y: y.slice(0, 9), weights: x.slice(0, 9).map((_, row) => (two.samples(9)!.every((sample) => sample.includes(row)) || row === two.samples(9)![0]![0] ? 1 : 0)) });
    expect(weightless.outOfBag?.members[0]).toBeUndefined();
  });
});
