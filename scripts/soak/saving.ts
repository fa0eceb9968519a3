// Work that writes files: a model saved over another, and a run with checkpoints, both small, so that they can be ended at every call.
import { rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { checkpoint, dense, earlyStopping, Network, sgd } from '../../lib/index.ts';

const network = (seed: number): Network => new Network({ inputs: 2, layers: [dense(2, 'tanh'), dense(1)], backend: 'typescript', seed });

/** Everything that there is to a network's weights, as one text. */
export function digestOf(model: Network): string {
  const hash = createHash('sha256');
  for (const { name, data } of model.weights()) hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}

export const modelPath = (folder: string): string => join(folder, 'model.safetensors');

/** A model that is there before, and the one that takes its place. */
export const oldModel = (): Network => network(1);
export const newModel = (): Network => network(2);

const data = { x: Array.from({ length: 12 }, (_, i) => [i / 6, 1 - i / 12]), y: Array.from({ length: 12 }, (_, i) => i % 3) };
export const runFolder = (folder: string): string => join(folder, 'run');

/** A run that goes on from what is in the folder, to its end; what it came to. Without a folder it is left alone. */
export async function runJob(folder?: string): Promise<string> {
  const model = network(3), callbacks = folder === undefined ? [] : [checkpoint(runFolder(folder), { keep: 1, best: true })];
  const { epochs } = await model.fit(data, {
    epochs: 2, batchSize: 6, optimizer: sgd({ learningRate: 0.1, momentum: 0.5 }), callbacks: [...callbacks, earlyStopping({ patience: 9 })], ...(folder !== undefined && { resume: runFolder(folder) }),
  });
  return JSON.stringify([epochs, digestOf(model)]);
}

export async function emptied(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  return folder;
}
