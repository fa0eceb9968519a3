// The options of a network: what it is made of, and where it runs.
import type { Backend } from '../backend/backend.ts';
import { backendChoices, precisions, selectBackend, type BackendChoice, type Precision } from '../backend/select.ts';
import type { Preprocessor } from '../data/preprocess/preprocessor.ts';
import { OptionError } from '../errors.ts';
import type { LayerSpec, SymbolicTensor } from '../layers/layer.ts';
import { numberIn, oneOf, positiveInteger } from '../options.ts';
import { chain, traced, type Architecture, type Named } from './architecture.ts';
import type { SharedMemory } from './shared.ts';
import type { GivenTensor } from './tensors.ts';

/** What a network is made of, and how it runs. */
export interface NetworkOptions {
  /** Features of an example; in functional form the inputs made by `input`: one, several, or by names of your own. */
  readonly inputs: number | Named<SymbolicTensor>;
  /** Layers of a chain, in order. */
  readonly layers?: readonly LayerSpec[];
  /** In functional form, instead of `layers`: what the layers make of the inputs, one value, several, or by names. */
  readonly outputs?: Named<SymbolicTensor>;
  /** What turns raw rows into the inputs (default none): see `network.preprocessor`. */
  readonly preprocessor?: Preprocessor;
  /** Seed of initial weights, order of examples and dropout (default 0): the same seed gives the same bits. */
  readonly seed?: number;
  /** Default `'auto'`: native where the addon is there. */
  readonly backend?: BackendChoice;
  /**
   * `'float64'` computes in doubles, on the TypeScript backend; `'bfloat16'` rounds the operands of matrix products to bfloat16, natively
   * on processors with AVX512-BF16 (default `'float32'`).
   */
  readonly precision?: Precision;
  /** Threads of the native backend (default: what the machine allows). The results do not depend on it. */
  readonly threads?: number;
}

export const optionNames = ['inputs', 'layers', 'outputs', 'preprocessor', 'seed', 'backend', 'precision', 'threads'] as const;

/** What a network is made of instead of layers and first values: tensors of a file, or memory of another network. */
export interface Restored {
  readonly architecture: Architecture;
  readonly tensors?: readonly GivenTensor[];
  readonly shared?: SharedMemory;
}

/** The architecture that the options describe. */
export function architectureFor({ inputs, layers, outputs }: NetworkOptions): Architecture {
  if (outputs === undefined) return chain(inputs, layers);
  if (layers !== undefined) throw new OptionError("[Network] expected either 'layers' or 'outputs' but received both");
  return traced(inputs, outputs);
}

export const runNames = ['backend', 'precision', 'threads'] as const;
/** Where a network runs. */
export type RunOptions = Pick<NetworkOptions, (typeof runNames)[number]>;

/** @internal The backend asked for, with all options of where to run checked. */
export function backendFor(where: string, { backend, precision, threads }: RunOptions): Backend {
  if (backend !== undefined) oneOf(where, 'backend', backend, backendChoices);
  if (precision !== undefined) oneOf(where, 'precision', precision, precisions);
  if (threads !== undefined) numberIn(where, 'threads', positiveInteger(where, 'threads', threads), { from: 1, to: 1024 });
  return selectBackend(backend, precision);
}
