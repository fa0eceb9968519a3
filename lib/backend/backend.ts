// What a backend is: memory, and programs made ready to run. Both backends are held to this.
import type { Program } from '../compile/program.ts';
import { OutOfMemoryError } from '../errors.ts';

/** Memory of the state, scratch and results. Doubles only on the TypeScript backend, for reference values. */
export type Memory = Float32Array | Float64Array;

/**
 * What a backend computes in: `'bfloat16'` is single precision whose matrix products round their operands to bfloat16, `'float64'` doubles,
 * on the TypeScript backend.
 */
export type Precision = 'float32' | 'float64' | 'bfloat16';

/** Data read by `load`: row-major, `width` numbers per example; a value is `raw · scale + shift`. */
export interface SourceBinding {
  readonly array: Float32Array | Float64Array | Uint8Array | Int32Array;
  readonly width: number;
  readonly scale: number;
  readonly shift: number;
}

/** Everything a run reads and writes. */
export interface Binding {
  readonly state: Memory;
  readonly scratch: Memory;
  readonly sources: readonly SourceBinding[];
  readonly sinks: readonly Memory[];
  /** Which example each position is; null where position and example are the same. */
  readonly order: Int32Array | null;
  /** First position and number of rows of every step. */
  readonly batches: Int32Array;
  /** One value per hyper-parameter and step; single precision, like all numbers of a native step. */
  readonly hyper: Memory;
}

/** A program made ready by a backend. One run at a time. */
export interface Executable {
  readonly program: Program;
  /** Says what the runs to come read and write; kept until the next `bind`. */
  bind(binding: Binding): void;
  /**
   * Runs steps `begin` to `end` and returns the first step not run: `end`, unless the guard stopped it after a step. `unchanged` (default
   * false): the state is as it was at the end of this executable's last run, so that what was packed of its weights is still theirs.
   */
  run(begin: number, end: number, counterBase: number, unchanged?: boolean): number;
  /** The same off the event loop; stops early after `interrupt`. */
  runAsync(begin: number, end: number, counterBase: number, unchanged?: boolean): Promise<number>;
  /**
   * Runs all `rows` of `input` through a program of one source and one sink, both with rows, no hyper-parameters and no memory between steps, in
   * steps that it cuts itself; the arrays take the place of the bound source and sink for this run. The native backend ends with an
   * error at a value of the input that is not finite; `output` is then good for nothing.
   */
  runRows(input: Float32Array, output: Memory, rows: number, unchanged?: boolean): void;
  /** The same off the event loop; the arrays are the run's until it is done. */
  runRowsAsync(input: Float32Array, output: Memory, rows: number, unchanged?: boolean): Promise<void>;
  /** Lets a run in flight stop after the step it is in. */
  interrupt(): void;
  /** Steps finished of the run in flight. */
  progress(): number;
  /** Runs some instructions of one step, for inspection. */
  runInstructions(step: number, from: number, to: number, counterBase: number): void;
  dispose(): void;
}

export interface LoadOptions {
  /** Threads of the native backend, no more than the machine and its limits allow (the default). */
  readonly threads?: number | undefined;
}

export interface Backend {
  readonly name: 'native' | 'typescript';
  readonly precision: Precision;
  /** Whether `runRows` notices values that are not finite. */
  readonly checksRows: boolean;
  allocate(length: number): Memory;
  /** Memory for results alone, which need not lie at a vector's boundary: quicker to have than that of `allocate`. */
  allocateResult(length: number): Memory;
  load(program: Program, options?: LoadOptions): Executable;
}

/** `make`, which makes arrays of so many numbers, with `ERR_OUT_OF_MEMORY` in place of the engine's error where memory is short. */
export function allocating(make: (length: number) => Memory): (length: number) => Memory {
  return (length) => {
    try {
      return make(length);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new OutOfMemoryError(`[memory] there is not enough memory for ${length} numbers`, { cause: error });
    }
  };
}
