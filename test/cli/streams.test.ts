// Folders and patterns of tables, in memory and as streams: the same numbers through the library and the command line.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dense, fitPreprocessor, csvRows, Network, streamCsv } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { densely, digits, mixedTable, numbers, numberTable, scratch } from './session.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const [header, ...lines] = readFileSync(digits, 'utf8').trimEnd().split('\n');
mkdirSync(at('digits'));
for (let part = 0; part < 3; part++) writeFileSync(at(`digits/part-${part}.csv`), `${[header, ...lines.filter((_, i) => i % 3 === part)].join('\n')}\n`);

describe.each(backends)('%s', (backend) => {
  test('a stream of files trains to the bits of the library', async () => {
    const model = at(`stream-${backend}.st`);
    const { code, output, errors } = await densely(['train', '-d', at('digits/*.csv'), '-t', 'label', '--stream', '--shuffle-buffer', '500', '-l', '12:tanh', '-s', '4', '-e', '3', '-b', '50', '--backend', backend, '-v', digits, '-o', model, '--json']);
    expect([code, errors]).toEqual([0, expect.stringContaining(`'${at('digits/*.csv')}', streamed: 1,797 examples of 64 inputs, 10 classes in 'label'`)]);
    const source = await streamCsv(at('digits/*.csv'), { target: 'label', batchSize: 50, seed: 4, shuffleBuffer: 500 });
    const network = new Network({ inputs: 64, seed: 4, backend, layers: [dense(12, 'tanh'), dense(10, 'softmax')] }), { epochs } = await network.fit(source, { epochs: 3, optimizer: 'adam' });
    const loaded = await Network.load(model);
    expect(loaded.weights()).toEqual(network.weights());
    const { epochs: told } = JSON.parse(output) as { epochs: { loss: number; validation: { loss: number; accuracy: number } }[] };
    expect(told.map(({ loss }) => loss)).toEqual(epochs.map(({ loss }) => loss));
    // Measured in parts and as a whole.
    const measured = async (...args: string[]): Promise<{ examples: number; loss: number; accuracy: number }> => JSON.parse((await densely(['evaluate', model, '--json', ...args])).output);
    const [whole, several, streamed] = [await measured('-d', digits), await measured('-d', at('digits')), await measured('-d', at('digits'), '--stream')];
    for (const each of [whole, several, streamed]) {
      expect(each.examples).toBe(1797);
      expect(each.accuracy).toBeCloseTo(told.at(-1)!.validation.accuracy, 6);
      expect(each.loss).toBeCloseTo(told.at(-1)!.validation.loss, 5);
    }
  });
});

test('a folder of tables is a data set in memory where nobody asks for a stream, in the order of the files', async () => {
  const whole = at('whole.csv'), ordered = [0, 1, 2].flatMap((part) => lines.filter((_, i) => i % 3 === part));
  writeFileSync(whole, `${[header, ...ordered].join('\n')}\n`);
  for (const [data, model] of [[whole, at('one.st')], [at('digits'), at('three.st')]] as const) expect((await densely(['train', '-q', '-d', data, '-t', 'label', '-e', '2', '-v', '0.2', '-o', model])).errors).toBe('');
  expect(readFileSync(at('three.st'))).toEqual(readFileSync(at('one.st')));
  const predicted = await densely(['predict', at('three.st'), '-d', at('digits'), '-k', 'label']);
  expect(predicted.output).toBe((await densely(['predict', at('three.st'), '-d', whole, '-k', 'label'])).output);
});

test('names of classes, other files with their columns in another order, layers that measure the data', async () => {
  mkdirSync(at('kinds'));
  const next = numbers(3), rows = (count: number): [number, number][] => Array.from({ length: count }, () => [100 * next(), next()]);
  const kind = (a: number): string => (a > 60 ? 'cat' : a > 30 ? '"dog, big"' : 'bird');
  writeFileSync(at('kinds/a.csv'), `a,b,kind\n${rows(300).map(([a, b]) => `${a},${b},${kind(a)}`).join('\n')}\n`);
  writeFileSync(at('kinds/b.csv'), `kind,b,a\n${rows(300).map(([a, b]) => `${kind(a)},${b},${a}`).join('\n')}\n`);
  const model = at('kinds.st'), common = ['train', '-d', at('kinds'), '-t', 'kind', '-l', 'standardScaler,16:tanh', '-e', '30', '--learning-rate', '0.01', '-q', '-o', model];
  expect(await densely([...common, '--stream'])).toMatchObject({ code: 0, errors: '' });
  expect((await Network.load(model)).columns).toEqual({ inputs: ['a', 'b'], targets: ['kind'], classes: ['bird', 'cat', 'dog, big'] });
  const { accuracy } = JSON.parse((await densely(['evaluate', model, '-d', at('kinds'), '--stream', '--json'])).output) as { accuracy: number };
  expect(accuracy).toBeGreaterThan(0.9);
  const predicted = (await densely(['predict', model, '-d', at('kinds'), '-k', 'kind', '--json'])).output.trim().split('\n').map((line) => JSON.parse(line) as { kind: string; prediction: string });
  expect(predicted).toHaveLength(600);
  expect(predicted.filter((row) => row.kind === row.prediction).length / 600).toBeCloseTo(accuracy, 6);
  const inMemory = await densely(common);
  expect(inMemory).toMatchObject({ code: 0, errors: '' });
});

