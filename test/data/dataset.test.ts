// Data sets: what they accept, how they part, and that views share memory.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, OptionError, ShapeError } from '../../lib/errors.ts';
import { matrix } from '../../lib/data/columns.ts';
import { Dataset } from '../../lib/data/dataset.ts';
import { apportion } from '../../lib/data/split.ts';

/** `length` rows of [i, i + 0.5, -i] whose target is i modulo `classes`. */
function numbered(length: number, classes = 3): Dataset {
  const rows = Array.from({ length }, (_, i) => i);
  return Dataset.from({ x: rows.map((i) => [i, i + 0.5, -i]), y: rows.map((i) => i % classes) });
}

const firstColumn = (data: Dataset): number[] => data.toArrays().x.map((row) => row[0]!);

describe('matrix', () => {
  const expected = { data: Float32Array.of(1, 2, 3, 4, 5, 6), rows: 2, width: 3, shape: [3] };

  it.each([
    ['nested arrays', [[1, 2, 3], [4, 5, 6]]],
    ['arrays of typed arrays', [Float64Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)]],
    ['a flat array', [1, 2, 3, 4, 5, 6]],
    ['a flat Float64Array', Float64Array.of(1, 2, 3, 4, 5, 6)],
    ['a flat Int16Array', Int16Array.of(1, 2, 3, 4, 5, 6)],
  ])('takes %s', (_, x) => expect(matrix(x, 3, 'predict')).toEqual(expected));

  it('does not copy a flat Float32Array', () => {
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(matrix(x, 3, 'predict').data).toBe(x);
  });

  it('takes one example flat', () => expect(matrix([1, 2, 3], 3, 'predict').rows).toBe(1));

  it('flattens deeper rows and keeps their shape', () => {
    const { data, rows, width, shape } = matrix([[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]], 6, 'predict');
    expect({ rows, width, shape }).toEqual({ rows: 2, width: 6, shape: [2, 3] });
    expect([...data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it.each<[string, unknown, string]>([
    ['a narrow row', [[1, 2]], '[predict] expected 3 features but received 2 (row 0)'],
    ['a later narrow row', [[1, 2, 3], [1, 2]], '[predict] expected 3 features but received 2 (row 1)'],
    ['a flat narrow row', Float32Array.of(1, 2), '[predict] expected 3 features but received 2 (row 0)'],
    ['a flat array of another multiple', [1, 2, 3, 4], '[predict] expected rows of 3 features but received 4 values, which is no multiple of 3'],
    ['empty rows', [[]], '[predict] expected 3 features but received none (row 0)'],
    ['a number among rows', [[1, 2, 3], 4], '[predict] expected 3 features but received 4 (row 1)'],
    ['ragged matrices', [[[1, 2, 3]], [[1, 2]]], '[predict] expected 3 values but received 2 in part of an example of shape [1, 3] (row 1)'],
  ])('refuses %s', (_, x, sentence) => {
    expect(() => matrix(x as number[], 3, 'predict')).toThrow(new ShapeError(sentence));
  });

  it.each<[string, unknown, string]>([
    ['no rows', [], '[predict] expected at least one row but received none'],
    ['an empty Float32Array', new Float32Array(0), '[predict] expected at least one row but received none'],
    ['null', null, '[predict] expected rows of numbers but received null'],
    ['an object', { length: 3 }, '[predict] expected rows of numbers but received an object'],
    ['a DataView', new DataView(new ArrayBuffer(3)), '[predict] expected rows of numbers but received a DataView'],
    ['bigints', BigInt64Array.of(1n, 2n, 3n), '[predict] expected rows of numbers but received a BigInt64Array of length 3'],
    ['NaN', [[1, 2, 3], [1, NaN, 3]], '[predict] expected a finite number but received NaN (row 1, column 1)'],
    ['NaN in a Float32Array', Float32Array.of(1, 2, 3, 4, 5, NaN), '[predict] expected a finite number but received NaN (row 1, column 2)'],
    ['infinity in a Float32Array', Float32Array.of(1, -Infinity, 3), '[predict] expected a finite number but received -Infinity (row 0, column 1)'],
    ['a text', [[1, '2', 3]], "[predict] expected a finite number but received '2' (row 0, column 1)"],
    ['a hole', [[1, , 3]], '[predict] expected a finite number but received undefined (row 0, column 1)'], // oxlint-disable-line no-sparse-arrays
    ['a matrix of matrices of NaN', [[[1, 2, NaN]]], '[predict] expected a finite number but received NaN (row 0, column 2)'],
    ['doubles beyond single precision', Float64Array.of(1, 2, 1e39), '[predict] expected a number within single precision but received 1e+39 (row 0, column 2)'],
  ])('refuses %s', (_, x, sentence) => {
    expect(() => matrix(x as number[], 3, 'predict')).toThrow(new DataError(sentence));
  });

  it('finds a NaN at every position', () => {
    for (let length = 1; length < 12; length++) {
      for (let bad = 0; bad < length; bad++) {
        const x = new Float32Array(length).fill(3e38);
        x[bad] = NaN;
        expect(() => matrix(x, length, 'predict')).toThrow(`column ${bad}`);
      }
    }
  });

  it('accepts exactly what stays finite in single precision', () => {
    // The middle between the largest float and the next power of two, and the double below it.
    expect(() => matrix([[3.4028235677973366e38]], 1, 'm')).toThrow('within single precision');
    expect(matrix([[-3.4028235677973362e38]], 1, 'm').data[0]).toBe(-(2 ** 128 - 2 ** 104));
    fc.assert(fc.property(fc.double(), (value) => {
      const accepted = (() => {
        try { return matrix([[value]], 1, 'm').data[0]; } catch { return null; }
      })();
      expect(accepted).toBe(Number.isFinite(Math.fround(value)) ? Math.fround(value) : null);
    }));
  });
});

describe('Dataset.from', () => {
  it('has names, shape, counts and values', () => {
    const data = Dataset.from({ x: [[1, 2], [3, 4], [5, 6]], y: [0, 1, 2] });
    expect(data.length).toBe(3);
    expect(data.shape).toEqual([2]);
    expect([data.inputNames, data.targetNames, data.classes, data.index]).toEqual([['x0', 'x1'], ['y'], null, null]);
    expect(data.inputs).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 6), width: 2, scale: 1, shift: 0 });
    expect(data.targets).toEqual({ data: Float32Array.of(0, 1, 2), width: 1, scale: 1, shift: 0 });
    expect(data.row(-1)).toEqual({ x: Float32Array.of(5, 6), y: Float32Array.of(2) });
  });

  it('keeps flat Float32Array, Uint8Array and Int32Array without a copy', () => {
    for (const x of [new Float32Array(6), new Uint8Array(6), new Int32Array(6)]) {
      expect(Dataset.from({ x, y: [0, 1, 2], width: 2 }).inputs.data).toBe(x);
    }
    const clamped = Uint8ClampedArray.of(1, 2);
    expect(Dataset.from({ x: clamped, y: [0, 1] }).inputs.data.buffer).toBe(clamped.buffer);
  });

  it('takes the width of flat values from the shape, and the shape from nested ones', () => {
    expect(Dataset.from({ x: new Uint8Array(12), y: [0, 1], shape: [2, 3] }).inputs.width).toBe(6);
    expect(Dataset.from({ x: [[[1, 2, 3], [4, 5, 6]]], y: [[1, 0]] }).shape).toEqual([2, 3]);
  });

  it.each<[string, () => unknown, DataError | ShapeError | OptionError]>([
    ['ragged rows', () => Dataset.from({ x: [[1, 2], [3]], y: [0, 1] }), new ShapeError("[Dataset.from 'x'] expected 2 features, as in row 0, but received 1 (row 1)")],
    ['unequal counts', () => Dataset.from({ x: [[1], [2]], y: [0, 1, 2] }), new ShapeError("[Dataset.from] expected as many rows in 'y' as the 2 in 'x' but received 3")],
    ['a flat x without width', () => Dataset.from({ x: new Float32Array(6), y: [0, 1] }), new ShapeError("[Dataset.from] expected as many rows in 'y' as the 6 in 'x' but received 2; a flat 'x' needs 'width'")],
    ['no rows', () => Dataset.from({ x: [], y: [] }), new DataError("[Dataset.from 'x'] expected at least one row but received none")],
    ['an empty Uint8Array', () => Dataset.from({ x: new Uint8Array(0), y: [] }), new DataError("[Dataset.from 'x'] expected at least one row but received none")],
    ['NaN labels', () => Dataset.from({ x: [[1], [2]], y: [0, NaN] }), new DataError("[Dataset.from 'y'] expected a finite number but received NaN (row 1, column 0)")],
    ['a shape of another size', () => Dataset.from({ x: [[1, 2]], y: [0], shape: [3] }), new ShapeError("[Dataset.from 'x'] expected 3 features but received 2 (row 0)")],
    ['too few names', () => Dataset.from({ x: [[1, 2]], y: [0], inputNames: ['a'] }), new ShapeError('[Dataset] expected 2 input names but received 1')],
    ['an unknown option', () => Dataset.from({ x: [[1]], y: [0], with: 1 } as never), new OptionError("[Dataset.from] unknown option 'with'; did you mean 'width'?")],
    ['bytes in rows that do not fit', () => Dataset.from({ x: new Uint8Array(5), y: [0], width: 2 }), new ShapeError("[Dataset.from 'x'] expected rows of 2 features but received 5 values, which is no multiple of 2")],
  ])('refuses %s', (_, call, error) => expect(call).toThrow(error));
});

