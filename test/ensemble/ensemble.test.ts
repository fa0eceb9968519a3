// Ensemble: averages and spreads by hand, independence of concurrency, seeds, failures, cancelling, files.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { activation, checkpoint, dense, dropout, earlyStopping, Ensemble, input, Network, sgd, type EnsembleOptions, type NetworkOptions } from '../../lib/index.ts';
import { memberSeed } from '../../lib/ensemble/members.ts';
import { backends } from '../helpers/backends.ts';
import { bits, expectRefusal, labelled, largestDifference, refusal, regression, rowsOf } from '../helpers/networks.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-ensemble-')); });
afterAll(() => rm(folder, { recursive: true }));

const data = labelled(90, 4, 3), numbers = regression(70, 4, 2), x = rowsOf(11, 4, 8);

test('seeds of members differ from each other and from those of the next ensemble, and are safe integers', () => {
  const seeds = [0, 1, 2 ** 40].flatMap((seed) => Array.from({ length: 50 }, (_, i) => memberSeed(seed, i)));
  expect(new Set(seeds).size).toBe(150);
  expect(seeds.every(Number.isSafeInteger)).toBe(true);
  expect(memberSeed(7, 3)).toBe(memberSeed(7, 3));
});

describe.each(backends)('%s', (backend) => {
  const network: NetworkOptions = { inputs: 4, backend, layers: [dense(6, 'tanh'), dropout(0.1), dense(3, 'softmax')] };
  const build = (options: Partial<EnsembleOptions> = {}): Ensemble => new Ensemble({ members: 3, seed: 5, network, ...options });

  test('the prediction is the mean of the members, the spread their standard deviation', async () => {
    const ensemble = build({ members: 4 });
    await ensemble.fit(data, { epochs: 2 });
    const { shape, data: mean, spread } = await ensemble.predict(x), single = ensemble.members.map((member) => member.predictSync(x).data);
    expect(shape).toEqual([11, 3]);
    const hand = Array.from(mean, (_, i) => single.map((values) => values[i]!));
    const means = hand.map((values) => values.reduce((a, b) => a + b, 0) / 4);
    expect(mean).toEqual(Float32Array.from(means));
    expect(spread).toEqual(Float32Array.from(hand, (values, i) => Math.sqrt(values.reduce((a, b) => a + (b - means[i]!) ** 2, 0) / 4)));
    expect(Math.min(...spread)).toBeGreaterThan(1e-4);
    for (let row = 0; row < 11; row++) expect(mean[3 * row]! + mean[3 * row + 1]! + mean[3 * row + 2]!).toBeCloseTo(1, 5);
    expect(ensemble.predictSync(x)).toEqual(await ensemble.predict(x));
  });

  test('one member alone is that network, without spread', async () => {
    const ensemble = build({ members: 1 }), alone = new Network({ ...network, seed: memberSeed(5, 0) });
    const { members: [history] } = await ensemble.fit(data, { epochs: 3, batchSize: 7 });
    expect((await alone.fit(data, { epochs: 3, batchSize: 7 })).epochs).toEqual(history!.epochs);
    expect(bits(ensemble.members[0]!)).toBe(bits(alone));
    expect(new Set((await ensemble.predict(x)).spread)).toEqual(new Set([0]));
  });

  test.each([false, true, { fraction: 0.6 }])('the bits do not depend on how many train at a time, bagging %j', async (bagging) => {
    const results = [];
    for (const concurrency of [1, 2, 4]) {
      const ensemble = build({ members: 4, bagging });
      const { members, outOfBag } = await ensemble.fit(data, { epochs: 3, batchSize: 8, concurrency, validation: 0.2 });
      results.push([ensemble.members.map(bits), members.map((history) => history!.epochs), outOfBag]);
      ensemble.dispose();
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(new Set(results[0]![0] as string[]).size).toBe(4);
  });

  test('no more members train at a time than allowed', async () => {
    for (const concurrency of [1, 2]) {
      const busy = new Set<number>();
      let most = 0;
      await build({ members: 4 }).fit(data, {
        epochs: 2, concurrency,
        callbacks: (member) => [{ onBegin() { busy.add(member); most = Math.max(most, busy.size); }, onEnd() { busy.delete(member); } }],
      });
      expect(most).toBe(concurrency);
    }
  });

  test('callbacks are made for each member, and epochs are told with its number', async () => {
    const seen: string[] = [], made: number[] = [];
    const { members } = await build().fit(data, {
      epochs: 2, concurrency: 1, onEpoch: ({ epoch }, member) => { seen.push(`${member}.${epoch}`); },
      callbacks(member) { made.push(member); return [earlyStopping({ patience: 1, minDelta: 100 })]; },
    });
    expect(seen).toEqual(['0.1', '0.2', '1.1', '1.2', '2.1', '2.2']);
    expect(made).toEqual([0, 1, 2]);
    expect(members.every((history) => history!.stopped !== undefined)).toBe(true);
  });

  test('squared error: the mean error of the members is that of the ensemble plus the mean squared spread (Krogh and Vedelsby 1995)', async () => {
    const ensemble = build({ members: 5, bagging: true, network: { inputs: 4, backend, layers: [dense(8, 'tanh'), dense(2)] } });
    await ensemble.fit(numbers, { epochs: 5 });
    const { loss, members } = await ensemble.evaluate(numbers), { spread } = await ensemble.predict(numbers.x);
    const mean = members.reduce((total, each) => total + each.loss, 0) / 5, ambiguity = Array.from(spread).reduce((total, s) => total + s * s, 0) / spread.length;
    expect(members).toHaveLength(5);
    expect(ambiguity).toBeGreaterThan(1e-3);
    expect(mean - loss).toBeCloseTo(ambiguity, 6);
    expect(loss).toBeLessThan(mean);
  });

  test('several outputs: each has its mean and spread', async () => {
    const features = input(4), hidden = dense(5, 'tanh').apply(features);
    const ensemble = build({ network: { inputs: features, backend, outputs: { size: dense(2).apply(hidden), kind: dense(3, 'softmax').apply(hidden) } } });
    const y = { size: numbers.y, kind: numbers.y.map((_, i) => i % 3) };
    await ensemble.fit({ x: numbers.x, y }, { epochs: 1 });
    const { shape, data: mean, spread, outputs } = await ensemble.predict(x);
    expect(shape).toEqual([11, 5]);
    for (const [name, first, width] of [['size', 0, 2], ['kind', 2, 3]] as const) {
      const cut = (values: ArrayLike<number>): number[] => Array.from(values).filter((_, i) => i % 5 >= first && i % 5 < first + width);
      expect(outputs![name]!.shape).toEqual([11, width]);
      expect(Array.from(outputs![name]!.data)).toEqual(cut(mean));
      expect(Array.from(outputs![name]!.spread)).toEqual(cut(spread));
    }
    const measured = await ensemble.evaluate({ x: numbers.x, y }), alone = await ensemble.members[1]!.evaluate({ x: numbers.x, y });
    expect(measured.members[1]!.outputs!['kind']!.accuracy).toBe(alone.outputs!['kind']!.accuracy);
    expect(measured.members[1]!.loss).toBeCloseTo(alone.loss, 5);
    expect(measured.loss).toBeCloseTo(measured.outputs!['size']!.loss + measured.outputs!['kind']!.loss, 5);
  });

  test('members measured from their predictions agree with what they measure themselves, weights of examples and views included', async () => {
    const weights = data.y.map((_, i) => (i % 4) / 2);
    for (const [layer, y, metric] of [[dense(3, 'softmax'), data.y, 'accuracy'], [dense(3), data.y, 'accuracy'], [dense(1, 'sigmoid'), data.y.map((label) => Number(label > 0)), 'accuracy'], [dense(2), numbers.y.concat(numbers.y).slice(0, 90), 'meanAbsoluteError']] as const) {
      const ensemble = build({ network: { inputs: 4, backend, layers: [dense(7, 'relu'), layer] } });
      const set = { x: data.x, y: y as number[], weights }, loss = layer.options['units'] === 3 ? 'crossEntropy' : undefined;
      await ensemble.fit(set, { epochs: 4, loss });
      const evaluation = await ensemble.evaluate(set, { loss, metrics: [metric] });
      for (const [i, member] of ensemble.members.entries()) {
        const own = await member.evaluate(set, { loss, metrics: [metric] });
        expect(evaluation.members[i]!.loss).toBeCloseTo(own.loss, 5);
        expect(evaluation.members[i]![metric]).toBeCloseTo(own[metric]!, 5);
      }
    }
  });

  test('the accuracy and the cross-entropy of the average are those of its probabilities', async () => {
    const ensemble = build();
    await ensemble.fit(data, { epochs: 6 });
    const { data: p } = await ensemble.predict(data.x), { loss, accuracy } = await ensemble.evaluate(data);
    const best = data.y.filter((label, i) => p[3 * i + label] === Math.max(...p.subarray(3 * i, 3 * i + 3))).length;
    expect(accuracy).toBeCloseTo(best / 90, 6);
    expect(loss).toBeCloseTo(data.y.reduce((total, label, i) => total - Math.log(p[3 * i + label]!), 0) / 90, 5);
  });

  test('probabilities of 0 and 1 are measured with finite losses', async () => {
    for (const [layer, y] of [[dense(3, 'softmax'), data.y], [dense(1, 'sigmoid'), data.y.map((label) => Number(label > 0))]] as const) {
      const ensemble = build({ network: { inputs: 4, backend, layers: [layer] } });
      for (const member of ensemble.members) member.setWeights(member.weights().map(({ name, data: values }) => ({ name, data: values.map((value) => value * 1e4) })));
      const { loss } = await ensemble.evaluate({ x: data.x, y });
      expect(Number.isFinite(loss)).toBe(true);
      expect(loss).toBeGreaterThan(0.1);
    }
  });

  test('a member whose loss is no number is left out, told of, and comes back with a later fit', async () => {
    const warnings: (Error & { code?: string })[] = [], listen = (warning: Error): void => { warnings.push(warning); };
    process.on('warning', listen);
    const ensemble = build({ network: { inputs: 4, backend, layers: [dense(5), dense(2)] } });
    const huge = ensemble.members[1]!.weights().map(({ name, data: values }) => ({ name, data: values.map(() => 1e30) })), before = ensemble.members[1]!.weights();
    ensemble.members[1]!.setWeights(huge);
    const { members, failures } = await ensemble.fit(numbers, { epochs: 2, optimizer: sgd({ learningRate: 0.01 }) });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(members.map((history) => history !== undefined)).toEqual([true, false, true]);
    expect(failures.map(({ member }) => member)).toEqual([1]);
    expectRefusal(failures[0]!.error, 'ERR_NON_FINITE', 'epoch 1');
    expect(warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([expect.stringMatching(/^DENSELY_MEMBER_FAILED \[Ensemble.fit\] member 1 of 3 is left out of predictions: \[fit\] the loss/)]);
    const [a, , c] = ensemble.members.map((member) => member.predictSync(x).data);
    expect((await ensemble.predict(x)).data).toEqual(a!.map((value, i) => (value + c![i]!) / 2));
    expect((await ensemble.evaluate(numbers)).members).toHaveLength(2);
    await ensemble.save(join(folder, `${backend}-failed`));
    expect((await Ensemble.load(join(folder, `${backend}-failed`), { backend })).predictSync(x)).toEqual(ensemble.predictSync(x));
    ensemble.members[1]!.setWeights(before);
    expect((await ensemble.fit(numbers, { optimizer: 'sgd' })).failures).toEqual([]);
    expect((await ensemble.evaluate(numbers)).members).toHaveLength(3);
    for (const member of ensemble.members) member.setWeights(huge);
    expectRefusal(await refusal(() => ensemble.fit(numbers)) as never, 'ERR_NON_FINITE');
  });

  test('the signal stops all members, and none begins after it', async () => {
    const controller = new AbortController(), ensemble = build({ members: 4 }), begun: number[] = [];
    const run = ensemble.fit(data, { epochs: 100_000, concurrency: 2, signal: controller.signal, onEpoch(_record, member) { begun.push(member); if (begun.length > 3) controller.abort('enough'); } });
    expectRefusal(await refusal(() => run), 'ERR_ABORTED');
    expect(begun.every((member) => member < 2)).toBe(true);
    expect((await ensemble.predict(x)).shape).toEqual([11, 3]);
    await ensemble.fit(data);
  });

  test('an error in a callback ends the whole run', async () => {
    const error = new Error('mine');
    await expect(build().fit(data, { epochs: 100_000, concurrency: 3, onEpoch(_record, member) { if (member === 1) throw error; } })).rejects.toBe(error);
  });

  test('saved and loaded: the same bits, samples and further training; older files go', async () => {
    const path = join(folder, `${backend}-saved`), ensemble = build({ bagging: { fraction: 0.7 } });
    await ensemble.fit(data, { epochs: 2 });
    await ensemble.save(path);
    await ensemble.save(path);
    expect((await readdir(path)).toSorted()).toEqual(['ensemble.json', expect.stringMatching(/^member-1-/), expect.stringMatching(/^member-2-/), expect.stringMatching(/^member-3-/)]);
    const loaded = await Ensemble.load(path, { backend });
    expect(loaded.predictSync(x)).toEqual(ensemble.predictSync(x));
    expect(loaded.samples(40)).toEqual(ensemble.samples(40));
    expect(await loaded.fit(data).then(({ outOfBag }) => outOfBag)).toEqual(await ensemble.fit(data).then(({ outOfBag }) => outOfBag));
    expect(loaded.members.map(bits)).toEqual(ensemble.members.map(bits));
  });

  test('each member goes on from its own checkpoint, and ends with the bits of a run that was not interrupted', async () => {
    const [whole, begun, resumed] = [build({ bagging: true }), build({ bagging: true }), build({ bagging: true })];
    const path = (member: number): string => join(folder, `${backend}-checkpoint-${member}`);
    await begun.fit(data, { epochs: 2, batchSize: 16, callbacks: (member) => [checkpoint(path(member))] });
    await resumed.fit(data, { epochs: 5, batchSize: 16, resume: path });
    await whole.fit(data, { epochs: 5, batchSize: 16 });
    expect(resumed.members.map(bits)).toEqual(whole.members.map(bits));
  });

  test('double precision', async () => {
    const ensemble = build({ network: { inputs: 4, precision: 'float64', backend: 'typescript', layers: [dense(2, 'tanh'), activation('linear')] } });
    const { data: mean } = await ensemble.predict(x), single = ensemble.members.map((member) => member.predictSync(x).data);
    expect(mean).toBeInstanceOf(Float64Array);
    expect(largestDifference(mean, mean.map((_, i) => single.reduce((total, values) => total + values[i]!, 0) / 3))).toBe(0);
  });

  test('options that make no sense are refused', async () => {
    const layers = [dense(3, 'softmax')], ensemble = build();
    const refusals: [() => unknown, string, string][] = [
      [() => new Ensemble({} as never), 'ERR_OPTION', "[Ensemble] expected 'network'"],
      [() => build({ members: 0 }), 'ERR_OPTION', "'members'"],
      [() => build({ seed: -1 }), 'ERR_OPTION', "'seed'"],
      [() => build({ bagging: { fraction: 0 } }), 'ERR_OPTION', "'fraction'"],
      [() => build({ bagging: 3 as never }), 'ERR_OPTION', "'bagging'"],
      [() => build({ network: () => undefined as never }), 'ERR_OPTION', "'network'"],
      [() => build({ network: (seed, index) => ({ inputs: 4 + index, seed, layers }) }), 'ERR_OPTION', 'the same inputs and outputs'],
      [() => build({ network: (_seed, index) => ({ inputs: 4, layers: index === 2 ? [dense(3)] : layers }) }), 'ERR_OPTION', 'member 2'],
      [() => ensemble.fit(data, { epoch: 2 } as never), 'ERR_OPTION', "did you mean 'epochs'"],
      [() => ensemble.fit(data, { concurrency: 0 }), 'ERR_OPTION', "'concurrency'"],
      [() => ensemble.fit(data, { callbacks: [earlyStopping()] as never }), 'ERR_OPTION', "'callbacks'"],
      [() => ensemble.fit(data, { resume: 'folder' as never }), 'ERR_OPTION', "'resume'"],
      [() => build({ network: { inputs: 4, backend, layers: [dense(1, 'tanh')] } }).evaluate({ x: data.x, y: data.y.map(() => 1) }, { loss: 'binaryCrossEntropy' }), 'ERR_OPTION', 'tanh'],
      [() => ensemble.fit({ x: [[1, 2]], y: [0] }), 'ERR_SHAPE', ''],
      [() => ensemble.evaluate(data, { metric: [] } as never), 'ERR_OPTION', "'metrics'"],
      [() => ensemble.evaluate({ x: data.x, y: data.y.map(() => 4) }), 'ERR_DATA', 'labels'],
      [async () => { const run = ensemble.fit(data); try { await ensemble.fit(data); } finally { await run; } }, 'ERR_BUSY', 'in flight'],
      [async () => { const run = ensemble.fit(data); try { ensemble.dispose(); } finally { await run; } }, 'ERR_BUSY', 'in flight'],
      [() => { ensemble.dispose(); return ensemble.predict(x); }, 'ERR_DISPOSED', 'disposed'],
    ];
    for (const [call, code, part] of refusals) {
      const error = await refusal(call);
      expectRefusal(error, code as never, part);
    }
  });
});

test('indices that are none are refused in a sentence', async () => {
  const ensemble = new Ensemble({ members: 2, network: { inputs: 2, layers: [dense(2)] } }), path = join(folder, 'forged'), index = join(path, 'ensemble.json');
  await ensemble.save(path);
  const good = JSON.parse(await readFile(index, 'utf8')) as { members: { file: string; failed: boolean }[] };
  const forgeries: [unknown, string][] = [
    ['{', 'JSON'], [[], 'version'], [{ ...good, version: 2 }, 'version 2'], [{ ...good, seed: 0.5 }, 'seed'], [{ ...good, fraction: 2 }, 'fraction'], [{ ...good, members: [] }, 'members'],
    [{ ...good, members: [{ file: '../x', failed: false }] }, 'file'], [{ ...good, members: good.members.map(({ file }) => ({ file, failed: true })) }, 'members'],
  ];
  for (const [content, part] of forgeries) {
    await writeFile(index, typeof content === 'string' ? content : JSON.stringify(content));
    const error = await refusal(() => Ensemble.load(path));
    expectRefusal(error, 'ERR_MODEL_FORMAT', part);
  }
  await new Network({ inputs: 2, layers: [dense(3)] }).save(join(path, good.members[1]!.file));
  await writeFile(index, JSON.stringify(good));
  expectRefusal(await refusal(() => Ensemble.load(path)), 'ERR_MODEL_FORMAT', 'same inputs and outputs');
  await expect(Ensemble.load(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
});
