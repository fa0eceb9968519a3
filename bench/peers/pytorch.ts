// PyTorch as a peer: which of its settings are tried, how the best is found, how its trial is started.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { availableParallelism } from 'node:os';
import type { BenchmarkCase } from '../cases.ts';
import type { ChosenSettings, Contestant } from '../contestants.ts';
import type { Command } from '../launch.ts';
import type { Settings, TrialRequest, TriedSettings } from '../trial-types.ts';

/** Settings that need a process of their own, because BLAS reads them as it loads. */
export interface BlasSettings {
  /**
   * `openmp` preloads the OpenBLAS that shares PyTorch's OpenMP threads. The system's has a pool of its own, and two pools that
   * spin at once cost a factor of four and more: there PyTorch itself is held to one thread, and BLAS has the threads.
   */
  readonly blas: 'system' | 'openmp';
  /** The environment's OPENBLAS_CORETYPE, or none, so that OpenBLAS looks at the processor itself. */
  readonly coretype: string;
}

const unset = 'unset';

/** How many of the fastest settings are measured a second time, longer. */
const finalists = 3;

/** What a BLAS can be set to, for so many threads. */
export function blasVariants(threads: number, coretype: string | undefined, openmp: string | undefined): BlasSettings[] {
  const coretypes = coretype === undefined ? [unset] : [coretype, unset];
  // With one thread the two builds run the same code.
  const builds = threads > 1 && openmp !== undefined ? ['openmp', 'system'] as const : ['system'] as const;
  return builds.flatMap((blas) => coretypes.map((type) => ({ blas, coretype: type })));
}

/** What can be tried one after another in one process. */
export function modeVariants(one: BenchmarkCase): Settings[] {
  if (one.kind === 'inference') return ['eager', 'frozen', 'optimized', 'mkldnn'].map((mode) => ({ mode }));
  return ['eager', 'trace'].flatMap((mode) => [false, true].map((foreach) => ({ mode, foreach })));
}

/** The Python that has PyTorch: the one named by BENCH_PYTHON, the system's (Debian's package is seen by no other), or the first in PATH. */
let python: string | undefined | null = null;
function findPython(): string | undefined {
  if (python !== null) return python;
  const candidates = [process.env['BENCH_PYTHON'], '/usr/bin/python3', 'python3'].filter((path) => path !== undefined);
  python = candidates.find((path) => {
    try {
      execFileSync(path, ['-c', 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
  return python;
}

/** The OpenMP build of OpenBLAS: named by BENCH_OPENMP_BLAS, or where Debian's package put it. */
let openmpBlas: string | undefined | null = null;
function findOpenmpBlas(): string | undefined {
  if (openmpBlas !== null) return openmpBlas;
  openmpBlas = process.env['BENCH_OPENMP_BLAS'];
  if (openmpBlas === undefined) {
    try {
      openmpBlas = execFileSync('dpkg-query', ['-L', 'libopenblas0-openmp'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
        .split('\n').find((path) => path.endsWith('/libopenblas.so.0'));
    } catch {
      openmpBlas = undefined;
    }
  }
  return openmpBlas;
}

function command(request: TrialRequest): Command {
  const blas = (request.settings ?? {}) as Partial<BlasSettings>;
  const threads = String(request.threads);
  const ownThreads = blas.blas === 'openmp' ? threads : '1';
  return {
    command: findPython() ?? 'python3',
    args: [fileURLToPath(new URL('pytorch.py', import.meta.url)), JSON.stringify(request)],
    env: {
      OMP_NUM_THREADS: ownThreads,
      OPENBLAS_NUM_THREADS: threads,
      ...(blas.coretype === unset ? { OPENBLAS_CORETYPE: undefined } : {}),
      ...(blas.blas === 'openmp' ? { LD_PRELOAD: findOpenmpBlas() } : {}),
    },
  };
}

export const pytorch: Contestant = {
  name: 'pytorch',
  unavailable: () => (findPython() === undefined ? "no Python here can import torch (Debian: apt-get install python3-torch)" : undefined),
  threads: (asked) => asked.filter((threads) => threads <= availableParallelism()),
  command,
  async choose(request, launch): Promise<ChosenSettings> {
    const tried: TriedSettings[] = [];
    for (const blas of blasVariants(request.threads, process.env['OPENBLAS_CORETYPE'], findOpenmpBlas())) {
      const result = await launch(command({
        ...request, mode: 'calibrate', seconds: request.seconds / 4, settings: { ...blas }, variants: modeVariants(request.case),
      }));
      for (const variant of result.variants ?? []) tried.push({ ...variant, settings: { ...blas, ...variant.settings } });
    }
    if (tried.length === 0) throw new Error('none of its settings could be run');
    tried.sort((a, b) => a.value - b.value);
    // A short look errs by more than the best few differ by: these run once more, for as long as they will be measured.
    for (const finalist of tried.splice(0, finalists)) {
      const { value = Infinity, others } = await launch(command({ ...request, settings: finalist.settings }));
      tried.push({ settings: finalist.settings, value, ...(others === undefined ? {} : { others }), finalist: true });
    }
    const best = tried.filter((one) => one.finalist).reduce((fastest, one) => (one.value < fastest.value ? one : fastest));
    return { chosen: best.settings, tried: tried.toSorted((a, b) => a.value - b.value) };
  },
};
