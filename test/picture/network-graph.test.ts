// Networks drawn as graphs: every layer once, no box on another, no connection through a box.
import { describe, expect, test } from 'vitest';
import { dense, dropout, input, Network, networkGraph } from '../../lib/index.ts';
import { layOut, type Edge } from '../../lib/picture/layering.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { expectRefusal, refusal } from '../helpers/networks.ts';
import { named, textsOf } from '../helpers/pictures.ts';

test('a chain: layers with name, description, width and parameters', () => {
  const network = new Network({ inputs: 7, backend: 'typescript', layers: [dense(5, 'relu'), dropout(0.2), dense(3, 'softmax')] });
  const svg = networkGraph(network, { title: 'small' });
  expect(textsOf(svg)).toEqual(['small', 'input', '7 features', 'dense1 · 5, relu', '5 wide · 40 parameters', 'dropout1 · rate 0.2', '5 wide', 'dense2 · 3, softmax', '3 wide · 18 parameters', 'output', '58 parameters']);
  const boxes = named(svg, 'rect').slice(1).map(({ attributes }) => [Number(attributes['x']), Number(attributes['y'])]);
  expect(new Set(boxes.map(([x]) => x)).size).toBe(1);
  expect(boxes.map(([, y]) => y)).toEqual(boxes.map(([, y]) => y).toSorted((a, b) => a! - b!));
});

test('a graph: two inputs, a layer applied twice, two outputs', () => {
  const left = input(4), right = input(4), shared = dense(6, 'tanh'), a = shared.apply(left), b = shared.apply(right);
  const network = new Network({ inputs: { left, right }, outputs: { one: dense(1, 'sigmoid').apply(a), two: dense(2, 'softmax').apply(b) }, backend: 'typescript' });
  const texts = textsOf(networkGraph(network));
  expect(texts).toEqual(expect.arrayContaining(['left', 'right', 'one', 'two', 'dense1 · 6, tanh', 'dense1@2 · 6, tanh']));
  expect(texts.at(-1)).toBe(`${4 * 6 + 6 + 7 + 14} parameters`);
});

test('refuses what is no network', async () => {
  expectRefusal(await refusal(() => networkGraph(3 as never)), 'ERR_OPTION', 'network');
});

const sizes = { nodeWidth: 100, nodeHeight: 30, gap: 20, rankGap: 25 };

/** Edges of a random graph without circles: every node but the first few reads one to three before it. */
function randomEdges(count: number, random: RandomStream): Edge[] {
  return Array.from({ length: count }, (_, to) => to).slice(2).flatMap((to) => {
    const from = new Set(Array.from({ length: 1 + random.below(3) }, () => random.below(to)));
    return [...from].map((each) => ({ from: each, to }));
  });
}

describe('layout', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))('random graph %i: nothing overlaps', (seed) => {
    const random = new RandomStream(seed, 95), count = 4 + random.below(12), edges = randomEdges(count, random);
    const { nodes, routes, width, height } = layOut(count, edges, sizes);
    nodes.forEach(({ x, y }, i) => {
      expect(x - 50).toBeGreaterThanOrEqual(-1e-9);
      expect(x + 50).toBeLessThanOrEqual(width + 1e-9);
      expect(y + 15).toBeLessThanOrEqual(height + 1e-9);
      for (const other of nodes.slice(i + 1)) expect(Math.abs(other.x - x) >= 100 + 20 - 1e-9 || Math.abs(other.y - y) >= 30).toBe(true);
    });
    routes.forEach((route, i) => {
      expect([route[0], route.at(-1)]).toEqual([nodes[edges[i]!.from], nodes[edges[i]!.to]]);
      for (let at = 1; at < route.length; at++) expect(route[at]!.y).toBeGreaterThan(route[at - 1]!.y);
      for (const point of route.slice(1, -1)) for (const node of nodes) expect(Math.abs(point.x - node.x) > 50 || Math.abs(point.y - node.y) > 15).toBe(true);
    });
  });

  test('a chain is straight, also where connections skip', () => {
    const { nodes } = layOut(6, [...[0, 1, 2, 3, 4].map((from) => ({ from, to: from + 1 })), { from: 1, to: 4 }, { from: 0, to: 4 }], sizes);
    for (const { x } of nodes) expect(x).toBeCloseTo(nodes[0]!.x, 6);
  });
});
