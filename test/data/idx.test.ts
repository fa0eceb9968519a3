// IDX: all types, plain and gzip, MNIST itself, and files that lie about their length.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Columns } from '../../lib/data/columns.ts';
import { readIdx, readIdxDataset, readIdxFolder } from '../../lib/data/idx.ts';

const shared = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-idx-')); });
afterAll(() => rm(folder, { recursive: true }));

async function store(name: string, bytes: Uint8Array | readonly number[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, Uint8Array.from(bytes));
  return path;
}

const header = (type: number, ...shape: number[]): number[] => [0, 0, type, shape.length, ...shape.flatMap((dimension) => [0, 0, dimension >> 8, dimension & 255])];

describe('readIdx', () => {
  // Bodies written by hand after http://yann.lecun.com/exdb/mnist: big-endian, two's complement, IEEE 754.
  it.each([
    ['unsigned bytes', 0x08, [0, 127, 255], Uint8Array.of(0, 127, 255)],
    ['signed bytes', 0x09, [0, 127, 255], Int8Array.of(0, 127, -1)],
    ['16 bits', 0x0b, [0x01, 0x02, 0xff, 0xfe, 0, 3], Int16Array.of(258, -2, 3)],
    ['32 bits', 0x0c, [1, 2, 3, 4, 255, 255, 255, 255, 0, 0, 0, 5], Int32Array.of(0x01020304, -1, 5)],
    ['floats', 0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0, 0x3e, 0x80, 0, 0], Float32Array.of(1, -2, 0.25)],
    ['doubles', 0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0xd0, 0, 0, 0, 0, 0, 0], Float64Array.of(1, -2, 0.25)],
  ])('reads %s, plain and gzip whatever the name', async (_, type, body, data) => {
    const bytes = Uint8Array.from([...header(type, 1, 3), ...body]);
    expect(await readIdx(await store('plain.gz', bytes))).toEqual({ shape: [1, 3], data });
    expect(await readIdx(await store('packed', gzipSync(bytes)))).toEqual({ shape: [1, 3], data });
  });

  it.each<[string, readonly number[] | Uint8Array, string]>([
    ['an empty file', [], 'expected a header of at least 4 bytes but received 0'],
    ['another magic number', [1, 0, 8, 1, 0, 0, 0, 1, 5], 'expected an IDX magic number (0x0000, a type, a count of dimensions) but received 0x01000801'],
    ['an unknown type', [0, 0, 10, 1, 0, 0, 0, 1, 5], 'but received 0x00000a01'],
    ['no dimension', [0, 0, 8, 0], 'but received 0x00000800'],
    ['half a header', [0, 0, 8, 2, 0, 0, 0, 1], 'expected a header of 12 bytes but received 8'],
    ['a body too short', [...header(8, 2, 3), 1, 2, 3, 4, 5], 'expected 18 bytes for shape [2, 3] but received 17'],
    ['a body too long', [...header(8, 2, 3), 1, 2, 3, 4, 5, 6, 7], 'expected 18 bytes for shape [2, 3] but received 19'],
    ['too few bytes of floats', [...header(13, 2), 1, 2], 'expected 16 bytes for shape [2] but received 10'],
    ['dimensions whose product is huge', [0, 0, 8, 4, ...Array<number>(16).fill(255)], 'expected 3.402823'],
    ['no values', header(8, 0, 28), 'expected at least one value but received shape [0, 28]'],
    ['broken gzip', [0x1f, 0x8b, 8, 0, 1, 2, 3], 'expected intact gzip data but it cannot be unpacked: '],
    ['truncated gzip', gzipSync(Uint8Array.from([...header(8, 3), 1, 2, 3])).subarray(0, -6), 'expected intact gzip data but it cannot be unpacked: '],
  ])('refuses %s', async (_, bytes, sentence) => {
    const path = await store('bad', bytes);
    await expect(readIdx(path)).rejects.toThrow(expect.objectContaining({ code: 'ERR_DATA', message: expect.stringContaining(sentence) as string }));
    await expect(readIdx(path)).rejects.toThrow("[readIdx '");
  });

  it('passes on what the system says', async () => {
    await expect(readIdx(join(folder, 'none'))).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});

