// The benchmark's workloads: which network, which batch, which optimiser. Every contestant gets the same description.

export type Activation = 'relu' | 'tanh' | 'sigmoid' | 'softmax';

/** One dense layer. */
export interface LayerShape {
  readonly units: number;
  readonly activation: Activation;
}

/** A chain of dense layers with the loss it is trained on. */
export interface NetworkShape {
  readonly inputs: number;
  readonly layers: readonly LayerShape[];
  readonly loss: 'crossEntropy' | 'binaryCrossEntropy';
}

export interface OptimizerChoice {
  readonly name: 'sgd' | 'adam';
  readonly learningRate: number;
}

interface CommonCase {
  readonly name: string;
  readonly networkName: string;
  readonly network: NetworkShape;
  /** Rows of one minibatch, or of one predict call. */
  readonly batch: number;
  /** Rows of the data set in memory. */
  readonly rows: number;
}

/** Measured in milliseconds per step of `fit`. */
export interface TrainingCase extends CommonCase {
  readonly kind: 'training';
  readonly optimizer: OptimizerChoice;
}

/** Measured in microseconds per predict call (the median call). */
export interface InferenceCase extends CommonCase {
  readonly kind: 'inference';
}

/** Everything else that is measured of a network, or without one. */
export interface OtherCase extends CommonCase {
  readonly kind: 'concurrent' | 'import' | 'load' | 'eventloop' | 'memory' | 'peak';
}

export type BenchmarkCase = TrainingCase | InferenceCase | OtherCase;

/** Less is better, in every kind but `peak`. */
export const units = {
  training: 'ms/step', inference: 'us/call', concurrent: 'us/row', import: 'ms', load: 'ms', eventloop: 'ms late', memory: 'KB/network', peak: 'GFLOP/s',
} as const;

/** `inputs-hidden-…-classes`, one activation for all hidden layers, softmax over the classes. */
function classifier(inputs: number, hidden: readonly number[], activation: Activation, classes = 10): NetworkShape {
  return {
    inputs,
    layers: [...hidden.map((size) => ({ units: size, activation })), { units: classes, activation: 'softmax' }],
    loss: 'crossEntropy',
  };
}

export const networks = {
  W0: { inputs: 2, layers: [{ units: 2, activation: 'sigmoid' }, { units: 1, activation: 'sigmoid' }], loss: 'binaryCrossEntropy' },
  W1: classifier(784, [128], 'relu'),
  W2: classifier(784, [512, 512], 'relu'),
  W3: classifier(784, [2500, 2000, 1500, 1000, 500], 'tanh'),
  W4: classifier(64, [64, 32], 'relu'),
} as const satisfies Record<string, NetworkShape>;

type NetworkName = keyof typeof networks;

/** Enough rows that no contestant trains from a cache the size of one batch; a multiple of every batch size. */
const dataRows = 4096;

function training(network: NetworkName, batch: number, name: 'sgd' | 'adam', learningRate: number): TrainingCase {
  return { kind: 'training', name: `${network}-${batch}-${name}`, networkName: network, network: networks[network], batch, rows: dataRows, optimizer: { name, learningRate } };
}

function inference(network: NetworkName, batch: number): InferenceCase {
  return { kind: 'inference', name: `${network}-predict-${batch}`, networkName: network, network: networks[network], batch, rows: dataRows };
}

function other(kind: OtherCase['kind'], name: string, network: NetworkName, batch: number): OtherCase {
  return { kind, name, networkName: network, network: networks[network], batch, rows: dataRows };
}

export const cases: readonly BenchmarkCase[] = [
  // XOR as a user has it: four rows are the whole data set, so an epoch is one step.
  { kind: 'training', name: 'W0', networkName: 'W0', network: networks.W0, batch: 4, rows: 4, optimizer: { name: 'sgd', learningRate: 0.5 } },
  training('W1', 32, 'sgd', 0.1),
  training('W1', 32, 'adam', 1e-3),
  training('W1', 128, 'sgd', 0.1),
  training('W1', 128, 'adam', 1e-3),
  training('W2', 128, 'adam', 1e-3),
  training('W3', 128, 'sgd', 0.01),
  training('W3', 512, 'sgd', 0.01),
  training('W4', 32, 'adam', 1e-3),
  ...(['W1', 'W2', 'W3'] as const).flatMap((network) => [1, 4, 16, 64, 512].map((batch) => inference(network, batch))),
  other('concurrent', 'W2-concurrent-64', 'W2', 64),
  other('import', 'import', 'W1', 1),
  other('load', 'W1-load', 'W1', 1),
  other('eventloop', 'W3-eventloop', 'W3', 128),
  other('memory', 'memory', 'W1', 32),
  // Without a network: what the processor can do at most. The shares of it are worked out from this one.
  other('peak', 'peak', 'W1', 1),
];

/**
 * GFLOP of the matrix products of one training step (forward, the gradient of the weights, and that of the inputs but for the first
 * layer's, which nobody needs), or of one forward pass.
 */
export function productGflop(one: BenchmarkCase): number {
  let inputs = one.network.inputs, flop = 0;
  one.network.layers.forEach(({ units }, index) => {
    const products = one.kind !== 'training' ? 1 : index === 0 ? 2 : 3;
    flop += 2 * products * one.batch * inputs * units;
    inputs = units;
  });
  return flop / 1e9;
}

/** The cases of the given names, in the order of `cases`; every case when no name is given. */
export function selectCases(names: readonly string[] | undefined): readonly BenchmarkCase[] {
  if (names === undefined) return cases;
  const unknown = names.filter((name) => !cases.some((one) => one.name === name));
  if (unknown.length > 0) {
    throw new Error(`[bench] expected names of cases (${cases.map((one) => one.name).join(', ')}) but received ${unknown.join(', ')}`);
  }
  return cases.filter((one) => names.includes(one.name));
}
