// Folds in exact numbers, and cross-validation against the same done by hand.
import { describe, expect, test } from 'vitest';
import { adam, crossValidate, Dataset, dense, dropout, earlyStopping, kFold, Network, type Fold, type NetworkOptions } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, labelled, refusal } from '../helpers/networks.ts';

const given = labelled(71, 6, 3), data = Dataset.from(given);
const countsOf = (values: readonly number[]): number[] => [0, 1, 2].map((label) => values.filter((value) => value === label).length);

describe('folds', () => {
  test.each([2, 5, 7, 71])('%i parts of equal size, each example in one', (folds) => {
    const parts = kFold(data, { folds, seed: 3 }), sizes = parts.map(({ test: part }) => part.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBe(71 % folds === 0 ? 0 : 1);
    expect(parts.flatMap(({ positions }) => [...positions]).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 71 }, (_, i) => i));
    for (const { train, test: part, positions } of parts) {
      expect(train.length + part.length).toBe(71);
      expect(part.toArrays().x).toEqual([...positions].map((position) => data.row(position).x));
      const rest = Array.from({ length: 71 }, (_, i) => i).filter((i) => !positions.includes(i));
      expect(train.toArrays().y).toEqual(rest.map((position) => data.row(position).y));
    }
  });

  test('stratified, every class is dealt out evenly', () => {
    const whole = countsOf(given.y), parts = kFold(data, { folds: 4, stratify: true, seed: 3 });
    const counts = parts.map(({ test: part }) => countsOf(part.toArrays().y.map(([label]) => label!)));
    whole.forEach((count, label) => {
      for (const each of counts) expect([Math.floor(count / 4), Math.ceil(count / 4)]).toContain(each[label]);
      expect(counts.reduce((so, each) => so + each[label]!, 0)).toBe(count);
    });
    expect(parts.map(({ test: part }) => part.length).toSorted()).toEqual([17, 18, 18, 18]);
    // Without, chance decides.
    expect(kFold(data, { folds: 4, seed: 3 }).map(({ test: part }) => countsOf(part.toArrays().y.map(([label]) => label!)))).not.toEqual(counts);
  });

  test('exact counts: 12, 7 and 2 of three classes in three folds', () => {
    const y = Int32Array.from([...Array<number>(12).fill(0), ...Array<number>(7).fill(1), 2, 2]), parts = kFold(Dataset.from({ x: [...y].map((_, i) => [i]), y }), { folds: 3, stratify: true });
    const counts = parts.map(({ test: part }) => countsOf(part.toArrays().y.map(([label]) => label!)));
    expect(counts.map(([first]) => first)).toEqual([4, 4, 4]);
    expect(counts.map((each) => each[1]).toSorted()).toEqual([2, 2, 3]);
    expect(counts.map((each) => each[2]).toSorted()).toEqual([0, 1, 1]);
    expect(parts.map(({ test: part }) => part.length)).toEqual([7, 7, 7]);
  });

  test('the seed decides, and views of a data set are dealt out like the whole', () => {
    const positions = (seed: number): number[][] => kFold(data, { seed }).map((part) => [...part.positions]);
    expect(positions(1)).toEqual(positions(1));
    expect(positions(1)).not.toEqual(positions(2));
    const view = data.split({ test: 0.3, seed: 9 }).train, [first] = kFold(view, { folds: 3 });
    expect(first!.test.toArrays().x).toEqual([...first!.positions].map((position) => view.row(position).x));
  });
});

