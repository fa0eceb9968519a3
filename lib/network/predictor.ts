// Prediction: a program from inputs to outputs, with memory for one chunk of rows that is used again and again.
import type { Memory } from '../backend/backend.ts';
import type { Matrix } from '../data/columns.ts';
import type { Node } from '../graph/node.ts';
import { countOf } from '../graph/shape.ts';
import type { LoadedProgram, Store } from './store.ts';

/** Most rows of one step; larger inputs take several. */
const largestChunk = 512;

/** Inputs of more values than this are read, and their outputs written, where they lie: binding costs less than copying them. */
const largestCopy = 2 ** 16;

/** A program for chunks of at most `rows` rows, with memory bound to it. */
interface Stage {
  readonly rows: number;
  readonly loaded: LoadedProgram;
  readonly input: Float32Array;
  readonly output: Memory;
  readonly batches: Int32Array;
  /** The state it is bound to; bound anew when the state has moved. */
  state: Memory | undefined;
  /** `Store.changes` at its last run. */
  changes: number | undefined;
}

export class Predictor {
  private readonly store: Store;
  private readonly node: Node;
  private readonly inputs: number;
  private readonly outputs: number;
  private readonly hyper: Memory;
  private stage: Stage | undefined;

  constructor(store: Store, output: Node, inputs: number) {
    this.store = store;
    this.node = output;
    this.inputs = inputs;
    this.outputs = countOf(output.shape);
    this.hyper = store.backend.allocate(0);
  }

  /** Outputs for all rows, row-major, on the calling thread. `out` shares no memory with the inputs. */
  runSync(x: Matrix, out: Memory): void {
    const stage = this.stageFor(x.rows);
    if (this.isCopied(x, stage)) {
      this.fill(stage, x);
      stage.loaded.executable.run(0, 1, 0, this.isUnchanged(stage));
      this.drain(stage, x, out);
      return;
    }
    const steps = this.bindWhereItLies(stage, x, out);
    try {
      stage.loaded.executable.run(0, steps, 0, this.isUnchanged(stage));
    } finally {
      this.bindOwn(stage);
    }
  }

  /** The same off the event loop; inputs and `out` are the run's until it is done. */
  async run(x: Matrix, out: Memory): Promise<void> {
    const stage = this.stageFor(x.rows);
    if (this.isCopied(x, stage)) {
      this.fill(stage, x);
      await stage.loaded.executable.runAsync(0, 1, 0, this.isUnchanged(stage));
      this.drain(stage, x, out);
      return;
    }
    const steps = this.bindWhereItLies(stage, x, out);
    try {
      await stage.loaded.executable.runAsync(0, steps, 0, this.isUnchanged(stage));
    } finally {
      this.bindOwn(stage);
    }
  }

  dispose(): void {
    if (this.stage !== undefined) this.store.unload(this.stage.loaded);
    this.stage = undefined;
  }

  /** Whether the weights are those of the stage's last run; it has run on these from now on. */
  private isUnchanged(stage: Stage): boolean {
    const unchanged = stage.changes === this.store.changes;
    stage.changes = this.store.changes;
    return unchanged;
  }

  private isCopied(x: Matrix, stage: Stage): boolean {
    return x.rows <= stage.rows && x.rows * this.inputs <= largestCopy;
  }

  private fill(stage: Stage, x: Matrix): void {
    if (stage.state !== this.store.state) this.bindOwn(stage);
    stage.input.set(x.data);
    stage.batches[1] = x.rows;
  }

  private drain(stage: Stage, x: Matrix, out: Memory): void {
    out.set(x.rows === stage.rows ? stage.output : stage.output.subarray(0, x.rows * this.outputs));
  }

  /** A stage for inputs of `rows` rows: the one there is, or a larger one in its place. */
  private stageFor(rows: number): Stage {
    const wanted = Math.min(largestChunk, 2 ** Math.ceil(Math.log2(rows)));
    if (this.stage !== undefined && this.stage.rows >= wanted) return this.stage;
    if (this.stage !== undefined) this.store.unload(this.stage.loaded);
    const copied = Math.min(wanted, Math.max(1, Math.floor(largestCopy / this.inputs)));
    this.stage = {
      rows: wanted, state: undefined, changes: undefined, batches: Int32Array.of(0, 1),
      loaded: this.store.load({ outputs: { output: this.node }, maxRows: wanted }),
      input: new Float32Array(copied * this.inputs), output: this.store.backend.allocate(copied * this.outputs),
    };
    return this.stage;
  }

  /** Binds the memory of the stage; what a caller gave is let go. */
  private bindOwn(stage: Stage): void {
    this.bind(stage, stage.input, stage.output, stage.batches);
    stage.state = this.store.state;
  }

  /** Binds what the caller gave, in chunks, and returns the number of these. */
  private bindWhereItLies(stage: Stage, { data, rows }: Matrix, out: Memory): number {
    const steps = Math.ceil(rows / stage.rows), batches = new Int32Array(2 * steps);
    for (let step = 0; step < steps; step++) {
      batches[2 * step] = step * stage.rows;
      batches[2 * step + 1] = Math.min(stage.rows, rows - step * stage.rows);
    }
    this.bind(stage, data, out, batches);
    return steps;
  }

  private bind({ loaded }: Stage, input: Float32Array, output: Memory, batches: Int32Array): void {
    loaded.executable.bind({
      state: this.store.state, scratch: loaded.scratch, sources: [{ array: input, width: this.inputs, scale: 1, shift: 0 }],
      sinks: [output], order: null, batches, hyper: this.hyper,
    });
  }
}
