// Files: of a size that can be read at one sitting, with an opening sentence, and nothing of one machine in them.
import { describe, expect, test } from 'vitest';
import { filesBelow, projectFiles, read } from './tree.ts';

const sources = [...filesBelow('lib', ['.ts']), ...filesBelow('native', ['.cc', '.h']), ...filesBelow('bench', ['.ts', '.py', '.mjs'])];

test('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(100);
});

test('no file of lib, native or bench is longer than 400 lines, no test longer than 400', () => {
  const long = [...sources, ...filesBelow('test', ['.ts', '.cc'])].map((file) => ({ file, lines: read(file).split('\n').length - 1 })).filter(({ lines }) => lines > 400);
  expect(long).toEqual([]);
});

test('every source opens with a sentence that says what it is', () => {
  const silent = sources.filter((file) => !/^(#!.*\n)?(\/\/ |# |\/\*|""")/.test(read(file)));
  expect(silent).toEqual([]);
});

describe('the tree', () => {
  const text = projectFiles().filter((file) => !/\.(png|gz|node|ico|bin|npz|csv)$/.test(file)).map((file) => ({ file, content: read(file) }));
  // Written in pieces, so that this file is not among those it finds.
  const patterns = {
    'folder of one machine': new RegExp(String.raw`(?<![\w.*$}])/(${['work', 'home', 'root', 'Users'].join('|')})/\w`),
    'package registry': new RegExp(['registry', String.raw`[\w-]+\.(org|com|io|net|dev)`].join(String.raw`\.`)),
    'address of a local server': new RegExp([['local', 'host'].join(''), ['127', '0', '0', '1'].join(String.raw`\.`)].join('|')),
  };
  test.each(Object.entries(patterns))('names no %s', (_what, pattern) => {
    expect(text.filter(({ content }) => pattern.test(content)).map(({ file }) => file)).toEqual([]);
  });

  test('the patterns find what they look for', () => {
    expect(patterns['folder of one machine'].test(`open('${['', 'home', 'me', 'x'].join('/')}')`)).toBe(true);
    expect(patterns['package registry'].test(['https://registry', 'npmjs', 'org/'].join('.'))).toBe(true);
    expect(patterns['folder of one machine'].test("'../root/x', 'a/work/b'")).toBe(false);
  });
});