describe('new Dataset', () => {
  const column = { data: Float32Array.of(1, 2), width: 1, scale: 1, shift: 0 };

  it('decodes by scale and shift', () => {
    const data = new Dataset({ inputs: { data: Uint8Array.of(0, 51, 255, 102), width: 2, scale: 1 / 255, shift: -0.5 }, targets: column });
    expect(data.toArrays().x).toEqual([Float32Array.of(-0.5, 51 / 255 - 0.5), Float32Array.of(0.5, 102 / 255 - 0.5)]);
  });

  it('refuses rows outside, no rows and part rows', () => {
    expect(() => new Dataset({ inputs: column, targets: column, index: Int32Array.of(0, 2) })).toThrow(new DataError('[Dataset] expected an index of rows below 2 but received 2'));
    expect(() => new Dataset({ inputs: column, targets: column, index: new Int32Array(0) })).toThrow(new DataError('[Dataset] expected at least one row but received none'));
    expect(() => new Dataset({ inputs: { ...column, width: 3 }, targets: column })).toThrow(new ShapeError('[Dataset] expected inputs in rows of 3 values but received 2 values'));
    expect(() => new Dataset({ inputs: { ...column, width: 2 }, targets: column })).toThrow(new ShapeError('[Dataset] expected a target for each of 1 inputs but received 2'));
  });
});

