// Streams of IDX and NumPy files: the same rows as when they are read whole, shard by shard, and files that do not fit each other.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIdxDataset, streamIdx, streamNpy, type Batch, type BatchSource } from '../../lib/index.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-binary-')); });
afterAll(() => rm(folder, { recursive: true }));

async function store(name: string, bytes: Uint8Array | readonly number[]): Promise<string> {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), Uint8Array.from(bytes));
  return join(folder, name);
}

async function collect(source: BatchSource, epoch = 0): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of source.batches(epoch)) batches.push(batch);
  return batches;
}

const idx = (shape: readonly number[], body: readonly number[], type = 8): number[] => [0, 0, type, shape.length, ...shape.flatMap((dimension) => [0, 0, dimension >> 8, dimension & 255]), ...body];

function npy(shape: readonly number[], values: Float32Array | Float64Array | BigInt64Array, fortran = false): Buffer {
  const descr = values instanceof Float32Array ? '<f4' : values instanceof Float64Array ? '<f8' : '<i8';
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.map((dimension) => `${dimension},`).join(' ')}), }\n`, length = Buffer.alloc(2);
  length.writeUInt16LE(text.length);
  return Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0]), length, Buffer.from(text), Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}

/** 3000 pictures of 2 × 3 bytes, so that blocks end within the file. */
const pictures = Array.from({ length: 3000 * 6 }, (_, i) => (i * 7 + (i >> 8)) % 256), labels = Array.from({ length: 3000 }, (_, i) => i % 10);

describe('streamIdx', () => {
  it('gives the rows of readIdxDataset, plain and gzip', async () => {
    const images = await store('images-idx3-ubyte', idx([3000, 2, 3], pictures)), labelsFile = await store('labels-idx1-ubyte', idx([3000], labels));
    const packed = await store('images.gz', gzipSync(Uint8Array.from(idx([3000, 2, 3], pictures))));
    const whole = await readIdxDataset({ images, labels: labelsFile });
    const x = Float32Array.from({ length: 18_000 }, (_, i) => whole.row(Math.floor(i / 6)).x[i % 6]!);
    for (const file of [images, packed]) {
      const source = await streamIdx({ images: file, labels: labelsFile, batchSize: 3000, shuffleBuffer: 0 });
      expect(source).toMatchObject({ inputs: 6, targets: 1, targetNames: ['label'], length: 3000 });
      const [batch] = await collect(source);
      expect(Math.max(...batch!.x.map((value, i) => Math.abs(value - x[i]!)))).toBeLessThan(1e-7);
      expect([...batch!.y]).toEqual(labels);
      const shuffled = await collect(await streamIdx({ images: file, labels: labelsFile, batchSize: 3000, shuffleBuffer: 500, scale: 1 }), 4);
      const rows = Array.from({ length: 3000 }, (_, i) => [...shuffled[0]!.x.subarray(6 * i, 6 * i + 6), shuffled[0]!.y[i]].join());
      expect(rows.toSorted()).toEqual(Array.from({ length: 3000 }, (_, i) => [...pictures.slice(6 * i, 6 * i + 6), labels[i]].join()).toSorted());
    }
  });

  it('refuses files that do not fit each other or lie about their length', async () => {
    const images = await store('few', idx([2, 2, 3], pictures.slice(0, 12))), two = await store('two', idx([2], [0, 1])), three = await store('three', idx([3], [0, 1, 2]));
    await expect(streamIdx({ images, labels: three })).rejects.toThrow(`[streamIdx '${three}'] expected a row for each of 2 examples but received 3`);
    await expect(streamIdx({ images: two, labels: two })).rejects.toThrow(`[streamIdx '${two}'] expected two dimensions or more but received shape [2]`);
    await expect(streamIdx({ images, labels: images })).rejects.toThrow('expected one dimension but received shape [2, 2, 3]');
    await expect(streamIdx({ images, labels: [two, two] })).rejects.toThrow('[streamIdx] expected as many files of targets and weights as the 1 of examples but received 2');
    await expect(streamIdx({ images: await store('wide', [0, 0, 8, 2, 0, 0, 0, 1, 255, 255, 255, 255]), labels: two })).rejects.toThrow('expected rows of at most 16777216 values');
    await expect(streamIdx({ images: await store('other', [1, 2, 3, 4]), labels: two })).rejects.toThrow('expected an IDX magic number');
    const short = await streamIdx({ images: await store('short', idx([2, 2, 3], pictures.slice(0, 11))), labels: two });
    await expect(collect(short)).rejects.toThrow("short'] expected 1 more bytes but the file ended");
    const long = await streamIdx({ images: await store('long', idx([2, 2, 3], pictures.slice(0, 13))), labels: two });
    await expect(collect(long)).rejects.toThrow("long'] expected the end of the file behind the last row but received more");
  });
});

describe('streamNpy', () => {
  it('gives rows of shards with several targets and weights', async () => {
    const x = Float32Array.from({ length: 40 }, (_, i) => i), y = Float64Array.from({ length: 20 }, (_, i) => -i), w = BigInt64Array.from({ length: 10 }, (_, i) => BigInt(i));
    await store('x/0.npy', npy([4, 2, 2], x.subarray(0, 16)));
    await store('x/1.npy', npy([6, 2, 2], x.subarray(16)));
    await store('y/0.npy', npy([4, 2], y.subarray(0, 8)));
    await store('y/1.npy', npy([6, 2], y.subarray(8)));
    const weights = [await store('w/0.npy', npy([4], w.subarray(0, 4))), await store('w/1.npy', npy([6], w.subarray(4)))];
    const options = { x: join(folder, 'x'), y: join(folder, 'y'), weights };
    const source = await streamNpy({ ...options, batchSize: 10, shuffleBuffer: 0 });
    expect(source).toMatchObject({ inputs: 4, targets: 2, targetNames: ['y0', 'y1'], length: 10 });
    expect(await collect(source)).toEqual([{ x, y: Float32Array.from(y), weights: Float32Array.from({ length: 10 }, (_, i) => i), rows: 10 }]);
    const first = await Promise.all([0, 1, 2, 3, 4, 5].map(async (epoch) => (await collect(await streamNpy({ ...options, batchSize: 1, shuffleBuffer: 1 }), epoch))[0]!.x[0]));
    expect(new Set(first)).toEqual(new Set([0, 16]));
  });

  it('refuses Fortran order, other widths, and numbers that are not finite', async () => {
    const y = await store('y.npy', npy([3], new Float32Array(3))), x = await store('fortran.npy', npy([3, 2], new Float32Array(6), true));
    await expect(streamNpy({ x, y })).rejects.toThrow('expected rows one behind the other (C order) but received Fortran order; readNpy reads both');
    const wide = await store('wide.npy', npy([3, 2], new Float32Array(6))), narrow = await store('narrow.npy', npy([3], new Float32Array(3)));
    await expect(streamNpy({ x: [wide, narrow], y: [y, y] })).rejects.toThrow("narrow.npy'] expected rows of 2 values, as in the first file, but received 1");
    await expect(streamNpy({ x: narrow, y, weights: wide })).rejects.toThrow("wide.npy'] expected one weight per row but received 2");
    const nan = await streamNpy({ x: await store('nan.npy', npy([3, 2], Float32Array.of(1, 2, 3, 4, NaN, 6))), y });
    await expect(collect(nan)).rejects.toThrow("nan.npy'] expected a finite number but received NaN (row 2, column 0)");
  });
});