describe.each(backends)('%s', (backend) => {
  const options = (): NetworkOptions => ({ inputs: 6, layers: [dense(7, 'tanh'), dropout(0.2), dense(3, 'softmax')], backend });
  const fit = { epochs: 4, batchSize: 8, optimizer: adam({ learningRate: 0.01 }) };

  test('is what training and measuring by hand gives', async () => {
    const seen: Fold[] = [], { folds, mean, standardDeviation, predictions } = await crossValidate((fold) => {
      seen.push(fold);
      return options();
    }, data, { folds: 4, seed: 3, fit });
    const parts = kFold(data, { folds: 4, seed: 3 }), losses: number[] = [];
    expect(predictions.shape).toEqual([71, 3]);
    for (const [i, { train, test: part, positions }] of parts.entries()) {
      const network = new Network({ ...options(), seed: seen[i]!.seed }), history = await network.fit(train, fit), evaluation = await network.evaluate(part);
      expect(folds[i]).toEqual({ repeat: 0, fold: i, examples: part.length, evaluation, history: { ...history, seconds: folds[i]!.history.seconds } });
      losses.push(evaluation.loss);
      const { data: own } = await network.predict(part.toArrays().x);
      positions.forEach((position, row) => expect(Array.from(predictions.data.slice(3 * position, 3 * position + 3))).toEqual(Array.from(own.slice(3 * row, 3 * row + 3))));
    }
    const average = losses.reduce((a, b) => a + b, 0) / 4;
    expect(mean['loss']).toBeCloseTo(average, 12);
    expect(standardDeviation['loss']).toBeCloseTo(Math.sqrt(losses.reduce((so, loss) => so + (loss - average) ** 2, 0) / 3), 12);
    expect(Object.keys(mean)).toEqual(['loss', 'accuracy']);
  });

  test('repeats have folds and seeds of their own; how many run at a time changes nothing', async () => {
    const run = (concurrency: number): ReturnType<typeof crossValidate> => crossValidate(options, given, { folds: 3, repeats: 2, stratify: true, seed: 1, concurrency, fit });
    const one = await run(1), three = await run(3), figures = ({ folds }: typeof one): unknown => folds.map(({ evaluation, repeat, fold }) => ({ evaluation, repeat, fold }));
    expect(figures(three)).toEqual(figures(one));
    expect(three.predictions).toEqual(one.predictions);
    expect(one.folds.map(({ repeat, fold }) => `${repeat} ${fold}`)).toEqual(['0 0', '0 1', '0 2', '1 0', '1 1', '1 2']);
    expect(new Set(one.folds.map(({ evaluation }) => evaluation.loss)).size).toBe(6);
    expect(String(one)).toMatch(/^fold +examples +loss +accuracy\n1\.1 +24 [^]*\n2\.3 +23 [^]*\nmean [^]*\nstandard deviation +\d/);
  });

  test('callbacks and validation data of a fold; networks while they are there', async () => {
    const kept: number[] = [];
    const { folds } = await crossValidate(options, data, {
      folds: 3, fit: ({ test: part }) => ({ epochs: 50, validation: part, metrics: [], callbacks: [earlyStopping({ patience: 1, minDelta: 10 })] }),
      onFold: async ({ fold }, network) => { kept[fold] = (await network.predict(given.x)).shape[0]; },
    });
    expect(folds.map(({ history }) => history.epochs.length)).toEqual([2, 2, 2]);
    expect(Object.keys(folds[0]!.evaluation)).toEqual(['loss']);
    expect(kept).toEqual([71, 71, 71]);
  });

  test('ends with the signal, and with the first error', async () => {
    const controller = new AbortController();
    expectRefusal(await refusal(() => crossValidate(options, data, { folds: 4, fit, signal: controller.signal, onFold: () => controller.abort() })), 'ERR_ABORTED');
    await expect(crossValidate(options, data, { folds: 4, concurrency: 2, fit: ({ fold }) => ({ ...fit, onEpoch() { if (fold === 2) throw new Error('mine'); } }) })).rejects.toThrow('mine');
  });
});

test('bad options', async () => {
  const network = (): NetworkOptions => ({ inputs: 6, layers: [dense(3, 'softmax')] });
  expectRefusal(await refusal(() => crossValidate(network, data, { folds: 1 })), 'ERR_OPTION', "'folds'");
  expectRefusal(await refusal(() => kFold(data, { folds: 72 })), 'ERR_OPTION', '71 examples');
  expectRefusal(await refusal(() => kFold(data, { stratified: true } as never)), 'ERR_OPTION', "did you mean 'stratify'");
  expectRefusal(await refusal(() => crossValidate(network, data, { fit: { callbacks: [earlyStopping()] } })), 'ERR_OPTION', "'callbacks'");
  expectRefusal(await refusal(() => crossValidate(network, data, { fit: { epoch: 1 } as never })), 'ERR_OPTION', "did you mean 'epochs'");
  expectRefusal(await refusal(() => crossValidate(network() as never, data)), 'ERR_OPTION', "'network'");
  expectRefusal(await refusal(() => crossValidate(network, null as never)), 'ERR_DATA', 'null');
});
