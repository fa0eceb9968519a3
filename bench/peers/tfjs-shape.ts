// As much of TensorFlow.js as its trial uses, so that the benchmark's types can be checked where it is not installed.

export interface Tensor {
  matMul(other: Tensor): Tensor;
  add(other: Tensor): Tensor;
  mul(factor: number): Tensor;
  transpose(): Tensor;
  toFloat(): Tensor;
  dataSync(): Float32Array;
}

export type Variable = Tensor & { readonly __variable: unique symbol };

interface Optimizer {
  minimize(loss: () => Tensor, returnCost: false, variables: readonly Variable[]): void;
}

interface Artifacts {
  readonly modelTopology: object;
  readonly weightSpecs: object;
  readonly weightData: ArrayBuffer;
}

export interface Model {
  add(layer: object): void;
  setWeights(weights: readonly Tensor[]): void;
  compile(options: { optimizer: Optimizer; loss: string }): void;
  trainOnBatch(x: Tensor, y: Tensor): Promise<unknown>;
  predictOnBatch(x: Tensor): Tensor;
  save(handler: { save(artifacts: Artifacts): Promise<object> }): Promise<unknown>;
}

export interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  tidy<Result>(work: () => Result): Result;
  keep<Kept extends Tensor>(tensor: Kept): Kept;
  variable(initial: Tensor): Variable;
  zeros(shape: readonly number[]): Tensor;
  randomUniform(shape: readonly number[], least: number, most: number, type: 'float32', seed: number): Tensor;
  tensor1d(values: Float32Array | Int32Array, type?: 'int32'): Tensor;
  tensor2d(values: Float32Array, shape: readonly [number, number]): Tensor;
  oneHot(labels: Tensor, classes: number): Tensor;
  relu(x: Tensor): Tensor;
  tanh(x: Tensor): Tensor;
  sigmoid(x: Tensor): Tensor;
  softmax(x: Tensor): Tensor;
  readonly fused: { matMul(options: { a: Tensor; b: Tensor; bias: Tensor; activation?: string }): Tensor };
  readonly losses: Readonly<Record<'softmaxCrossEntropy' | 'sigmoidCrossEntropy', (labels: Tensor, logits: Tensor) => Tensor>>;
  readonly train: Readonly<Record<'sgd' | 'adam', (learningRate: number) => Optimizer>>;
  readonly layers: { dense(options: object): object };
  sequential(): Model;
}
