// ONNX Runtime for Node as a peer: inference, on the model that the library itself exports.

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Contestant } from '../contestant.ts';
import { trialCommand } from '../own.ts';
import { modelPath } from '../trial-types.ts';
import { chooseBest } from './choose.ts';
import { notInstalled } from './installed.ts';
import { nodeCommand } from './node-peer.ts';

const command = nodeCommand('onnxruntime-trial.ts');

export const onnxruntime: Contestant = {
  name: 'onnxruntime',
  role: 'peer',
  unavailable: () => notInstalled('onnxruntime-node'),
  takes: ({ kind }) => kind === 'inference' || kind === 'concurrent' || kind === 'import' || kind === 'load',
  threads: (asked, { kind }) => {
    const possible = asked.filter((threads) => threads <= availableParallelism());
    return kind === 'import' || kind === 'load' ? possible.slice(0, 1) : possible;
  },
  async prepare(request, launch) {
    if (existsSync(modelPath(request, 'onnx'))) return;
    // Exporting is graph work: the TypeScript backend can do it wherever the benchmark runs.
    await launch(trialCommand({ ...request, case: { ...request.case, kind: 'inference' }, contestant: 'typescript', threads: 1, mode: 'export' }));
  },
  async choose(request, launch) {
    if (request.case.kind !== 'inference') return undefined;
    return chooseBest({ request, launch, command, ofProcess: [{}], inProcess: [{ outputs: 'fresh' }, { outputs: 'preallocated' }], finalists: 0 });
  },
  command,
  cannotAgree: () => undefined,
};
