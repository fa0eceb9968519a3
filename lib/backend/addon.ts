// Finds and loads the addon: what was built by hand in the package's folder, else the binary the package has for this platform.
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Opcodes } from '../compile/encode.ts';
import { OutOfMemoryError } from '../errors.ts';
import type { Binding } from './backend.ts';

export interface NativeProgram {
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

export interface Addon extends Opcodes {
  readonly Program: new (code: Float64Array, options: object) => NativeProgram;
  allocate(length: number): Float32Array;
  info(): NativeInfo;
}

/** A file that was tried in vain, and why it could not be loaded, in the system's words where it has any. */
export interface FailedAddon {
  readonly file: string;
  readonly error: string;
}

/** The search for the addon: what was loaded and from where, or nothing; and what was tried before. */
export interface AddonSearch {
  readonly addon: Addon | undefined;
  readonly file: string | undefined;
  readonly tried: readonly FailedAddon[];
}

const platform = `${process.platform}-${process.arch}`;

/** Where this module is. Bundles in CommonJS have no `import.meta.url`: then the program's folder, and where it was started. */
function* places(): Iterable<string> {
  const url = import.meta.url as string | undefined;
  if (url?.startsWith('file:')) yield dirname(fileURLToPath(url));
  if (process.argv[1] !== undefined) yield dirname(process.argv[1]);
  yield process.cwd();
}

/** The package's folder: above this module; in a bundle the one beside it that holds `prebuilds`, or wherever `densely` is installed. */
function packageFolder(): string | undefined {
  for (const place of places()) {
    let folder = place;
    while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
    try {
      if ((JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string }).name === 'densely') return folder;
    } catch {
      // No package.json above a bundle, or a broken one of the user's: the search goes on.
    }
    if (existsSync(join(place, 'prebuilds', platform))) return place;
    try {
      return dirname(createRequire(join(place, 'densely.js')).resolve('densely/package.json'));
    } catch {
      // Not installed where this place sees it.
    }
  }
  return undefined;
}

/** The C library this process runs on, on Linux: binaries are made for one of the two. */
function libc(): 'glibc' | 'musl' | undefined {
  if (process.platform !== 'linux') return undefined;
  const wanted = process.env['LIBC'];
  if (wanted === 'musl' || wanted === 'glibc') return wanted;
  try {
    return readFileSync('/proc/self/maps', 'utf8').includes('/ld-musl-') ? 'musl' : 'glibc';
  } catch {
    return existsSync('/etc/alpine-release') ? 'musl' : 'glibc';
  }
}

/** The prebuilt binary for this process, by the names prebuildify gives. */
function prebuilt(): string {
  const variant = libc();
  return join('prebuilds', platform, variant === undefined ? 'densely.node' : `densely.${variant}.node`);
}

/** The least length of an ELF file by its own header, 0 for anything else. The table of sections stands at its end. */
function leastLength(header: Buffer): number {
  const isElf64 = header.length === 64 && header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
  return isElf64 ? Number(header.readBigUInt64LE(40)) + header.readUInt16LE(58) * header.readUInt16LE(60) : 0;
}

/** Why a file must not even be given to the system's loader: one cut short would end the process once its missing part is touched. */
function problemOf(file: string): string | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const header = Buffer.alloc(64), { size } = fstatSync(descriptor);
    const least = leastLength(header.subarray(0, readSync(descriptor, header, 0, 64, 0)));
    return size < least ? `the file is cut short: it has ${size} of ${least} bytes` : undefined;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * As `require` loads it, which bundlers would put something else in place of. OpenBLAS, which starts threads as it is loaded, is told that
 * it needs none, for each product is one thread's work: where they cannot be had it would end the process. A worker's variables are its
 * own, and OpenBLAS does not see them.
 */
function load(file: string): Addon {
  const name = 'OPENBLAS_NUM_THREADS', before = process.env[name], module = { exports: {} };
  process.env[name] = '1';
  try {
    process.dlopen(module, file);
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
  return module.exports as Addon;
}

function search(): AddonSearch {
  const tried: FailedAddon[] = [], folder = process.env['DENSELY_PREBUILD'] || packageFolder();
  if (folder === undefined) {
    const error = "the package's folder is not there: leave 'densely' out of the bundle, or copy its folder prebuilds beside the bundle";
    return { addon: undefined, file: undefined, tried: [{ file: prebuilt(), error }] };
  }
  const built = join(folder, 'build', 'Release', 'densely.node'), packed = join(folder, prebuilt());
  for (const file of !process.env['PREBUILDS_ONLY'] && existsSync(built) ? [built, packed] : [packed]) {
    try {
      const error = existsSync(file) ? problemOf(file) : `there is none for ${platform}${process.platform === 'linux' ? `, ${libc()}` : ''}; 'npx densely build-native' makes one`;
      if (error === undefined) return { addon: load(file), file, tried };
      tried.push({ file, error });
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === 'ERR_OUT_OF_MEMORY') throw new OutOfMemoryError(message); // which may pass
      const text = error instanceof Error ? error.message : String(error);
      tried.push({ file, error: text.split('\n')[0]!.replace(`${file}: `, '') });
    }
  }
  return { addon: undefined, file: undefined, tried };
}

let found: AddonSearch | undefined;

/** Loads the addon, once in each thread. Throws `ERR_OUT_OF_MEMORY` where memory is short, and looks again the next time. */
export function loadAddon(): AddonSearch {
  return found ??= search();
}

/** Why there is no addon, or undefined where there is. */
export function addonProblem(): string | undefined {
  const { addon, tried } = loadAddon();
  return addon === undefined ? tried.map(({ file, error }) => `${error} (${file})`).join('; ') : undefined;
}
