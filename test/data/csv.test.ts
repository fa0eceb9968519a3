// CSV: every number as Number() reads it, every cut of the bytes alike, every error with its line and column.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataError, OptionError } from '../../lib/errors.ts';
import { parseCsv, readCsv, type CsvOptions } from '../../lib/data/csv.ts';
import type { Dataset } from '../../lib/data/dataset.ts';
import { parseDecimal } from '../../lib/data/decimal.ts';

const tabular = new URL('../../../shared/data/tabular/', import.meta.url);

/** Inputs and targets as plain numbers, row by row. */
function plain(data: Dataset): { x: number[][]; y: number[][] } {
  const { x, y } = data.toArrays();
  return { x: x.map((row) => [...row]), y: y.map((row) => [...row]) };
}

/** What reading gives: names, classes and values, or the error. */
async function outcome(read: () => Promise<Dataset> | Dataset): Promise<unknown> {
  try {
    const data = await read();
    return [data.inputNames, data.targetNames, data.classes, data.inputs, data.targets];
  } catch (error) {
    return String(error);
  }
}

describe('parseCsv', () => {
  it('reads names, inputs and target', () => {
    const data = parseCsv('a,b,y\n1,2.5,0\n-3,4e2,1\n', { target: 'y' });
    expect(plain(data)).toEqual({ x: [[1, 2.5], [-3, 400]], y: [[0], [1]] });
    expect([data.inputNames, data.targetNames, data.classes, data.shape]).toEqual([['a', 'b'], ['y'], null, [2]]);
  });

  it.each<[string, string]>([
    ['CRLF', 'a,b,y\r\n1,2,3\r\n4,5,6\r\n'],
    ['no last newline', 'a,b,y\n1,2,3\n4,5,6'],
    ['a lone CR at the end', 'a,b,y\n1,2,3\n4,5,6\r'],
    ['blank lines', '\n\r\na,b,y\n\n1,2,3\n\r\n4,5,6\n\n\n'],
    ['a byte order mark', '\ufeffa,b,y\n1,2,3\n4,5,6\n'],
    ['quotes', '"a","b","y"\n"1","2","3"\n4,"5",6\n'],
    ['spaces', ' a , b , y \n 1 ,\t2, 3 \n4 ,5," 6 "\n'],
    ['signs, zeros and points', 'a,b,y\n+1,2.,03\n4.0e0,.5e1,600E-2\n'],
  ])('reads %s', (_, text) => {
    const data = parseCsv(text, { target: 'y' });
    expect(plain(data)).toEqual({ x: [[1, 2], [4, 5]], y: [[3], [6]] });
    expect(data.inputNames).toEqual(['a', 'b']);
  });

  it('unescapes names: quotes, delimiters and newlines', () => {
    const data = parseCsv('"say ""a"", b","two\nlines",y\n1,2,3\n', { target: -1 });
    expect(data.inputNames).toEqual(['say "a", b', 'two\nlines']);
  });

  it('reads other delimiters', () => {
    for (const delimiter of [';', '\t', '|', ' ']) {
      expect(plain(parseCsv(['a,y', '1,2'].join('\n').replaceAll(',', delimiter), { target: 'y', delimiter }))).toEqual({ x: [[1]], y: [[2]] });
    }
  });

  it('takes targets by name, position and from the end, and several', () => {
    const text = 'a,b,c\n1,2,3\n';
    for (const target of ['b', 1, -2]) expect(plain(parseCsv(text, { target }))).toEqual({ x: [[1, 3]], y: [[2]] });
    const both = parseCsv(text, { target: ['c', 0] });
    expect([plain(both), both.targetNames]).toEqual([{ x: [[2]], y: [[3, 1]] }, ['c', 'a']]);
  });

  it('takes a choice of columns, in that order, and does not look into the others', () => {
    const data = parseCsv('id,a,b,y\n"x,\n""",1,2,3\n,4,5,6\n', { target: 'y', columns: ['b', 1] });
    expect([plain(data), data.inputNames]).toEqual([{ x: [[2, 1], [5, 4]], y: [[3], [6]] }, ['b', 'a']]);
  });

  it('reads without names, and tells by itself', () => {
    for (const header of [false, 'auto'] as const) {
      const data = parseCsv('1,2\n3,4\n', { target: -1, header });
      expect([plain(data), data.inputNames, data.targetNames]).toEqual([{ x: [[1], [3]], y: [[2], [4]] }, ['column0'], ['column1']]);
    }
    expect(plain(parseCsv('a,y\n3,4\n', { target: 'y', header: 'auto' }))).toEqual({ x: [[3]], y: [[4]] });
    expect(parseCsv('1,cat\n2,dog\n', { target: -1, header: 'auto' }).classes).toEqual(['cat', 'dog']);
  });

  it('numbers classes by the sorted order of their names', () => {
    const data = parseCsv('a,kind\n1,pear\n2,"apple"\n3, fig \n4,pear\n5,Äpfel\n', { target: 'kind' });
    expect(data.classes).toEqual(['apple', 'fig', 'pear', 'Äpfel']);
    expect([...data.targets.data]).toEqual([2, 0, 1, 2, 3]);
    expect(data.split({ test: 2 }).test.classes).toEqual(data.classes);
  });

  it('grows over many rows', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `${i},${i / 8},${i % 7}`);
    const data = parseCsv(`a,b,y\n${rows.join('\n')}`, { target: 'y' });
    expect(data.length).toBe(5000);
    expect(data.inputs.data).toEqual(Float32Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? i / 2 : (i - 1) / 16)));
    expect(data.targets.data).toEqual(Float32Array.from({ length: 5000 }, (_, i) => i % 7));
  });
});

