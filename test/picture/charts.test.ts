// Learning curves: lines where the numbers are, ticks that are round, legends and gaps; and the same in characters.
import { describe, expect, test } from 'vitest';
import { lineChart, sparkline, terminalChart } from '../../lib/index.ts';
import { linearTicks, logTicks, niceRange } from '../../lib/picture/axis.ts';
import { escapeText, fitted, rounded, textWidth } from '../../lib/picture/svg.ts';
import { expectRefusal, refusal } from '../helpers/networks.ts';
import { elementsOf, named, pointsOf, textsOf } from '../helpers/pictures.ts';

const epochs = Array.from({ length: 30 }, (_, i) => ({
  epoch: i + 1, learningRate: 0.1, loss: 2 * 0.8 ** i, accuracy: 1 - 0.7 * 0.8 ** i, validation: { loss: 2 * 0.85 ** i + 0.1, accuracy: 0.95 - 0.7 * 0.8 ** i },
}));
const lines = (svg: string) => named(svg, 'path').filter(({ attributes }) => attributes['stroke-width'] === '2' && pointsOf(attributes['d']!)[0]!.length > 2);

describe('lineChart', () => {
  test('a history has a panel for every measure, and lines for training and validation', () => {
    const svg = lineChart({ epochs }, { title: 'a < b & c' });
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['a < b & c', 'loss', 'accuracy', 'training', 'validation', 'epoch', '1', '30']));
    expect(textsOf(svg)).not.toContain('learningRate');
    expect(lines(svg).map(({ attributes }) => pointsOf(attributes['d']!)[0]!.length)).toEqual([30, 30, 30, 30]);
    expect(new Set(lines(svg).map(({ attributes }) => attributes['stroke']))).toEqual(new Set(['#0072B2', '#D55E00']));
  });

  test('points are where the numbers are: linearly, and by logarithms', () => {
    for (const logScale of [false, true]) {
      const [training] = lines(lineChart({ epochs }, { logScale, measures: ['loss'] })), points = pointsOf(training!.attributes['d']!)[0]!;
      const value = (i: number): number => (logScale ? Math.log(epochs[i]!.loss) : epochs[i]!.loss);
      const [x0, y0] = points[0]!, [x9, y9] = points[9]!, [x29, y29] = points[29]!;
      expect((x9 - x0) / (x29 - x0)).toBeCloseTo(9 / 29, 3);
      expect((y9 - y0) / (y29 - y0)).toBeCloseTo((value(9) - value(0)) / (value(29) - value(0)), 3);
      expect(y29).toBeGreaterThan(y0);
    }
  });

  test('a value that is none leaves a gap; long names are cut, and nothing leaves the picture', () => {
    const svg = lineChart([{ name: 'first', values: [5, 4, 3, 2.5] }, { name: 'a name that is much longer than there is room for it in the legend', values: [5, Number.NaN, 2, 1] }], { width: 360 });
    expect(named(svg, 'path').some(({ attributes }) => attributes['stroke'] === '#D55E00' && pointsOf(attributes['d']!).length === 2)).toBe(true);
    expect(textsOf(svg).find((text) => text.endsWith('…'))).toBeDefined();
    for (const { attributes, text } of named(svg, 'text')) {
      const x = Number(attributes['x']), reach = attributes['text-anchor'] === 'end' ? [x - textWidth(text), x] : attributes['text-anchor'] === 'middle' ? [x - textWidth(text) / 2, x + textWidth(text) / 2] : [x, x + textWidth(text)];
      expect(reach[0]!, text).toBeGreaterThanOrEqual(0);
      expect(reach[1]!, text).toBeLessThanOrEqual(360);
    }
  });

  test('labels of an axis do not overlap, whatever the range', () => {
    for (const factor of [1e-7, 0.003, 1, 4321, 1e9]) for (const logScale of [false, true]) {
      const svg = lineChart([{ name: 'y', values: epochs.map(({ loss }) => loss * factor) }], { logScale, width: 300, height: 160 });
      const ends = named(svg, 'text').filter(({ attributes }) => attributes['text-anchor'] === 'end').map(({ attributes }) => Number(attributes['y'])).toSorted((a, b) => a - b);
      expect(ends.length).toBeGreaterThan(1);
      for (let i = 1; i < ends.length; i++) expect(ends[i]! - ends[i - 1]!, `${factor} ${logScale}`).toBeGreaterThanOrEqual(12);
    }
  });

  test('refuses what it cannot draw', async () => {
    expectRefusal(await refusal(() => lineChart({ epochs: [] })), 'ERR_OPTION', 'history');
    expectRefusal(await refusal(() => lineChart([])), 'ERR_OPTION');
    expectRefusal(await refusal(() => lineChart({ epochs }, { measures: ['los'] })), 'ERR_OPTION', "did you mean 'loss'");
    expectRefusal(await refusal(() => lineChart({ epochs }, { width: 10 })), 'ERR_OPTION', 'width');
  });
});

describe('axes', () => {
  test('ticks are multiples of 1, 2 or 5 within the range', () => {
    expect(linearTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks(-3, 17, 4)).toEqual([0, 5, 10, 15]);
    expect(linearTicks(1, 3, 8, true)).toEqual([1, 2, 3]);
    expect(logTicks(0.02, 30, 8)).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]);
    expect(logTicks(1e-6, 10, 4)).toEqual([1e-6, 1e-4, 0.01, 1]);
    expect(niceRange([3, Number.NaN, 3], 5)).toEqual([1.5, 4.5]);
  });
});

describe('SVG text', () => {
  test('is escaped, and free of characters that XML forbids', () => {
    expect(escapeText('a<b & "c"\u0000\uD800')).toBe('a&lt;b &amp; &quot;c&quot;\uFFFD\uFFFD');
    expect(elementsOf(lineChart([{ name: '"<x>&\u0001', values: [1, 2] }])).length).toBeGreaterThan(5);
  });

  test('numbers are short, texts fit', () => {
    expect([1 / 3, -0.001, 1e3].map(rounded)).toEqual(['0.33', '0', '1000']);
    expect(fitted('short', 100)).toBe('short');
    expect(textWidth(fitted('a text that is far too long', 60))).toBeLessThanOrEqual(60);
  });
});

describe('in characters', () => {
  test('a sparkline', () => {
    expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([4, Number.NaN, 4])).toBe('▁ ▁');
    expect(sparkline([])).toBe('');
  });

  test('a chart of lines no longer than its width, marks where the values are', () => {
    const text = terminalChart({ epochs }, { width: 60, height: 9 }), rows = text.split('\n');
    expect(rows).toHaveLength(9 + 3);
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(60);
    expect(rows[0]).toBe('loss by epoch: * training   o validation');
    const column = (mark: string): number[] => rows.slice(1, 10).map((row) => row.indexOf(mark));
    expect(column('*').findIndex((at) => at >= 0)).toBeLessThan(column('*').findLastIndex((at) => at >= 0));
    expect(rows.at(-1)!.trim()).toMatch(/^1 +30$/);
    expect(terminalChart({ epochs: epochs.slice(0, 1) }, { measure: 'accuracy', logScale: true })).toContain('accuracy by epoch');
  });

  test('refuses what it cannot draw', async () => {
    expectRefusal(await refusal(() => terminalChart({ epochs }, { width: 5 })), 'ERR_OPTION', 'width');
    expectRefusal(await refusal(() => terminalChart({ epochs }, { measure: 'acuracy' })), 'ERR_OPTION', "did you mean 'accuracy'");
  });
});
