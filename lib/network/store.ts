// The memory of a network: its state, and the programs that work on it.
import type { Backend, Executable, Memory } from '../backend/backend.ts';
import { compileProgram, layoutState, type CompileRequest } from '../compile/compile.ts';
import type { StateLayout } from '../compile/emit.ts';
import type { Program } from '../compile/program.ts';
import { DenselyError, DisposedError, OptionError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { countOf } from '../graph/shape.ts';
import { Gate } from './gate.ts';
import { makeShared, SharedMemory, type SharedNetwork } from './shared.ts';

/** A program with its scratch memory, loaded into the backend. */
export interface LoadedProgram {
  readonly program: Program;
  readonly executable: Executable;
  readonly scratch: Memory;
}

/** The executable of a program that writes to the state: calls `note` before every run. */
function noting(executable: Executable, note: () => void): Executable {
  return {
    program: executable.program,
    bind: (binding) => executable.bind(binding),
    run: (begin, end, counterBase, unchanged) => {
      note();
      return executable.run(begin, end, counterBase, unchanged);
    },
    runAsync: (begin, end, counterBase, unchanged) => {
      note();
      return executable.runAsync(begin, end, counterBase, unchanged);
    },
    runRows: (input, output, rows, unchanged) => {
      note();
      executable.runRows(input, output, rows, unchanged);
    },
    runRowsAsync: (input, output, rows, unchanged) => {
      note();
      return executable.runRowsAsync(input, output, rows, unchanged);
    },
    interrupt: () => executable.interrupt(),
    progress: () => executable.progress(),
    runInstructions: (step, from, to, counterBase) => {
      note();
      executable.runInstructions(step, from, to, counterBase);
    },
    dispose: () => executable.dispose(),
  };
}

/** The network's own tensors first, then what optimizers keep; grows when an optimizer needs more. */
export class Store {
  readonly backend: Backend;
  readonly gate = new Gate();
  private readonly tensors: readonly Node[];
  readonly threads: number | undefined;
  private readonly layout: StateLayout;
  /** Of the tensors and the slots behind them. */
  private whole: StateLayout;
  private memory: Memory;
  private readonly loaded = new Set<LoadedProgram>();
  private disposed = false;
  /** Counts what may have changed the tensors. */
  private changeCount = 0;
  private generation: number | undefined;
  /** What other threads see of the network's tensors, once it is shared. */
  private shared: SharedMemory | undefined;
  /** The tensors are in shared memory of another network: to be read only. */
  private readonly attached: boolean;

  constructor(backend: Backend, tensors: readonly Node[], threads: number | undefined, shared?: SharedMemory) {
    this.backend = backend;
    this.threads = threads;
    this.tensors = tensors;
    this.layout = layoutState(tensors);
    this.whole = this.layout;
    this.shared = shared;
    this.attached = shared !== undefined;
    if (shared !== undefined && shared.token.length !== this.layout.length) throw new OptionError(`[attach] expected a token of ${this.layout.length} numbers but received one of ${shared.token.length}`);
    this.memory = shared?.slotOf(shared.latest()) ?? backend.allocate(this.layout.length);
  }

  get state(): Memory {
    return this.memory;
  }

  /** A number that stays the same for as long as the tensors do. */
  get changes(): number {
    return this.changeCount;
  }

  /** Makes room for `slots` behind the network's tensors, all 0; slots of an earlier optimizer are dropped. */
  useSlots(slots: readonly Node[]): void {
    this.whole = layoutState([...this.tensors, ...slots]);
    const { length } = this.whole, kept = this.layout.length;
    this.changeCount++;
    if (length === this.memory.length) {
      this.memory.fill(0, kept);
    } else {
      const memory = this.backend.allocate(length);
      memory.set(this.memory.subarray(0, kept));
      this.memory = memory;
    }
  }

  /** The memory of a tensor or a slot, until the next `useSlots`. */
  view(node: Node): Memory {
    const offset = this.whole.offsetOf(node)!;
    return this.memory.subarray(offset, offset + countOf(node.shape));
  }

  read(node: Node): Memory {
    return this.view(node).slice();
  }

  /** The network's own tensors as they are, without what optimizers keep; a copy. */
  snapshot(): Memory {
    return this.memory.slice(0, this.layout.length);
  }

  /** What the optimizer keeps, behind the network's tensors; a copy. */
  slots(): Memory {
    return this.memory.slice(this.layout.length);
  }

  /** Brings back what `slots` gave. */
  writeSlots(slots: Memory): void {
    this.memory.set(slots, this.layout.length);
  }

  /** Brings back what `snapshot` gave. */
  restore(snapshot: Memory): void {
    if (snapshot.length !== this.layout.length) throw new ShapeError(`[restore] expected a snapshot of ${this.layout.length} numbers but received one of ${snapshot.length}`);
    this.changeCount++;
    this.memory.set(snapshot);
  }

  write(node: Node, values: ArrayLike<number>): void {
    this.changeCount++;
    this.view(node).set(values);
  }

  /** Compiles and loads a program over the network's tensors, and over `slots` where it is one that trains. */
  load(request: Omit<CompileRequest, 'state'>, slots: readonly Node[] = []): LoadedProgram {
    this.checkUsable('network');
    const program = compileProgram({ ...request, state: layoutState([...this.tensors, ...slots]), bfloat16: this.backend.precision === 'bfloat16' });
    const executable = this.backend.load(program, { threads: this.threads }), changes = (request.assignments ?? []).length > 0;
    const loaded = { program, executable: changes ? noting(executable, () => { this.changeCount++; }) : executable, scratch: this.backend.allocate(program.scratchLength) };
    this.loaded.add(loaded);
    return loaded;
  }

  unload(loaded: LoadedProgram): void {
    loaded.executable.dispose();
    this.loaded.delete(loaded);
  }

  /** Makes the tensors as they are what other threads see; the first time in memory that is made for it. */
  share(configuration: () => string): SharedNetwork {
    if (this.attached) return this.shared!.token;
    this.shared ??= new SharedMemory(makeShared(configuration(), this.backend.precision, this.layout.length));
    this.publish();
    return this.shared.token;
  }

  /** Lets other threads see the tensors as they are, where the network is shared. */
  publish(): void {
    if (!this.attached) this.shared?.publish(this.memory.subarray(0, this.layout.length));
  }

  /** Runs work that only reads, on tensors of one moment: on shared ones again where the owner has replaced them meanwhile. */
  async reading<T>(work: () => Promise<T>): Promise<T> {
    if (!this.attached) return work();
    for (;;) {
      const generation = this.turnToLatest(), result = await work();
      if (this.shared!.isWhole(generation)) return result;
    }
  }

  /** The same on the calling thread. */
  readingSync<T>(work: () => T): T {
    if (!this.attached) return work();
    for (;;) {
      const generation = this.turnToLatest(), result = work();
      if (this.shared!.isWhole(generation)) return result;
    }
  }

  private turnToLatest(): number {
    const generation = this.shared!.latest();
    if (generation !== this.generation) this.changeCount++;
    this.generation = generation;
    this.memory = this.shared!.slotOf(generation);
    return generation;
  }

  /** Throws where the network may not change its tensors. */
  checkOwner(where: string): void {
    this.checkUsable(where);
    if (this.attached) throw new DenselyError('ERR_STATE', `[${where}] the network is attached to the weights of another one, which it can use for prediction but not change`);
  }

  checkUsable(where: string): void {
    if (this.disposed) throw new DisposedError(`[${where}] the network was disposed`);
  }

  dispose(): void {
    if (this.disposed) return;
    this.gate.checkFree('dispose');
    for (const { executable } of this.loaded) executable.dispose();
    this.loaded.clear();
    this.disposed = true;
    this.memory = this.backend.allocate(0);
  }
}