describe('errors', () => {
  it.each<[string, string, string]>([
    ['a bad cell', 'a,y\n1,2\nx1,3\n', "[parseCsv] expected a number but received 'x1' (line 3, column 'a')"],
    ['a decimal comma', 'a;y\n1,5;2\n', "[parseCsv] unknown column 'y' in 'target'; the columns are 'a;y'"],
    ['hexadecimal', 'a,y\n0x10,2\n', "[parseCsv] expected a number but received '0x10' (line 2, column 'a')"],
    ['a bad target', 'a,y\n1,2\n3,z\n', "[parseCsv] expected a number but received 'z' (line 3, column 'y')"],
    ['a number among classes', 'a,y\n1,cat\n3,4\n', "[parseCsv] expected a class name, as in the rows above, but received the number '4' (line 3, column 'y')"],
    ['an empty cell', 'a,y\n1,2\n,3\n', "[parseCsv] expected a value but received an empty cell (line 3, column 'a')"],
    ['an empty target', 'a,y\n1,cat\n1,\n', "[parseCsv] expected a value but received an empty cell (line 3, column 'y')"],
    ['an empty quoted cell', 'a,y\n"",3\n', "[parseCsv] expected a value but received an empty cell (line 2, column 'a')"],
    ['NaN', 'a,y\n1,2\nnan,3\n', "[parseCsv] expected a finite number but received 'nan' (line 3, column 'a')"],
    ['infinity', 'a,y\n-Infinity,2\n', "[parseCsv] expected a finite number but received '-Infinity' (line 2, column 'a')"],
    ['a NaN target', 'a,y\n1,NaN\n', "[parseCsv] expected a finite number but received 'NaN' (line 2, column 'y')"],
    ['a number too large', 'a,y\n1e39,2\n', "[parseCsv] expected a number within single precision but received '1e39' (line 2, column 'a')"],
    ['a missing cell', 'a,b,y\n1,2,3\n1,2\n', '[parseCsv] expected 3 cells but received 2 (line 3)'],
    ['a missing cell in the last line', 'a,b,y\n1,2', '[parseCsv] expected 3 cells but received 2 (line 2)'],
    ['a surplus cell', 'a,y\n1,2,3\n', '[parseCsv] expected 2 cells but received more (line 2)'],
    ['a trailing delimiter', 'a,y\n1,2,\n', '[parseCsv] expected 2 cells but received more (line 2)'],
    ['an open quote', 'a,y\n1,"2\n3,4\n', "[parseCsv] expected a closing quote but the data ended (line 2, column 'y')"],
    ['an open quote in the header', 'a,"y\n1,2\n', '[parseCsv] expected a closing quote but the data ended (line 1, column 1)'],
    ['text behind a quote', 'a,y\n1,"2"3\n', "[parseCsv] expected the end of the cell after its closing quote but received '3' (line 2, column 'y')"],
    ['the line behind quoted newlines', '"a\n\n",y\n"\n1",2\n', "[parseCsv] expected a number but received '\\n1' (line 4, column 'a\\n\\n')"],
    ['the line behind a class of several lines', 'a,y\n1,"c\n\nd"\nx,e\n', "[parseCsv] expected a number but received 'x' (line 5, column 'a')"],
    ['the line behind blank ones', 'a,y\n\n\nx,2\n', "[parseCsv] expected a number but received 'x' (line 4, column 'a')"],
    ['an unknown target', 'a,label\n1,2\n', "[parseCsv] unknown column 'y' in 'target'; the columns are 'a', 'label'"],
    ['no rows', 'a,y\n', '[parseCsv] expected at least one row below the header but received none'],
    ['nothing', '', '[parseCsv] expected rows of numbers but received no data at all'],
    ['blank lines only', '\n\r\n', '[parseCsv] expected rows of numbers but received no data at all'],
    ['one column', 'y\n1\n', '[parseCsv] expected at least one input column besides the target but received none'],
    ['a name used twice', 'y,a,y\n1,2,3\n', "[parseCsv] expected one column named 'y' but received several; name it by its position"],
  ])('name %s', (_, text, sentence) => {
    expect(() => parseCsv(text, { target: 'y' })).toThrow(expect.objectContaining({ message: sentence }));
  });

  it('suggest the nearest column', () => {
    expect(() => parseCsv('a,label\n1,2\n', { target: 'lable' })).toThrow(new OptionError("[parseCsv] unknown column 'lable' in 'target'; did you mean 'label'?"));
  });

  it.each<[object, string]>([
    [{ target: 2 }, "[parseCsv] expected 'target' to be one of 2 columns but received 2"],
    [{ target: -3 }, "[parseCsv] expected 'target' to be one of 2 columns but received -3"],
    [{ target: null }, "[parseCsv] expected 'target' to be the name or position of a column but received null"],
    [{ target: [] }, "[parseCsv] expected 'target' to be a column or columns but received an array of length 0"],
    [{ target: 'b', columns: ['b'] }, "[parseCsv] expected each column once but received 'b' twice among target and columns"],
    [{ target: 'b', columns: [] }, "[parseCsv] expected 'columns' to be an array of columns but received an array of length 0"],
    [{ target: 'b', delimiter: '.' }, "[parseCsv] expected 'delimiter' to be one ASCII character that is no part of a number or quote but received '.'"],
    [{ target: 'b', delimiter: '\n' }, "[parseCsv] expected 'delimiter' to be one ASCII character that is no part of a number or quote but received '\\n'"],
    [{ target: 'b', header: 'yes' }, "[parseCsv] expected 'header' to be true, false or 'auto' but received 'yes'"],
    [{ target: 'b', headers: true }, "[parseCsv] unknown option 'headers'; did you mean 'header'?"],
  ])('refuse options %j', (options, sentence) => {
    expect(() => parseCsv('a,b\n1,2\n', options as CsvOptions)).toThrow(new OptionError(sentence));
  });

  it('refuse UTF-16', () => {
    expect(() => parseCsv(Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), { target: 'b' })).toThrow(new DataError('[parseCsv] expected UTF-8 but received UTF-16'));
  });

  it('stop at an open quote instead of collecting the rest of the file', async () => {
    let pieces = 0;
    async function* endless(): AsyncGenerator<string> {
      yield 'a,y\n"1,2\n';
      for (;; pieces++) yield '3,4\n'.repeat(16_384);
    }
    await expect(readCsv(endless(), { target: 'y' })).rejects.toThrow("[readCsv] expected a cell of at most 1 MiB; is a quote not closed? (line 2, column 'a')");
    expect(pieces).toBeLessThan(20);
  });
});

