// Prediction: a program from inputs to outputs, which rows go through where they lie.
import type { Memory } from '../backend/backend.ts';
import { checkFinite, type Matrix } from '../data/columns.ts';
import type { Node } from '../graph/node.ts';
import type { LoadedProgram, Store } from './store.ts';

/** Most rows of one step; larger inputs take several. */
const largestStep = 512;

/** A program for steps of at most `rows` rows. */
interface Stage {
  readonly rows: number;
  readonly loaded: LoadedProgram;
  /** The state it is bound to; bound anew when the state has moved. */
  state: Memory | undefined;
  /** `Store.changes` at its last run. */
  changes: number | undefined;
}

export class Predictor {
  private readonly store: Store;
  private readonly node: Node;
  private readonly inputs: number;
  private readonly nothing: Memory;
  private stage: Stage | undefined;

  constructor(store: Store, output: Node, inputs: number) {
    this.store = store;
    this.node = output;
    this.inputs = inputs;
    this.nothing = store.backend.allocate(0);
  }

  /**
   * Outputs for all rows, row-major, on the calling thread. `out` shares no memory with the inputs.
   * @param where Begins the error's sentence.
   * @throws {DataError} At a value that is not finite; `out` is then good for nothing.
   */
  runSync(x: Matrix, out: Memory, where: string): void {
    const stage = this.ready(x, where);
    try {
      stage.loaded.executable.runRows(x.data, out, x.rows, this.isUnchanged(stage));
    } catch (error) {
      throw this.explain(error, x, where);
    }
  }

  /** The same off the event loop; inputs and `out` are the run's until it is done. */
  async run(x: Matrix, out: Memory, where: string): Promise<void> {
    const stage = this.ready(x, where);
    try {
      await stage.loaded.executable.runRowsAsync(x.data, out, x.rows, this.isUnchanged(stage));
    } catch (error) {
      throw this.explain(error, x, where);
    }
  }

  dispose(): void {
    if (this.stage !== undefined) this.store.unload(this.stage.loaded);
    this.stage = undefined;
  }

  private ready(x: Matrix, where: string): Stage {
    if (!this.store.backend.checksRows && x.unchecked) checkFinite(x.data, this.inputs, where);
    const stage = this.stageFor(x.rows), { loaded } = stage, { state } = this.store;
    if (stage.state === state) return stage;
    loaded.executable.bind({
      state, scratch: loaded.scratch, sources: [{ array: new Float32Array(0), width: this.inputs, scale: 1, shift: 0 }], sinks: [this.nothing],
      order: null, batches: new Int32Array(0), hyper: this.nothing,
    });
    stage.state = state;
    return stage;
  }

  /** Whether the weights are those of the stage's last run; it has run on these from now on. */
  private isUnchanged(stage: Stage): boolean {
    const unchanged = stage.changes === this.store.changes;
    stage.changes = this.store.changes;
    return unchanged;
  }

  /** A backend says that there is a value that is not finite; this says where. */
  private explain(error: unknown, x: Matrix, where: string): unknown {
    if (x.unchecked) checkFinite(x.data, this.inputs, where);
    return error;
  }

  /** A stage for inputs of `rows` rows: the one there is, or a larger one in its place. */
  private stageFor(rows: number): Stage {
    if (this.stage !== undefined && (this.stage.rows >= rows || this.stage.rows === largestStep)) return this.stage;
    const wanted = Math.min(largestStep, 2 ** Math.ceil(Math.log2(rows)));
    this.dispose();
    this.stage = { rows: wanted, state: undefined, changes: undefined, loaded: this.store.load({ outputs: { output: this.node }, maxRows: wanted }) };
    return this.stage;
  }
}
