// Preprocessors: numbers by hand, every policy for missing cells and unseen categories, files as rows of a program, JSON that is not believed.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvRows, fitPreprocessor, jsonLinesRows, Preprocessor, type ColumnOptions, type PreprocessorOptions, type Row } from '../../lib/index.ts';
import { NumericStatistics, SAMPLE } from '../../lib/data/preprocess/statistics.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-preprocessor-')); });
afterAll(() => rm(folder, { recursive: true }));

/** A preprocessor of one column `c` with the given cells. */
const fitColumn = async (options: ColumnOptions, cells: readonly unknown[]): Promise<Preprocessor> =>
  fitPreprocessor(cells.map((c, y) => ({ c, keep: 1, y })), { target: 'y', columns: { c: options, keep: { kind: 'numeric', scale: 'none' } } });

/** The outputs of one cell, without those of `keep`. */
const outputs = (preprocessor: Preprocessor, c: unknown): number[] => [...preprocessor.transformRow({ c, keep: 0 })].slice(0, -1);

describe('numbers', () => {
  // 1, 3, 5 and one missing: mean 3, deviation of the filled column √2.
  it.each<[string, ColumnOptions, unknown, number[]]>([
    ['standard, mean', { kind: 'numeric' }, 5, [2 / Math.SQRT2]],
    ['the mean is zero', { kind: 'numeric' }, null, [0]],
    ['standard, constant 7', { kind: 'numeric', missing: { constant: 7 } }, null, [3 / Math.sqrt(5)]],
    ['a constant moves the mean', { kind: 'numeric', missing: { constant: 7 } }, 1, [-3 / Math.sqrt(5)]],
    ['min-max', { kind: 'numeric', scale: 'minMax' }, 2, [0.25]],
    ['a constant widens the range', { kind: 'numeric', scale: 'minMax', missing: { constant: 9 } }, 5, [0.5]],
    ['beyond the range', { kind: 'numeric', scale: 'minMax' }, 9, [2]],
    ['robust', { kind: 'numeric', scale: 'robust' }, 5, [2 / 1]],
    ['no scale, median and indicator', { kind: 'numeric', scale: 'none', missing: 'median', indicator: true }, NaN, [3, 1]],
    ['the indicator of a cell that is there', { kind: 'numeric', scale: 'none', indicator: true }, '4.5e0', [4.5, 0]],
    ['most frequent, the least of equals', { kind: 'numeric', scale: 'none', missing: 'mostFrequent' }, '?', [1]],
  ])('%s', async (_, options, cell, expected) => {
    const found = outputs(await fitColumn(options, [1, '3', null, 5]), cell);
    expect(found).toHaveLength(expected.length);
    expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 6));
  });

  it('divide by one where there is no spread', async () => {
    for (const scale of ['standard', 'minMax', 'robust'] as const) expect(outputs(await fitColumn({ kind: 'numeric', scale }, [0.1, 0.1, 0.1]), 2.1)).toEqual([2]);
  });

  it('take bigints, signs and exponents, and nothing else', async () => {
    const preprocessor = await fitColumn({ kind: 'numeric', scale: 'none' }, [1, 2]);
    expect([7n, '-2.5', '+1e2', ' 3 '].map((cell) => outputs(preprocessor, cell)[0])).toEqual([7, -2.5, 100, 3]);
    for (const cell of ['0x10', 'Infinity', '1e', '.', 'e5', '1 2', '1_000', true, {}, Infinity]) expect(() => outputs(preprocessor, cell), String(cell)).toThrow('[transformRow] expected a finite number but received ');
    expect(() => outputs(preprocessor, 1e39)).toThrow("expected a number within single precision after scaling but received 1e+39 (column 'c')");
  });

  it('keep a uniform sample of long columns for their quantiles', () => {
    const statistics = new NumericStatistics(true), count = 2 * SAMPLE + 12_345;
    for (let i = 0; i < count; i++) statistics.add(i);
    const [first, median, third] = statistics.quartiles(0);
    for (const [found, part] of [[first, 0.25], [median, 0.5], [third, 0.75]] as const) expect(Math.abs(found / count - part)).toBeLessThan(0.002);
    expect(statistics.median()).toBe(median);
  });
});

