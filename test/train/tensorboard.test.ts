// Event files of runs: every measure of every epoch, histograms, the graph, and runs that go on. TensorBoard itself: test/golden/tensorboard.test.ts.
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpoint, dense, input, add, lbfgs, Network, tensorBoard, type Callback } from '../../lib/index.ts';
import { histogramOf } from '../../lib/io/tensorboard-events.ts';
import { crc32c } from '../../lib/io/tfrecord.ts';
import { backends } from '../helpers/backends.ts';
import { plainCrc32c, readEvents, type ReadEvent } from '../helpers/events.ts';
import { expectRefusal, labelled, refusal } from '../helpers/networks.ts';

const data = labelled(70, 6, 3), validation = labelled(20, 6, 3, 2);
const folderOf = (): Promise<string> => mkdtemp(join(tmpdir(), 'densely-tensorboard-'));
const make = (backend: 'native' | 'typescript'): Network => new Network({ inputs: 6, layers: [dense(9, 'relu'), dense(3, 'softmax')], seed: 5, backend });

async function filesOf(folder: string): Promise<ReadEvent[][]> {
  const names = (await readdir(folder)).toSorted();
  for (const name of names) expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\./);
  return Promise.all(names.map(async (name) => readEvents(await readFile(join(folder, name)))));
}

/** Values by tag and step as TensorBoard shows them: a start removes what earlier events tell of its step and later ones. */
function shown(files: readonly ReadEvent[][]): Record<string, Record<number, number>> {
  const tags: Record<string, Record<number, number>> = {};
  for (const { step = 0, session_log, summary } of files.flat()) {
    if (session_log?.status === 1) for (const tag of Object.values(tags)) for (const each of Object.keys(tag)) if (Number(each) >= step) delete tag[Number(each)];
    for (const { tag, simple_value } of summary?.value ?? []) if (simple_value !== undefined) (tags[tag] ??= {})[step] = simple_value;
  }
  return tags;
}

const byEpoch = (values: readonly number[]): Record<number, number> => Object.fromEntries(values.map((value, i) => [i + 1, Math.fround(value)]));

