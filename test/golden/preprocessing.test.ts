// scikit-learn's preprocessing of a table in the manner of the "adult" census data: imputation, scaling and encoding, column by column.
// The numbers are in preprocessing.json, made by make_preprocessing.py.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fitPreprocessor } from '../../lib/data/preprocess/fit.ts';
import type { PreprocessorOptions } from '../../lib/data/preprocess/options.ts';
import { Preprocessor } from '../../lib/data/preprocess/preprocessor.ts';
import type { Row } from '../../lib/data/rows/row-source.ts';

interface Golden { train: number; names: string[]; education: string[]; rows: (string | number | null)[][]; outputs: number[][] }
const golden = JSON.parse(readFileSync(new URL('preprocessing.json', import.meta.url), 'utf8')) as Golden;

const options: PreprocessorOptions = {
  target: { column: 'income', kind: 'number' },
  columns: {
    age: 'numeric',
    weight: { kind: 'numeric', missing: 'median' },
    gain: { kind: 'numeric', missing: 'mostFrequent', scale: 'robust' },
    hours: { kind: 'numeric', missing: 'median', scale: 'minMax' },
    score: { kind: 'numeric', missing: { constant: -10 }, indicator: true, scale: 'none' },
    workclass: { kind: 'categorical', unseen: 'zeros' },
    education: { kind: 'categorical', encoding: 'ordinal', categories: golden.education },
    country: { kind: 'categorical', unseen: 'other', minFrequency: 8 },
    marital: { kind: 'categorical', missing: { constant: 'unknown' } },
  },
};

/** The same rows as a program has them, and as the text of a file has them. */
const forms: Record<string, (cells: (string | number | null)[], i: number) => Row> = {
  values: (cells, i) => Object.fromEntries([...golden.names.map((name, column) => [name, cells[column]]), ['income', i % 3]]),
  texts: (cells, i) => Object.fromEntries([['income', String(i % 3)], ...golden.names.map((name, column) => [name, String(cells[column] ?? ' ')]).toReversed()]),
};

describe.each(Object.entries(forms))('%s', (form, rowOf) => {
  const rows = golden.rows.map(rowOf);

  test('become scikit-learn’s numbers, and so they do after JSON', async () => {
    const fitted = await fitPreprocessor(rows.slice(0, golden.train), options), restored = Preprocessor.from(JSON.parse(JSON.stringify(fitted)));
    // Outputs come in the order of the columns, which the texts have reversed.
    const width = golden.outputs[0]!.length, own = fitted.inputNames, inOrder = form === 'values' ? own : reordered(own);
    expect(own).toHaveLength(width);
    for (const preprocessor of [fitted, restored]) {
      const { shape, data } = preprocessor.transformRows(rows);
      expect(shape).toEqual([golden.rows.length, width]);
      golden.outputs.forEach((expected, row) => expected.forEach((value, column) => {
        const found = data[row * width + own.indexOf(inOrder[column]!)]!;
        expect(Math.abs(found - value), `row ${row}, ${inOrder[column]}`).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
      }));
    }
  });
});

function reordered(names: readonly string[]): string[] {
  return golden.names.flatMap((column) => names.filter((name) => name.split(/=| missing/)[0] === column));
}

test('the table has what it is meant to have: missing cells in most columns, a rare and an unseen category', () => {
  const train = golden.rows.slice(0, golden.train), countries = train.map((row) => row[7]);
  for (const column of [0, 1, 2, 3, 4, 5, 7, 8]) expect(train.filter((row) => row[column] === null).length, golden.names[column]).toBeGreaterThan(2);
  expect(countries.filter((name) => name === 'VN').length).toBeLessThan(8);
  expect(countries).not.toContain('FR');
  expect(golden.rows.map((row) => row[7])).toContain('FR');
});
