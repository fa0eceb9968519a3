// Image grids and decision boundaries: every pixel is the value it stands for.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decisionBoundary, dense, imageGrid, Network, writePicture } from '../../lib/index.ts';
import { contour } from '../../lib/picture/contour.ts';
import { mapColour } from '../../lib/picture/palette.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, refusal } from '../helpers/networks.ts';
import { elementsOf, named, pixelsOf, pointsOf, textsOf } from '../helpers/pictures.ts';

describe('imageGrid', () => {
  const images = Array.from({ length: 5 }, (_, k) => Array.from({ length: 12 }, (_, i) => k * 12 + i - 20));

  test('puts images of h × w in rows and columns, one value a pixel', () => {
    const svg = imageGrid(images, { shape: [3, 4], columns: 2, title: 'weights' }), { width, height, colour } = pixelsOf(named(svg, 'image')[0]!);
    expect([width, height]).toEqual([2 * 5 + 1, 3 * 4 + 1]);
    for (let k = 0; k < 5; k++) for (let i = 0; i < 12; i++) {
      const x = 1 + (k % 2) * 5 + (i % 4), y = 1 + Math.floor(k / 2) * 4 + Math.floor(i / 4);
      const share = Math.round(((images[k]![i]! + 39) / 78) * 254) / 254;
      expect(colour(x, y)).toEqual(mapColour('diverging', share));
    }
    expect(colour(0, 0)).toEqual(colour(5, 2));
    expect(textsOf(svg)).toEqual(['weights', '−39', '39']);
  });

  test('grey images, each on a scale of its own', () => {
    const svg = imageGrid([[0, 1, 2, 3], [0, 10, 20, 30]], { shape: [2, 2], columns: 2, sameScale: false }), { colour } = pixelsOf(named(svg, 'image')[0]!);
    expect([colour(1, 1), colour(2, 2), colour(4, 1), colour(5, 2)]).toEqual([[0, 0, 0], [255, 255, 255], [0, 0, 0], [255, 255, 255]]);
    expect(textsOf(svg)).toEqual(['smallest', 'largest']);
  });

  test('is small: a hundred images of 28 × 28 in less than 100 kB', () => {
    const network = new Network({ inputs: 784, backend: 'typescript', layers: [dense(100, 'relu'), dense(10, 'softmax')] });
    const svg = imageGrid(network.weights()[0]!, { shape: [28, 28] });
    expect(svg.length).toBeLessThan(200_000);
    expect(named(svg, 'image')).toHaveLength(2);
    network.dispose();
  });

  test('refuses other sizes', async () => {
    expectRefusal(await refusal(() => imageGrid(images, { shape: [3, 3] })), 'ERR_SHAPE');
    expectRefusal(await refusal(() => imageGrid({ shape: [2, 7], data: new Float32Array(14) }, { shape: [2, 3] })), 'ERR_SHAPE');
    expectRefusal(await refusal(() => imageGrid(images, { shape: [12] as unknown as [number, number] })), 'ERR_OPTION');
  });
});

describe('contour', () => {
  test('crosses where the function has the value', () => {
    const columns = 7, rows = 5, values = Array.from({ length: columns * rows }, (_, i) => 2 * (i % columns) - 3 * Math.floor(i / columns));
    const segments = contour(values, columns, rows, 0.5);
    expect(segments.length).toBeGreaterThan(4);
    for (const [x, y] of segments.flat()) expect(2 * x - 3 * y).toBeCloseTo(0.5, 10);
    expect(contour(values, columns, rows, 100)).toEqual([]);
  });

  test('a saddle gives two segments that do not cross', () => {
    expect(contour([1, 0, 0, 1], 2, 2, 0.4)).toEqual([[[0.6, 0], [1, 0.4]], [[0.4, 1], [0, 0.6]]].map((each) => each.map((point) => point.map((v) => expect.closeTo(v, 10)))));
    expect(contour([1, 0, 0, 1], 2, 2, 0.6)).toHaveLength(2);
  });
});

describe.each(backends)('decisionBoundary on %s', (backend) => {
  const linear = (): Network => {
    const network = new Network({ inputs: 2, backend, layers: [dense(1, 'sigmoid')] });
    network.setWeights([{ name: 'dense1.weight', data: [2, -1] }, { name: 'dense1.bias', data: [0.5] }]);
    return network;
  };

  test('colours sides, and draws the line between them', async () => {
    const x = [[0, 0], [1, -1], [-1, 1], [1, 1]], y = [1, 1, 0, 1];
    const svg = await decisionBoundary(linear(), { x, y, xRange: [-2, 2], yRange: [-2, 2], resolution: 40, title: 'sides' });
    const { width, colour } = pixelsOf(named(svg, 'image')[0]!), isBlue = ([red, , blue]: number[]): boolean => blue! > red!;
    expect(width).toBe(40);
    expect(isBlue(colour(2, 2))).toBe(true);
    expect(isBlue(colour(37, 37))).toBe(false);
    const line = elementsOf(svg).find(({ attributes }) => attributes['stroke-width'] === '1.25')!, frame = named(svg, 'image')[0]!.attributes;
    for (const [px, py] of pointsOf(line.attributes['d']!).flat()) {
      const at = -2 + ((px - Number(frame['x'])) / 420) * 4, up = 2 - ((py - Number(frame['y'])) / 420) * 4;
      expect(2 * at - up + 0.5).toBeCloseTo(0, 1);
    }
    // Three of class 1 as squares and one of class 0 as a circle, and one of each in the legend.
    expect(named(svg, 'circle')).toHaveLength(2);
    expect(named(svg, 'rect')).toHaveLength(1 + 4);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['sides', 'class 0', 'class 1', 'x₁', 'x₂']));
  });

  test('several classes, by the largest output', async () => {
    const network = new Network({ inputs: 2, backend, layers: [dense(3, 'softmax')] });
    network.setWeights([{ name: 'dense1.weight', data: [5, 0, 0, 5, -5, -5] }]);
    const svg = await decisionBoundary(network, { x: [[1, 0], [0, 1], [-1, -1]], y: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], classes: ['a', 'b', 'c'], resolution: 21 });
    const { colour } = pixelsOf(named(svg, 'image')[0]!);
    expect(new Set([colour(20, 12), colour(12, 0), colour(1, 19)].map(String)).size).toBe(3);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['a', 'b', 'c']));
  });

  test('refuses what it cannot draw', async () => {
    const network = linear();
    expectRefusal(await refusal(() => decisionBoundary(network, {})), 'ERR_OPTION', 'xRange');
    expectRefusal(await refusal(() => decisionBoundary(network, { x: [[1, 2]], y: [1, 0] })), 'ERR_SHAPE');
    expectRefusal(await refusal(() => decisionBoundary(network, { xRange: [1, 0], yRange: [0, 1] })), 'ERR_OPTION', 'xRange');
  });
});

test('writePicture writes files whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'densely-picture-'));
  const svg = imageGrid([[1, 2], [3, 4]], { shape: [1, 2] });
  await writePicture(join(folder, 'a.svg'), svg);
  expect(await readFile(join(folder, 'a.svg'), 'utf8')).toBe(svg);
  expectRefusal(await refusal(() => writePicture(join(folder, 'b.svg'), 'no picture')), 'ERR_OPTION', 'picture');
  await rm(folder, { recursive: true });
});