describe('categories', () => {
  const cells = ['b', 'a', 'b', null, 'c', 'a', 'b'];
  it.each<[string, ColumnOptions, unknown, number[]]>([
    ['one-hot, sorted', { kind: 'categorical' }, 'c', [0, 0, 1]],
    ['missing: the most frequent', { kind: 'categorical' }, '', [0, 1, 0]],
    ['missing: a category of its own', { kind: 'categorical', missing: { constant: 'none' } }, null, [0, 0, 0, 1]],
    ['indicator', { kind: 'categorical', indicator: true }, undefined, [0, 1, 0, 1]],
    ['unseen: zeros', { kind: 'categorical', unseen: 'zeros' }, 'd', [0, 0, 0]],
    ['unseen: other', { kind: 'categorical', unseen: 'other' }, 'd', [0, 0, 0, 1]],
    ['rare ones are other', { kind: 'categorical', unseen: 'other', minFrequency: 2 }, 'c', [0, 0, 1]],
    ['others are not', { kind: 'categorical', unseen: 'other', minFrequency: 2 }, 'a', [1, 0, 0]],
    ['ordinal', { kind: 'categorical', encoding: 'ordinal' }, 'c', [2]],
    ['ordinal by a given order', { kind: 'categorical', encoding: 'ordinal', categories: ['c', 'b', 'a'] }, 'a', [2]],
    ['ordinal, unseen: other', { kind: 'categorical', encoding: 'ordinal', unseen: 'other' }, 'd', [3]],
    ['given categories, seen or not', { kind: 'categorical', categories: ['a', 'b', 'c', 'd'] }, 'd', [0, 0, 0, 1]],
  ])('%s', async (_, options, cell, expected) => {
    expect(outputs(await fitColumn(options, cells), cell)).toEqual(expected);
  });

  it('are text, whatever their type', async () => {
    const preprocessor = await fitColumn({ kind: 'categorical' }, [10, 9, true, '__proto__']);
    expect(preprocessor.inputNames).toEqual(['c=10', 'c=9', 'c=__proto__', 'c=true', 'keep']);
    expect(outputs(preprocessor, '__proto__')).toEqual([0, 0, 1, 0]);
    expect(() => outputs(preprocessor, 'constructor')).toThrow("[transformRow] expected one of 4 categories but received 'constructor'; unseen: 'zeros' or 'other' takes it (column 'c')");
  });
});

it('truth values are words, numbers and values', async () => {
  const preprocessor = await fitColumn({ kind: 'boolean', indicator: true }, ['Yes', 'no', true, 1, 0, 'T', null]);
  expect([true, 'FALSE', '1', 0, 'y', null].map((cell) => outputs(preprocessor, cell))).toEqual([[1, 0], [0, 0], [1, 0], [0, 0], [1, 0], [1, 1]]);
  expect(() => outputs(preprocessor, 'maybe')).toThrow("expected a truth value but received 'maybe'");
});

const people: Row[] = [
  { age: 30, city: 'Paris', member: 'yes', note: [1], empty: '', income: '>50K' },
  { age: '40', city: 'Rome', member: 'no', note: [2], empty: null, income: '<=50K' },
  { age: null, city: '?', member: 'yes', note: [3], income: '>50K' },
];

