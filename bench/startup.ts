// How a start is measured: the program that is started fresh for every one, and the model it loads.

import { fileURLToPath } from 'node:url';
import type { Command } from './launch.ts';
import { modelPath, type TrialRequest } from './trial-types.ts';

/** A trial of `startup.mjs`, plain JavaScript on plain Node: nothing is loaded that a user would not load. */
export function startupCommand(request: TrialRequest): Command {
  const extension = request.contestant === 'native' ? 'safetensors' : request.contestant === 'onnxruntime' ? 'onnx' : 'tfjs.json';
  const model = request.case.kind === 'load' ? [modelPath(request, extension)] : [];
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL('startup.mjs', import.meta.url)), request.contestant, ...model],
    env: { DENSELY_BACKEND: undefined, NODE_OPTIONS: undefined },
  };
}
