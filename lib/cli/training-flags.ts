// The flags of a training job, which are also the keys of its configuration file.
import { backendChoices, precisions } from '../backend/select.ts';
import type { FlagDefinitions } from './flags.ts';

/** Flags that say how a table is read. */
export const tableFlags = {
  delimiter: { kind: 'text', value: '<character>', group: 'Data', doc: "what separates the cells of CSV (default ','); 'tab' for a tab" },
  noHeader: { kind: 'switch', group: 'Data', doc: 'the first line holds data, not names: columns are column0, column1, … or positions' },
} as const satisfies FlagDefinitions;

/** Flags that say where a network runs. */
export const machineFlags = {
  backend: { kind: 'text', value: `<${backendChoices.join('|')}>`, group: 'Machine', doc: 'what computes (default auto: native where it is there)' },
  threads: { kind: 'number', value: '<count>', group: 'Machine', doc: 'threads of the native backend (default: what the machine allows); results do not depend on it' },
  precision: { kind: 'text', value: `<${precisions.join('|')}>`, group: 'Machine', doc: 'float64 computes in doubles, on the TypeScript backend; bfloat16 rounds the operands of matrix products, natively on processors with AVX512-BF16 (default float32)' },
} as const satisfies FlagDefinitions;

/** Flags that describe data, network and training. */
export const jobFlags = {
  config: { kind: 'text', short: 'c', value: '<file>', group: 'Data', doc: 'a configuration with the same keys (batchSize for --batch-size), .json, .mjs or .js; flags come before it' },
  data: { kind: 'text', short: 'd', value: '<file>', group: 'Data', doc: "examples: a file of CSV, JSON lines, Parquet or NumPy (.npz with x and y), a folder or pattern of tables ('logs/*.csv'), '-' for CSV on standard input, or a folder of IDX files as of MNIST" },
  target: { kind: 'text', short: 't', value: '<column>', many: true, group: 'Data', doc: 'the column to predict, by name or position (-1 is the last); again for several' },
  columns: { kind: 'text', value: '<column>', many: true, group: 'Data', doc: 'an input column, or several with commas (default: all but the target)' },
  validation: { kind: 'text', short: 'v', value: '<part or file>', group: 'Data', doc: 'a fraction of the examples to set aside, such as 0.2, or data to evaluate after every epoch' },
  task: { kind: 'text', value: '<classes|numbers>', group: 'Data', doc: 'what the target is (default: classes where it holds names or whole numbers 0, 1, … k)' },
  preprocess: { kind: 'text', short: 'p', value: '<auto>', group: 'Data', doc: "raw columns of names, numbers and missing cells become numbers, as the model remembers: 'auto', or what columns are, 'id=ignored,city=categorical'" },
  ...tableFlags,
  stream: { kind: 'switch', group: 'Data', doc: 'read the rows while they are trained on, for files that do not fit in memory (without asking where they are more than 1 GiB)' },
  shuffleBuffer: { kind: 'number', value: '<rows>', group: 'Data', doc: 'of a stream: rows among which the next one is drawn (default 10000)' },
  layers: { kind: 'text', short: 'l', value: '<layers>', group: 'Network', doc: "such as '64:relu,dropout:0.2' or 'dense(64, relu, l2=1e-4),batchNorm'; the output layer follows from the target where it is left out (default 64:relu)" },
  members: { kind: 'number', value: '<count>', group: 'Network', doc: 'train an ensemble of so many networks with different first weights, which predict their average' },
  bagging: { kind: 'switch', group: 'Network', doc: 'give each member a sample of the examples of its own, drawn with replacement' },
  seed: { kind: 'number', short: 's', value: '<number>', group: 'Network', doc: 'the same seed gives the same bits (default 0)' },
  epochs: { kind: 'number', short: 'e', value: '<count>', group: 'Training', doc: 'passes over the data (default 20)' },
  batchSize: { kind: 'number', short: 'b', value: '<count>', group: 'Training', doc: 'examples of a minibatch (default 32)' },
  optimizer: { kind: 'text', value: '<optimizer>', group: 'Training', doc: "such as adamw, 'sgd(momentum=0.9)', lbfgs, or JSON (default adam)" },
  learningRate: { kind: 'number', value: '<rate>', group: 'Training', doc: "default: the optimizer's" },
  schedule: { kind: 'text', value: '<schedule>', group: 'Training', doc: "of the learning rate, such as cosine, 'step(every=5)', 'warmup(epochs=2, learningRate=cosine(0.01))'" },
  loss: { kind: 'text', value: '<loss>', group: 'Training', doc: "such as huber or 'crossEntropy(labelSmoothing=0.1)' (default: what suits the output layer)" },
  metrics: { kind: 'text', value: '<metric>', many: true, group: 'Training', doc: 'what is measured besides the loss, several with commas' },
  clip: { kind: 'text', value: '<limits>', group: 'Training', doc: 'of the gradients: 1 or globalNorm=1, norm=1, value=0.5' },
  earlyStopping: { kind: 'text', value: '<patience>', group: 'Training', doc: "epochs without improvement after which training ends with the best weights, or 'patience=5,monitor=accuracy'" },
  noShuffle: { kind: 'switch', group: 'Training', doc: 'take the examples in their order in every epoch' },
  ...machineFlags,
} as const satisfies FlagDefinitions;

/** Flags that say what is left of a run. */
export const runFlags = {
  output: { kind: 'text', short: 'o', value: '<file>', group: 'Results', doc: 'the model (default model.safetensors; of an ensemble a folder, ensemble)' },
  checkpoints: { kind: 'text', value: '<folder>', group: 'Results', doc: 'keep the state of the run here; Ctrl-C writes one' },
  checkpointEvery: { kind: 'text', value: '<amount>', group: 'Results', doc: "such as 5 (epochs), '1000 steps' or '60 s' (default every epoch)" },
  log: { kind: 'text', value: '<file>', many: true, group: 'Results', doc: 'a line for every epoch, .jsonl or .csv' },
  tensorboard: { kind: 'text', value: '<folder>', group: 'Results', doc: 'curves for TensorBoard' },
  report: { kind: 'text', value: '<file>', group: 'Results', doc: 'curves, network and circumstances as one HTML file' },
  resume: { kind: 'switch', group: 'Results', doc: 'go on with the newest checkpoint of the folder: the same bits as without interruption' },
  diagnose: { kind: 'switch', group: 'Results', doc: 'look at network, data and curves after the run' },
  quiet: { kind: 'switch', short: 'q', group: 'Results', doc: 'say nothing but what went wrong' },
  json: { kind: 'switch', group: 'Results', doc: 'the history as JSON on standard output' },
} as const satisfies FlagDefinitions;
