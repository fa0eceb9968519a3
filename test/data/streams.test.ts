// Streams of batches: every row once, the same order for the same seed and epoch, bounded memory, files closed whatever happens.
import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataset, fromArrays, readCsv, streamCsv, take, type Batch, type BatchSource, type CsvStreamOptions } from '../../lib/index.ts';
import { prefetched } from '../../lib/data/stream/file-source.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'densely-streams-'));
  await mkdir(join(folder, 'parts'));
  await writeFile(join(folder, 'one.csv'), table(0, 1000));
  await writeFile(join(folder, 'parts/b.csv'), table(400, 700));
  await writeFile(join(folder, 'parts/a.csv'), table(0, 400).replace(/\n$/, ''));
  await writeFile(join(folder, 'parts/c.csv.gz'), gzipSync(table(700, 1000)));
  await writeFile(join(folder, 'parts/notes.md'), 'not a table');
  await writeFile(join(folder, 'parts/.hidden.csv'), 'not a table');
});
afterAll(() => rm(folder, { recursive: true }));

/** Rows `from` to `to`: their number, its double and, as the target, its negative. */
function table(from: number, to: number): string {
  return `a,b,y\n${Array.from({ length: to - from }, (_, i) => `${from + i},${2 * (from + i)},${-from - i}\n`).join('')}`;
}

async function collect(source: BatchSource, epoch = 0): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of source.batches(epoch)) batches.push(batch);
  return batches;
}

/** The numbers of the rows in the order in which they came; checks that inputs and targets belong together. */
async function order(source: BatchSource, epoch = 0): Promise<number[]> {
  return (await collect(source, epoch)).flatMap(({ x, y, rows }) => {
    expect([x.length, y.length]).toEqual([2 * rows, rows]);
    for (let i = 0; i < rows; i++) expect([x[2 * i + 1], 0 - y[i]!]).toEqual([2 * x[2 * i]!, x[2 * i]]);
    return Array.from({ length: rows }, (_, i) => x[2 * i]!);
  });
}

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);
const all = Array.from({ length: 1000 }, (_, i) => i);
const options = { target: 'y', batchSize: 64, shuffleBuffer: 100, seed: 5 } satisfies CsvStreamOptions;

describe('streamCsv', () => {
  it('describes itself and gives batches of the size asked for, the rest last', async () => {
    const source = await streamCsv(join(folder, 'one.csv'), options);
    expect(source).toMatchObject({ inputs: 2, targets: 1, inputNames: ['a', 'b'], targetNames: ['y'], classes: null, length: null });
    const batches = await collect(source);
    expect(batches.map(({ rows }) => rows)).toEqual([...Array<number>(15).fill(64), 40]);
    expect(new Set(batches.map(({ x }) => x.buffer)).size).toBe(16);
  });

  it.each([0, 1, 2, 7, 64, 999, 1000, 5000])('gives every row once with a shuffle buffer of %i', async (shuffleBuffer) => {
    for (const path of ['one.csv', 'parts']) {
      const found = await order(await streamCsv(join(folder, path), { ...options, shuffleBuffer }));
      expect(sorted(found)).toEqual(all);
      if (shuffleBuffer === 0) expect(found).toEqual(all);
      if (shuffleBuffer > 1) expect(found).not.toEqual(all);
    }
  });

  it('keeps rows of a file in order, and only those, with a buffer of one', async () => {
    const files = await Promise.all([0, 1, 2, 3, 4, 5].map(async (epoch) => order(await streamCsv(join(folder, 'parts'), { ...options, shuffleBuffer: 1 }), epoch)));
    const starts = files.map((found) => found.filter((value, i) => value !== (found[i - 1] ?? -1) + 1 || value === 0 || value === 400 || value === 700));
    for (const start of starts) expect(sorted(start)).toEqual([0, 400, 700]);
    expect(new Set(starts.map(String)).size).toBeGreaterThan(2);
  });

  it('gives an order that is a function of seed and epoch alone', async () => {
    const source = await streamCsv(join(folder, 'parts'), options), again = await streamCsv(join(folder, 'parts'), { ...options, batchSize: 10, prefetch: 0 });
    const first = await order(source, 0), second = await order(source, 1);
    expect(second).not.toEqual(first);
    expect(await order(source, 0)).toEqual(first);
    expect([await order(again, 0), await order(again, 1)]).toEqual([first, second]);
    expect(await order(await streamCsv(join(folder, 'parts'), { ...options, seed: 6 }), 0)).not.toEqual(first);
    expect(await Promise.all([order(source, 1), order(source, 0)])).toEqual([second, first]);
  });

  it('draws uniformly: with a buffer of all rows, every row comes first equally often', async () => {
    const source = fromArrays({ x: [0, 1, 2, 3, 4], y: [0, 1, 2, 3, 4] }, { batchSize: 5, shuffleBuffer: 5 }), counts = Array.from({ length: 5 }, () => new Array<number>(5).fill(0));
    for (let epoch = 0; epoch < 2000; epoch++) for await (const { x } of source.batches(epoch)) x.forEach((row, place) => { counts[place]![row]!++; });
    // 400 expected, with a standard deviation of 18.
    for (const count of counts.flat()) expect(Math.abs(count - 400)).toBeLessThan(80);
  });

  it('takes patterns, lists and URLs; lists stay in order where nothing is shuffled', async () => {
    const inOrder = { ...options, shuffleBuffer: 0 };
    expect(await order(await streamCsv(join(folder, 'parts/?.csv*'), inOrder))).toEqual(all);
    expect(await order(await streamCsv(pathToFileURL(join(folder, 'one.csv')), inOrder))).toEqual(all);
    const list = await streamCsv([join(folder, 'parts/c.csv.gz'), pathToFileURL(join(folder, 'parts/a.csv'))], inOrder);
    expect(await order(list)).toEqual([...all.slice(700), ...all.slice(0, 400)]);
  });

  it('finds the columns of further files by name, and class names by the list given', async () => {
    await mkdir(join(folder, 'named'));
    await writeFile(join(folder, 'named/1.csv'), 'a,b,w,kind\n1,2,0.5,cat\n');
    await writeFile(join(folder, 'named/2.csv'), 'kind,w,b,a\ndog,2,4,3\ncat,1,6,5\n');
    const source = await streamCsv(join(folder, 'named'), { target: 'kind', weights: 'w', classes: ['dog', 'cat'], shuffleBuffer: 0, batchSize: 3 });
    expect(source).toMatchObject({ inputs: 2, targets: 1, inputNames: ['a', 'b'], classes: ['dog', 'cat'] });
    const [batch] = await collect(source);
    expect(batch).toEqual({ x: Float32Array.of(1, 2, 3, 4, 5, 6), y: Float32Array.of(1, 0, 1), weights: Float32Array.of(0.5, 2, 1), rows: 3 });
    const digits = await streamCsv('examples/data/digits.csv', { target: 'label', classes: [...'9876543210'], shuffleBuffer: 0, batchSize: 2000 });
    const whole = await readCsv('examples/data/digits.csv', { target: 'label' }), [images] = await collect(digits);
    expect(images!.x).toEqual(whole.inputs.data);
    expect(images!.y).toEqual(whole.targets.data.map((digit) => 9 - digit));
  });

  it('reads ahead as far as it is asked to, and no further', async () => {
    for (const ahead of [0, 1, 3]) {
      let made = 0;
      const items = prefetched((async function* () { for (;;) yield { rows: ++made } as Batch; })(), ahead);
      for (let taken = 1; taken <= 5; taken++) {
        expect((await items.next()).value!.rows).toBe(taken);
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(made).toBe(taken + ahead);
      }
      await items.return();
    }
  });
});

