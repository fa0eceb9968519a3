// Options: unknown names with the nearest right one, and the one sentence of all validators.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../lib/errors.ts';
import * as options from '../lib/options.ts';

const { checkOptions, editDistance, nearest } = options;

describe('nearest', () => {
  it('counts insertions, deletions, replacements and swaps of neighbours', () => {
    expect(editDistance('epoch', 'epochs')).toBe(1);
    expect(editDistance('rleu', 'relu')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    // Optimal string alignment, not the unrestricted distance, which would be 2.
    expect(editDistance('ca', 'abc')).toBe(3);
  });

  it('is symmetric, zero for equals only, and at most the longer length', () => {
    fc.assert(fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }));
  });

  it('finds what is near, without regard to case, and nothing where nothing is', () => {
    expect(nearest('batchsize', ['epochs', 'batchSize'])).toBe('batchSize');
    expect(nearest('lernRate', ['learningRate', 'loss'])).toBe('learningRate');
    expect(nearest('y', ['a'])).toBeNull();
    expect(nearest('Y', ['a', 'y'])).toBe('y');
    expect(nearest('banana', ['epochs', 'batchSize'])).toBeNull();
    expect(nearest('x'.repeat(100_000), ['x'.repeat(99_999)])).toBeNull();
  });
});

describe('checkOptions', () => {
  it('accepts known options', () => checkOptions('fit', { epochs: 1 }, ['epochs', 'loss']));

  it.each([
    [{ epoch: 1 }, "[fit] unknown option 'epoch'; did you mean 'epochs'?"],
    [{ banana: 1 }, "[fit] unknown option 'banana'; known are 'epochs', 'loss'"],
    [[], '[fit] expected the options to be an object but received an array of length 0'],
    [null, '[fit] expected the options to be an object but received null'],
    [5, '[fit] expected the options to be an object but received 5'],
  ])('refuses %j', (given, sentence) => {
    expect(() => checkOptions('fit', given as object, ['epochs', 'loss'])).toThrow(new OptionError(sentence));
  });
});

describe('validators', () => {
  it.each([
    [() => options.positiveInteger('fit', 'batchSize', 0), "[fit] expected 'batchSize' to be a positive integer but received 0"],
    [() => options.positiveInteger('fit', 'batchSize', 1.5), "[fit] expected 'batchSize' to be a positive integer but received 1.5"],
    [() => options.nonNegativeInteger('fit', 'seed', -1), "[fit] expected 'seed' to be a non-negative integer but received -1"],
    [() => options.finiteNumber('fit', 'rate', NaN), "[fit] expected 'rate' to be a finite number but received NaN"],
    [() => options.nonNegativeNumber('fit', 'rate', '1'), "[fit] expected 'rate' to be a non-negative number but received '1'"],
    [() => options.numberIn('dropout', 'rate', 1, { from: 0, to: 1, openTo: true }), "[dropout] expected 'rate' to be a number in [0, 1) but received 1"],
    [() => options.numberIn('dropout', 'rate', 0, { from: 0, to: 1, openFrom: true }), "[dropout] expected 'rate' to be a number in (0, 1] but received 0"],
    [() => options.boolean('fit', 'shuffle', 'yes'), "[fit] expected 'shuffle' to be true or false but received 'yes'"],
    [() => options.nonEmptyString('dense', 'name', ''), "[dense] expected 'name' to be a non-empty string but received ''"],
    [() => options.oneOf('dense', 'activation', 'rleu', ['relu', 'tanh']), "[dense] expected 'activation' to be one of 'relu', 'tanh' but received 'rleu'; did you mean 'relu'?"],
    [() => options.oneOf('dense', 'activation', 7, ['relu', 'tanh']), "[dense] expected 'activation' to be one of 'relu', 'tanh' but received 7"],
  ])('%s', (call, sentence) => {
    expect(call).toThrow(new OptionError(sentence));
  });

  it('return what they accept', () => {
    expect(options.positiveInteger('f', 'n', 3)).toBe(3);
    expect(options.nonNegativeInteger('f', 'n', 0)).toBe(0);
    expect(options.numberIn('f', 'n', 0.5, { from: 0, to: 1 })).toBe(0.5);
    expect(options.oneOf('f', 'n', 'a', ['a', 'b'])).toBe('a');
    expect(options.boolean('f', 'n', false)).toBe(false);
  });
});

describe('describe', () => {
  it.each([
    [undefined, 'undefined'], [[1, 2], 'an array of length 2'], [new Float32Array(3), 'a Float32Array of length 3'], [{}, 'an object'],
    [() => 1, 'a function'], [5n, '5n'], [Symbol('s'), 'a symbol'], ['a\nb', "'a\\nb'"], ['x'.repeat(50), `'${'x'.repeat(40)}…'`],
    [Object.create(null), 'an object'], [new DataView(new ArrayBuffer(1)), 'a DataView'], ['\u2028', "'\\u2028'"],
  ])('%s', (value, text) => expect(options.describe(value)).toBe(text));
});
