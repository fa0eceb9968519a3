// One trial of TensorFlow.js on one of its backends: by its operations or by its layers, whichever the settings say.

import { writeFileSync } from 'node:fs';
import type { Data } from '../data.ts';
import type { BenchmarkCase, NetworkShape } from '../cases.ts';
import { modelPath } from '../trial-types.ts';
import type { Weight } from '../weights-file.ts';
import { loadPeer, versionOf } from './installed.ts';
import { runTrial, type InferenceSubject, type TrainingSubject } from './node-trial.ts';
import type { Model, Tensor, TensorFlow, Variable } from './tfjs-shape.ts';

const tf = loadPeer<TensorFlow>('@tensorflow/tfjs');

/** A layer's parameters as TensorFlow has them: weights `[in, out]`. */
interface Parameters {
  readonly weight: Variable;
  readonly bias: Variable;
}

function parametersOf({ inputs, layers }: NetworkShape, weights: readonly Weight[] | undefined): Parameters[] {
  return layers.map(({ units }, index) => tf.tidy(() => {
    const width = layers[index - 1]?.units ?? inputs;
    const weight = weights === undefined
      ? tf.randomUniform([width, units], -1, 1, 'float32', index + 1).mul(Math.sqrt(6 / (width + units)))
      : tf.tensor2d(weights[2 * index]!.data, [units, width]).transpose();
    const bias = weights === undefined ? tf.zeros([units]) : tf.tensor1d(weights[2 * index + 1]!.data);
    return { weight: tf.keep(tf.variable(weight)), bias: tf.keep(tf.variable(bias)) };
  }));
}

/** The network by operations, to its logits or, fused as far as they can be, to its probabilities. */
function forward({ layers }: NetworkShape, parameters: readonly Parameters[], x: Tensor, ends: 'logits' | 'probabilities'): Tensor {
  let value = x;
  parameters.forEach(({ weight, bias }, index) => {
    const { activation } = layers[index]!, isLast = index === layers.length - 1;
    if (ends === 'probabilities') {
      value = tf.fused.matMul({ a: value, b: weight, bias, ...(activation === 'relu' ? { activation } : {}) });
      if (activation !== 'relu') value = tf[activation](value);
    } else {
      value = value.matMul(weight).add(bias);
      if (!isLast) value = tf[activation](value);
    }
  });
  return value;
}

function layersModel({ inputs, layers }: NetworkShape, parameters: readonly Parameters[]): Model {
  const model = tf.sequential();
  layers.forEach(({ units, activation }, index) => model.add(tf.layers.dense({ units, activation, ...(index === 0 ? { inputShape: [inputs] } : {}) })));
  model.setWeights(parameters.flatMap(({ weight, bias }) => [weight, bias]));
  return model;
}

/** The data in tensors, a batch each: rows, and labels as the losses want them. */
function batchesOf({ network: { inputs, layers, loss }, batch, rows }: BenchmarkCase, { x, y }: Data): { x: Tensor; y: Tensor }[] {
  return Array.from({ length: Math.floor(rows / batch) }, (_, index) => {
    const labels = y.subarray(index * batch, (index + 1) * batch);
    return {
      x: tf.tensor2d(x.subarray(index * batch * inputs, (index + 1) * batch * inputs), [batch, inputs]),
      y: loss === 'crossEntropy' ? tf.oneHot(tf.tensor1d(labels, 'int32'), layers.at(-1)!.units).toFloat() : tf.tensor2d(Float32Array.from(labels), [batch, 1]),
    };
  });
}

await runTrial(async (request) => {
  const backend = request.contestant === 'tfjs-wasm' ? 'wasm' : 'cpu';
  if (backend === 'wasm') loadPeer('@tensorflow/tfjs-backend-wasm');
  if (!await tf.setBackend(backend)) throw new Error(`the backend ${backend} could not be set`);
  return {
    versions: { tfjs: versionOf('@tensorflow/tfjs') },

    async training(one, settings, data, weights): Promise<TrainingSubject> {
      const parameters = parametersOf(one.network, weights), batches = batchesOf(one, data), { name, learningRate } = one.optimizer;
      const optimizer = tf.train[name](learningRate), probabilities = (): ArrayLike<number> => tf.tidy(() => forward(one.network, parameters, batches[0]!.x, 'probabilities').dataSync());
      if (settings['mode'] === 'layers') {
        const model = layersModel(one.network, parameters);
        model.compile({ optimizer, loss: one.network.loss === 'crossEntropy' ? 'categoricalCrossentropy' : 'binaryCrossentropy' });
        return {
          probabilities: () => tf.tidy(() => model.predictOnBatch(batches[0]!.x).dataSync()),
          async run(rows, epochs) {
            for (let epoch = 0; epoch < epochs; epoch++) for (const { x, y } of batches.slice(0, rows / one.batch)) await model.trainOnBatch(x, y);
          },
        };
      }
      const variables = parameters.flatMap(({ weight, bias }) => [weight, bias]);
      const lossOf = one.network.loss === 'crossEntropy' ? tf.losses.softmaxCrossEntropy : tf.losses.sigmoidCrossEntropy;
      return {
        probabilities,
        run(rows, epochs) {
          for (let epoch = 0; epoch < epochs; epoch++) {
            // The loss is worked out, for its gradients, and never read.
            for (const { x, y } of batches.slice(0, rows / one.batch)) optimizer.minimize(() => lossOf(y, forward(one.network, parameters, x, 'logits')), false, variables);
          }
        },
      };
    },

    async inference({ case: one }, settings, data, weights): Promise<InferenceSubject> {
      const parameters = parametersOf(one.network, weights), batches = batchesOf(one, data);
      const model = settings['mode'] === 'layers' ? layersModel(one.network, parameters) : undefined;
      // The answer is read: without that, there is none.
      return {
        call: (index) => tf.tidy(() => {
          const { x } = batches[index % batches.length]!;
          return (model === undefined ? forward(one.network, parameters, x, 'probabilities') : model.predictOnBatch(x)).dataSync();
        }),
      };
    },

    async export({ case: one, ...rest }) {
      const path = modelPath({ case: one, ...rest }, 'tfjs.json');
      await layersModel(one.network, parametersOf(one.network, undefined)).save({
        async save({ modelTopology, weightSpecs, weightData }) {
          writeFileSync(`${path}.f32`, new Uint8Array(weightData));
          writeFileSync(path, JSON.stringify({ modelTopology, weightSpecs }));
          return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
        },
      });
    },
  };
});
