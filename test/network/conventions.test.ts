// The six conventions of a layer: weights right to left or left to right; one example as a vector, examples as columns, or as rows.
import { expect, test, describe } from 'vitest';
import { dense, Network, type Arrangement } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';

// By hand: W is 2 × 3, x one example of 3 features.
const W = [[1, -2, 3], [0.5, 4, -1]], b = [0.25, -0.5];
const X = [[1, 2, -1], [0.5, -1, 2], [3, 0, 1], [-2, 1, 0.5]];
const dZ = [[1, -1], [0.5, 2], [-1, 0], [2, 1]];

const transposed = (rows: readonly (readonly number[])[]): number[][] => rows[0]!.map((_, column) => rows.map((row) => row[column]!));
const product = (a: readonly (readonly number[])[], c: readonly (readonly number[])[]): number[][] => a.map((row) => transposed(c).map((column) => row.reduce((so, value, i) => so + value * column[i]!, 0)));
const averaged = (table: number[][], count: number): number[] => table.flat().map((value) => value / count);

/** What every convention has to come to, by the textbook's formulas with examples as rows. */
function expected(x: number[][], dz: number[][]): { Z: number[]; dW: number[]; db: number[]; dX: number[] } {
  return {
    Z: product(x, transposed(W)).map((row) => row.map((value, unit) => value + b[unit]!)).flat(),
    dW: averaged(product(transposed(dz), x), x.length), db: averaged([transposed(dz).map((column) => column.reduce((a, c) => a + c, 0))], x.length), dX: product(dz, W).flat(),
  };
}

/** A table in rows again. */
function rowsOf({ shape, data }: { shape: readonly number[]; data: ArrayLike<number> }, arrangement: Arrangement): number[] {
  if (arrangement !== 'columns') return Array.from(data);
  const [features, examples] = shape as [number, number];
  return Array.from({ length: features * examples }, (_, i) => data[(i % features) * examples + Math.floor(i / features)]!);
}

const forms = [
  { form: 'Wx + b', weightOrder: 'RL', arrangement: 'vector' }, { form: 'WX + b', weightOrder: 'RL', arrangement: 'columns' }, { form: 'XWᵀ + b', weightOrder: 'RL', arrangement: 'rows' },
  { form: 'Wᵀx + b', weightOrder: 'LR', arrangement: 'vector' }, { form: 'WᵀX + b', weightOrder: 'LR', arrangement: 'columns' }, { form: 'XW + b', weightOrder: 'LR', arrangement: 'rows' },
] as const;

describe.each(backends)('%s', (backend) => {
  test.each(forms)('$form', ({ weightOrder, arrangement }) => {
    const network = new Network({ inputs: 3, layers: [dense(2, 'linear', { weightOrder })], backend });
    const [layer] = network.layers;
    network.setWeights([
      weightOrder === 'RL' ? { name: 'dense1.weight', shape: [2, 3], data: W.flat() } : { name: 'dense1.weight', shape: [3, 2], data: transposed(W).flat() },
      { name: 'dense1.bias', data: b },
    ]);
    const examples = arrangement === 'vector' ? 1 : X.length, x = X.slice(0, examples), dz = dZ.slice(0, examples);
    const given = (table: number[][]): number[] | number[][] => (arrangement === 'vector' ? table[0]! : arrangement === 'columns' ? transposed(table) : table);
    const shape = (width: number): number[] => (arrangement === 'vector' ? [width] : arrangement === 'columns' ? [width, examples] : [examples, width]);
    const { Z, dW, db, dX } = expected(x, dz);

    const z = layer!.forward(given(x), { arrangement });
    expect(z.shape).toEqual(shape(2));
    expect(rowsOf(z, arrangement)).toEqual(Z);
    expect(network.forward(given(x), { arrangement })).toEqual(z);
    const found = layer!.backward(given(dz));
    expect(found.dA.shape).toEqual(shape(3));
    expect(rowsOf(found.dA, arrangement)).toEqual(dX);
    expect(rowsOf(found.dZ, arrangement)).toEqual(dz.flat());
    expect(found.dW!.shape).toEqual(weightOrder === 'RL' ? [2, 3] : [3, 2]);
    expect(rowsOf(found.dW!, weightOrder === 'RL' ? 'rows' : 'columns')).toEqual(dW);
    expect(Array.from(found.db!.data)).toEqual(db);
    // Tables that came out go in again.
    expect(layer!.forward({ shape: shape(3), data: layer!.cache.x.data }, { arrangement })).toEqual(z);
  });

  test.each(['rows', 'columns', 'vector'] as const)('a whole network by %s: targets follow the arrangement', (arrangement) => {
    const make = (): Network => new Network({ inputs: 3, seed: 2, layers: [dense(4, 'tanh'), dense(2)], backend });
    const examples = arrangement === 'vector' ? 1 : 4, rows = make(), other = make(), x = X.slice(0, examples), y = dZ.slice(0, examples);
    const given = (table: number[][]): number[] | number[][] => (arrangement === 'vector' ? table[0]! : arrangement === 'columns' ? transposed(table) : table);
    rows.forward(x);
    other.forward(given(x), { arrangement });
    expect(other.backward(given(y))).toBe(rows.backward(y));
    rows.layers.forEach((layer, i) => {
      expect(other.layers[i]!.gradients.dW).toEqual(layer.gradients.dW);
      expect(rowsOf(other.layers[i]!.gradients.dZ, arrangement)).toEqual(Array.from(layer.gradients.dZ.data));
    });
    for (const network of [rows, other]) network.update(0.1);
    expect(other.weights()).toEqual(rows.weights());
  });

  test('what does not fit its arrangement is refused', () => {
    const [layer] = new Network({ inputs: 3, layers: [dense(2)], backend }).layers;
    expect(() => layer!.forward(X, { arrangement: 'columns' })).toThrow(/columns of 3 features/);
    expect(() => layer!.forward(X, { arrangement: 'vector' })).toThrow(/one example of 3 features but received 4/);
    expect(() => layer!.forward(X, { arrangement: 'row' as never })).toThrow(/did you mean 'rows'/);
    expect(() => layer!.forward({ shape: [4, 3], data: new Float32Array(12) }, { arrangement: 'columns' })).toThrow(/expected 3 features but received shape \[4, 3\]/);
  });
});
