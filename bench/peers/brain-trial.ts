// One trial of brain.js: a step is a batch's worth of single examples; its outputs are sigmoid-like, for it has no softmax.

import type { Data } from '../data.ts';
import type { BenchmarkCase } from '../cases.ts';
import { loadPeer, versionOf } from './installed.ts';
import { runTrial } from './node-trial.ts';

interface Example {
  readonly input: Float32Array;
  readonly output: Float32Array;
}

interface NeuralNetwork {
  initialize(): void;
  train(examples: readonly Example[], options: object): void;
  runInput(input: Float32Array): Float32Array;
}

interface Brain {
  readonly NeuralNetwork: new (options: object) => NeuralNetwork;
}

function build({ network: { inputs, layers } }: BenchmarkCase): NeuralNetwork {
  const { NeuralNetwork: Network } = loadPeer<Brain>('brain.js'), options = {
    inputSize: inputs, hiddenLayers: layers.slice(0, -1).map(({ units }) => units), outputSize: layers.at(-1)!.units,
    activation: layers[0]!.activation, learningRate: 0.01,
  };
  const network = new Network(options);
  network.initialize();
  return network;
}

function examplesOf({ network: { inputs, layers }, rows }: BenchmarkCase, { x, y }: Data): Example[] {
  const outputs = layers.at(-1)!.units;
  return Array.from({ length: rows }, (_, row) => ({
    input: x.slice(row * inputs, (row + 1) * inputs),
    output: outputs === 1 ? Float32Array.of(y[row]!) : Float32Array.from({ length: outputs }, (_, label) => Number(label === y[row])),
  }));
}

await runTrial(async () => ({
  versions: { 'brain.js': versionOf('brain.js') },

  async training(one, _settings, data) {
    const network = build(one), examples = examplesOf(one, data);
    return {
      // A batch of the great networks takes it half a minute; an example tells as much.
      unit: one.rows === one.batch ? one.batch : 1,
      probabilities: () => examples.slice(0, one.batch).flatMap(({ input }) => probabilitiesOf(network.runInput(input))),
      run(rows, epochs) {
        network.train(examples.slice(0, rows), { iterations: epochs, errorThresh: 1e-30 });
      },
    };
  },

  async inference({ case: one }, _settings, data) {
    const network = build(one), examples = examplesOf(one, data), batches = Math.floor(one.rows / one.batch);
    return {
      call(index) {
        const first = (index % batches) * one.batch;
        let last: Float32Array = new Float32Array();
        for (let row = first; row < first + one.batch; row++) last = network.runInput(examples[row]!.input);
        return last;
      },
    };
  },
}));

/** Outputs as the loss of the benchmark wants them: positive, and of several classes with a sum of one. */
function probabilitiesOf(outputs: Float32Array): number[] {
  const positive = Array.from(outputs, (value) => Math.min(Math.max(value, 1e-6), 1 - 1e-6));
  if (positive.length === 1) return positive;
  const sum = positive.reduce((so, value) => so + value, 0);
  return positive.map((value) => value / sum);
}