describe('pieces', () => {
  const texts = [
    '\ufeffa,"b ""q"", \r\n c",kind\r\n1,-2.5e1,"pea\nr"\r\n\r\n"3",.4,ä€😀\r\n0.12345678901234567,1234567890123,"x""y"',
    'a,b,y\n1,2,3\n4,5\n', 'a,b,y\n1,2,3\n4,"5,6\n', 'a,b,y\n1,2,3\r\n4,"5"x,6\n', '\n\n1,2,cat\r\n3,4,5', 'a',
  ];

  it.each(texts)('cut at any byte give the same: %j', async (text) => {
    const bytes = Buffer.from(text);
    const whole = await outcome(() => readCsv([bytes], { target: -1, header: 'auto' }));
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(await outcome(() => readCsv([bytes.subarray(0, cut), bytes.subarray(cut)], { target: -1, header: 'auto' }))).toEqual(whole);
    }
    expect(await outcome(() => readCsv([...bytes].map((byte) => Uint8Array.of(byte)), { target: -1, header: 'auto' }))).toEqual(whole);
    expect(await outcome(() => readCsv(text.split(''), { target: -1, header: 'auto' }))).toEqual(whole);
  });

  it('cut anywhere, any number of times, give the same for any text', async () => {
    const fragment = fc.constantFrom('1', '-2.5', '3e4', ',', ',', '\n', '\r\n', '\r', '"', '""', ' ', 'cat', 'é', '.', '-', '1234567890.5');
    await fc.assert(fc.asyncProperty(fc.array(fragment, { maxLength: 24 }), fc.array(fc.nat(60), { maxLength: 6 }), async (fragments, cuts) => {
      const bytes = Buffer.from(`a,b\n1,2\n${fragments.join('')}`);
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
      expect(await outcome(() => readCsv(pieces, { target: 'b' }))).toEqual(await outcome(() => readCsv([bytes], { target: 'b' })));
    }), { numRuns: 500 });
  });

  it('read back what was written, whatever the quoting', () => {
    const cell = fc.record({ value: fc.float({ noNaN: true, noDefaultInfinity: true }), quoted: fc.boolean() });
    fc.assert(fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 }), fc.constantFrom('\n', '\r\n'), (rows, newline) => {
      const lines = rows.map((row) => row.map(({ value, quoted }) => {
        const text = Object.is(value, -0) ? '-0' : String(value);
        return quoted ? `"${text}"` : text;
      }).join(','));
      const data = parseCsv(['a,b,c', ...lines].join(newline), { target: 2 });
      expect(data.inputs.data).toEqual(Float32Array.from(rows.flatMap(([a, b]) => [a.value, b.value])));
      expect(data.targets.data).toEqual(Float32Array.from(rows.map(([, , c]) => c.value)));
    }));
  });
});

