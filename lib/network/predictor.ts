// Prediction: a program from inputs to outputs, with memory for one chunk of rows that is used again and again.
import type { Memory } from '../backend/backend.ts';
import type { Matrix } from '../data/columns.ts';
import type { Node } from '../graph/node.ts';
import { countOf } from '../graph/shape.ts';
import type { LoadedProgram, Store } from './store.ts';

/** Rows of one run; larger inputs take several. */
const chunkRows = 512;

export class Predictor {
  private readonly store: Store;
  private readonly loaded: LoadedProgram;
  private readonly inputs: number;
  private readonly outputs: number;
  private staging: { state: Memory; input: Float32Array; output: Memory; batches: Int32Array } | undefined;

  constructor(store: Store, output: Node, inputs: number) {
    this.store = store;
    this.inputs = inputs;
    this.outputs = countOf(output.shape);
    this.loaded = store.load({ outputs: { output }, maxRows: chunkRows });
  }

  /** Outputs for all rows, row-major, on the calling thread. */
  runSync(x: Matrix, out: Memory): void {
    const staging = this.stage();
    for (let first = 0; first < x.rows; first += chunkRows) {
      const rows = this.fill(staging, x, first);
      this.loaded.executable.run(0, 1, 0);
      this.drain(staging, out, first, rows);
    }
  }

  /** The same off the event loop. */
  async run(x: Matrix, out: Memory): Promise<void> {
    const staging = this.stage();
    for (let first = 0; first < x.rows; first += chunkRows) {
      const rows = this.fill(staging, x, first);
      await this.loaded.executable.runAsync(0, 1, 0);
      this.drain(staging, out, first, rows);
    }
  }

  private fill(staging: { input: Float32Array; batches: Int32Array }, x: Matrix, first: number): number {
    const rows = Math.min(chunkRows, x.rows - first);
    staging.input.set(rows === x.rows ? x.data : x.data.subarray(first * this.inputs, (first + rows) * this.inputs));
    staging.batches[1] = rows;
    return rows;
  }

  private drain(staging: { output: Memory }, out: Memory, first: number, rows: number): void {
    out.set(staging.output.subarray(0, rows * this.outputs), first * this.outputs);
  }

  /** Memory for a chunk, bound to the program; bound anew when the state has moved. */
  private stage(): { input: Float32Array; output: Memory; batches: Int32Array } {
    const { state, backend } = this.store;
    if (this.staging?.state !== state) {
      const input = this.staging?.input ?? new Float32Array(chunkRows * this.inputs);
      const output = this.staging?.output ?? backend.allocate(chunkRows * this.outputs);
      const batches = Int32Array.of(0, 1);
      this.staging = { state, input, output, batches };
      this.loaded.executable.bind({
        state, scratch: this.loaded.scratch, sources: [{ array: input, width: this.inputs, scale: 1, shift: 0 }],
        sinks: [output], order: null, batches, hyper: backend.allocate(0),
      });
    }
    return this.staging;
  }
}