describe('closing', () => {
  const openFiles = async (): Promise<string[]> => (await Promise.all((await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))).filter((path) => path.startsWith(folder));

  it.runIf(existsSync('/proc/self/fd'))('closes files where the consumer breaks off, on errors, and at the end', async () => {
    await writeFile(join(folder, 'bad.csv'), `${table(0, 40_000)}1,x,3\n`);
    for (const path of ['parts/c.csv.gz', 'parts', 'bad.csv']) {
      const source = await streamCsv(join(folder, path), { ...options, batchSize: 5 });
      expect(await openFiles()).toEqual([]);
      for await (const { rows } of source.batches(0)) {
        expect(rows).toBe(5);
        break;
      }
      expect(await openFiles()).toEqual([]);
    }
    await expect(collect(await streamCsv(join(folder, 'bad.csv'), options))).rejects.toThrow(`[streamCsv '${join(folder, 'bad.csv')}'] expected a number but received 'x' (line 40002, column 'b')`);
    expect(await openFiles()).toEqual([]);
  });
});

describe('errors', () => {
  const write = async (name: string, text: string): Promise<string> => {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };

  it.each<[string, Record<string, string>, object, string]>([
    ['no rows', { 'x.csv': 'a,y\n' }, {}, "/x.csv'] expected at least one row below the header but received none"],
    ['another column', { '1.csv': 'a,y\n1,2\n', '2.csv': 'b,y\n1,2\n' }, {}, "/2.csv'] expected a column 'a', as in the first file, but there is none"],
    ['one more column', { '1.csv': 'a,y\n1,2\n', '2.csv': 'a,y,b\n1,2,3\n' }, {}, "/2.csv'] expected 2 columns, as in the first file, but received 3"],
    ['one column less', { '1.csv': '1,2,3\n', '2.csv': '1,2\n' }, { target: 0, header: false }, "/2.csv'] expected 3 columns, as in the first file, but received 2"],
    ['no names', { '1.csv': 'a,y\n1,2\n', '2.csv': '1,2\n3,4\n' }, { header: 'auto' }, "/2.csv'] expected names in the first row, as in the first file"],
    ['ragged rows', { '1.csv': 'a,y\n1,2\n', '2.csv': 'a,y\n1,2\n3\n' }, {}, "/2.csv'] expected 2 cells but received 1 (line 3)"],
    ['class names without a list', { 'x.csv': 'a,y\n1,cat\n' }, {}, "/x.csv'] expected one of the names in 'classes' but received 'cat' (line 2, column 'y')"],
    ['a class not in the list', { 'x.csv': 'a,y\n1,cat\n1,cow\n' }, { classes: ['cat', 'dog'] }, "/x.csv'] expected one of the names in 'classes' but received 'cow' (line 3, column 'y')"],
    ['negative weights', { 'x.csv': 'a,w,y\n1,-1,2\n' }, { weights: 'w' }, '[streamCsv] expected weights that are not negative but received -1'],
    ['an unknown target', { 'x.csv': 'a,label\n1,2\n' }, { target: 'lable' }, "/x.csv'] unknown column 'lable' in 'target'; did you mean 'label'?"],
    ['broken gzip', { 'x.csv': '\u001f\u008b\u0008\u0000' }, {}, "/x.csv'] expected"],
  ])('name %s', async (what, files, more, sentence) => {
    const name = `errors ${what}`;
    for (const [file, text] of Object.entries(files)) await write(`${name}/${file}`, text);
    if (what === 'broken gzip') await writeFile(join(folder, name, 'x.csv'), Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2));
    const read = async (): Promise<Batch[]> => collect(await streamCsv(join(folder, name), { target: 'y', shuffleBuffer: 0, ...more }));
    await expect(read()).rejects.toThrow(sentence);
    await expect(read()).rejects.toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_(DATA|OPTION)$/) as string }));
  });

  it.each<[string, unknown, object, string]>([
    ['an empty folder', 'empty', {}, "empty'] expected a folder with at least one file *.csv, *.tsv, *.txt but found none"],
    ['a pattern without files', 'parts/*.tsv', {}, "parts/*.tsv'] expected at least one file of this pattern but found none"],
    ['a file that is not there', 'none.csv', {}, 'ENOENT'],
    ['no path', [], {}, "[streamCsv] expected 'paths' to be a path or a list of paths but received an array of length 0"],
    ['a number', [7], {}, "[streamCsv] expected 'paths' to be a path or a list of paths but received 7"],
    ['a misspelt option', 'one.csv', { batchsize: 3 }, "[streamCsv] unknown option 'batchsize'; did you mean 'batchSize'?"],
    ['a batch of none', 'one.csv', { batchSize: 0 }, "[streamCsv] expected 'batchSize' to be a positive integer but received 0"],
    ['a negative buffer', 'one.csv', { shuffleBuffer: -1 }, "[streamCsv] expected 'shuffleBuffer' to be a non-negative integer but received -1"],
    ['classes used twice', 'one.csv', { classes: ['a', 'a'] }, "[streamCsv] expected 'classes' to be an array of different names but received an array of length 2"],
    ['classes of several targets', 'one.csv', { target: ['y', 'a'], classes: ['a'] }, "[streamCsv] expected 'classes' to be left out where there are several targets but received an array of length 1"],
  ])('refuse %s', async (_, paths, more, sentence) => {
    await mkdir(join(folder, 'empty'), { recursive: true });
    const given = typeof paths === 'string' ? join(folder, paths) : paths;
    await expect(streamCsv(given as string, { target: 'y', ...more })).rejects.toThrow(sentence);
  });

  it('refuse an impossible epoch', async () => {
    const source = await streamCsv(join(folder, 'one.csv'), options);
    expect(() => source.batches(-1)).toThrow("[streamCsv batches] expected 'epoch' to be a non-negative integer but received -1");
  });
});

