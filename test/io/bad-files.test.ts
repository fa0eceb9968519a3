// Bad files of every kind: each is refused with its code and one sentence; and every way to cut a model or to turn one of its bits.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../lib/cli/exit-codes.ts';
import { DenselyError, ModelFormatError } from '../../lib/errors.ts';
import { batchNorm, dense, Network } from '../../lib/index.ts';
import { decodeSafetensors, readSafetensors } from '../../lib/io/safetensors.ts';
import { networkIn } from '../../lib/network/persist.ts';
import type { BadFile } from '../helpers/bad-files.ts';
import { badModels, goodModel } from '../helpers/bad-models.ts';
import { readers, run } from '../helpers/bad-readers.ts';
import { badCheckpoints, badOnnx } from '../helpers/bad-runs.ts';
import { badTables } from '../helpers/bad-tables.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-bad-')); });
afterAll(() => rm(folder, { recursive: true }));

async function refused({ reader, code, says, make }: BadFile): Promise<void> {
  const path = join(folder, 'file');
  await writeFile(path, make());
  const error = await readers[reader](path).then(() => new Error('it was read'), (thrown: Error) => thrown);
  expect(error instanceof UsageError ? 'USAGE' : error instanceof DenselyError ? error.code : error).toBe(code);
  expect(error.message).toEqual(typeof says === 'string' ? expect.stringContaining(says) : expect.stringMatching(says));
  expect(error.message).toMatch(/^[^\n]{1,700}$/);
}

test('there are at least sixty models', () => {
  expect(badModels.length).toBeGreaterThanOrEqual(60);
});

test('a model of another program, without a sum, is read', async () => {
  await writeFile(join(folder, 'good'), goodModel());
  expect((await Network.load(join(folder, 'good'), { backend: 'typescript' })).weights().map(({ name }) => name)).toEqual(['dense1.weight', 'dense1.bias', 'dense2.weight', 'dense2.bias']);
});

const all = [...badModels, ...badOnnx, ...badTables];
describe.each([...new Set(all.map(({ reader }) => reader))])('%s', (name) => {
  test.each(all.filter(({ reader }) => reader === name))('$name', (file) => refused(file));
});

test('checkpoints', async () => {
  const run1 = join(folder, 'run');
  await run(run1, 1);
  const hear = (): void => undefined, listeners = process.listeners('warning');
  process.removeAllListeners('warning').on('warning', hear);
  try {
    for (const file of await badCheckpoints(await readSafetensors(join(run1, 'checkpoint-0000000002.safetensors')))) await refused(file);
  } finally {
    process.removeAllListeners('warning');
    for (const listener of listeners) process.on('warning', listener);
  }
});

describe('a model of four KiB', () => {
  const bytes = async (): Promise<Uint8Array> => {
    const path = join(folder, 'model');
    await new Network({ inputs: 16, layers: [dense(30, 'relu'), batchNorm(), dense(3, 'softmax')], backend: 'typescript', seed: 4 }).save(path);
    return new Uint8Array(await readFile(path));
  };
  const load = async (file: Uint8Array): Promise<unknown> => networkIn(decodeSafetensors(file, 'load'), 'load');

  test('cut anywhere it is refused', async () => {
    const whole = await bytes();
    expect(whole.length).toBeGreaterThan(4000);
    await load(whole);
    for (let length = 0; length < whole.length; length += length < 2000 ? 1 : 13) await expect(load(whole.subarray(0, length)), String(length)).rejects.toThrow(ModelFormatError);
  });

  test('with one bit turned it is refused, whichever that is', async () => {
    const whole = await bytes(), read: number[] = [], headerEnd = 8 + Number(new DataView(whole.buffer).getBigUint64(0, true));
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      // The sum takes all weights alike: here some of them, in scripts/soak/bad-files.ts all.
      if (bit >= 8 * headerEnd && bit % 29 !== 0) continue;
      whole[bit >> 3]! ^= 1 << (bit & 7);
      await load(whole).then(() => { read.push(bit); }, (error: unknown) => { if (!(error instanceof ModelFormatError)) throw error; });
      whole[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(read).toEqual([]);
  });
});
