// Max-norm on the pieces of maxout units: each piece's weights end no longer than the limit, and shorter ones as they would without.
import { describe, expect, test } from 'vitest';
import { Dataset, dense, maxout, Network, sgd } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';

const inputs = 5, units = 3, pieces = 4, limit = 0.9;
const x = Array.from({ length: 14 }, (_, i) => Array.from({ length: inputs }, (__, j) => Math.sin(3 * i + 7 * j)));
const y = x.map((row) => [row[0]! - row[1]! * row[2]!, Math.abs(row[3]!)]);

const rowsOf = (data: ArrayLike<number>): number[][] => Array.from({ length: pieces * units }, (_, piece) => Array.from({ length: inputs }, (__, input) => data[piece * inputs + input]!));
const norm = (row: readonly number[]): number => Math.hypot(...row);

describe.each(backends)('max-norm of maxout, %s', (backend) => {
  async function weightsAfter(epochs: number, maxNorm?: number): Promise<number[][]> {
    const layer = maxout(units, pieces, { initializer: 'lecunNormal', ...(maxNorm !== undefined && { maxNorm }) });
    const network = new Network({ inputs, seed: 4, layers: [layer, dense(2)], backend });
    if (epochs > 0) await network.fit(Dataset.from({ x, y }), { epochs, batchSize: x.length, optimizer: sgd({ learningRate: 0.3 }) });
    return rowsOf(network.weights().find(({ name }) => name === 'maxout1.weight')!.data);
  }

  test('one step is the step without it, each piece then scaled down to the limit where it is longer', async () => {
    const free = await weightsAfter(1), bound = await weightsAfter(1, limit);
    const longer = free.filter((row) => norm(row) > limit).length;
    expect(longer).toBeGreaterThan(0);
    expect(longer).toBeLessThan(free.length);
    bound.forEach((row, piece) => {
      const factor = Math.min(1, limit / norm(free[piece]!));
      row.forEach((value, input) => expect(Math.abs(value - factor * free[piece]![input]!)).toBeLessThan(1e-6));
    });
  });

  test('it holds after many steps', async () => {
    const norms = (await weightsAfter(30, limit)).map(norm);
    expect(Math.max(...norms)).toBeLessThan(limit + 1e-5);
    expect(Math.max(...(await weightsAfter(30)).map(norm))).toBeGreaterThan(limit * 1.1);
  });
});

test('the limit has to be a positive number', () => {
  expect(() => maxout(units, pieces, { maxNorm: 0 })).toThrow("[maxout] expected 'maxNorm' to be");
});