describe.each(backends)('%s', (backend) => {
  test('measures of training and validation lie in the same charts', async () => {
    const folder = await folderOf(), { epochs } = await make(backend).fit(data, { epochs: 5, validation, callbacks: [tensorBoard(folder)] });
    expect((await readdir(folder)).toSorted()).toEqual(['train', 'validation']);
    const train = await filesOf(join(folder, 'train'));
    expect(train[0]![0]!.file_version).toBe('brain.Event:2');
    expect(shown(train)).toEqual({ loss: byEpoch(epochs.map(({ loss }) => loss)), accuracy: byEpoch(epochs.map(({ accuracy }) => accuracy!)), learningRate: byEpoch(epochs.map(({ learningRate }) => learningRate)) });
    expect(shown(await filesOf(join(folder, 'validation')))).toEqual({ loss: byEpoch(epochs.map((each) => each.validation!.loss)), accuracy: byEpoch(epochs.map((each) => each.validation!.accuracy!)) });
    expect(Math.abs(train[0]!.at(-1)!.wall_time - Date.now() / 1000)).toBeLessThan(60);
  });

  test('histograms of all tensors, at first and after every epoch', async () => {
    const folder = await folderOf(), network = make(backend), first = network.weights();
    await network.fit(data, { epochs: 3, callbacks: [tensorBoard(folder, { histograms: true })] });
    const [events] = await filesOf(join(folder, 'train')), last = network.weights();
    const found = events!.flatMap(({ step = 0, summary }) => (summary?.value ?? []).flatMap(({ tag, histo }) => (histo === undefined ? [] : [{ step, tag, histo }])));
    expect(found.map(({ step, tag }) => `${step} ${tag}`)).toEqual([0, 1, 2, 3].flatMap((step) => ['dense1/weight', 'dense1/bias', 'dense2/weight', 'dense2/bias'].map((tag) => `${step} ${tag}`)));
    for (const [i, { data: values }] of [...first, ...last].entries()) {
      const { histo } = found[i < 4 ? i : i + 8]!;
      expect(histo['min']).toBe(Math.min(...values));
      expect(histo['max']).toBe(Math.max(...values));
      expect(histo['num']).toBe(values.length);
      expect((histo['bucket'] as number[]).reduce((a, b) => a + b, 0)).toBe(values.length);
    }
  });

  test('the graph, with a node for every use of a layer', async () => {
    const folder = await folderOf(), x = input(6), shared = dense(6, 'tanh'), first = shared.apply(x), second = shared.apply(first);
    const network = new Network({ inputs: x, outputs: { sum: dense(3, 'softmax').apply(add().apply(first, second)), 'a b': dense(1).apply(x) }, backend });
    await network.fit({ x: data.x, y: { sum: data.y, 'a b': data.y } }, { epochs: 2, optimizer: lbfgs(), callbacks: [tensorBoard(folder)] });
    const [events] = await filesOf(join(folder, 'train')), nodes = events!.find(({ graph_def }) => graph_def !== undefined)!.graph_def!.node;
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
    for (const { input: reads = [] } of nodes) for (const name of reads) expect(nodes.map((node) => node.name)).toContain(name);
    expect(nodes.map(({ op }) => op).toSorted()).toEqual(['add', 'dense', 'dense', 'dense', 'dense', 'input', 'output', 'output']);
    for (const { name } of nodes) expect(name).toMatch(/^[A-Za-z0-9.][A-Za-z0-9_.\\/-]*$/);
    expect(Object.keys(shown([events!]))).toContain('sum/accuracy');
    await make(backend).fit(data, { callbacks: [tensorBoard(folder, { graph: false })] });
    expect((await filesOf(join(folder, 'train')))[1]!.filter(({ graph_def }) => graph_def !== undefined)).toEqual([]);
  });

  test('a run that goes on, and one that begins anew, take the place of what was told before', async () => {
    const folder = await folderOf(), checkpoints = await folderOf(), controller = new AbortController();
    const stop: Callback = { onEpoch: ({ epoch }) => { if (epoch === 5) controller.abort(); } };
    const options = { epochs: 8, validation, resume: checkpoints } as const;
    await make(backend).fit(data, { ...options, epochs: 9, resume: await folderOf(), callbacks: [tensorBoard(folder)] });
    await refusal(() => make(backend).fit(data, { ...options, callbacks: [checkpoint(checkpoints, { every: 2 }), tensorBoard(folder), stop], signal: controller.signal }));
    const { epochs } = await make(backend).fit(data, { ...options, callbacks: [checkpoint(checkpoints, { every: 2 }), tensorBoard(folder)] });
    const files = await filesOf(join(folder, 'train'));
    expect(shown(files)['loss']).toEqual(byEpoch(epochs.map(({ loss }) => loss)));
    expect(shown(await filesOf(join(folder, 'validation')))['loss']).toEqual(byEpoch(epochs.map((each) => each.validation!.loss)));
    // Epochs 1 to 4 are those of the second file: told once, at their time.
    expect(files[2]!.flatMap(({ summary, step }) => (summary === undefined ? [] : [step]))).toEqual([5, 6, 7, 8]);
    const other = await folderOf();
    await make(backend).fit(data, { ...options, epochs: 10, callbacks: [checkpoint(checkpoints), tensorBoard(other)] });
    expect(Object.keys(shown(await filesOf(join(other, 'train')))['loss']!)).toHaveLength(10);
  });
});

test('sums of records: the values of RFC 3720, and others by another way', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  for (const length of [0, 1, 7, 300]) expect(crc32c(Buffer.alloc(length, 'xy'))).toBe(plainCrc32c(Buffer.alloc(length, 'xy')));
});

test('histograms count every finite value once', () => {
  expect(histogramOf([2, 2, 2])).toEqual({ min: 2, max: 2, count: 3, sum: 6, sumOfSquares: 12, limits: [2], counts: [3] });
  expect(histogramOf([Number.NaN])).toBeUndefined();
  const { counts, limits, count } = histogramOf([0, 30, Number.NaN, 1.5, 29.999, Infinity, 15])!;
  expect(count).toBe(5);
  expect(limits).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(counts.flatMap((each, i) => (each > 0 ? [[i, each]] : []))).toEqual([[0, 1], [1, 1], [15, 1], [29, 2]]);
});

test('bad options', async () => {
  expectRefusal(await refusal(() => tensorBoard('')), 'ERR_OPTION', "'folder'");
  expectRefusal(await refusal(() => tensorBoard('a', { histogram: true } as never)), 'ERR_OPTION', "did you mean 'histograms'");
});
