// Pictures of predictions: confusion matrices and points against targets.
import { describe, expect, test } from 'vitest';
import { classificationReport, confusionMatrix, predictionPlot } from '../../lib/index.ts';
import { textWidth } from '../../lib/picture/svg.ts';
import { expectRefusal, refusal } from '../helpers/networks.ts';
import { named, textsOf } from '../helpers/pictures.ts';

describe('confusionMatrix', () => {
  const confusion = [[8, 2, 0], [0, 5, 0], [1, 0, 3]], classes = [{ name: 'cat' }, { name: 'dog & co' }, { name: 'a name that is far too long for a row' }];
  const svg = confusionMatrix({ confusion, classes }, { title: 'pets' });
  const cells = named(svg, 'rect').filter(({ attributes }) => attributes['fill']!.startsWith('rgb')).map(({ attributes }) => ({ fill: attributes['fill'], x: Number(attributes['x']), y: Number(attributes['y']) }));

  test('a cell for every pair, rows down and columns across, the darker the larger its share of the row', () => {
    expect(cells).toHaveLength(9);
    expect(cells[1]!.x).toBeGreaterThan(cells[0]!.x);
    expect(cells[3]!.y).toBeGreaterThan(cells[0]!.y);
    expect(cells.map(({ fill }) => fill)).toEqual(['rgb(51,142,193)', 'rgb(204,227,240)', 'rgb(255,255,255)', 'rgb(255,255,255)', 'rgb(0,114,178)', 'rgb(255,255,255)', 'rgb(191,220,236)', 'rgb(255,255,255)', 'rgb(64,149,197)']);
  });

  test('numbers in their cells, names at rows and columns, nothing outside', () => {
    const inside = named(svg, 'text').filter(({ text }) => /^\d+$/.test(text)).map(({ text, attributes }) => {
      const at = cells.findIndex(({ x, y }) => Number(attributes['x']) > x && Number(attributes['x']) < x + 52 && Number(attributes['y']) > y && Number(attributes['y']) < y + 52);
      return [at, Number(text)];
    });
    expect(inside).toEqual([[0, 8], [1, 2], [4, 5], [6, 1], [8, 3]]);
    const texts = textsOf(svg);
    for (const name of ['cat', 'dog & co']) expect(texts.filter((text) => text === name)).toHaveLength(2);
    expect(texts.filter((text) => text.endsWith('…'))).toHaveLength(2);
    const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg)!.map(Number);
    for (const { attributes, text } of named(svg, 'text')) {
      const [x, y] = [Number(attributes['x']), Number(attributes['y'])];
      expect(x).toBeLessThanOrEqual(width!);
      if (attributes['transform'] === undefined && attributes['text-anchor'] === 'end') expect(x - textWidth(text)).toBeGreaterThanOrEqual(0);
      if (attributes['transform'] !== undefined && attributes['text-anchor'] === 'end') expect(y + textWidth(text)).toBeLessThanOrEqual(height!);
    }
  });

  test('many classes are cells alone; a report is drawn as it is', () => {
    const many = confusionMatrix({ confusion: Array.from({ length: 100 }, (_, i) => Array.from({ length: 100 }, (_each, j) => Number(i === j))), classes: Array.from({ length: 100 }, (_, i) => ({ name: `${i}` })) });
    expect(textsOf(many)).toEqual(['prediction', 'label']);
    expect(named(many, 'rect').filter(({ attributes }) => attributes['fill']!.startsWith('rgb'))).toHaveLength(100);
    expect(textsOf(confusionMatrix(classificationReport([0, 1, 1], [0, 1, 0])))).toEqual(['1', '1', '1', '0', '1', '0', '1', 'prediction', 'label']);
  });

  test('refuses what it cannot draw', async () => {
    expectRefusal(await refusal(() => confusionMatrix(undefined as never)), 'ERR_OPTION', "'report'");
    expectRefusal(await refusal(() => confusionMatrix({ confusion: [[1, 2]], classes: [{ name: 'a' }] })), 'ERR_OPTION', "'report'");
  });
});

describe('predictionPlot', () => {
  test('points are where the numbers are, on one scale both ways', () => {
    const targets = [-3, 0, 5, 2], predictions = [-3, 1, 4, Number.NaN], svg = predictionPlot(targets, predictions, { title: 'y' });
    const paths = named(svg, 'path').map(({ attributes }) => attributes['d']!), points = paths.find((d) => d.includes('h0'))!.split('M').slice(1).map((part) => part.replace('h0', '').split(' ').map(Number));
    const [[ax, ay], [bx, by], [cx, cy]] = points as [[number, number], [number, number], [number, number]], unit = (cx - ax) / 8;
    expect(points).toHaveLength(3);
    expect(bx - ax).toBeCloseTo(3 * unit, 1);
    expect(ay - by).toBeCloseTo(4 * unit, 1);
    expect(ay - cy).toBeCloseTo(7 * unit, 1);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['y', 'target', 'prediction']));
  });

  test('of many, some are drawn', () => {
    const values = Float32Array.from({ length: 10_000 }, (_, i) => i);
    expect(predictionPlot(values, values).split('h0').length - 1).toBe(2000);
  });

  test('refuses what it cannot draw', async () => {
    expectRefusal(await refusal(() => predictionPlot([1, 2], [1])), 'ERR_SHAPE', '2 targets but received 1');
    expectRefusal(await refusal(() => predictionPlot([], [])), 'ERR_OPTION', "'targets'");
    expectRefusal(await refusal(() => predictionPlot([1], [1], { width: 3 })), 'ERR_OPTION', "'width'");
  });
});
