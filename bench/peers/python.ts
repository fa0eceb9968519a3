// Peers in Python: which Python has them, which builds of OpenBLAS they can run on, how their trials are started.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from '../launch.ts';
import type { Settings, TrialRequest } from '../trial-types.ts';

/** Settings that need a process of their own, because BLAS reads them as it loads. */
export interface BlasSettings {
  /** `openmp` preloads the build of OpenBLAS whose threads are OpenMP's; `system` is what the library is linked to. */
  readonly blas: 'system' | 'openmp';
  /** OPENBLAS_CORETYPE, or none, so that OpenBLAS looks at the processor itself. */
  readonly coretype: string;
}

export const unset = 'unset';

/** What a BLAS can be set to, for so many threads. On x86 Haswell's kernels are the faster ones of some processors that have newer ones. */
export function blasVariants(
  threads: number, coretype: string | undefined, openmp: string | undefined, architecture: string = process.arch,
): (BlasSettings & Settings)[] {
  const coretypes = new Set([...(coretype === undefined ? [] : [coretype]), ...(architecture === 'x64' ? ['Haswell'] : []), unset]);
  // With one thread the two builds run the same code.
  const builds = threads > 1 && openmp !== undefined ? ['openmp', 'system'] as const : ['system'] as const;
  return builds.flatMap((blas) => [...coretypes].map((type) => ({ blas, coretype: type })));
}

const pythons = new Map<string, string | undefined>();

/** The Python that has a module: the one named by BENCH_PYTHON, the system's (Debian's packages are seen by no other), or the first in PATH. */
export function findPython(module: string): string | undefined {
  if (!pythons.has(module)) {
    const candidates = [process.env['BENCH_PYTHON'], '/usr/bin/python3', 'python3'].filter((path) => path !== undefined);
    pythons.set(module, candidates.find((path) => succeeds(path, ['-c', `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`])));
  }
  return pythons.get(module);
}

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The OpenMP build of OpenBLAS: named by BENCH_OPENMP_BLAS, or where Debian's package put it. */
let openmpBlas: string | undefined | null = null;
export function findOpenmpBlas(): string | undefined {
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

/** A trial by a program of this folder, with the BLAS that its settings say. Never are there two pools of threads at once. */
export function pythonCommand(module: string, program: string, request: TrialRequest): Command {
  const blas = (request.settings ?? {}) as Partial<BlasSettings>, threads = String(request.threads);
  return {
    command: findPython(module) ?? 'python3',
    args: [fileURLToPath(new URL(program, import.meta.url)), JSON.stringify(request)],
    env: {
      OMP_NUM_THREADS: blas.blas === 'openmp' ? threads : '1',
      OPENBLAS_NUM_THREADS: threads,
      OPENBLAS_CORETYPE: blas.coretype === unset ? undefined : blas.coretype ?? process.env['OPENBLAS_CORETYPE'],
      // No folder of compiled files is left behind among the sources.
      PYTHONDONTWRITEBYTECODE: '1',
      ...(blas.blas === 'openmp' ? { LD_PRELOAD: findOpenmpBlas() } : {}),
    },
  };
}