describe('fromArrays and take', () => {
  it('give the batches of a view, decoded, with its weights', async () => {
    const data = new Dataset({
      inputs: { data: Uint8Array.of(0, 51, 102, 153, 204, 255), width: 2, scale: 1 / 255, shift: 0 }, targets: { data: Int32Array.of(7, 8, 9), width: 1, scale: 1, shift: 0 },
      weights: { data: Float32Array.of(1, 2, 3), width: 1, scale: 1, shift: 0 }, index: Int32Array.of(2, 0),
    });
    const source = fromArrays(data, { batchSize: 2, shuffleBuffer: 0 });
    expect([source.inputs, source.targets, source.length]).toEqual([2, 1, 2]);
    expect(await collect(source)).toEqual([{ x: Float32Array.of(0.8, 1, 0, 0.2), y: Float32Array.of(9, 7), weights: Float32Array.of(3, 1), rows: 2 }]);
  });

  it('take the first batches of every epoch and close the source', async () => {
    const some = take(await streamCsv(join(folder, 'one.csv'), options), 3), whole = await streamCsv(join(folder, 'one.csv'), options);
    for (const epoch of [0, 1]) expect(await order(some, epoch)).toEqual((await order(whole, epoch)).slice(0, 192));
    expect(some.length).toBeNull();
    expect(() => take({} as BatchSource, 1)).toThrow("[take] expected 'source' to be a source of batches but received an object");
    expect(() => take(whole, 0)).toThrow("[take] expected 'batches' to be a positive integer but received 0");
  });
});
