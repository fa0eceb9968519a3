// The TypeScript backend: the living definition of every instruction, in single or double precision.
import { BusyError, DisposedError, internal } from '../../errors.ts';
import { region, roundUp, lanes, type Program } from '../../compile/program.ts';
import { allocating, type Backend, type Binding, type Executable, type Memory, type Precision } from '../backend.ts';
import { chain } from './chain.ts';
import type { Context, Preparation, PreparedInstruction } from './context.ts';
import { load, store } from './data.ts';
import { draw } from './draw.ts';
import { argmax, oneHot } from './labels.ts';
import { product, productBfloat16 } from './product.ts';
import { expand, join, reduce, transpose } from './shape.ts';
import { softmax, softmaxCrossEntropy } from './softmax.ts';

const preparations: Readonly<Record<string, Preparation>> = {
  load, store, product, productBfloat16, chain, reduce, expand, transpose, join, softmax, softmaxCrossEntropy, oneHot, argmax, draw,
};

/** Time after which an asynchronous run lets the event loop go on, in milliseconds. */
const slice = 5;

/** Most steps between two looks at the clock. */
const mostUnwatched = 256;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class TypescriptExecutable implements Executable {
  readonly program: Program;
  private readonly instructions: readonly PreparedInstruction[];
  private context: Context | undefined;
  private running = false;
  private interrupted = false;
  private disposed = false;
  private finished = 0;
  private readonly constants: Memory;
  private readonly stepValues: Memory;

  constructor(program: Program, allocate: (length: number) => Memory) {
    this.program = program;
    this.instructions = program.instructions.map((instruction) => {
      const prepare = preparations[instruction.name];
      if (prepare === undefined) throw internal(`no instruction '${instruction.name}'`);
      return prepare(instruction);
    });
    this.constants = allocate(program.constants.length);
    this.constants.set(program.constants);
    this.stepValues = allocate(roundUp(2 + program.hypers.length, lanes));
  }

  bind(binding: Binding): void {
    this.checkIdle();
    const { program } = this;
    if (binding.state.length < program.stateLength || binding.scratch.length < program.scratchLength) throw internal('state or scratch is too short');
    const regions: Memory[] = [];
    regions[region.state] = binding.state;
    regions[region.scratch] = binding.scratch;
    regions[region.constants] = this.constants;
    regions[region.step] = this.stepValues;
    this.context = { regions, binding, rows: 0, first: 0, step: 0, counter: 0 };
  }

  run(begin: number, end: number, counterBase: number): number {
    this.checkIdle();
    for (let step = begin; step < end; step++) {
      const context = this.enter(step, counterBase);
      for (const instruction of this.instructions) {
        const tiles = instruction.tiles(context);
        for (let tile = 0; tile < tiles; tile++) instruction.run(context, tile);
      }
      if (!this.isFinite(step)) return step + 1;
    }
    return end;
  }

  async runAsync(begin: number, end: number, counterBase: number): Promise<number> {
    this.checkIdle();
    this.running = true;
    this.interrupted = false;
    this.finished = 0;
    try {
      await nextTurn();
      let started = performance.now(), unwatched = 0, looked = started;
      for (let step = begin, first = begin; step < end; step++) {
        if (this.interrupted) return step;
        const context = this.enter(step, counterBase), watched = unwatched === 0;
        for (const instruction of this.instructions) {
          const tiles = instruction.tiles(context);
          for (let tile = 0; tile < tiles; tile++) {
            instruction.run(context, tile);
            if (!watched || performance.now() - started < slice) continue;
            await nextTurn();
            started = performance.now();
          }
        }
        this.finished++;
        if (!this.isFinite(step)) return step + 1;
        if (step - first < unwatched) continue;
        // Short steps are watched no more than a few times a slice: looking at the clock takes as long as a small instruction.
        let now = performance.now();
        unwatched = Math.min(mostUnwatched, Math.floor((slice / 4) * (step + 1 - first) / (now - looked)));
        if (now - started >= slice) {
          await nextTurn();
          now = started = performance.now();
        }
        looked = now;
        first = step + 1;
      }
      return end;
    } finally {
      this.running = false;
    }
  }

  runRows(input: Float32Array, output: Memory, rows: number): void {
    this.run(0, this.bindRows(input, output, rows), 0);
  }

  async runRowsAsync(input: Float32Array, output: Memory, rows: number): Promise<void> {
    await this.runAsync(0, this.bindRows(input, output, rows), 0);
  }

  /** Puts the arrays in the place of source and sink, and returns the number of steps. */
  private bindRows(input: Float32Array, output: Memory, rows: number): number {
    this.checkIdle();
    const { context, program: { maxRows, sources } } = this, steps = Math.ceil(rows / maxRows), batches = new Int32Array(2 * steps);
    if (context === undefined) throw internal('run before bind');
    for (let step = 0; step < steps; step++) {
      batches[2 * step] = step * maxRows;
      batches[2 * step + 1] = Math.min(maxRows, rows - step * maxRows);
    }
    context.binding = { ...context.binding, sources: [{ array: input, width: sources[0]!.width, scale: 1, shift: 0 }], sinks: [output], order: null, batches };
    return steps;
  }

  interrupt(): void {
    this.interrupted = true;
  }

  progress(): number {
    return this.finished;
  }

  runInstructions(step: number, from: number, to: number, counterBase: number): void {
    this.checkIdle();
    const context = this.enter(step, counterBase);
    for (const instruction of this.instructions.slice(from, to)) {
      const tiles = instruction.tiles(context);
      for (let tile = 0; tile < tiles; tile++) instruction.run(context, tile);
    }
  }

  dispose(): void {
    if (this.running) throw new BusyError('[dispose] a run is in flight');
    this.disposed = true;
    this.context = undefined;
  }

  private checkIdle(): void {
    if (this.disposed) throw new DisposedError('[run] the program was disposed');
    if (this.running) throw new BusyError('[run] a run is in flight');
  }

  /** Sets the numbers of a step. */
  private enter(step: number, counterBase: number): Context {
    const { context } = this;
    if (context === undefined) throw internal('run before bind');
    const { batches, hyper } = context.binding;
    const count = this.program.hypers.length;
    context.step = step;
    context.counter = counterBase + step;
    context.first = batches[2 * step]!;
    context.rows = batches[2 * step + 1]!;
    if (!(context.rows >= 1 && context.rows <= this.program.maxRows)) throw internal(`step ${step} has ${context.rows} rows`);
    this.stepValues[0] = context.rows;
    this.stepValues[1] = 1 / context.rows;
    for (let i = 0; i < count; i++) this.stepValues[2 + i] = hyper[step * count + i]!;
    return context;
  }

  private isFinite(step: number): boolean {
    const { guard } = this.program;
    return guard < 0 || Number.isFinite(this.context!.binding.sinks[guard]![step]!);
  }
}

/** The TypeScript backend in `float32` or `bfloat16` (like the native one) or `float64` (for reference values and gradient checks). */
export function typescriptBackend(precision: Precision = 'float32'): Backend {
  const allocate = allocating((length) => (precision === 'float64' ? new Float64Array(length) : new Float32Array(length)));
  return { name: 'typescript', precision, checksRows: false, allocate, allocateResult: allocate, load: (program) => new TypescriptExecutable(program, allocate) };
}