describe('readIdxDataset', () => {
  const images = [...header(8, 2, 2, 3), 0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6];

  it('keeps bytes and scales them where they are used', async () => {
    const data = await readIdxDataset({ images: await store('i', images), labels: await store('l', [...header(8, 2), 7, 9]) });
    expect([data.length, data.shape, data.targetNames]).toEqual([2, [2, 3], ['label']]);
    expect(data.inputs).toEqual({ data: Uint8Array.from(images.slice(16)), width: 6, scale: 1 / 255, shift: 0 });
    expect(data.targets.data).toEqual(Uint8Array.of(7, 9));
    expect(data.row(0)).toEqual({ x: Float32Array.of(0, 0.2, 0.4, 0.6, 0.8, 1), y: Float32Array.of(7) });
  });

  it('turns other types into floats, unscaled unless asked', async () => {
    const paths = { images: await store('i', [...header(11, 1, 2), 0xff, 0xfe, 0, 4]), labels: await store('l', [...header(12, 1), 0, 0, 1, 0]) };
    expect((await readIdxDataset(paths)).inputs).toEqual({ data: Float32Array.of(-2, 4), width: 2, scale: 1, shift: 0 });
    expect((await readIdxDataset({ ...paths, scale: 0.5 })).row(0)).toEqual({ x: Float32Array.of(-1, 2), y: Float32Array.of(256) });
  });

  it('refuses files that do not fit each other', async () => {
    const good = await store('i', images);
    const read = async (i: string, labels: number[]): Promise<unknown> => readIdxDataset({ images: i, labels: await store('l', labels) });
    await expect(read(good, [...header(8, 3), 1, 2, 3])).rejects.toThrow('expected a label for each of 2 examples but received 3');
    await expect(read(good, [...header(8, 2, 1), 1, 2])).rejects.toThrow('expected one dimension but received shape [2, 1]');
    await expect(read(await store('f', [...header(8, 2), 1, 2]), [...header(8, 2), 1, 2])).rejects.toThrow('expected two dimensions or more but received shape [2]');
    await expect(read(await store('n', [...header(13, 2, 1), 0, 0, 0, 0, 0x7f, 0xc0, 0, 0]), [...header(8, 2), 1, 2])).rejects.toThrow('expected a finite number but received NaN (row 1, column 0)');
    await expect(readIdxDataset({ image: good } as never)).rejects.toThrow("unknown option 'image'; did you mean 'images'?");
  });
});

describe('readIdxFolder', () => {
  it('says which file is missing', async () => {
    await expect(readIdxFolder(folder)).rejects.toThrow("expected a file 'train-images-idx3-ubyte' or 'train-images-idx3-ubyte.gz' but found neither");
  });

  it('finds the four files, packed or not', async () => {
    for (const kind of ['train', 't10k']) {
      await store(`${kind}-images-idx3-ubyte`, [...header(8, 1, 1, 2), 5, 6]);
      await store(`${kind}-labels-idx1-ubyte.gz`, gzipSync(Uint8Array.from([...header(8, 1), kind.length])));
    }
    const { train, test } = await readIdxFolder(folder);
    expect([train.targets.data[0], test.targets.data[0]]).toEqual([5, 4]);
  });

  // MD5 of the uncompressed files, from ../shared/data/README.md, as published; here of header and body put together again.
  it.skipIf(!existsSync(shared)).each([
    ['mnist', ['6bbc9ace898e44ae57da46a324031adb', 'a25bea736e30d166cdddb491f175f624', '2646ac647ad5339dbf082846283269ea', '27ae3e4e09519cfbb04c329615203637']],
    ['fashion-mnist', ['f4a8712d7a061bf5bd6d2ca38dc4d50a', '9018921c3c673c538a1fc5bad174d6f9', '8181f5470baa50b63fa0f6fddb340f0a', '15d484375f8d13e6eb1aabb0c3f46965']],
  ])('reads %s byte for byte (skipped without ../shared/data)', async (name, sums) => {
    const { train, test } = await readIdxFolder(join(shared, name));
    const md5 = (head: number[], { data }: Columns): string =>
      createHash('md5').update(Uint8Array.from(head)).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex');
    expect([train, test].flatMap(({ inputs, targets, length, shape }) => [md5(header(8, length, ...shape), inputs), md5(header(8, length), targets)])).toEqual(sums);
    expect([train.length, test.length, train.shape]).toEqual([60_000, 10_000, [28, 28]]);
    if (name === 'mnist') {
      const mean = (train.inputs.data as Uint8Array).reduce((sum, value) => sum + value, 0) * train.inputs.scale / train.inputs.data.length;
      expect(mean).toBeCloseTo(0.13066, 5);
    }
  });
});