describe('parseDecimal', () => {
  const parse = (text: string): number => parseDecimal(Buffer.from(text), 0, text.length);
  const check = (text: string): void => expect([text, parse(text)]).toEqual([text, Math.fround(Number(text))]);

  it('equals Number, rounded to single precision, for what doubles print', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(20), (value, digits) => {
      check(String(value));
      check(value.toExponential(digits));
      check(value.toPrecision(digits + 1));
    }), { numRuns: 3000 });
  });

  it('equals Number for any digits and exponent', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'00123456789999'), maxLength: 30 });
    fc.assert(fc.property(fc.constantFrom('', '-', '+'), digits, fc.option(digits), fc.option(fc.integer({ min: -60, max: 60 })), (sign, whole, fraction, exponent) => {
      fc.pre(whole !== '' || (fraction !== null && fraction !== ''));
      check(`${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`);
    }), { numRuns: 5000 });
  });

  it('equals Number around the middle between two floats, where rounding is hardest', () => {
    fc.assert(fc.property(fc.integer({ min: 2 ** 23, max: 2 ** 24 - 1 }), fc.integer({ min: -60, max: 60 }), fc.constantFrom('', '1', '000001', '0000000000000001'), (mantissa, exponent, tail) => {
      const middle = (mantissa + 0.5) * 2 ** exponent;
      const exact = middle.toFixed(100).slice(0, 100);
      check(exact);
      check(`${exact.includes('.') ? exact : `${exact}.`}${tail}`);
      check(String(middle));
    }), { numRuns: 2000 });
  });

  it.each([
    '3.4028235e38', '3.4028235677973366e38', '3.4028235677973365e38', '-3.5e38', '1e-45', '7.006492321624085e-46', '7.006492321624086e-46', '1e-400', '1e400', '0e999999999999',
    '9007199254740993', '16777217', '16777217.000000000000000000001', '-0', '-0.0e5', `0.${'0'.repeat(400)}1`, `1${'0'.repeat(400)}`, `1${'0'.repeat(400)}e-400`,
  ])('equals Number for %s', check);

  it.each(['', '-', '.', '-.', 'e5', '1e', '1e+', '1.2.3', '1 2', '--1', '1e5.5', '1e5e5', 'x', '1x', '1_000', '0x1', 'Infinity', '１'])('refuses %j', (text) => {
    const bytes = Buffer.from(text);
    expect(parseDecimal(bytes, 0, bytes.length)).toBeNaN();
  });
});

