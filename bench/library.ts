// The one file that knows the library's public API: the benchmark uses it as a user does, built, by its own name.

import { createPredictor, Dataset, Network, adam, dense, diagnostics, exportOnnx, sgd, type BatchingPredictor, type NetworkOptions } from 'densely';
import type { BenchmarkCase, NetworkShape, TrainingCase } from './cases.ts';
import type { Data } from './data.ts';
import { meanLoss } from './loss.ts';
import type { Weight } from './weights-file.ts';

export type Backend = 'native' | 'typescript';

/** The network of a case on one backend; `precision` where it is not the default. */
export function buildNetwork(shape: NetworkShape, backend: Backend, threads: number, precision?: string): Network {
  return new Network({
    inputs: shape.inputs,
    seed: 1,
    layers: shape.layers.map(({ units, activation }) => dense(units, activation)),
    backend,
    threads,
    ...(precision === undefined ? {} : { precision: precision as NonNullable<NetworkOptions['precision']> }),
  });
}

/** The first `rows` of the data as a data set, made once and trained on as often as one likes. */
export function firstRows(one: BenchmarkCase, data: Data, rows: number): Dataset {
  const { inputs } = one.network;
  return Dataset.from({ x: data.x.subarray(0, rows * inputs), y: data.y.subarray(0, rows), width: inputs });
}

/** `fit` over a data set in order, `epochs` times. */
export async function fitEpochs(network: Network, one: TrainingCase, dataset: Dataset, epochs: number): Promise<void> {
  const { name, learningRate } = one.optimizer;
  await network.fit(dataset, {
    epochs,
    batchSize: one.batch,
    optimizer: name === 'sgd' ? sgd({ learningRate }) : adam({ learningRate }),
    loss: one.network.loss,
    shuffle: false,
  });
}

/** Mean loss over the first batch, from predictions. */
export function firstBatchLoss(network: Network, one: BenchmarkCase, data: Data): number {
  const { data: probabilities } = network.predictSync(data.x.subarray(0, one.batch * one.network.inputs));
  return meanLoss(one.network.loss, probabilities, data.y.subarray(0, one.batch));
}

export function networkWeights(network: Network): Weight[] {
  return network.weights().map(({ name, shape, data }) => ({ name, shape, data: Float32Array.from(data) }));
}

/** A predictor that runs concurrent calls in batches of up to `maxBatch` rows. */
export function buildPredictor(network: Network, maxBatch: number, maxDelay: number): BatchingPredictor {
  return createPredictor(network, { maxBatch, maxDelay });
}

/** The network as a file of the library's own and as ONNX. */
export async function saveModels(network: Network, safetensors: string, onnx: string): Promise<void> {
  await network.save(safetensors);
  await exportOnnx(network, onnx);
}

/** What the library says of what it runs on. */
export function libraryVersions(): Record<string, string> {
  const { native } = diagnostics();
  if (native === undefined) return {};
  const { config, core, parallel } = native.openblas;
  return { "densely's BLAS": `${config} ${parallel} ${core}`, "densely's kernels": native.isa };
}
