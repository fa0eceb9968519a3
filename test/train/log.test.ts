// Logs: a line per epoch, exact, and the same file however often a run was interrupted.
import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpoint, csvLog, dense, input, jsonLines, lbfgs, Network, type Callback, type FitOptions } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, labelled, refusal } from '../helpers/networks.ts';

const data = labelled(70, 6, 3), validation = labelled(20, 6, 3, 2);
const folderOf = (): Promise<string> => mkdtemp(join(tmpdir(), 'densely-log-'));
const make = (backend: 'native' | 'typescript'): Network => new Network({ inputs: 6, layers: [dense(9, 'relu'), dense(3, 'softmax')], seed: 5, backend });
const read = (path: string): Promise<string> => readFile(path, 'utf8');
const logs = { jsonLines, csvLog } as const;

describe.each(backends)('%s', (backend) => {
  test('records come back with all digits, each at once', async () => {
    const path = join(await folderOf(), 'run.jsonl'), table = join(await folderOf(), 'run.csv'), lengths: number[] = [];
    const watch: Callback = { onEpoch: async () => { lengths.push((await read(path)).split('\n').length - 1); } };
    const { epochs } = await make(backend).fit(data, { epochs: 5, validation, callbacks: [jsonLines(path), csvLog(table), watch] });
    expect(lengths).toEqual([1, 2, 3, 4, 5]);
    expect((await read(path)).trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(epochs);
    const [head, ...rows] = (await read(table)).trimEnd().split('\n');
    expect(head).toBe('epoch,loss,accuracy,learningRate,validation.loss,validation.accuracy');
    expect(rows.map((row) => row.split(',').map(Number))).toEqual(epochs.map((each) => [each.epoch, each.loss, each.accuracy, each.learningRate, each.validation!.loss, each.validation!.accuracy]));
  });

  test.each(Object.entries(logs))('%s of a run interrupted again and again is that of one that was not', async (name, log) => {
    const folder = await folderOf(), options: FitOptions = { epochs: 9, batchSize: 16, validation };
    for (const append of [false, true]) {
      const whole = join(folder, `whole-${append}`), parts = join(folder, `parts-${append}`), checkpoints = join(folder, `checkpoints-${append}`);
      for (const path of [whole, parts]) await make(backend).fit(data, { ...options, epochs: 2, callbacks: [log(path)] });
      await make(backend).fit(data, { ...options, callbacks: [log(whole, { append })] });
      let interruptions = 0;
      for (let isEnded = false; !isEnded;) {
        const controller = new AbortController(), from = interruptions;
        // Two epochs past the last checkpoint, whose lines must go.
        const stop: Callback = { onEpoch: ({ epoch }) => { if (from < 3 && epoch >= 2 * from + 3) controller.abort(); } };
        try {
          await make(backend).fit(data, { ...options, callbacks: [checkpoint(checkpoints, { every: 2 }), log(parts, { append }), stop], signal: controller.signal, resume: checkpoints });
          isEnded = true;
        } catch {
          interruptions++;
          await appendFile(parts, '{"epoch":99,"los');
        }
      }
      expect(interruptions).toBe(3);
      expect(await read(parts)).toBe(await read(whole));
      expect((await read(whole)).trimEnd().split('\n')).toHaveLength(9 + (append ? 2 : 0) + (name === 'csvLog' ? 1 : 0));
      // Nothing to do any more, and nothing is changed.
      await make(backend).fit(data, { ...options, callbacks: [checkpoint(checkpoints), log(parts, { append })], resume: checkpoints });
      expect(await read(parts)).toBe(await read(whole));
    }
  });

  test('a log that joins a run later holds all of it', async () => {
    const folder = await folderOf(), path = join(folder, 'run.jsonl');
    await make(backend).fit(data, { epochs: 3, callbacks: [checkpoint(folder)] });
    const { epochs } = await make(backend).fit(data, { epochs: 5, callbacks: [checkpoint(folder), jsonLines(path)], resume: folder });
    expect((await read(path)).trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(epochs);
  });

  test('several outputs have columns of their own; methods on the whole data are told of as well', async () => {
    const x = input(6), shared = dense(4, 'tanh').apply(x), path = join(await folderOf(), 'run.csv');
    const network = new Network({ inputs: x, outputs: { kind: dense(3, 'softmax').apply(shared), 'a,"b"': dense(1).apply(shared) }, backend });
    await network.fit({ x: data.x, y: { kind: data.y, 'a,"b"': data.y } }, { epochs: 2, optimizer: lbfgs(), callbacks: [csvLog(path)] });
    const [head, first] = (await read(path)).split('\n');
    expect(head).toMatch(/^epoch,loss,outputs.kind.loss,outputs.kind.accuracy,"outputs.a,""b"".loss",.*learningRate$/);
    expect(first!.split(',')).toHaveLength(7);
  });
});

test('a table goes on only with the same columns, and a half line is ended', async () => {
  const path = join(await folderOf(), 'run.csv');
  await writeFile(path, 'epoch,loss\n1,2');
  expectRefusal(await refusal(() => make('typescript').fit(data, { callbacks: [csvLog(path, { append: true })] })), 'ERR_DATA', "'epoch,loss'");
  await make('typescript').fit(data, { metrics: [], callbacks: [jsonLines(path, { append: true })] });
  expect((await read(path)).split('\n').map((line) => line.slice(0, 9))).toEqual(['epoch,los', '1,2', '{"epoch":', '']);
});

test('a run that tells nothing leaves the file as it is', async () => {
  const path = join(await folderOf(), 'run.jsonl'), bad: Callback = { onBegin() { throw new Error('mine'); } };
  await make('typescript').fit(data, { callbacks: [jsonLines(path)] });
  const before = await read(path);
  for (const append of [false, true]) await expect(make('typescript').fit(data, { callbacks: [jsonLines(path, { append }), bad] })).rejects.toThrow('mine');
  expect(await read(path)).toBe(before);
});

test('bad options', async () => {
  expectRefusal(await refusal(() => jsonLines('')), 'ERR_OPTION', "'path'");
  expectRefusal(await refusal(() => csvLog('a', { append: 1 as never })), 'ERR_OPTION', "'append'");
  await expect(make('typescript').fit(data, { callbacks: [csvLog(join(tmpdir(), 'not/there/run.csv'))] })).rejects.toThrow('ENOENT');
});
