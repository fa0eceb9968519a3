// PyTorch's numbers of every loss, with its options, in the places users meet them: as a function of nodes with its gradient, and
// through a whole network. The numbers are in torch-losses.json, made in double precision by make_torch_losses.py.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as graph from '../../lib/graph.ts';
import { dense, Network, sgd } from '../../lib/index.ts';
import { losses, type LossName } from '../../lib/train/losses/registry.ts';
import { backends } from '../helpers/backends.ts';

type Table = number[][];
interface Case { loss: LossName; options: Record<string, unknown>; output: Table; targets: Table; values: number[]; mean: number; gradient: Table }
const { cases } = JSON.parse(readFileSync(new URL('torch-losses.json', import.meta.url), 'utf8')) as { cases: Case[] };
const titled = cases.map((each, i) => ({ ...each, title: `${i}: ${each.loss} ${JSON.stringify(each.options)}` }));

type LossFunction = (output: graph.Node, targets: graph.Node, options?: object) => graph.Node;
const functions = graph as unknown as Record<LossName, LossFunction>;
const configurations = [
  { name: 'float64', options: { backend: 'typescript', precision: 'float64' } as const, error: 1e-10, tiny: 1e-3 },
  ...backends.map((backend) => ({ name: backend, options: { backend, precision: 'float32' as const }, error: 1e-5, tiny: 1e-3 })),
];

/** Largest relative difference of single values; values below `tiny` count as that. */
function difference(actual: ArrayLike<number>, expected: readonly number[], tiny: number): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value) / Math.max(Math.abs(value), tiny)));
}

test('every loss has its numbers, and its values are not all the same', () => {
  expect(new Set(cases.map(({ loss }) => loss))).toEqual(new Set(Object.keys(losses)));
  for (const { loss, values } of cases) expect(new Set(values).size, loss).toBeGreaterThan(3);
});

describe.each(configurations)('$name', ({ options: choice, error, tiny }) => {
  test.each(titled)('$title', ({ loss, options, output, targets, values, mean, gradient }) => {
    const y = graph.input('y', ['rows', output[0]!.length]), t = graph.input('t', ['rows', targets[0]!.length]);
    const value = losses[loss].build(y, t, losses[loss].check(options).options), cost = functions[loss](y, t, options);
    const result = graph.compile({ outputs: { value, cost, dy: graph.gradients(cost, [y])[0]! } }, choice).run({ y: output, t: targets });
    expect(difference(result['value']!.data, values, tiny)).toBeLessThan(error);
    expect(difference(result['cost']!.data, [mean], tiny)).toBeLessThan(error);
    // Gradients of the mean: times the number of examples, those of an example.
    const scaled = (list: Iterable<number>): number[] => Array.from(list, (each) => each * output.length);
    expect(difference(scaled(result['dy']!.data), scaled(gradient.flat()), tiny)).toBeLessThan(error);
  });

  test.each(titled)('through a network, $title', async ({ loss, options, output, targets, mean, gradient }) => {
    const width = output[0]!.length, spec = losses[loss].check(options);
    const network = new Network({ inputs: width, layers: [dense(width, 'linear')], ...choice });
    const eye = Array.from({ length: width * width }, (_, i) => Number(i % (width + 1) === 0));
    network.setWeights([{ name: 'dense1.weight', data: eye }, { name: 'dense1.bias', data: new Array<number>(width).fill(0) }]);
    const data = { x: output, y: targets };
    expect(difference([(await network.evaluate(data, { loss: spec })).loss], [mean], tiny)).toBeLessThan(error);
    // One step of gradient descent with ε = 1: the biases become minus the sum of the gradients.
    const { epochs } = await network.fit(data, { loss: spec, batchSize: output.length, epochs: 1, optimizer: sgd({ learningRate: 1 }) });
    expect(difference([epochs[0]!.loss], [mean], tiny)).toBeLessThan(error);
    const sums = Array.from({ length: width }, (_, k) => -gradient.reduce((total, row) => total + row[k]!, 0));
    // A sum of gradients that cancel is as exact as their largest.
    const size = Math.max(...gradient.flat().map(Math.abs));
    const bias = network.weights().find(({ name }) => name === 'dense1.bias')!.data;
    sums.forEach((value, k) => expect(Math.abs(bias[k]! - value), `bias ${k}`).toBeLessThan(error * Math.max(size, tiny)));
    network.dispose();
  });
});
