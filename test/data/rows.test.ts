// JSON lines, Parquet and CSV as raw rows and as data sets of numbers.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvRows, jsonLinesRows, parquetRows, readJsonLines, readParquet, streamJsonLines, type Batch, type Dataset, type Row } from '../../lib/index.ts';

const parquet = 'test/data/fixtures/small.parquet';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-rows-')); });
afterAll(() => rm(folder, { recursive: true }));

async function store(name: string, text: string | Uint8Array): Promise<string> {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

async function listed(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

const lines = (...rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const plain = ({ inputs, targets, classes, inputNames, targetNames, weights }: Dataset): unknown => ({ x: [...inputs.data], y: [...targets.data], classes, inputNames, targetNames, w: weights && [...weights.data] });

describe('readJsonLines', () => {
  it('reads objects: chosen fields, class names, weights, truth values', async () => {
    const path = await store('a.jsonl', `\ufeff${lines({ a: 1, b: true, kind: 'pear', w: 2, id: 'x' })}\n\r\n${lines({ kind: 'fig', id: 'y', b: false, a: -0.5, w: 1 }).trim()}`);
    expect(plain(await readJsonLines(path, { target: 'kind', columns: ['b', 'a'], weights: 'w' }))).toEqual({
      x: [1, 1, 0, -0.5], y: [1, 0], classes: ['fig', 'pear'], inputNames: ['b', 'a'], targetNames: ['kind'], w: [2, 1],
    });
  });

  it('reads arrays, and arrays in fields', async () => {
    const rows = await store('b.jsonl', lines([1, 2, 3], [4, 5, 6]));
    expect(plain(await readJsonLines(rows, { target: -1 }))).toEqual({ x: [1, 2, 4, 5], y: [3, 6], classes: null, inputNames: ['column0', 'column1'], targetNames: ['column2'], w: null });
    const fields = await store('c.jsonl.gz', gzipSync(lines({ x: [1, 2], t: [7, 8, 9], a: 3 }, { a: 6, x: [4, 5], t: [1, 1, 1] })));
    expect(plain(await readJsonLines(fields, { target: 't' }))).toEqual({ x: [1, 2, 3, 4, 5, 6], y: [7, 8, 9, 1, 1, 1], classes: null, inputNames: ['x0', 'x1', 'a'], targetNames: ['t0', 't1', 't2'], w: null });
  });

  it.each<[string, string, object, string]>([
    ['no JSON', '{"a":1,"y":2}\n{"a":\n', {}, "expected a line of JSON but received '{\"a\":' (line 2)"],
    ['a number', '5\n', {}, 'expected an object or an array but received 5 (line 1)'],
    ['text for a number', '{"a":1,"y":2}\n\n{"a":"x","y":2}', {}, "expected a number but received 'x' (line 3, field 'a')"],
    ['null', '{"a":null,"y":2}', {}, "expected a number but received null (line 1, field 'a')"],
    ['a missing field', '{"a":1,"y":2}\n{"b":1,"y":2}', {}, "expected a number but received undefined (line 2, field 'a')"],
    ['a surplus field', '{"a":1,"y":2}\n{"a":1,"y":2,"b":1}', {}, 'expected 2 fields, as in the first row, but received 3 (line 2)'],
    ['ragged arrays', '[1,2]\n[1,2,3]', { target: 1 }, 'expected 2 fields, as in the first row, but received 3 (line 2)'],
    ['ragged fields', '{"a":[1,2],"y":2}\n{"a":[1],"y":2}', {}, "expected 2 numbers, as in the first row, but received 1 (line 2, field 'a')"],
    ['a number too large', '{"a":1e39,"y":2}', {}, "expected a number within single precision but received 1e+39 (line 1, field 'a')"],
    ['a number among classes', '{"a":1,"y":"p"}\n{"a":1,"y":2}', {}, "expected a class name but received 2 (line 2, field 'y')"],
    ['an unknown target', '{"a":1,"label":2}', { target: 'lable' }, "unknown column 'lable' in 'target'; did you mean 'label'?"],
    ['nothing', '\n\n', {}, '[readJsonLines] expected at least one row but received none'],
  ])('names %s', async (_, text, more, sentence) => {
    const path = await store('bad.jsonl', text);
    await expect(readJsonLines(path, { target: 'y', ...more })).rejects.toThrow(sentence);
    await expect(readJsonLines(path, { target: 'y', ...more })).rejects.toThrow('[readJsonLines');
  });

  it('reads lines cut anywhere by the pieces of a file', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => ({ name: 'ä€😀'.repeat(i % 5), a: i, y: -i }));
    const data = await readJsonLines(await store('long.jsonl', lines(...rows)), { target: 'y', columns: ['a'] });
    expect([...data.inputs.data]).toEqual(rows.map(({ a }) => a));
  });
});

describe('streamJsonLines', () => {
  it('gives the rows of all files, and names file and line of a bad one', async () => {
    await store('parts/1.jsonl', lines({ a: 1, y: 'p' }, { a: 2, y: 'q' }));
    await store('parts/2.ndjson', lines({ y: 'q', a: 3 }));
    const options = { target: 'y', classes: ['q', 'p'], shuffleBuffer: 0, batchSize: 2 }, batches: Batch[] = [];
    const source = await streamJsonLines(join(folder, 'parts'), options);
    for await (const batch of source.batches(0)) batches.push(batch);
    expect(source).toMatchObject({ inputs: 1, targets: 1, inputNames: ['a'], classes: ['q', 'p'] });
    expect(batches).toEqual([{ x: Float32Array.of(1, 2), y: Float32Array.of(1, 0), rows: 2 }, { x: Float32Array.of(3), y: Float32Array.of(0), rows: 1 }]);
    const bad = await store('parts/3.jsonl', lines({ a: 1, y: 'p' }, { a: 1, y: 'r' }));
    await expect((async () => { for await (const _ of (await streamJsonLines(join(folder, 'parts'), options)).batches(0)); })()).rejects.toThrow(
      `[streamJsonLines '${bad}'] expected one of the names in 'classes' but received 'r' (line 2, field 'y')`);
  });
});

describe('rows', () => {
  it('are read as they are, and anew by every loop', async () => {
    const csv = csvRows(await store('t.csv', 'name,"a ""b"""\nx, 1 \n"y\nz",\n')), json = jsonLinesRows(await store('t.jsonl', lines({ name: 'x', n: null }, [1, 'a'])));
    for (let loop = 0; loop < 2; loop++) {
      expect(await listed(csv)).toEqual([{ name: 'x', 'a "b"': '1' }, { name: 'y\nz', 'a "b"': '' }]);
      expect(await listed(json)).toEqual([{ name: 'x', n: null }, [1, 'a']]);
    }
    expect(await listed(csvRows(await store('u.csv', '1;2\n3;4'), { header: false, delimiter: ';' }))).toEqual([{ column0: '1', column1: '2' }, { column0: '3', column1: '4' }]);
    await expect(listed(csvRows(await store('v.csv', 'a,b\n1,2\n3\n')))).rejects.toThrow("v.csv'] expected 2 cells but received 1 (line 3)");
  });
});

describe('Parquet', () => {
  it('is read as a data set and as rows, row group by row group', async () => {
    expect(plain(await readParquet(parquet, { target: 'species' }))).toEqual({
      x: [...Float32Array.of(5.1, 3, 1, 4.9, -1, 0, 6.25, 2, 1)], y: [1, 0, 1], classes: ['apple', 'pear'], inputNames: ['length', 'count', 'open'], targetNames: ['species'], w: null,
    });
    expect(await listed(parquetRows('test/data/fixtures'))).toEqual([
      { length: 5.1, count: 3n, open: true, species: 'pear' }, { length: 4.9, count: -1n, open: false, species: 'apple' }, { length: 6.25, count: 2n, open: true, species: 'pear' },
    ]);
    await expect(readParquet(parquet, { target: 'species', columns: ['size'] })).rejects.toThrow("unknown column 'size' in 'columns'");
    await expect(readParquet(parquet, { target: 'count', columns: ['species'] })).rejects.toThrow("expected a number but received 'pear' (row 0, field 'species')");
    await expect(readParquet(await store('bad.parquet', 'no Parquet at all'), { target: 'a' })).rejects.toThrow("bad.parquet'] expected a Parquet file but it cannot be read: ");
  });

  it('names the package to install where it is missing', async () => {
    // Where it cannot be found: the sources by themselves, in a folder without packages.
    await cp('lib', join(folder, 'lib'), { recursive: true });
    await cp(parquet, join(folder, 'small.parquet'));
    const script = await store('alone.mts', "import { readParquet } from './lib/data/rows/row-table.ts';\nawait readParquet('small.parquet', { target: 'species' }).catch((error) => console.log(error.code, error.message));\n");
    const { stdout } = await promisify(execFile)(process.execPath, [resolve('node_modules/tsx/dist/cli.mjs'), script], { cwd: folder });
    expect(stdout.trim()).toBe("ERR_OPTION [readParquet] Parquet needs the package 'hyparquet', which is not installed: npm install hyparquet");
  });
});