describe('a whole table', () => {
  it('is inferred, reported and transformed', async () => {
    const preprocessor = await fitPreprocessor(people, { target: 'income' });
    expect(preprocessor.report!.map(({ column, kind, missing, outputs: count }) => [column, kind, missing, count])).toEqual([
      ['age', 'numeric', 1, 1], ['city', 'categorical', 1, 2], ['member', 'boolean', 0, 1], ['note', 'ignored', 0, 0], ['empty', 'ignored', 0, 0], ['income', 'target', 0, 0],
    ]);
    expect(preprocessor.report!.map(({ reason }) => reason)).toEqual([
      'numbers in 2 cells of the sample', 'text with 2 different values in 2 cells of the sample', 'truth values in 3 cells of the sample', 'nested values in 3 cells of the sample',
      'all 3 cells of the sample are missing', 'the target',
    ]);
    expect([preprocessor.inputs, preprocessor.inputNames, preprocessor.classes]).toEqual([4, ['age', 'city=Paris', 'city=Rome', 'member'], ['<=50K', '>50K']]);
    const data = preprocessor.transform(people), deviation = Math.sqrt(50 / 3);
    expect([data.inputNames, data.targetNames, data.classes]).toEqual([preprocessor.inputNames, ['income'], preprocessor.classes]);
    expect([...data.targets.data]).toEqual([1, 0, 1]);
    expect(data.inputs.data).toEqual(Float32Array.of(-5 / deviation, 1, 0, 1, 5 / deviation, 0, 1, 0, 0, 1, 0, 1));
    expect(preprocessor.transformRow({ city: 'Rome', age: 35, member: true })).toEqual(Float32Array.of(0, 0, 1, 1));
    expect(preprocessor.transformRow([35, 'Rome', 'no', null, null])).toEqual(Float32Array.of(0, 0, 1, 0));
    expect(preprocessor.transformRows([people[1]!])).toEqual({ shape: [1, 4], data: Float32Array.of(5 / deviation, 0, 1, 0) });
  });

  it('ignores names of rows, and the rest where it is told so', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({ id: `row ${i}`, a: i, b: 'x', y: i }));
    expect((await fitPreprocessor(rows, { target: 'y' })).inputNames).toEqual(['a', 'b=x']);
    expect((await fitPreprocessor(rows, { target: 'y', columns: { a: 'categorical' }, remainder: 'ignored', sample: 7 })).inputs).toBe(300);
    expect((await fitPreprocessor(rows, { target: 'y', defaults: { categorical: { unseen: 'other' }, numeric: { indicator: true } } })).inputNames).toEqual(['a', 'a missing', 'b=x', 'b=(other)']);
  });

  it('standardizes a numeric target, and undoes it', async () => {
    const rows = [{ x: 1, y: 10 }, { x: 2, y: '30' }], preprocessor = await fitPreprocessor(rows, { target: { column: 'y', standardize: true } });
    expect([...preprocessor.transform(rows).targets.data]).toEqual([-1, 1]);
    expect(preprocessor.restoreTargets(Float32Array.of(-1, 0, 2))).toEqual(Float64Array.of(10, 20, 40));
    const classes = await fitPreprocessor(rows, { target: { column: 'y', kind: 'classes' } });
    expect([classes.classes, [...classes.transform(rows).targets.data]]).toEqual([['10', '30'], [0, 1]]);
    expect(() => classes.restoreTargets([1])).toThrow('[restoreTargets] expected a numeric target but it has classes');
  });

  it('is the same from files as from a program, whole and as a stream', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => ({ a: i % 17 === 0 ? '' : String(i / 8), b: ['x', 'y', 'z'][i % 3]!, y: i % 2 === 0 ? 'no' : 'yes' }));
    const csv = join(folder, 'table.csv'), json = join(folder, 'table.jsonl');
    await writeFile(csv, `y,b,a\n${rows.map(({ a, b, y }) => `${y},${b},${a}\n`).join('')}`);
    await writeFile(json, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const options: PreprocessorOptions = { target: 'y', defaults: { numeric: { missing: 'median', scale: 'robust', indicator: true } }, sample: 100 };
    const given = await fitPreprocessor(rows, options), data = given.transform(rows);
    for (const source of [csvRows(csv), jsonLinesRows(json), csv]) {
      const { columns } = await fitPreprocessor(source, options);
      expect(columns.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(given.columns.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
      const read = await given.read(source), stream = await given.stream(source, { batchSize: 3000, shuffleBuffer: 0 });
      expect([read.inputs.data, read.targets.data]).toEqual([data.inputs.data, data.targets.data]);
      expect(stream).toMatchObject({ inputs: 5, targets: 1, inputNames: given.inputNames, classes: ['no', 'yes'] });
      for (const epoch of [0, 1]) for await (const { x, y } of stream.batches(epoch)) expect([x, y]).toEqual([data.inputs.data, data.targets.data]);
    }
    const shuffled = await given.stream(rows, { batchSize: 3000, seed: 2 });
    for await (const { y } of shuffled.batches(0)) {
      expect([...y]).not.toEqual([...data.targets.data]);
      expect([...y].toSorted()).toEqual([...data.targets.data].toSorted());
    }
  });
});

