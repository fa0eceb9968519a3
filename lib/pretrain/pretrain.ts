// Greedy layer-wise pre-training: each layer first learns to encode what the layers below it make of the data.
import type { Memory } from '../backend/backend.ts';
import { decodeRow, matrix, type Columns, type MatrixLike } from '../data/columns.ts';
import { Dataset } from '../data/dataset.ts';
import type { Tables } from '../data/parts.ts';
import type { Node } from '../graph/node.ts';
import { AbortedError, BusyError } from '../errors.ts';
import { checkActivation, type Activation } from '../layers/activations.ts';
import { dense } from '../layers/dense.ts';
import { gaussianNoise } from '../layers/gaussian-noise.ts';
import type { LayerSpec } from '../layers/layer.ts';
import { maskingNoise } from '../layers/masking-noise.ts';
import { checkSparsity, type Sparsity } from '../layers/penalties.ts';
import { needsAdapting } from '../network/adapt.ts';
import { checkFit, type FitOptions } from '../network/fit-options.ts';
import { datasetOf, inputParts, joined } from '../network/given.ts';
import { Network } from '../network/network.ts';
import { Predictor } from '../network/predictor.ts';
import { boolean, checkOptions, invalid, nonNegativeInteger, optionalFunction } from '../options.ts';
import { derivedSeed } from '../random/derive.ts';
import { streams } from '../random/philox.ts';
import type { EpochRecord, History } from '../train/history.ts';
import { stagesOf, type Stage } from './stages.ts';

/** How inputs are corrupted: each is 0 with probability `masking`, or normal numbers of standard deviation `gaussian` are added. */
export type Corruption = 'none' | { readonly masking: number } | { readonly gaussian: number };

/** Options of `pretrain`. */
export interface PretrainOptions extends Pick<FitOptions, 'batchSize' | 'optimizer' | 'signal'> {
  /** Passes over the data for each layer (default 10). */
  readonly epochs?: number;
  /** Corruption of what an autoencoder reads while it learns to give back the clean values (default `'none'`). */
  readonly noise?: Corruption;
  /** Activation of the decoders (default `'linear'`); `'sigmoid'` suits values from 0 to 1. */
  readonly decoder?: Activation;
  /** What is minimised (default what belongs to the decoder: cross-entropy to a sigmoid, mean squared error otherwise). */
  readonly loss?: NonNullable<FitOptions['loss']>;
  /** Adds the sparsity penalty of `dense` to every encoder, for sigmoid units. */
  readonly sparsity?: Partial<Sparsity>;
  /** Pre-train the last dense layer as well (default false). */
  readonly output?: boolean;
  /** Seed of the decoders' first weights, the corruption and the order of examples (default that of the network). */
  readonly seed?: number;
  /** Called after every epoch of every layer and awaited. */
  readonly onEpoch?: (record: EpochRecord, layer: string) => void | Promise<void>;
  /** Called and awaited when a layer is done and the network has its weights. */
  readonly onLayer?: (record: PretrainRecord) => void | Promise<void>;
}

/** The pre-training of one layer. */
export interface PretrainRecord {
  /** Name of the dense layer in the network, such as `dense1`. */
  readonly layer: string;
  /** How the autoencoder did: its losses are reconstruction errors of what the layer reads, with the penalties of its layers. */
  readonly history: History;
}

const names = ['epochs', 'batchSize', 'optimizer', 'signal', 'noise', 'decoder', 'loss', 'sparsity', 'output', 'seed', 'onEpoch', 'onLayer'] as const;

/** Rows written out at a time while representations are computed. */
const chunkRows = 4096;

/** The layer that corrupts, if any. */
function corruptionLayers(noise: unknown): LayerSpec[] {
  if (noise === 'none') return [];
  if (typeof noise !== 'object' || noise === null || Object.keys(noise).length !== 1) throw invalid('pretrain', 'noise', "'none', { masking: rate } or { gaussian: deviation }", noise);
  checkOptions('pretrain', noise, ['masking', 'gaussian'], 'noise');
  const { masking, gaussian } = noise as { masking?: number; gaussian?: number };
  return [masking === undefined ? gaussianNoise(gaussian!) : maskingNoise(masking)];
}

