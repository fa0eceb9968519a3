// Weights to and from PyTorch: twenty chains that PyTorch loaded by their text and file, twenty that it made; its outputs are ours.
// They are in torch-state.json, made by make_torch_state.py; what was loaded is what state-dicts.ts gives, byte for byte.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importWeights, Network, type LayerSpec } from '../../lib/index.ts';
import { encodeSafetensors } from '../../lib/io/safetensors.ts';
import { backends } from '../helpers/backends.ts';
import { randomChain } from '../helpers/random-networks.ts';
import { relativeError } from '../helpers/values.ts';
import { exported } from './state-dicts.ts';

interface Made { readonly number: number; readonly inputs: number; readonly layers: [type: string, options: Record<string, unknown>][]; readonly state: { name: string; shape: number[]; data: number[] }[]; readonly x: number[][]; readonly y: number[][] }
interface Loaded { readonly seed: number; readonly text: string; readonly digest: string; readonly y: number[][] }
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'torch-state.json'), 'utf8')) as { loaded: Loaded[]; made: Made[] };

test('there are twenty of each', () => {
  expect([golden.loaded.length, golden.made.length]).toEqual([20, 20]);
});

describe.each(backends)('%s', (backend) => {
  test.each(golden.loaded)('chain $seed, as PyTorch loaded it', async ({ seed, text, digest, y }) => {
    const found = await exported(seed, backend);
    expect(found.text).toBe(text);
    expect(found.digest).toBe(digest);
    expect(relativeError(found.network.predictSync(found.x).data, y.flat())).toBeLessThan(5e-6);
    // In double precision PyTorch's outputs are ours, but for softplus, which it takes for linear above 20.
    const exact = new Network({ ...randomChain(seed), precision: 'float64' });
    exact.setWeights(found.network.weights());
    expect(relativeError(exact.predictSync(found.x).data, y.flat())).toBeLessThan(1e-8);
  });

  test.each(golden.made)('chain $number, as PyTorch made it', async ({ inputs, layers, state, x, y }) => {
    const network = new Network({ inputs, layers: layers.map(([type, options]): LayerSpec => ({ type, options })), backend });
    await importWeights(network, state, { layout: 'pytorch' });
    expect(relativeError(network.predictSync(x).data, y.flat())).toBeLessThan(5e-6);
  });
});

test('files of PyTorch are read in the order of their numbers, whatever the order of their bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'densely-state-')), file = join(folder, 'state.safetensors');
  try {
    for (const { inputs, layers, state, x, y } of golden.made) {
      const tensors = state.toSorted((a, b) => (a.name < b.name ? 1 : -1)).map(({ name, shape, data }) => ({ name, shape, data: shape.length === 0 ? BigInt64Array.of(0n) : Float64Array.from(data) }));
      await writeFile(file, Buffer.concat(encodeSafetensors(tensors, {})));
      const network = new Network({ inputs, layers: layers.map(([type, options]): LayerSpec => ({ type, options })), precision: 'float64' });
      await importWeights(network, file, { layout: 'pytorch' });
      expect(relativeError(network.predictSync(x).data, y.flat())).toBeLessThan(1e-9);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
