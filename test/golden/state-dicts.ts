// What make_torch_state.py gives to PyTorch: twenty chains of layers put together at random, as exportStateDict writes them.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportStateDict, Network, type BackendChoice } from '../../lib/index.ts';
import { rowsOf } from '../helpers/networks.ts';
import { randomizeTensors } from '../helpers/onnxruntime.ts';
import { randomChain } from '../helpers/random-networks.ts';

export interface Exported { readonly network: Network; readonly text: string; readonly file: Buffer; readonly digest: string; readonly x: number[][] }

/** The chain of a seed, with weights of few digits, which are the same bits on every machine. */
export async function exported(seed: number, backend: BackendChoice): Promise<Exported> {
  const network = new Network({ ...randomChain(seed), seed, backend }), folder = await mkdtemp(join(tmpdir(), 'densely-state-'));
  randomizeTensors(network, seed);
  network.setWeights(network.weights().map(({ name, shape, data }) => ({ name, shape, data: data.map((value) => Math.round(value * 64) / 64) })));
  try {
    const text = await exportStateDict(network, join(folder, 'state.safetensors')), file = await readFile(join(folder, 'state.safetensors'));
    return { network, text, file, digest: createHash('sha256').update(file).digest('hex'), x: rowsOf(3, network.inputs, seed) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  for (let seed = 0; seed < 20; seed++) {
    const { text, file, digest, x } = await exported(seed, 'typescript');
    console.log(JSON.stringify({ seed, text, file: file.toString('base64'), digest, x }));
  }
}
