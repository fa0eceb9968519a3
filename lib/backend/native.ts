// The native backend: loads the addon and gives it programs.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeProgram, type Opcodes } from '../compile/encode.ts';
import type { Program } from '../compile/program.ts';
import { BusyError, DenselyError, DisposedError, OptionError, OutOfMemoryError } from '../errors.ts';
import { allocating, type Backend, type Binding, type Executable, type LoadOptions, type Memory } from './backend.ts';

interface NativeProgram {
  bind(binding: Binding): void;
  run(begin: number, end: number, counterBase: number, threads: number, unchanged: boolean): number;
  runAsync(begin: number, end: number, counterBase: number, threads: number, unchanged: boolean): Promise<number>;
  runRows(input: Float32Array, output: Float32Array, rows: number, threads: number, unchanged: boolean): void;
  runRowsAsync(input: Float32Array, output: Float32Array, rows: number, threads: number, unchanged: boolean): Promise<number>;
  interrupt(): void;
  progress(): number;
  runInstructions(step: number, from: number, to: number, counterBase: number): void;
  dispose(): void;
}

/** What the addon says of itself and the machine. */
export interface NativeInfo {
  readonly openblas: { readonly config: string; readonly core: string; readonly parallel: string };
  readonly isa: string;
  /** Whether the processor has AVX512-BF16, which precision `'bfloat16'` needs here. */
  readonly bfloat16: boolean;
  readonly cores: number;
}

interface Addon extends Opcodes {
  readonly Program: new (code: Float64Array, options: object) => NativeProgram;
  allocate(length: number): Float32Array;
  info(): NativeInfo;
}

let loaded: { addon?: Addon; error?: string } | undefined;

/** The package's root: the nearest folder above this file with a package.json. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/**
 * Calls `load` while OpenBLAS, which starts threads as it is loaded, is told that it needs none: each product is one thread's work. Where
 * they cannot be had it would end the process. A worker's variables are its own, and OpenBLAS does not see them.
 */
function withoutBlasThreads<Result>(load: () => Result): Result {
  const name = 'OPENBLAS_NUM_THREADS', before = process.env[name];
  process.env[name] = '1';
  try {
    return load();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

/** Loads the addon once: a build of this checkout, or the prebuilt binary of the package. Throws where memory is short, for that may pass. */
function loadAddon(): { addon?: Addon; error?: string } {
  if (loaded !== undefined) return loaded;
  try {
    const require = createRequire(import.meta.url), built = join(packageRoot(), 'build/Release/densely.node');
    // What node-gyp-build would find first is taken without its search, unless its own variables ask for something else.
    const isBuilt = !process.env['PREBUILDS_ONLY'] && !process.env['DENSELY_PREBUILD'] && existsSync(built);
    loaded = { addon: withoutBlasThreads(() => (isBuilt ? require(built) : require('node-gyp-build')(packageRoot())) as Addon) };
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_OUT_OF_MEMORY') throw translate(error);
    loaded = { error: error instanceof Error ? error.message.split('\n')[0]! : String(error) };
  }
  return loaded;
}

/** Why the native backend cannot be used, or undefined where it can. */
export function nativeUnavailable(): string | undefined {
  return loadAddon().error;
}

export function nativeInfo(): NativeInfo | undefined {
  return loadAddon().addon?.info();
}

/** True where the addon ought to be there: a checkout in which it was built, or a package with a binary for this platform. */
export function nativeExpected(): boolean {
  const root = packageRoot();
  return existsSync(join(root, 'prebuilds', `${process.platform}-${process.arch}`)) || existsSync(join(root, 'build', 'Release'));
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
  const { addon, error } = loadAddon();
  if (addon === undefined) throw new DenselyError('ERR_BACKEND', `[native] the addon could not be loaded: ${error}`);
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
