// Batches of examples as they come from files too large for memory, and the options all streams share.

import { nonNegativeInteger, positiveInteger } from '../../options.ts';
import type { RowLayout } from '../block.ts';

/** Some examples, row-major; the arrays belong to whoever receives them. */
export interface Batch {
  /** `[rows, inputs]`. */
  readonly x: Float32Array<ArrayBuffer>;
  /** `[rows, targets]`; class numbers where the targets are classes. */
  readonly y: Float32Array<ArrayBuffer>;
  /** The batch size, or what was left for the last batch of an epoch. */
  readonly rows: number;
  /** Weight of each example in the loss, where the source has weights. */
  readonly weights?: Float32Array<ArrayBuffer>;
}

/** Examples that can be gone through any number of times, a batch at a time. */
export interface BatchSource {
  /** Values per example. */
  readonly inputs: number;
  /** Target values per example. */
  readonly targets: number;
  readonly inputNames: readonly string[];
  readonly targetNames: readonly string[];
  /** Names of the classes that targets 0, 1, … stand for, or null. */
  readonly classes: readonly string[] | null;
  /** Examples of an epoch, or null where only reading tells. */
  readonly length: number | null;
  /**
   * All batches of one epoch. The order is a function of seed and epoch alone. Files are open while they are read, and are
   * closed where the consumer breaks off. Epochs may be read at the same time.
   * @param epoch A non-negative integer.
   */
  batches(epoch: number): AsyncGenerator<Batch, void, undefined>;
}

/** Options of every stream. */
export interface StreamOptions {
  /** Examples per batch; default 32. */
  readonly batchSize?: number;
  /**
   * Examples among which the next one is drawn; default 10 000. Memory is that many rows. Files come in shuffled order, too. 1
   * leaves the rows of a file in order, and 0 also the files: sorted by name, or as they were listed.
   */
  readonly shuffleBuffer?: number;
  /** Seed of the order; default 0. */
  readonly seed?: number;
  /** Batches made ahead while the consumer computes; default 2. */
  readonly prefetch?: number;
}

/** `StreamOptions`, checked, with defaults. */
export type StreamSettings = Readonly<Required<StreamOptions>>;

/** The names of the options in `StreamOptions`. */
export const streamOptions: readonly string[] = ['batchSize', 'shuffleBuffer', 'seed', 'prefetch'];

/** Checks the options that all streams share. */
export function checkStream(caller: string, options: StreamOptions): StreamSettings {
  return {
    batchSize: positiveInteger(caller, 'batchSize', options.batchSize ?? 32),
    shuffleBuffer: nonNegativeInteger(caller, 'shuffleBuffer', options.shuffleBuffer ?? 10_000),
    seed: nonNegativeInteger(caller, 'seed', options.seed ?? 0),
    prefetch: nonNegativeInteger(caller, 'prefetch', options.prefetch ?? 2),
  };
}

/** What a source says of itself. */
export function description({ inputNames, targetNames }: RowLayout, classes: readonly string[] | null, length: number | null): Omit<BatchSource, 'batches'> {
  return { inputs: inputNames.length, targets: targetNames.length, inputNames, targetNames, classes, length };
}