describe('split', () => {
  it('parts every row once, without copying, for every seed and size', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(1000), fc.boolean(), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (length, seed, stratify, fraction) => {
      const count = Math.round(fraction * length);
      fc.pre(count > 0 && count < length);
      const data = numbered(length);
      const { train, test } = data.split({ test: fraction, seed, stratify });
      expect(test.length).toBe(count);
      expect([...firstColumn(train), ...firstColumn(test)].toSorted((a, b) => a - b)).toEqual(firstColumn(data));
      expect(train.inputs).toBe(data.inputs);
      expect(test.targets).toBe(data.targets);
    }));
  });

  it('is the same for the same seed, another for another, and fixed across versions', () => {
    const data = numbered(12);
    const test = (seed: number): number[] => firstColumn(data.split({ test: 4, seed }).test);
    expect(test(7)).toEqual(test(7));
    expect(test(7)).not.toEqual(test(8));
    // Made by this code once, so that a seed means the same rows in every version.
    expect(test(7)).toEqual([5, 2, 3, 1]);
  });

  it('keeps proportions when stratified, with an exact total', () => {
    const y = [...Array<number>(50).fill(0), ...Array<number>(30).fill(1), ...Array<number>(7).fill(2)];
    const data = Dataset.from({ x: y.map((_, i) => [i]), y });
    for (let seed = 0; seed < 20; seed++) {
      const { test } = data.split({ test: 17, seed, stratify: true });
      const counts = [0, 0, 0];
      for (const { 0: label } of test.toArrays().y) counts[label!]!++;
      // Shares 9.77, 5.86 and 1.37: whole parts 9, 5 and 1, then one more to the two largest remainders.
      expect(counts).toEqual([10, 6, 1]);
    }
  });

  it('stratifies one-hot targets by row', () => {
    const data = Dataset.from({ x: [[0], [1], [2], [3]], y: [[1, 0], [0, 1], [1, 0], [0, 1]] });
    for (let seed = 0; seed < 10; seed++) {
      const { test } = data.split({ test: 2, seed, stratify: true });
      expect(test.toArrays().y.map((row) => row[0]).toSorted()).toEqual([0, 1]);
    }
  });

  it('composes with itself and with take and slice', () => {
    const { train } = numbered(30).split({ test: 10, seed: 1 });
    const { train: inner, test: validation } = train.split({ test: 0.25, seed: 2 });
    expect([inner.length, validation.length]).toEqual([15, 5]);
    expect(new Set([...firstColumn(inner), ...firstColumn(validation)])).toEqual(new Set(firstColumn(train)));
    expect(firstColumn(train.slice(2, 5))).toEqual(firstColumn(train).slice(2, 5));
  });

  it.each<[object, DataError | OptionError]>([
    [{ test: 0 }, new OptionError("[split] expected 'test' to be a fraction between 0 and 1 or a count of rows but received 0")],
    [{ test: 1.5 }, new OptionError("[split] expected 'test' to be a fraction between 0 and 1 or a count of rows but received 1.5")],
    [{ test: NaN }, new OptionError("[split] expected 'test' to be a fraction between 0 and 1 or a count of rows but received NaN")],
    [{ test: 12 }, new DataError('[split] expected at least one row in each part but received test 12 of 12 rows')],
    [{ test: 0.01 }, new DataError('[split] expected at least one row in each part but received test 0.01 of 12 rows')],
    [{ seed: -1 }, new OptionError("[split] expected 'seed' to be a non-negative integer but received -1")],
    [{ stratify: 'label' }, new OptionError("[split] expected 'stratify' to be true or false but received 'label'")],
    [{ sede: 1 }, new OptionError("[split] unknown option 'sede'; did you mean 'seed'?")],
  ])('refuses %j', (given, error) => expect(() => numbered(12).split(given)).toThrow(error));
});

