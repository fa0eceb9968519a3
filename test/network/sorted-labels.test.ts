// The warning about sorted labels: said once where minibatches would hold one class each, and never otherwise.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Dataset, dense, Network, type FitOptions, type LayerSpec } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { rowsOf } from '../helpers/networks.ts';

interface Warned extends Error { code?: string }
let warnings: Warned[] = [];
const listen = (warning: Warned): void => { warnings.push(warning); };
beforeEach(() => {
  warnings = [];
  process.on('warning', listen);
});
afterEach(() => { process.off('warning', listen); });

const rows = 240, x = rowsOf(rows, 3, 5);
const sorted = x.map((_, i) => Math.floor((i * 5) / rows)), mixed = x.map((_, i) => (i * 7) % 5);
const oneHot = (labels: readonly number[]): number[][] => labels.map((label) => Array.from({ length: 5 }, (_, k) => (k === label ? 1 : 0)));

describe.each(backends)('%s', (backend) => {
  async function warned(y: number[] | number[][] | Dataset, output: LayerSpec, options: FitOptions = { shuffle: false }): Promise<string[]> {
    const network = new Network({ inputs: 3, backend, layers: [output] });
    await network.fit(y instanceof Dataset ? y : { x, y }, { batchSize: 16, ...options });
    network.dispose();
    // Warnings are emitted on the next tick.
    await new Promise((resolve) => setImmediate(resolve));
    return warnings.map(({ code, message }) => `${code} ${message}`);
  }

  test('labels in order of class, one warning that says what to do', async () => {
    const [warning, ...others] = await warned(sorted, dense(5, 'softmax'));
    expect(others).toEqual([]);
    expect(warning).toMatch(/^DENSELY_SORTED_LABELS \[fit\] .*240 examples of 5 classes in 5 runs.*'shuffle: false'/);
    expect(warnings[0]!.name).toBe('DenselyWarning');
  });

  test('a data set is warned of once, one-hot labels and single columns of 0 and 1 count as labels', async () => {
    const set = Dataset.from({ x, y: oneHot(sorted) });
    expect(await warned(set, dense(5, 'softmax'))).toHaveLength(1);
    expect(await warned(set, dense(5, 'softmax'))).toHaveLength(1);
    expect(await warned(sorted.map((label) => (label > 2 ? 1 : 0)), dense(1, 'sigmoid'))).toHaveLength(2);
  });

  test('two sorted sets one after the other are as bad', async () => {
    expect(await warned(x.map((_, i) => Math.floor((i * 6) / rows) % 3), dense(5, 'softmax'))).toHaveLength(1);
  });

  test.each([
    ['shuffled', sorted, dense(5, 'softmax'), {}],
    ["in the user's own order", sorted, dense(5, 'softmax'), { shuffle: () => x.map((_, i) => i) }],
    ['mixed', mixed, dense(5, 'softmax'), { shuffle: false }],
    ['of one class', sorted.map(() => 3), dense(5, 'softmax'), { shuffle: false }],
    ['all in one minibatch', sorted, dense(5, 'softmax'), { shuffle: false, batchSize: rows }],
    ['numbers of a regression', sorted, dense(1), { shuffle: false }],
    ['probabilities', sorted.map((label) => label / 5), dense(1, 'sigmoid'), { shuffle: false }],
    ['several to an example', sorted.map((label) => [label > 1 ? 1 : 0, 1]), dense(2, 'sigmoid'), { shuffle: false }],
    ['mostly of one class', x.map((_, i) => (i % 80 === 0 ? 1 : 0)), dense(1, 'sigmoid'), { shuffle: false }],
    ['of a validation split, which shuffles', sorted, dense(5, 'softmax'), { shuffle: false, validation: 0.25 }],
  ] satisfies [string, number[] | number[][], LayerSpec, FitOptions][])('nothing is said about labels that are %s', async (_what, y, output, options) => {
    expect(await warned(y, output, options)).toEqual([]);
  });

  test('a view is read in its own order', async () => {
    const index = Int32Array.from(x, (_, i) => (i % 5) * (rows / 5) + Math.floor(i / 5));
    const set = Dataset.from({ x, y: sorted });
    expect(await warned(new Dataset({ ...set, index }), dense(5, 'softmax'))).toEqual([]);
    const other = Dataset.from({ x, y: mixed }), byClass = Int32Array.from(x, (_, i) => i).sort((a, b) => mixed[a]! - mixed[b]! || a - b);
    expect(await warned(new Dataset({ ...other, index: byClass }), dense(5, 'softmax'))).toHaveLength(1);
  });
});
