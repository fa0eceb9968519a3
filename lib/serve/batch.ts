// A batch in the making: rows of several callers one after the other, and who gets which of the answers.
import type { Memory } from '../backend/backend.ts';
import type { Matrix } from '../data/columns.ts';
import type { ServedNetwork } from './served.ts';

/** A caller's part of a batch. */
interface Caller {
  readonly first: number;
  readonly rows: number;
  /** When the caller called, in milliseconds of `performance.now()`. */
  readonly since: number;
  readonly resolve: (outputs: Memory) => void;
  readonly reject: (error: unknown) => void;
}

export class Batch {
  /** When the first caller called. */
  readonly since: number;
  /** The network that answers it. */
  readonly served: ServedNetwork;
  /** Memory for its rows, which is free again when it is answered. */
  readonly inputs: Float32Array;
  private readonly width: number;
  private readonly callers: Caller[] = [];
  private filled = 0;

  constructor(served: ServedNetwork, inputs: Float32Array, since: number) {
    this.served = served;
    this.inputs = inputs;
    this.width = served.network.inputs;
    this.since = since;
  }

  get rows(): number {
    return this.filled;
  }

  hasRoomFor(rows: number): boolean {
    return (this.filled + rows) * this.width <= this.inputs.length;
  }

  /** Copies the caller's rows, and promises the outputs for them. */
  join({ data, rows }: Matrix, since: number): Promise<Memory> {
    this.inputs.set(data, this.filled * this.width);
    return new Promise((resolve, reject) => {
      this.callers.push({ first: this.filled, rows, since, resolve, reject });
      this.filled += rows;
    });
  }

  /** All rows; a view, no copy. */
  matrix(): Matrix {
    const { filled: rows, width } = this;
    return { data: this.inputs.subarray(0, rows * width), rows, width, shape: [width] };
  }

  /** Gives every caller a copy of its outputs, and tells when each one called. */
  answer(outputs: Memory, answered: (since: number) => void): void {
    const width = this.served.network.outputs;
    for (const { first, rows, since, resolve } of this.callers) {
      resolve(outputs.slice(first * width, (first + rows) * width));
      answered(since);
    }
  }

  /** Tells every caller what went wrong, and returns how many they are. */
  fail(error: unknown): number {
    for (const { reject } of this.callers) reject(error);
    return this.callers.length;
  }
}