interface Plan {
  readonly fit: Pick<FitOptions, 'epochs' | 'batchSize' | 'optimizer' | 'loss' | 'signal'>;
  readonly noise: readonly LayerSpec[];
  readonly decoder: Activation;
  readonly seed: number;
  readonly stages: readonly Stage[];
}

function checkPlan(network: Network, options: PretrainOptions): Plan {
  checkOptions('pretrain', options, names);
  const { epochs = 10, batchSize, optimizer, signal, noise = 'none', decoder = 'linear', loss, sparsity, output = false, seed = network.seed } = options;
  const fit = { epochs, ...(batchSize !== undefined && { batchSize }), ...(optimizer !== undefined && { optimizer }), ...(signal !== undefined && { signal }), ...(loss !== undefined && { loss }) };
  checkFit(fit);
  optionalFunction('pretrain', 'onEpoch', options.onEpoch);
  optionalFunction('pretrain', 'onLayer', options.onLayer);
  const penalty = sparsity === undefined ? undefined : checkSparsity('pretrain', sparsity);
  return {
    fit, noise: corruptionLayers(noise), decoder: checkActivation('pretrain', decoder), seed: nonNegativeInteger('pretrain', 'seed', seed),
    stages: stagesOf(network.internals.model, boolean('pretrain', 'output', output), penalty),
  };
}

/** Inputs to pre-train on; they are their own targets. */
function examplesOf(network: Network, x: Dataset | Tables): Dataset {
  const { architecture } = network.internals.model;
  if (x instanceof Dataset) {
    const { inputs, index, weights } = datasetOf('pretrain', x, architecture);
    return new Dataset({ inputs, targets: inputs, index, weights });
  }
  const { data } = matrix(joined(x as MatrixLike, inputParts(architecture), 'pretrain'), network.inputs, 'pretrain');
  const inputs: Columns = { data, width: network.inputs, scale: 1, shift: 0 };
  return new Dataset({ inputs, targets: inputs });
}

/** The data as the layers below a stage pass them on in prediction. */
async function represent(network: Network, examples: Dataset, { representation }: Stage): Promise<Dataset> {
  const { store, model } = network.internals;
  if (representation === model.input) return examples;
  const { inputs, index, length, weights } = examples, outputs = Number(representation.shape[1]), data = new Float32Array(length * outputs);
  const predictor = new Predictor(store, representation, inputs.width);
  try {
    for (let first = 0; first < length; first += chunkRows) {
      const rows = Math.min(chunkRows, length - first), x = new Float32Array(rows * inputs.width), out = store.backend.allocate(rows * outputs);
      for (let row = 0; row < rows; row++) decodeRow(inputs, index === null ? first + row : index[first + row]!, x.subarray(row * inputs.width, (row + 1) * inputs.width));
      await store.gate.through(() => predictor.run({ data: x, rows, width: inputs.width, shape: [inputs.width] }, out, 'pretrain'));
      data.set(out, first * outputs);
    }
  } finally {
    await store.gate.through(async () => predictor.dispose());
  }
  const columns: Columns = { data, width: outputs, scale: 1, shift: 0 }, raw = weights && new Float32Array(length);
  if (raw !== null) for (let row = 0; row < length; row++) decodeRow(weights!, index === null ? row : index[row]!, raw.subarray(row, row + 1));
  return new Dataset({ inputs: columns, targets: columns, weights: raw && { data: raw, width: 1, scale: 1, shift: 0 } });
}

