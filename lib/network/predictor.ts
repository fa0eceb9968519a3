// Prediction: a program from inputs to outputs, with memory for one chunk of rows that is used again and again.
import type { Memory } from '../backend/backend.ts';
import type { Matrix } from '../data/columns.ts';
import type { Node } from '../graph/node.ts';
import { countOf } from '../graph/shape.ts';
import type { LoadedProgram, Store } from './store.ts';

/** Most rows of one run; larger inputs take several. */
const largestChunk = 512;

/** A program for chunks of at most `rows` rows, with memory bound to it. */
interface Stage {
  readonly rows: number;
  readonly loaded: LoadedProgram;
  readonly input: Float32Array;
  readonly output: Memory;
  readonly batches: Int32Array;
  /** The state it is bound to; bound anew when the state has moved. */
  state: Memory | undefined;
}

export class Predictor {
  private readonly store: Store;
  private readonly node: Node;
  private readonly inputs: number;
  private readonly outputs: number;
  private stage: Stage | undefined;

  constructor(store: Store, output: Node, inputs: number) {
    this.store = store;
    this.node = output;
    this.inputs = inputs;
    this.outputs = countOf(output.shape);
  }

  /** Outputs for all rows, row-major, on the calling thread. */
  runSync(x: Matrix, out: Memory): void {
    const stage = this.stageFor(x.rows);
    for (let first = 0; first < x.rows; first += stage.rows) {
      const rows = this.fill(stage, x, first);
      stage.loaded.executable.run(0, 1, 0);
      this.drain(stage, out, first, rows);
    }
  }

  /** The same off the event loop. */
  async run(x: Matrix, out: Memory): Promise<void> {
    const stage = this.stageFor(x.rows);
    for (let first = 0; first < x.rows; first += stage.rows) {
      const rows = this.fill(stage, x, first);
      await stage.loaded.executable.runAsync(0, 1, 0);
      this.drain(stage, out, first, rows);
    }
  }

  dispose(): void {
    if (this.stage !== undefined) this.store.unload(this.stage.loaded);
    this.stage = undefined;
  }

  private fill(stage: Stage, x: Matrix, first: number): number {
    const rows = Math.min(stage.rows, x.rows - first);
    stage.input.set(rows === x.rows ? x.data : x.data.subarray(first * this.inputs, (first + rows) * this.inputs));
    stage.batches[1] = rows;
    return rows;
  }

  private drain(stage: Stage, out: Memory, first: number, rows: number): void {
    const values = rows === stage.rows ? stage.output : stage.output.subarray(0, rows * this.outputs);
    out.set(values, first * this.outputs);
  }

  /** A stage for inputs of `rows` rows: the one there is, or a larger one in its place. */
  private stageFor(rows: number): Stage {
    const wanted = Math.min(largestChunk, 2 ** Math.ceil(Math.log2(rows)));
    if (this.stage === undefined || this.stage.rows < wanted) {
      if (this.stage !== undefined) this.store.unload(this.stage.loaded);
      this.stage = {
        rows: wanted, state: undefined, batches: Int32Array.of(0, 1),
        loaded: this.store.load({ outputs: { output: this.node }, maxRows: wanted }),
        input: new Float32Array(wanted * this.inputs), output: this.store.backend.allocate(wanted * this.outputs),
      };
    }
    this.bind(this.stage);
    return this.stage;
  }

  private bind(stage: Stage): void {
    const { state, backend } = this.store;
    if (stage.state === state) return;
    stage.loaded.executable.bind({
      state, scratch: stage.loaded.scratch, sources: [{ array: stage.input, width: this.inputs, scale: 1, shift: 0 }],
      sinks: [stage.output], order: null, batches: stage.batches, hyper: backend.allocate(0),
    });
    stage.state = state;
  }
}
