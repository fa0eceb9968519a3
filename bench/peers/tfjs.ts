// TensorFlow.js as two peers: its plain JavaScript backend, and WebAssembly with SIMD, which Node can hold to one thread only.

import { existsSync } from 'node:fs';
import { productGflop, type BenchmarkCase } from '../cases.ts';
import type { Contestant } from '../contestant.ts';
import { modelPath, type Settings } from '../trial-types.ts';
import { chooseBest } from './choose.ts';
import { notInstalled } from './installed.ts';
import { nodeCommand } from './node-peer.ts';

const command = nodeCommand('tfjs-trial.ts');

/** Above this many GFLOP a step the ways of asking cost nothing beside the arithmetic, and trying them all would take minutes. */
const heavy = 0.5;

/** `ops` are the library's operations by hand, `layers` its models: `trainOnBatch`, `predictOnBatch`. */
const ways: readonly Settings[] = [{ mode: 'ops' }, { mode: 'layers' }];

function tfjs(name: 'tfjs-wasm' | 'tfjs-cpu', packages: readonly string[], tooSlow: (one: BenchmarkCase) => boolean): Contestant {
  return {
    name,
    role: 'peer',
    unavailable: () => packages.map(notInstalled).find((reason) => reason !== undefined),
    takes: ({ kind }) => kind === 'training' || kind === 'inference' || kind === 'import' || kind === 'load',
    threads: () => [1],
    async prepare(request, launch) {
      if (request.case.kind !== 'load' || existsSync(modelPath(request, 'tfjs.json'))) return;
      await launch(command({ ...request, mode: 'export' }));
    },
    async choose(request, launch) {
      const { case: one } = request;
      if (one.kind !== 'training' && one.kind !== 'inference') return undefined;
      if (productGflop(one) > heavy) return { chosen: ways[0]!, tried: [] };
      return chooseBest({ request, launch, command, ofProcess: [{}], inProcess: ways, finalists: 0 });
    },
    command,
    cannotAgree: (one) => (tooSlow(one) ? 'ten steps of this size take it minutes, and tfjs-wasm runs the same program' : undefined),
  };
}

export const tfjsWasm = tfjs('tfjs-wasm', ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'], () => false);
export const tfjsCpu = tfjs('tfjs-cpu', ['@tensorflow/tfjs'], (one) => one.kind === 'training' && productGflop(one) > heavy);
