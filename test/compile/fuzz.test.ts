// Random graphs, compiled and run on every backend, against the plain meaning of every node.
import { expect, test } from 'vitest';
import { stateNodes } from '../../lib/compile/compile.ts';
import { compile, formatGraph, type Node, type Values } from '../../lib/graph.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends } from '../helpers/backends.ts';
import { interpret } from '../helpers/interpret.ts';
import { randomGraph, type RandomGraph } from '../helpers/random-graphs.ts';
import { drawValues, withRows } from '../helpers/values.ts';

const graphs = 600, perTest = 25;
const configurations = [{ precision: 'float64' as const, tolerance: 1e-9 }, ...backends.map((backend) => ({ backend, tolerance: 2e-3 }))];

/** Largest difference relative to the size of the values, which is about 1; what both backends make of an overflow is the same to us. */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0, squares = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i])) continue;
    largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
    squares += expected[i]! ** 2;
  }
  return largest / (0.1 + Math.sqrt(squares / expected.length));
}

/** Values of everything that is fed in one run. */
function feed({ inputs, labels, hyper, feeds }: RandomGraph, rows: number, random: RandomStream): Map<Node, Float64Array> {
  const normal = [...inputs, hyper, ...Object.values(feeds)].map((node): [Node, Float64Array] => [node, drawValues(withRows(node.shape, rows), 'normal', random).map(Math.fround)]);
  return new Map([...normal, ...labels.map((node): [Node, Float64Array] => [node, drawValues([rows, 1], 'label:2', random)])]);
}

function check(seed: number): void {
  const graph = randomGraph(seed), random = new RandomStream(seed, 78);
  const { outputs, assignments, feeds } = graph;
  const feedNames = new Map(Object.entries(feeds).map(([name, node]) => [node, name]));
  const programs = configurations.map(({ tolerance, ...options }) => ({ tolerance, compiled: compile({ outputs, assignments, feeds }, { ...options, maxRows: 40 }) }));
  const state = new Map<Node, Float64Array>(graph.parameters.map((node) => [node, node.data!.map(Math.fround)]));
  const kept = new Set(stateNodes([...Object.values(outputs), ...assignments], new Set(Object.values(feeds))));
  for (const { compiled } of programs) for (const [node, data] of state) if (kept.has(node)) compiled.set(node.name, node.shape.length === 0 ? data[0]! : [...data]);

  // Three runs of one program: of many rows, of few, and of one.
  for (const rows of programs[0]!.compiled.program.sources.some((source) => source.rows) ? [17 + random.below(24), 2 + random.below(8), 1] : [1]) {
    const fed = feed(graph, rows, random);
    const given = new Map([...state, ...fed]);
    const expected = interpret(Object.values(outputs), { rows, given });
    const updates = interpret(assignments, { rows, given });
    for (const { compiled, tolerance } of programs) {
      const used = new Set([...compiled.program.sources.map(({ name }) => name), ...compiled.program.hypers]);
      const named = [...fed].map(([node, values]): [string, Values] => [feedNames.get(node) ?? node.name, values.length === 1 && node.shape.length === 0 ? values[0]! : values]);
      const result = compiled.run(Object.fromEntries(named.filter(([name]) => used.has(name))));
      Object.keys(outputs).forEach((name, i) => {
        expect(difference(result[name]!.data, expected[i]!), `seed ${seed}: ${name} at ${rows} rows on ${compiled.backend}\n${formatGraph([outputs[name]!])}`).toBeLessThan(tolerance);
      });
      assignments.forEach(({ inputs }, i) => {
        expect(difference(compiled.get(inputs[0]!.name).data, updates[i]!), `seed ${seed}: ${inputs[0]!.name} after ${rows} rows on ${compiled.backend}`).toBeLessThan(tolerance);
      });
    }
    assignments.forEach(({ inputs }, i) => state.set(inputs[0]!, updates[i]!));
  }
  for (const { compiled } of programs) compiled.dispose();
}

test.each(Array.from({ length: graphs / perTest }, (_, i) => i * perTest))(`seeds %i and the next ${perTest - 1}`, (first) => {
  for (let seed = first; seed < first + perTest; seed++) check(seed);
});
