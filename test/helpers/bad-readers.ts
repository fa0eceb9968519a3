// The functions that users give files to, each by the path of one.
import { mkdir, copyFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseConfiguration } from '../../lib/cli/configuration.ts';
import { clipOf, layersOf, lossOf, optimizerOf } from '../../lib/cli/specs.ts';
import { jobFlags, runFlags } from '../../lib/cli/training-flags.ts';
import { checkpoint, dense, Ensemble, importOnnx, Network, Preprocessor, readCsv, readIdx, readJsonLines, readNpy, readNpz, readParquet } from '../../lib/index.ts';
import { readFile } from 'node:fs/promises';
import type { ReaderName } from './bad-files.ts';

export const runData = { x: [[0, 1], [1, 0], [1, 1], [0, 0]], y: [1, 1, 0, 0] };

/** A run of which checkpoints are taken up. */
export function run(folder: string, epochs: number): Promise<unknown> {
  const network = new Network({ inputs: 2, layers: [dense(2, 'tanh'), dense(1)], backend: 'typescript' });
  return network.fit(runData, { epochs, batchSize: 2, resume: folder, callbacks: [checkpoint(folder)] });
}

/** The file under another name in a folder of its own, for readers of folders. */
async function inFolder(path: string, name: string, use: (folder: string) => Promise<unknown>): Promise<unknown> {
  const folder = join(dirname(path), 'folder');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await copyFile(path, join(folder, name));
  return use(folder);
}

export const readers: Readonly<Record<ReaderName, (path: string) => Promise<unknown>>> = {
  model: (path) => Network.load(path, { backend: 'typescript' }),
  checkpoint: (path) => inFolder(path, 'checkpoint-0000000002.safetensors', (folder) => run(folder, 2)),
  ensemble: (path) => inFolder(path, 'ensemble.json', (folder) => Ensemble.load(folder)),
  onnx: (path) => importOnnx(path, { backend: 'typescript', externalData: dirname(path) }),
  idx: readIdx,
  npy: readNpy,
  npz: readNpz,
  csv: (path) => readCsv(path, { target: 'label' }),
  jsonLines: (path) => readJsonLines(path, { target: 'label' }),
  parquet: (path) => readParquet(path, { target: 'label' }),
  preprocessor: async (path) => Preprocessor.from(JSON.parse(await readFile(path, 'utf8'))),
  async configuration(path) {
    const settings = parseConfiguration(await readFile(path, 'utf8'), path, { ...jobFlags, ...runFlags });
    layersOf(settings['layers'] ?? '4', 'layers');
    optimizerOf(settings['optimizer'], {});
    lossOf(settings['loss']);
    clipOf(settings['clip']);
  },
};
