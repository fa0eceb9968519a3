// ONNX Runtime predicts what the network does: every kind of layer, every activation, every op, networks put together at random.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatenate, defineLayer, dense, dropout, exportOnnx, importOnnx, input, Network, type ActivationName, type Layer, type NetworkOptions } from '../../lib/index.ts';
import { makeNode, type Node, type OpDefinition, type Sample } from '../../lib/graph/node.ts';
import { countOf, hasRows } from '../../lib/graph/shape.ts';
import { onnxRules } from '../../lib/interchange/onnx/ops.ts';
import { activations } from '../../lib/layers/activations.ts';
import { layerTypes } from '../../lib/layers/registry.ts';
import { add, multiply, scale } from '../../lib/ops/elementwise.ts';
import { slice } from '../../lib/ops/join.ts';
import { sum } from '../../lib/ops/reduce.ts';
import { ops } from '../../lib/ops/registry.ts';
import { broadcastTo, reshape } from '../../lib/ops/shape.ts';
import { inverseRows, rowCount } from '../../lib/ops/variables.ts';
import { RandomStream } from '../../lib/random/philox.ts';
import { backends } from '../helpers/backends.ts';
import { denseCases, layerCases } from '../helpers/layer-cases.ts';
import { expectRefusal, largestDifference, refusal, rowsOf } from '../helpers/networks.ts';
import { hasOnnxRuntime, onnxRuntime, OnnxModel, randomizeTensors } from '../helpers/onnxruntime.ts';
import { randomNetwork } from '../helpers/random-networks.ts';
import { drawValues, relativeError, withRows } from '../helpers/values.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-onnx-')); });
afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

const widths = { inputs: 5, hidden: 7, outputs: 3 };
const opsets = [13, 17, 19];

/** Largest difference, relative to the norm of the expected values where that is more than 1. */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const norm = Math.sqrt(Array.from(expected).reduce((sum, value) => sum + value * value, 0) / expected.length);
  return largestDifference(actual, expected) / Math.max(1, norm);
}

/** Compares outputs for several batches; rows of numbers, inputs side by side. */
async function expectSame(network: Network, opset = 17, tolerance = 1e-5, rowsFor = (rows: number): number[][] => rowsOf(rows, network.inputs, rows)): Promise<void> {
  const model = await OnnxModel.of(await exportOnnx(network, undefined, { opset }));
  for (const rows of [1, 2, 19]) {
    const x = rowsFor(rows), expected = network.predictSync(x);
    const { output } = await model.run({ input: { features: network.inputs, data: Float32Array.from(x.flat()) } });
    expect(output!.dims).toEqual([rows, network.outputs]);
    expect(difference(output!.data, expected.data)).toBeLessThan(tolerance);
  }
}

function networkOf(options: NetworkOptions, seed = 1): Network {
  const network = new Network({ ...options, seed });
  randomizeTensors(network, seed);
  return network;
}

test.runIf(hasOnnxRuntime)('ONNX Runtime is there wherever its binaries run', () => {
  expect(onnxRuntime()).toHaveProperty('InferenceSession');
});

describe.runIf(hasOnnxRuntime)('every', () => {
  test('kind of layer is tried', () => {
    expect(Object.keys(layerCases).toSorted()).toEqual(Object.keys(layerTypes).toSorted());
  });

  describe.each(backends)('%s', (backend) => {
    test.each(Object.keys(layerCases))('layer %s', async (name) => {
      for (const opset of opsets) await expectSame(networkOf({ ...layerCases[name]!('tanh', widths, 'softmax'), backend }), opset);
    });

    test.each(Object.keys(denseCases))('dense with %s', async (name) => {
      await expectSame(networkOf({ ...denseCases[name]!(widths), backend }));
    });
  });

  test.each(Object.keys(activations) as ActivationName[])('activation %s, in a dense layer and inside of another', async (name) => {
    for (const opset of opsets) {
      await expectSame(networkOf(layerCases['dense']!(name, widths, 'linear')), opset);
      await expectSame(networkOf(layerCases['highway']!(name, widths, 'linear')), opset);
    }
  });

  test('activation with a parameter', async () => {
    for (const name of ['leakyRelu', 'elu'] as const) await expectSame(networkOf(layerCases['dense']!({ name, alpha: 0.37 }, widths, 'linear')));
  });
});

/** A layer of one op on inputs of the sample's shapes: those with rows are parts of its input, the others follow from its parameters. */
function layerOf(op: OpDefinition, sample: Sample, type: string): { readonly factory: () => Layer; readonly width: number } {
  const byRow = sample.shapes.filter(hasRows), width = byRow.reduce((so, shape) => so + countOf(shape), 0) || 1;
  const factory = defineLayer({
    type,
    build([x], _options, context) {
      let at = 0;
      // Nothing, but of all rows: keeps what does not depend on the input from being computed beforehand.
      const nothing = scale(sum(x), 0);
      const inputs = sample.shapes.map((shape, i): Node => {
        if (!hasRows(shape)) return add(context.parameter(`p${i}`, { shape: shape as number[] }), broadcastTo(nothing, shape));
        at += countOf(shape);
        return reshape(slice(x, 1, at - countOf(shape), at), shape);
      });
      const result = makeNode(op, inputs, sample.attributes), count = countOf(result.shape);
      return hasRows(result.shape) ? reshape(result, ['rows', count]) : broadcastTo(reshape(result, [count]), ['rows', count]);
    },
  });
  return { factory, width };
}

