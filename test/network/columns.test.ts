// Names of columns and classes belong to a network: saved with it and in checkpoints, checked before they are taken.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkpoint, dense, Network, type ColumnNames } from '../../lib/index.ts';
import { encodeSafetensors, readSafetensors } from '../../lib/io/safetensors.ts';
import { writeFileAtomic } from '../../lib/io/atomic.ts';
import { expectRefusal, refusal } from '../helpers/networks.ts';

const columns: ColumnNames = { inputs: ['width', 'a "height", or so'], targets: ['kind'], classes: ['ja', 'nein', 'vielleicht'] };

test('names stay with the model and its checkpoints', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'densely-columns-'));
  try {
    const network = new Network({ inputs: 2, layers: [dense(3, 'softmax')] });
    expect(network.columns).toBeUndefined();
    network.columns = columns;
    await network.fit({ x: [[1, 2], [3, 4], [5, 6]], y: [0, 1, 2] }, { epochs: 1, callbacks: [checkpoint(folder)] });
    await network.save(join(folder, 'model.safetensors'));
    const files = await readdir(folder);
    expect(files).toHaveLength(2);
    for (const file of files) expect((await Network.load(join(folder, file))).columns).toEqual(columns);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what are no names is refused, given or in a file', async () => {
  const network = new Network({ inputs: 2, layers: [dense(3, 'softmax')] }), folder = await mkdtemp(join(tmpdir(), 'densely-columns-')), path = join(folder, 'm.safetensors');
  const wrong = { inputs: ['a', 2], targets: [], classes: null } as unknown as ColumnNames;
  expectRefusal(await refusal(() => { network.columns = wrong; }), 'ERR_OPTION', "'columns'");
  expect(network.columns).toBeUndefined();
  try {
    await network.save(path);
    const { tensors, metadata } = await readSafetensors(path), description = JSON.parse(metadata['densely']!) as object;
    const changed = { densely: JSON.stringify({ ...description, sum: undefined, columns: wrong }) };
    await writeFileAtomic(path, encodeSafetensors([...tensors].map(([name, tensor]) => ({ name, ...tensor })), changed));
    expectRefusal(await refusal(() => Network.load(path)), 'ERR_MODEL_FORMAT', 'names of the columns');
  } finally {
    await rm(folder, { recursive: true });
  }
});