/** The network of a stage's encoder and decoder, which runs as the whole network does. */
function autoencoderOf(network: Network, { layers, representation, first }: Stage, { noise, decoder, seed }: Plan): Network {
  const { store: { backend, threads } } = network.internals, inputs = Number(representation.shape[1]);
  return new Network({
    inputs, layers: [...noise, ...layers, dense(inputs, decoder)], seed: derivedSeed(seed, streams.pretraining, first),
    backend: backend.name, precision: backend.precision, ...(threads !== undefined && { threads }),
  });
}

/** Copies all tensors of `count` layers from one network to another, between two runs of either. */
async function copyLayers(from: { network: Network; first: number }, to: { network: Network; first: number }, count: number): Promise<void> {
  const source = from.network.internals, target = to.network.internals;
  const tensors = ({ model }: typeof source): Map<string, Node> => new Map([...model.parameters, ...model.states].map(({ name, node }) => [name, node]));
  const own = tensors(source), others = tensors(target), copies: [node: Node, values: Memory][] = [];
  await source.store.gate.through(async () => {
    for (let i = 0; i < count; i++) {
      const prefix = `${source.model.training.layers[from.first + i]!.name}.`, place = target.model.training.layers[to.first + i]!.name;
      for (const [name, node] of own) if (name.startsWith(prefix)) copies.push([others.get(`${place}.${name.slice(prefix.length)}`)!, source.store.read(node)]);
    }
  });
  await target.store.gate.through(async () => {
    for (const [node, data] of copies) target.store.write(node, data);
  });
}

/**
 * Pre-trains the hidden layers of a chain one after the other, without labels: for each dense layer but the last one, an
 * autoencoder of the layer and a dense decoder learns to give back what the layers below make of `x`, and its encoder's weights take the
 * place of the network's. What follows goes with `fit`. (Hinton, Osindero and Teh 2006; Bengio et al. 2007; with `noise`
 * denoising autoencoders, Vincent et al. 2010.)
 *
 * An encoder begins with the network's own weights. Whatever follows a dense layer up to the next one (activations, batch
 * normalization, dropout) belongs to its encoder and is trained with it; what comes before the first is only applied, as in
 * prediction, scalers being set by the data first where they have not been. Networks that are no chain are refused.
 * Representations pass from layer to layer in single precision.
 *
 * @returns A record for each layer, in order.
 * @throws {BusyError} While a `fit` of the network is in flight.
 * @throws {AbortedError} When the signal says so: the layers that are done keep their weights, the others are as they were. The same
 *   goes for a NonFiniteError.
 * @example
 * await pretrain(network, train, { epochs: 10, noise: { masking: 0.3 } });
 * await network.fit(train, { epochs: 20 });
 */
export async function pretrain(network: Network, x: Dataset | Tables, options: PretrainOptions = {}): Promise<PretrainRecord[]> {
  if (!(network instanceof Network)) throw invalid('pretrain', 'network', 'a Network', network);
  network.internals.store.checkOwner('pretrain');
  if (network.internals.fitting) throw new BusyError('[pretrain] a fit of this network is in flight');
  const plan = checkPlan(network, options), examples = examplesOf(network, x), records: PretrainRecord[] = [];
  const { signal, onLayer, onEpoch } = options;
  if (signal?.aborted) throw new AbortedError('[pretrain] aborted before the first layer', signal.reason);
  if (!network.internals.adapted && needsAdapting(network.internals.model)) await network.adapt(examples);
  for (const stage of plan.stages) {
    const autoencoder = autoencoderOf(network, stage, plan), encoder = { network: autoencoder, first: plan.noise.length }, place = { network, first: stage.first };
    try {
      await copyLayers(place, encoder, stage.layers.length);
      const data = await represent(network, examples, stage);
      const history = await autoencoder.fit(data, { ...plan.fit, ...(onEpoch && { onEpoch: (record) => onEpoch(record, stage.name) }) });
      await copyLayers(encoder, place, stage.layers.length);
      records.push({ layer: stage.name, history });
    } finally {
      autoencoder.dispose();
    }
    await onLayer?.(records.at(-1)!);
  }
  return records;
}