describe('readCsv', () => {
  let folder = '';
  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-csv-')); });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads paths, URLs, streams and iterables alike', async () => {
    const path = join(folder, 'small.csv');
    const text = 'a,y\n1,2\n';
    await writeFile(path, text);
    const expected = plain(parseCsv(text, { target: 'y' }));
    for (const source of [path, pathToFileURL(path), Readable.from([text]), new Blob([text]).stream() as AsyncIterable<Uint8Array>, [text]]) {
      expect(plain(await readCsv(source, { target: 'y' }))).toEqual(expected);
    }
  });

  it('names the file in errors', async () => {
    const path = join(folder, `${'long '.repeat(20)}bad.csv`);
    await writeFile(path, 'a,y\n1,2\n3,\n');
    await expect(readCsv(path, { target: 'y' })).rejects.toThrow(`[readCsv '${path}'] expected a value but received an empty cell (line 3, column 'y')`);
    await expect(readCsv('no.csv', { target: 'y' })).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }));
    await expect(readCsv('no.csv', { taget: 'y' } as never)).rejects.toThrow("[readCsv] unknown option 'taget'; did you mean 'target'?");
  });

  // Rows, inputs and classes from the README beside the files.
  it.skipIf(!existsSync(tabular)).each([
    ['digits.csv', 'label', 1797, 64, 10], ['iris.csv', 'label', 150, 4, 3], ['wine.csv', 'label', 178, 13, 3], ['breast_cancer.csv', 'label', 569, 30, 2],
    ['diabetes.csv', 'progression', 442, 10, null], ['california_housing.csv', 'median_house_value', 20640, 8, null], ['concrete.csv', 'compressive_strength_mpa', 1030, 8, null],
  ] as const)('reads %s as a plain reader does (skipped without ../shared/data)', async (name, target, rows, inputs, classes) => {
    const url = new URL(name, tabular);
    const data = await readCsv(url, { target });
    expect([data.length, data.inputs.width]).toEqual([rows, inputs]);
    if (classes !== null) expect(new Set(data.targets.data).size).toBe(classes);
    const [header, ...lines] = readFileSync(url, 'utf8').trim().split(/\r?\n/).map((line) => line.split(','));
    const at = header!.indexOf(target);
    expect(data.inputs.data).toEqual(Float32Array.from(lines.flatMap((line) => line.filter((_, i) => i !== at).map(Number))));
    expect(data.targets.data).toEqual(Float32Array.from(lines.map((line) => Number(line[at]))));
  });
});