describe('bad input', () => {
  const rows = [{ a: 1, b: 'x', y: 0 }, { a: 2, b: 'y', y: 1 }];
  it.each<[string, unknown, object, string, string]>([
    ['no rows', [], { target: 'y' }, 'ERR_DATA', '[fitPreprocessor] expected at least one row but received none'],
    ['no iterable', 5, { target: 'y' }, 'ERR_DATA', '[fitPreprocessor] expected rows, as an array or another iterable, but received 5'],
    ['a row that is none', [7], { target: 'y' }, 'ERR_DATA', '[fitPreprocessor] expected a row to be an object or an array but received 7 (row 0)'],
    ['an unknown target', rows, { target: 'z' }, 'ERR_OPTION', "[fitPreprocessor] unknown column 'z' in 'target'; the columns are 'a', 'b', 'y'"],
    ['an unknown column', rows, { target: 'y', columns: { aa: 'numeric' } }, 'ERR_OPTION', "[fitPreprocessor] unknown column 'aa' in 'columns'; did you mean 'a'?"],
    ['the target twice', rows, { target: 'y', columns: { y: 'numeric' } }, 'ERR_OPTION', "expected each column once but received 'y' twice"],
    ['an unknown kind', rows, { target: 'y', columns: { a: 'number' } }, 'ERR_OPTION', "[fitPreprocessor] expected 'columns.a.kind' to be one of 'numeric', 'categorical', 'boolean', 'ignored' but received 'number'"],
    ['an option of another kind', rows, { target: 'y', columns: { a: { kind: 'numeric', unseen: 'zeros' } } }, 'ERR_OPTION', "[fitPreprocessor] unknown option of 'columns.a' 'unseen'; known are "],
    ['an impossible policy', rows, { target: 'y', columns: { a: { kind: 'numeric', missing: 'zero' } } }, 'ERR_OPTION', "expected 'columns.a.missing' to be one of 'mean', 'median', 'mostFrequent', 'refuse' but received 'zero'"],
    ['a constant of another type', rows, { target: 'y', defaults: { categorical: { missing: { constant: 3 } } } }, 'ERR_OPTION', "expected 'defaults.categorical.missing' to be one of 'mostFrequent', 'refuse' or { constant: a string } but received 3"],
    ['zeros of a number', rows, { target: 'y', columns: { b: { kind: 'categorical', encoding: 'ordinal', unseen: 'zeros' } } }, 'ERR_OPTION', "expected 'columns.b.unseen' to be 'refuse' or 'other' for ordinal encoding"],
    ['rare ones without a place', rows, { target: 'y', columns: { b: { kind: 'categorical', minFrequency: 2 } } }, 'ERR_OPTION', "expected 'columns.b.unseen' to be 'other' where 'minFrequency' is above 1 but received 'refuse'"],
    ['text among numbers', [...rows, { a: 'x', b: 'x', y: 1 }], { target: 'y', sample: 2 }, 'ERR_DATA', "[fitPreprocessor] expected a finite number but received 'x' (row 2, column 'a'); it was taken as numeric: numbers in 2 cells of the sample"],
    ['a refused cell', [{ a: null, y: 1 }], { target: 'y', columns: { a: { kind: 'numeric', missing: 'refuse' } } }, 'ERR_DATA', "expected a value but the cell is missing (row 0, column 'a')"],
    ['a column of nothing', [{ a: null, b: 1, y: 1 }], { target: 'y', columns: { a: 'numeric' } }, 'ERR_DATA', "expected at least one value in column 'a' but all cells are missing; ignore it, or fill it with a constant"],
    ['a missing target', [{ a: 1, y: null }], { target: 'y' }, 'ERR_DATA', "expected a target but the cell is missing (row 0, column 'y')"],
    ['nothing but the target', [{ y: 1 }], { target: 'y' }, 'ERR_DATA', 'expected at least one column besides the target that is not ignored'],
    ['an unexpected column', [...rows, { a: 1, bb: 'x', y: 1 }], { target: 'y', columns: { a: 'numeric', bb: 'ignored' } }, 'ERR_DATA', ''],
    ['an unknown option', rows, { target: 'y', column: {} }, 'ERR_OPTION', "[fitPreprocessor] unknown option 'column'; did you mean 'columns'?"],
  ])('%s', async (what, given, options, code, sentence) => {
    const fit = fitPreprocessor(given as Row[], options as PreprocessorOptions);
    if (what === 'an unexpected column') expect((await fit).inputNames).toEqual(['a', 'b=x', 'b=y']);
    else await expect(fit).rejects.toThrow(expect.objectContaining({ code, message: expect.stringContaining(sentence) as string }));
  });

  it('of rows to transform', async () => {
    const preprocessor = await fitPreprocessor(rows, { target: 'y', columns: { b: { kind: 'categorical', missing: 'refuse' } } });
    expect(() => preprocessor.transformRow({ a: 1, bb: 'x' })).toThrow("[transformRow] unknown column 'bb', which the preprocessor was not fitted to; did you mean 'b'?");
    expect(() => preprocessor.transformRow({ a: 1 })).toThrow("[transformRow] expected a value but the cell is missing (column 'b')");
    expect(() => preprocessor.transformRow([1])).toThrow('[transformRow] expected 3 values but received 1');
    expect(() => preprocessor.transformRow(null as never)).toThrow('[transformRow] expected a row to be an object or an array but received null');
    expect(() => preprocessor.transformRows([{ b: 'x' }, { b: 'z' }])).toThrow("[transformRows] expected one of 2 categories but received 'z'; unseen: 'zeros' or 'other' takes it (row 1, column 'b')");
    expect(() => preprocessor.transform([])).toThrow('[transform] expected at least one row but received none');
    expect(() => preprocessor.transform([{ a: 1, b: 'x' }])).toThrow("[transform] expected a target but the cell is missing (row 0, column 'y')");
    const path = join(folder, 'bad.csv');
    await writeFile(path, 'b,y,a\nx,0,1\n\nx,1,one\n');
    await expect(preprocessor.read(path)).rejects.toThrow(`[csvRows '${path}'] expected a finite number but received 'one' (line 4, column 'a')`);
    await writeFile(path, 'b,y\nx,0\n');
    await expect(preprocessor.read(path)).rejects.toThrow("bad.csv'] expected a column 'a' but there is none");
    const broken = async function* (): AsyncGenerator<Row> { yield rows[0]!; throw new RangeError('the tap is dry'); };
    await expect(fitPreprocessor(broken(), { target: 'y' })).rejects.toThrow(new RangeError('the tap is dry'));
    await expect((async () => { for await (const _ of (await preprocessor.stream(broken())).batches(0)); })()).rejects.toThrow(new RangeError('the tap is dry'));
  });
});

