// NumPy's files: as NumPy wrote them, and as an enemy would. The files are in test/golden/numpy.json, made by make_numpy.py.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataset, readNpy, readNpz } from '../../lib/index.ts';

interface Golden {
  arrays: Record<string, { shape: number[]; values: number[]; file: string }>;
  versions: Record<string, string>;
  table: number[];
  stored: string;
  deflated: string;
  refused: Record<string, string>;
}
const golden = JSON.parse(readFileSync(new URL('../golden/numpy.json', import.meta.url), 'utf8')) as Golden;
const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-npy-')); });
afterAll(() => rm(folder, { recursive: true }));

async function store(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  return path;
}

const refused = (sentence: string): object => expect.objectContaining({ code: 'ERR_DATA', message: expect.stringContaining(sentence) as string }) as object;

/** A header as NumPy writes it, and a body. */
function npy(header: string, body: Uint8Array | readonly number[] = [], version = 1): Buffer {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  return Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Buffer.from([version, 0]), length, Buffer.from(header), Uint8Array.from(body)]);
}
const header = (shape: string, descr = "'<f4'"): string => `{'descr': ${descr}, 'fortran_order': False, 'shape': (${shape}), }\n`;

describe('readNpy', () => {
  it.each(Object.entries(golden.arrays))('reads %s', async (name, { shape, values, file }) => {
    const array = await readNpy(await store(bytesOf(file)));
    expect(array.shape).toEqual(shape);
    expect([...array.data]).toEqual(values);
    const kind = { u1: 'Uint8Array', i1: 'Int8Array', bool: 'Uint8Array', '>i8': 'Float64Array', '<f2': 'Float32Array', '>f4': 'Float32Array', '<i4': 'Int32Array' }[name];
    if (kind !== undefined) expect(array.data.constructor.name).toBe(kind);
  });

  it.each(Object.entries(golden.versions))('reads format %s.0', async (_, file) => {
    expect([...(await readNpy(await store(bytesOf(file)))).data]).toEqual(golden.table);
  });

  it.each<[string, Uint8Array, string]>([
    ['objects', bytesOf(golden.refused['objects']!), 'expected numbers but received pickled Python objects, which are never read'],
    ['records', bytesOf(golden.refused['records']!), "expected numbers or truth values but received elements of type '[(\\'a\\', "],
    ['texts', bytesOf(golden.refused['texts']!), "expected numbers or truth values but received elements of type ''<U2''"],
    ['complex numbers', bytesOf(golden.refused['complex']!), "elements of type ''<c16''"],
    ['no values', bytesOf(golden.refused['empty']!), 'expected at least one value but received shape [0, 3]'],
    ['integers no double holds', bytesOf(golden.refused['large']!), 'expected integers below 2^53 but received 1152921504606846976'],
    ['an empty file', new Uint8Array(0), 'expected a NumPy file, which begins with \\x93NUMPY'],
    ['another file', Buffer.from('a,b,y\n1,2,3\n4,5,6\n'), 'expected a NumPy file'],
    ['a format to come', npy(header('1,'), [0, 0, 0, 0], 4), 'expected NumPy format 1, 2 or 3 but received 4'],
    ['a header that claims gigabytes', Buffer.concat([npy('', [], 2).subarray(0, 8), Buffer.from([255, 255, 255, 255])]), 'expected a header of at most 65536 bytes but it claims 4294967307'],
    ['half a header', npy(header('1,')).subarray(0, 40), 'expected a header of'],
    ['a shape that claims terabytes', npy(header('1000000, 1000000')), 'bytes for shape [1000000, 1000000] but received'],
    ['an impossible shape', npy(header('99999999999, 99999999999')), 'expected a possible shape'],
    ['a negative shape', npy(header('-1,')), 'expected a header with descr, fortran_order and shape'],
    ['a body too short', npy(header('2,'), [0, 0, 0, 0]), 'bytes for shape [2] but received'],
    ['a body too long', npy(header('1,'), [0, 0, 0, 0, 0]), 'bytes for shape [1] but received'],
  ])('refuses %s', async (_, bytes, sentence) => {
    await expect(readNpy(await store(bytes))).rejects.toThrow(refused(sentence.replaceAll("\\'", "'")));
  });
});