test('raw columns through a preprocessor, JSON lines, numbers as classes', async () => {
  mixedTable(at('mixed.csv'), 400, 1);
  const model = at('mixed.st');
  expect(await densely(['train', '-d', at('mixed.csv'), '-t', 'species', '-p', 'id=ignored', '--stream', '-s', '2', '-e', '4', '-q', '-o', model])).toMatchObject({ code: 0, errors: '' });
  const rows = csvRows(at('mixed.csv')), preprocessor = await fitPreprocessor(rows, { target: 'species', columns: { id: 'ignored' } });
  const network = new Network({ inputs: preprocessor.inputs, seed: 2, layers: [dense(64, 'relu'), dense(3, 'softmax')] });
  await network.fit(await preprocessor.stream(rows, { seed: 2 }), { epochs: 4 });
  expect((await Network.load(model)).weights()).toEqual(network.weights());

  const next = numbers(5), points = Array.from({ length: 200 }, () => [next(), next()] as const);
  writeFileSync(at('points.jsonl'), points.map(([a, b]) => JSON.stringify({ a, b, side: a > b ? 1 : -1 })).join('\n'));
  expect(await densely(['train', '-d', at('points.jsonl'), '-t', 'side', '--task', 'classes', '--stream', '-e', '40', '--learning-rate', '0.02', '-q', '-o', at('points.st')])).toMatchObject({ code: 0, errors: '' });
  expect((await Network.load(at('points.st'))).columns!.classes).toEqual(['-1', '1']);
  expect((JSON.parse((await densely(['evaluate', at('points.st'), '-d', at('points.jsonl'), '--stream', '--json'])).output) as { accuracy: number }).accuracy).toBeGreaterThan(0.9);
});

test('an interrupted stream leaves its checkpoints or the model as it stands, and goes on to the same bits', async () => {
  const common = ['train', '-d', at('digits'), '-t', 'label', '--stream', '-l', '16:relu', '-e', '5'], [whole, parts, checkpoints] = [at('sw.st'), at('sp.st'), at('runs')];
  expect((await densely([...common, '-o', whole])).code).toBe(0);
  const first = await densely([...common, '-o', parts, '--checkpoints', checkpoints], { interruptAt: 'epoch 3/5' });
  expect([first.code, first.errors]).toEqual([130, expect.stringContaining('--resume goes on from it')]);
  expect((await densely([...common, '-o', parts, '--checkpoints', checkpoints, '--resume'])).code).toBe(0);
  expect(readFileSync(parts)).toEqual(readFileSync(whole));
});

numberTable(at('numbers.csv'), 60, 1);
test.each([
  [['-d', digits, '-t', 'label', '--stream', '-v', '0.2'], 2, 'expected no --stream with a part of the data set aside; --validation takes a file as well'],
  [['-d', digits, '-t', 'label', '--stream', '--optimizer', 'lbfgs'], 2, 'expected no --stream with lbfgs, which works on all data at once'],
  [['-d', digits, '-t', 'label', '--stream', '--members', '2'], 2, 'expected no --stream with --members'],
  [['-d', digits, '-t', 'label', '--stream', '--diagnose'], 2, 'expected no --stream with --diagnose'],
  [['-d', '-', '-t', 'label', '--stream'], 2, 'expected files of CSV, JSON lines or Parquet with --stream but received standard input'],
  [['-d', digits, '-t', 'label', '--shuffle-buffer', '9'], 2, 'expected --shuffle-buffer with --stream alone'],
  [['-d', digits, '-t', 'label', '--stream', '--shuffle-buffer', '-9'], 2, "expected 'shuffleBuffer' to be a non-negative integer but received -9"],
  [['-d', digits, '--stream'], 2, 'expected --target, the column to predict'],
  [['-d', at('mixed.csv'), '-t', 'species', '--stream'], 1, '--preprocess auto takes names and missing cells'],
  [['-d', at('numbers.csv'), '-t', 'y', '--stream', '--bagging'], 2, 'expected --members with --bagging'],
  [['-d', at('none/*.csv'), '-t', 'y', '--stream'], 1, 'there is no file'],
] as const)('%#: what does not fit is said', async (args, code, sentence) => {
  const session = await densely(['train', '-e', '1', '-o', at('never.st'), ...args]);
  expect(session).toMatchObject({ code, errors: expect.stringContaining(sentence) as string });
});
