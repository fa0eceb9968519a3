// The native backend: gives programs to the addon.
import { availableParallelism } from 'node:os';
import { encodeProgram } from '../compile/encode.ts';
import type { Program } from '../compile/program.ts';
import { BusyError, DenselyError, DisposedError, OptionError, OutOfMemoryError } from '../errors.ts';
import { addonProblem, loadAddon, type Addon, type NativeInfo, type NativeProgram } from './addon.ts';
import { allocating, type Backend, type Binding, type Executable, type LoadOptions, type Memory } from './backend.ts';

export function nativeInfo(): NativeInfo | undefined {
  return loadAddon().addon?.info();
}

/** Errors of the addon as this library's classes, by their code. */
function translate(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'ERR_BUSY') return new BusyError(message);
  if (code === 'ERR_DISPOSED') return new DisposedError(message);
  if (code === 'ERR_OUT_OF_MEMORY') return new OutOfMemoryError(message);
  return code === 'ERR_BACKEND' ? new DenselyError('ERR_BACKEND', message) : error;
}

class NativeExecutable implements Executable {
  readonly program: Program;
  private readonly native: NativeProgram;
  private readonly threads: number;

  constructor(addon: Addon, program: Program, threads: number) {
    this.program = program;
    this.threads = threads;
    try {
      this.native = new addon.Program(encodeProgram(program, addon), {
        maxRows: program.maxRows, stateLength: program.stateLength, scratchLength: program.scratchLength,
        constants: Float32Array.from(program.constants), hyperCount: program.hypers.length,
        sourceCount: program.sources.length, sinkCount: program.sinks.length, guard: program.guard,
      });
    } catch (error) {
      throw translate(error);
    }
  }

  bind(binding: Binding): void {
    try {
      this.native.bind(binding);
    } catch (error) {
      throw translate(error);
    }
  }

  run(begin: number, end: number, counterBase: number, unchanged = false): number {
    try {
      return this.native.run(begin, end, counterBase, this.threads, unchanged);
    } catch (error) {
      throw translate(error);
    }
  }

  async runAsync(begin: number, end: number, counterBase: number, unchanged = false): Promise<number> {
    try {
      return await this.native.runAsync(begin, end, counterBase, this.threads, unchanged);
    } catch (error) {
      throw translate(error);
    }
  }

  runRows(input: Float32Array, output: Memory, rows: number, unchanged = false): void {
    try {
      this.native.runRows(input, output as Float32Array, rows, this.threads, unchanged);
    } catch (error) {
      throw translate(error);
    }
  }

  async runRowsAsync(input: Float32Array, output: Memory, rows: number, unchanged = false): Promise<void> {
    try {
      await this.native.runRowsAsync(input, output as Float32Array, rows, this.threads, unchanged);
    } catch (error) {
      throw translate(error);
    }
  }

  interrupt(): void {
    this.native.interrupt();
  }

  progress(): number {
    return this.native.progress();
  }

  runInstructions(step: number, from: number, to: number, counterBase: number): void {
    try {
      this.native.runInstructions(step, from, to, counterBase);
    } catch (error) {
      throw translate(error);
    }
  }

  dispose(): void {
    try {
      this.native.dispose();
    } catch (error) {
      throw translate(error);
    }
  }
}

/** The native backend; throws `ERR_BACKEND` where the addon cannot be loaded. */
export function nativeBackend(precision: 'float32' | 'bfloat16' = 'float32'): Backend {
  const { addon } = loadAddon();
  if (addon === undefined) throw new DenselyError('ERR_BACKEND', `[native] the addon could not be loaded: ${addonProblem()}`);
  if (precision === 'bfloat16' && !addon.info().bfloat16) {
    throw new OptionError("[backend] expected a processor with AVX512-BF16 for precision 'bfloat16' on the native backend but this one has none; backend 'typescript' runs it anywhere");
  }
  return {
    name: 'native', precision, checksRows: true,
    allocate: allocating((length) => addon.allocate(length)),
    allocateResult: allocating((length) => new Float32Array(length)),
    load: (program: Program, options: LoadOptions = {}) => new NativeExecutable(addon, program, Math.min(options.threads ?? Infinity, addon.info().cores)),
  };
}

/** Threads used unless asked otherwise: what machine, affinity and cgroup quota allow. */
export function defaultThreads(): number {
  return nativeInfo()?.cores ?? availableParallelism();
}
