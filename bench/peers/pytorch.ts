// PyTorch as a peer: which of its settings are tried, how its trial is started.

import { availableParallelism } from 'node:os';
import type { BenchmarkCase } from '../cases.ts';
import type { Contestant } from '../contestant.ts';
import type { Command } from '../launch.ts';
import type { Settings, TrialRequest } from '../trial-types.ts';
import { chooseBest } from './choose.ts';
import { blasVariants, findOpenmpBlas, findPython, pythonCommand } from './python.ts';

/** What can be tried one after another in one process. */
export function modeVariants(one: BenchmarkCase): Settings[] {
  if (one.kind === 'inference') return ['eager', 'frozen', 'optimized', 'mkldnn'].map((mode) => ({ mode }));
  return ['eager', 'trace'].flatMap((mode) => [false, true].map((foreach) => ({ mode, foreach })));
}

/**
 * The OpenMP build of OpenBLAS shares PyTorch's own threads. The system's has a pool of its own, and two pools that spin at once cost a
 * factor of four and more: there PyTorch itself is held to one thread, and BLAS has the threads.
 */
function command(request: TrialRequest): Command {
  return pythonCommand('torch', 'pytorch.py', request);
}

export const pytorch: Contestant = {
  name: 'pytorch',
  role: 'peer',
  unavailable: () => (findPython('torch') === undefined ? 'no Python here can import torch (npm run bench:peers)' : undefined),
  takes: ({ kind }) => kind === 'training' || kind === 'inference',
  threads: (asked) => asked.filter((threads) => threads <= availableParallelism()),
  command,
  choose: (request, launch) => chooseBest({
    request, launch, command, ofProcess: blasVariants(request.threads, process.env['OPENBLAS_CORETYPE'], findOpenmpBlas()),
    inProcess: modeVariants(request.case), finalists: 3,
  }),
  cannotAgree: () => undefined,
};
