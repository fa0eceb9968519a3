// The choice between the backends, and what runs and why.
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { OptionError } from '../errors.ts';
import { addonProblem, loadAddon, type FailedAddon, type NativeInfo } from './addon.ts';
import type { Backend, Precision } from './backend.ts';
import { defaultThreads, nativeBackend, nativeInfo } from './native.ts';
import { typescriptBackend } from './typescript/backend.ts';

/** `'auto'` takes the native backend where the addon can be loaded. */
export type BackendChoice = 'auto' | 'native' | 'typescript';
export type { Precision };

export const backendChoices: readonly BackendChoice[] = ['auto', 'native', 'typescript'];
export const precisions: readonly Precision[] = ['float32', 'float64', 'bfloat16'];

/** Distance of 1 from the next number of what a precision computes in: what tells two values apart. */
export function roundingOf(precision: Precision): number {
  return { float64: 2 ** -52, float32: 2 ** -23, bfloat16: 2 ** -7 }[precision];
}

const warned = 'densely: the native backend is missing';

/** One warning per process: worker threads started after it know of it. */
function warnMissing(reason: string): void {
  if (getEnvironmentData(warned) === true) return;
  setEnvironmentData(warned, true);
  process.emitWarning(`the native backend is not available and the TypeScript backend runs instead: ${reason}`, { code: 'DENSELY_NO_NATIVE' });
}

function environmentChoice(): BackendChoice {
  const value = process.env['DENSELY_BACKEND'];
  if (value === undefined || value === '') return 'auto';
  if (!backendChoices.includes(value as BackendChoice)) {
    throw new OptionError(`[backend] expected DENSELY_BACKEND to be one of ${backendChoices.join(', ')} but received '${value}'`);
  }
  return value as BackendChoice;
}

/** The backend for a choice; `'auto'` follows `DENSELY_BACKEND` and then what is there. */
export function selectBackend(choice: BackendChoice = 'auto', precision: Precision = 'float32'): Backend {
  if (precision === 'float64') {
    if (choice === 'native') throw new OptionError("[backend] expected backend 'typescript' for precision 'float64' but received 'native'");
    return typescriptBackend('float64');
  }
  const wanted = choice === 'auto' ? environmentChoice() : choice;
  if (wanted === 'typescript') return typescriptBackend(precision);
  if (wanted === 'native') return nativeBackend(precision);
  const missing = addonProblem();
  if (missing === undefined) return nativeBackend(precision);
  warnMissing(missing);
  return typescriptBackend(precision);
}

/** What runs and why. */
export interface Diagnostics {
  /** The backend that `'auto'` takes. */
  readonly backend: 'native' | 'typescript';
  readonly reason: string;
  /** Threads used by default. */
  readonly threads: number;
  /** The addon's account of OpenBLAS and the processor, where it is loaded. */
  readonly native: NativeInfo | undefined;
  /** The file the addon was loaded from, and those that were tried in vain, each with the loader's error. */
  readonly addon: { readonly file: string | undefined; readonly tried: readonly FailedAddon[] };
  readonly node: string;
  /** Operating system and processor, such as `linux-x64`. */
  readonly platform: string;
  /** The version of glibc, where the process runs on it. */
  readonly glibc: string | undefined;
}

/** The version of glibc that this process runs on. */
function glibcVersion(): string | undefined {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean }, { excludeNetwork = false } = report;
  report.excludeNetwork = true; // else it looks up the names of whoever is connected
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  report.excludeNetwork = excludeNetwork;
  return header.glibcVersionRuntime;
}

/** Says which backend `'auto'` takes and why, and what it runs on. */
export function diagnostics(): Diagnostics {
  const choice = environmentChoice();
  const missing = addonProblem();
  const backend = choice === 'typescript' || (choice === 'auto' && missing !== undefined) ? 'typescript' : 'native';
  const reason = choice !== 'auto' ? `DENSELY_BACKEND is '${choice}'` : missing === undefined ? 'the addon is loaded' : `the addon could not be loaded: ${missing}`;
  const { file, tried } = loadAddon();
  return {
    backend, reason, threads: backend === 'native' ? defaultThreads() : 1, native: nativeInfo(), addon: { file, tried },
    node: process.version, platform: `${process.platform}-${process.arch}`, glibc: glibcVersion(),
  };
}
