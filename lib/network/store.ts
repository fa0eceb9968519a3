// The memory of a network: its state, and the programs that work on it.
import type { Backend, Executable, Memory } from '../backend/backend.ts';
import { compileProgram, layoutState, type CompileRequest } from '../compile/compile.ts';
import type { StateLayout } from '../compile/emit.ts';
import type { Program } from '../compile/program.ts';
import { DisposedError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { countOf } from '../graph/shape.ts';
import { Gate } from './gate.ts';

/** A program with its scratch memory, loaded into the backend. */
export interface LoadedProgram {
  readonly program: Program;
  readonly executable: Executable;
  readonly scratch: Memory;
}

/** Parameters first, then what optimizers keep; grows when an optimizer needs more. */
export class Store {
  readonly backend: Backend;
  readonly gate = new Gate();
  private readonly parameters: readonly Node[];
  private readonly threads: number | undefined;
  private readonly layout: StateLayout;
  private memory: Memory;
  private readonly loaded = new Set<LoadedProgram>();
  private disposed = false;

  constructor(backend: Backend, parameters: readonly Node[], threads: number | undefined) {
    this.backend = backend;
    this.threads = threads;
    this.parameters = parameters;
    this.layout = layoutState(parameters);
    this.memory = backend.allocate(this.layout.length);
    for (const node of parameters) if (node.data !== undefined) this.write(node, node.data);
  }

  get state(): Memory {
    return this.memory;
  }

  /** Makes room for `slots` behind the parameters, all 0; slots of an earlier optimizer are dropped. */
  useSlots(slots: readonly Node[]): void {
    const { length } = layoutState([...this.parameters, ...slots]), kept = this.layout.length;
    if (length === this.memory.length) {
      this.memory.fill(0, kept);
    } else {
      const memory = this.backend.allocate(length);
      memory.set(this.memory.subarray(0, kept));
      this.memory = memory;
    }
  }

  read(node: Node): Memory {
    const { offset, length } = this.place(node);
    return this.memory.slice(offset, offset + length);
  }

  write(node: Node, values: ArrayLike<number>): void {
    this.memory.set(values, this.place(node).offset);
  }

  /** Compiles and loads a program over the parameters, and over `slots` where it is one that trains. */
  load(request: Omit<CompileRequest, 'state'>, slots: readonly Node[] = []): LoadedProgram {
    this.checkUsable('network');
    const program = compileProgram({ ...request, state: layoutState([...this.parameters, ...slots]) });
    const loaded = { program, executable: this.backend.load(program, { threads: this.threads }), scratch: this.backend.allocate(program.scratchLength) };
    this.loaded.add(loaded);
    return loaded;
  }

  unload(loaded: LoadedProgram): void {
    loaded.executable.dispose();
    this.loaded.delete(loaded);
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

  private place(node: Node): { offset: number; length: number } {
    return { offset: this.layout.offsetOf(node)!, length: countOf(node.shape) };
  }
}