describe('JSON', () => {
  const options: PreprocessorOptions = { target: 'income', defaults: { categorical: { unseen: 'other', indicator: true } } };

  it('makes the same preprocessor, and refuses any change of its structure', async () => {
    const preprocessor = await fitPreprocessor(people, options), text = JSON.stringify(preprocessor), restored = Preprocessor.from(JSON.parse(text));
    expect(JSON.stringify(restored)).toBe(text);
    expect([restored.inputNames, restored.classes, restored.report]).toEqual([preprocessor.inputNames, preprocessor.classes, null]);
    expect(restored.transform(people).inputs).toEqual(preprocessor.transform(people).inputs);
    // Every value replaced by others of the wrong type, every field taken away.
    let tried = 0;
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      const object = node as Record<string, unknown>;
      for (const key of Object.keys(object)) {
        const kept = object[key];
        visit(kept);
        for (const other of [undefined, 7.5, {}, [[]], -0.0]) {
          if (typeof other === 'number' && typeof kept === 'number' && key !== 'version') continue;
          object[key] = other;
          expect(() => Preprocessor.from(json), `${key} = ${JSON.stringify(other)}`).toThrow(expect.objectContaining({ code: 'ERR_MODEL_FORMAT' }));
          tried++;
          object[key] = kept;
        }
      }
    };
    const json: unknown = JSON.parse(text);
    visit(json);
    expect(tried).toBeGreaterThan(100);
  });

  it.each<[string, (json: { columns: Record<string, unknown>[] } & Record<string, unknown>) => void, string]>([
    ['two columns of a name', ({ columns }) => { columns[0]!['name'] = 'city'; }, "expected 'columns' to be columns of different names"],
    ['no target', ({ columns }) => { columns.pop(); }, "expected 'columns' to be columns with one target among them"],
    ['no outputs', ({ columns }) => { columns.splice(0, 5); }, "expected 'columns' to be columns of 1 to 1048576 outputs but received 0"],
    ['a scale of zero', ({ columns }) => { columns[0]!['scale'] = 0; }, "expected 'columns[0].scale' to be a positive number but received 0"],
    ['a category twice', ({ columns }) => { columns[1]!['categories'] = ['a', 'a']; }, "expected 'columns[1].categories' to be an array of different texts"],
    ['a field too many', ({ columns }) => { columns[0]!['code'] = 'x'; }, "unknown field 'code' in columns[0]"],
    ['a version to come', (json) => { json['version'] = 2; }, "expected 'version' to be 1 but received 2"],
    ['no classes', ({ columns }) => { columns[5]!['classes'] = []; }, "expected 'columns[5].classes' to be at least one name"],
  ])('refuses %s', async (_, change, sentence) => {
    const json = JSON.parse(JSON.stringify(await fitPreprocessor(people, options))) as Parameters<typeof change>[0];
    change(json);
    expect(() => Preprocessor.from(json)).toThrow(expect.objectContaining({ code: 'ERR_MODEL_FORMAT', message: expect.stringContaining(`[Preprocessor.from] ${sentence}`) as string }));
    expect(() => Preprocessor.from('{}')).toThrow("[Preprocessor.from] expected 'the JSON of a preprocessor' to be an object but received '{}'");
  });
});