describe('apportion', () => {
  it('is exact in sum, within one of each share, and never more than there are', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), (counts, part) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      const seats = Math.floor(part * total);
      const quota = apportion(counts, seats);
      expect(quota.reduce((sum, seat) => sum + seat, 0)).toBe(seats);
      quota.forEach((seat, i) => {
        expect(Math.abs(seat - (counts[i]! * seats) / total)).toBeLessThan(1);
        expect(seat).toBeLessThanOrEqual(counts[i]!);
      });
    }));
  });
});

describe('take and slice', () => {
  it('share memory and clamp as arrays do', () => {
    const data = numbered(6);
    expect(firstColumn(data.take(2))).toEqual([0, 1]);
    expect(data.take(99).length).toBe(6);
    expect(firstColumn(data.slice(-2))).toEqual([4, 5]);
    expect(firstColumn(data.slice(1, -2))).toEqual([1, 2, 3]);
    expect(data.slice(1, 3).inputs.data.buffer).toBe(data.inputs.data.buffer);
    expect(data.slice(1, 3).index).toBeNull();
  });

  it('refuse to leave nothing, and rows that are none', () => {
    expect(() => numbered(6).slice(4, 2)).toThrow(new DataError('[slice] expected at least one of 6 rows but received rows 4 to 2'));
    expect(() => numbered(6).take(0)).toThrow(new OptionError("[take] expected 'count' to be a positive integer but received 0"));
    expect(() => numbered(6).slice(0.5)).toThrow(OptionError);
    expect(() => numbered(6).row(6)).toThrow(new OptionError("[row] expected 'position' to be a row of 6 but received 6"));
  });
});

describe('select', () => {
  it('takes rows by number, again and again, of the whole and of a view', () => {
    const data = numbered(9);
    expect(firstColumn(data.select([7, 2, 2, 0]))).toEqual([7, 2, 2, 0]);
    expect(firstColumn(data.slice(3).select(Uint8Array.of(0, 5)))).toEqual([3, 8]);
    expect(firstColumn(data.select([8, 1, 4]).select([2, 0]))).toEqual([4, 8]);
    expect(data.select([1]).inputs).toBe(data.inputs);
  });

  it('refuses rows that are not there, and none', () => {
    expect(() => numbered(3).select([0, 3])).toThrow("[select] expected 'positions[1]' to be a row of 3 but received 3");
    expect(() => numbered(3).select([-1])).toThrow(OptionError);
    expect(() => numbered(3).select([])).toThrow(DataError);
  });
});