describe.runIf(hasOnnxRuntime)('every op', () => {
  test('has a rule', () => {
    expect(Object.keys(onnxRules).toSorted()).toEqual(Object.keys(ops).toSorted());
  });

  test.each(Object.values(ops).filter(({ name, samples }) => samples !== undefined && name !== 'uniform'))('$name', async (op) => {
    for (const [i, sample] of op.samples!.entries()) {
      const { factory, width } = layerOf(op, sample, `${op.name}Sample${i}Layer`), network = new Network({ inputs: width, layers: [factory()] });
      const domainOf = (index: number): string => sample.domain?.[index] ?? 'normal';
      network.setWeights(network.weights().map(({ name, shape }) => ({ name, data: drawValues(shape, domainOf(Number(name.split('.p')[1])), new RandomStream(7, i)) })));
      const rowsFor = (rows: number): number[][] => Array.from({ length: rows }, (_, row) => {
        const parts = sample.shapes.flatMap((shape, index) => (hasRows(shape) ? [...drawValues(withRows(shape, 1), domainOf(index), new RandomStream(row, 99, index))] : []));
        return parts.length > 0 ? parts : [0.5];
      });
      for (const opset of [13, 18]) await expectSame(network, opset, 2e-5, rowsFor);
    }
  });

  test('the number of rows and its inverse', async () => {
    const factory = defineLayer({ type: 'countedLayer', build: ([x]) => multiply(add(x, broadcastTo(rowCount(), x.shape)), broadcastTo(inverseRows(), x.shape)) });
    await expectSame(new Network({ inputs: 3, layers: [factory()] }));
  });

  test('that makes predictions differ from run to run is refused', async () => {
    const factory = defineLayer({ type: 'drawingLayer', build: ([x], _options, context) => add(x, context.draw(x)) });
    const network = new Network({ inputs: 3, layers: [factory()] });
    expectRefusal(await refusal(() => exportOnnx(network)), 'ERR_OPTION', "layer 'drawingLayer1' draws random numbers");
  });
});

describe.runIf(hasOnnxRuntime)('networks put together at random', () => {
  test.each([0, 10, 20, 30, 40])('seeds %i and the next nine', async (first) => {
    for (let seed = first; seed < first + 10; seed++) {
      const network = networkOf(randomNetwork(seed), seed);
      await expectSame(network, 13 + (seed % 7));
    }
  });
});

describe.runIf(hasOnnxRuntime)('files', () => {
  test('have inputs and outputs by the names of the network, and any number of rows', async () => {
    const left = input(4), right = input(2), hidden = dense(3, 'tanh').apply(concatenate().apply(right, left));
    const network = networkOf({ inputs: { left, right }, outputs: { left: dense(2, 'softmax').apply(hidden), hidden, same: dropout(0.3).apply(hidden) } });
    const file = join(folder, 'two.onnx');
    await exportOnnx(network, file, { name: 'two' });
    const model = await OnnxModel.of(await readFile(file));
    expect(model.inputNames).toEqual(['left', 'right']);
    expect(model.outputNames).toEqual(['left_output', 'hidden', 'same']);
    for (const rows of [1, 6]) {
      const x = { left: rowsOf(rows, 4, 1), right: rowsOf(rows, 2, 2) }, expected = network.predictSync(x).outputs!;
      const found = await model.run({ left: { features: 4, data: Float32Array.from(x.left.flat()) }, right: { features: 2, data: Float32Array.from(x.right.flat()) } });
      for (const [name, as] of [['left', 'left_output'], ['hidden', 'hidden'], ['same', 'same']] as const) expect(relativeError(found[as]!.data, expected[name]!.data)).toBeLessThan(1e-6);
    }
  });

  test('of a network that is much deeper than the stack allows for recursion, and back', async () => {
    const network = new Network({ inputs: 2, layers: Array.from({ length: 1500 }, () => dense(2, 'gelu')), backend: 'typescript' });
    const back = await importOnnx(await exportOnnx(network), { backend: 'typescript' });
    expect(back.layers.map(({ name }) => name)).toEqual(network.layers.map(({ name }) => name));
    expect(back.weights()).toEqual(network.weights());
  }, 60_000);

  test('of a network in training hold the weights of one moment', async () => {
    const network = new Network({ inputs: 2, layers: [dense(3, 'tanh'), dense(1)] }), x = rowsOf(64, 2, 1), y = x.map(([a, b]) => [a! * b!]);
    const run = network.fit({ x, y }, { epochs: 200, batchSize: 4 });
    const during = await importOnnx(await exportOnnx(network));
    await run;
    const after = await importOnnx(await exportOnnx(network));
    expect(after.weights().map(({ data }) => data)).toEqual(network.weights().map(({ data }) => data));
    expect(during.weights()).not.toEqual(after.weights());
  });

  test('options are checked before anything is written', async () => {
    const network = new Network({ inputs: 2, layers: [dense(1)] });
    expectRefusal(await refusal(() => exportOnnx(network, undefined, { opset: 12 })), 'ERR_OPTION', "'opset' to be a whole number from 13 to 19", '12');
    expectRefusal(await refusal(() => exportOnnx(network, undefined, { opst: 12 } as never)), 'ERR_OPTION', "did you mean 'opset'");
    expectRefusal(await refusal(() => exportOnnx(network, '')), 'ERR_OPTION', "'path'");
    network.dispose();
    expectRefusal(await refusal(() => exportOnnx(network)), 'ERR_DISPOSED', '[exportOnnx]');
  });
});