describe('readNpz', () => {
  it.each(['stored', 'deflated'] as const)('reads %s arrays, which make a data set', async (kind) => {
    const { x_train: x, y_train: y } = await readNpz(await store(bytesOf(golden[kind])));
    expect([[...x!.data], x!.shape, [...y!.data], y!.shape]).toEqual([golden.table, [2, 3], [1, 0], [2]]);
    const data = Dataset.from({ x: x!.data, shape: x!.shape.slice(1), y: y!.data });
    expect([[...data.row(1).x], [...data.row(0).y]]).toEqual([golden.table.slice(3), [1]]);
  });

  it('reads names of any kind as plain properties', async () => {
    const files = await readNpz(await store(zip([{ name: '__proto__.npy', body: npy(header('1,'), [0, 0, 128, 63]) }])));
    expect([Object.keys(files), Object.getPrototypeOf(files)]).toEqual([['__proto__'], Object.prototype]);
  });

  const good = { name: 'a.npy', body: npy(header('2,'), [0, 0, 128, 63, 0, 0, 0, 64]) };
  it.each<[string, Buffer, string]>([
    ['a file that is no zip', Buffer.from('hello'), 'expected a zip file but found no directory at its end'],
    ['an empty file', Buffer.alloc(0), 'expected a zip file but found no directory at its end'],
    ['a cut file', bytesOf(golden.stored).subarray(0, -10), 'expected a zip file but found no directory at its end'],
    ['encryption', zip([{ ...good, flags: 1 }]), "expected 'a.npy' without encryption"],
    ['another method', zip([{ ...good, method: 12 }]), "expected 'a.npy' stored or deflated but received compression method 12"],
    ['a bomb', zip([{ ...good, method: 8, size: 2 ** 31 }]), "expected a possible size of 'a.npy' but it claims 2147483648 bytes packed into"],
    ['more bytes than it claims', zip([{ ...good, method: 8, size: 5 }]), "expected 'a.npy' to be deflated data of 5 bytes but it cannot be unpacked"],
    ['a wrong checksum', zip([{ ...good, checksum: 1 }]), "expected 'a.npy' intact but its checksum is another"],
    ['a place outside', zip([{ ...good, offset: 5000 }]), "expected 'a.npy' within the file but it claims"],
    ['a place inside something else', zip([{ ...good, offset: 7 }]), "expected 'a.npy' at 7 but found something else"],
    ['a directory outside', zip([good], { offset: 9000 }), 'expected a zip directory within the file'],
    ['a directory with more files than there are', zip([good], { count: 3 }), 'expected 3 files in the zip directory but entry 1 is broken'],
    ['something that is no array', zip([{ name: 'readme.txt', body: Buffer.from('hello, hello') }]), "'readme.txt'] expected a NumPy file"],
  ])('refuses %s', async (_, bytes, sentence) => {
    await expect(readNpz(await store(bytes))).rejects.toThrow(refused(sentence));
  });

  it('reads or refuses files with any byte changed, and never answers with other numbers', async () => {
    const bytes = bytesOf(golden.deflated);
    let read = 0;
    for (let at = 0; at < bytes.length; at++) {
      const broken = Buffer.from(bytes);
      broken[at]! ^= 0x55;
      const result = await readNpz(await store(broken)).catch((error: { code?: string }) => error.code ?? String(error));
      if (typeof result === 'string') {
        expect(result).toBe('ERR_DATA');
        continue;
      }
      read++;
      for (const { data } of Object.values(result)) expect([golden.table, [1, 0]]).toContainEqual([...data]);
    }
    expect(read).toBeGreaterThan(0);
  });
});

interface Stored { name: string; body: Uint8Array; method?: number; size?: number; checksum?: number; offset?: number; flags?: number }

/** A zip file as it should be, but for what is said otherwise. */
function zip(files: readonly Stored[], end: { offset?: number; count?: number } = {}): Buffer {
  const parts: Buffer[] = [], entries: Buffer[] = [];
  let at = 0;
  for (const { name, body, method = 0, flags = 0, size = body.length, checksum = crc32(body), offset = at } of files) {
    const packed = method === 8 ? deflateRawSync(body) : Buffer.from(body), fields = Buffer.alloc(26);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(checksum, 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(size, 18);
    fields.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    entries.push(Buffer.from('PK\x01\x02\x00\x00'), fields, place, Buffer.from(name));
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    parts.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(entries), last = Buffer.alloc(22);
  last.write('PK\x05\x06', 'latin1');
  last.writeUInt16LE(end.count ?? files.length, 10);
  last.writeUInt32LE(directory.length, 12);
  last.writeUInt32LE(end.offset ?? at, 16);
  return Buffer.concat([...parts, directory, last]);
}
