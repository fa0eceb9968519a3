// Safetensors: the reference writer's bytes, round trips, and files made to deceive.
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelFormatError } from '../../lib/errors.ts';
import { duplicateKey } from '../../lib/io/json-keys.ts';
import { writeFileAtomic } from '../../lib/io/atomic.ts';
import { decodeSafetensors, encodeSafetensors, readSafetensors, type NamedTensor } from '../../lib/io/safetensors.ts';

/** Written by the reference implementation, Python's safetensors 0.8.0 with NumPy. */
const golden = Buffer.from(
  'oAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCIsIm5vdGUiOiLDvCJ9LCJzdGVwcyI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImVtcHR5'
  + 'Ijp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOlswLDNdLCJkYXRhX29mZnNldHMiOls4LDhdfSwiZGVuc2UxLmJpYXMiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls4LDE2'
  + 'XX0sImRlbnNlMS53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0cyI6WzE2LDQwXX0sImhhbGYiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzFdLCJkYXRhX29m'
  + 'ZnNldHMiOls0MCw0Ml19LCJtYXNrIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzQyLDQ1XX19ICAgICAgIAcAAAAAAAAAAACAPwAAAMAAAAA/AACgvwAAQEBvEoM6'
  + '+QKVUAAAAIAAPgEAAQ==', 'base64');

const goldenTensors = new Map<string, unknown>([
  ['steps', { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) }],
  ['empty', { dtype: 'F64', shape: [0, 3], data: new Float64Array(0) }],
  ['dense1.bias', { dtype: 'F32', shape: [2], data: Float32Array.of(1, -2) }],
  ['dense1.weight', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(0.5, -1.25, 3, 1e-3, 2e10, -0) }],
  ['half', { dtype: 'F16', shape: [1], data: Uint16Array.of(0x3e00) }],
  ['mask', { dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) }],
]);

/** A file of this header and data. */
function file(header: string | object, data: Uint8Array | number = 0): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, typeof data === 'number' ? new Uint8Array(data) : data]);
}

const f32 = (begin: number, end: number, ...shape: unknown[]): object => ({ dtype: 'F32', shape, data_offsets: [begin, end] });

describe('the reference file', () => {
  it('is read', () => {
    expect(decodeSafetensors(golden, 'load')).toEqual({ tensors: goldenTensors, metadata: { format: 'np', note: 'ü' } });
  });

  it('is read at any alignment', () => {
    for (let shift = 0; shift < 8; shift++) {
      const moved = new Uint8Array(golden.length + shift);
      moved.set(golden, shift);
      expect(decodeSafetensors(moved.subarray(shift), 'load').tensors).toEqual(goldenTensors);
    }
  });
});

const arrays = fc.oneof(
  fc.float32Array({ maxLength: 6 }), fc.float64Array({ maxLength: 6 }), fc.int32Array({ maxLength: 6 }), fc.int16Array({ maxLength: 6 }), fc.int8Array({ maxLength: 6 }),
  fc.uint32Array({ maxLength: 6 }), fc.uint16Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), fc.bigInt64Array({ maxLength: 6 }), fc.bigUint64Array({ maxLength: 6 }),
);
const tensorLists: fc.Arbitrary<NamedTensor[]> = fc.uniqueArray(
  fc.record({ name: fc.string({ unit: 'binary' }).filter((name) => name !== '__metadata__'), data: arrays, flat: fc.boolean() }).map(({ name, data, flat }) => ({ name, data, shape: flat ? [data.length] : [1, data.length, 1] })),
  { selector: ({ name }) => Buffer.from(name).toString(), maxLength: 6 },
);
const metadatas = fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 });

describe('round trip', () => {
  it('keeps names, types, shapes, every bit and metadata; header and tensors are aligned', () => {
    fc.assert(fc.property(tensorLists, metadatas, (tensors, metadata) => {
      const [header, ...chunks] = encodeSafetensors(tensors, metadata);
      expect(header!.length % 8).toBe(0);
      const bytes = Buffer.concat([header!, ...chunks]);
      const decoded = decodeSafetensors(bytes, 'load');
      expect(decoded.metadata).toEqual({ ...metadata });
      expect(decoded.tensors.size).toBe(tensors.length);
      for (const { name, shape, data } of tensors) {
        const found = decoded.tensors.get(name)!;
        expect(found.shape).toEqual(shape);
        expect(found.data.constructor).toBe(data.constructor);
        expect(Buffer.from(found.data.buffer, found.data.byteOffset, found.data.byteLength).equals(Buffer.from(data.buffer, data.byteOffset, data.byteLength))).toBe(true);
      }
      let offset = header!.length;
      for (const chunk of chunks) offset += chunk.length;
      expect(offset).toBe(bytes.length);
    }));
  });

  it('does not copy on the way out, nor on the way in where aligned', () => {
    const data = Float32Array.of(1, 2, 3);
    const [header, chunk] = encodeSafetensors([{ name: 'w', shape: [3], data }], {});
    expect(chunk!.buffer).toBe(data.buffer);
    const bytes = new Uint8Array(header!.length + 12);
    bytes.set(header!);
    bytes.set(chunk!, header!.length);
    expect(decodeSafetensors(bytes, 'load').tensors.get('w')!.data.buffer).toBe(bytes.buffer);
  });

  it('writes larger elements first, so that all are aligned without gaps', () => {
    const chunks = encodeSafetensors([
      { name: 'a', shape: [3], data: Int8Array.of(1, 2, 3) }, { name: 'b', shape: [1], data: Float32Array.of(1) }, { name: 'c', shape: [1], data: Float64Array.of(1) }, { name: 'd', shape: [1], data: Int32Array.of(1) },
    ], {});
    expect([...decodeSafetensors(Buffer.concat(chunks), 'load').tensors.keys()]).toEqual(['c', 'b', 'd', 'a']);
  });

  it('reads tensors without values wherever the header lists them', () => {
    const { tensors } = decodeSafetensors(file({ w: f32(0, 4, 1), e: f32(0, 0, 0, 7), f: f32(4, 4, 0) }, 4), 'load');
    expect([...tensors].map(([name, { data }]) => [name, data.length])).toEqual([['e', 0], ['w', 1], ['f', 0]]);
  });

  it('treats names such as __proto__ as names', () => {
    const tensors = [{ name: '__proto__', shape: [1], data: Float32Array.of(1) }, { name: 'constructor', shape: [1], data: Float32Array.of(2) }];
    const decoded = decodeSafetensors(Buffer.concat(encodeSafetensors(tensors, JSON.parse('{"__proto__":"x"}') as Record<string, string>)), 'load');
    expect([...decoded.tensors.keys()]).toEqual(['__proto__', 'constructor']);
    expect(Object.entries(decoded.metadata)).toEqual([['__proto__', 'x']]);
  });

  it('refuses to write what could not be read', () => {
    const tensor = { name: 'w', shape: [2], data: Float32Array.of(1, 2) };
    expect(() => encodeSafetensors([tensor, tensor], {})).toThrow("internal: two tensors are named 'w'");
    expect(() => encodeSafetensors([{ ...tensor, name: '__metadata__' }], {})).toThrow('internal: ');
    expect(() => encodeSafetensors([{ ...tensor, shape: [3] }], {})).toThrow("internal: tensor 'w' of shape [3] has 2 values");
  });
});

describe('malformed files', () => {
  it.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(0), 'expected at least 8 bytes but the file has 0'],
    ['seven bytes', new Uint8Array(7), 'expected at least 8 bytes but the file has 7'],
    ['a header beyond the file', golden.subarray(0, 100), 'expected a header of 416 bytes but the file has only 92 behind its length; it is truncated or no safetensors file'],
    ['a header beyond 100 MB', Buffer.from('0102030405060708', 'hex'), 'expected a header of at most 100000000 bytes but it claims 578437695752307201'],
    ['a header of 2^64 - 1', Buffer.alloc(64, 255), 'expected a header of at most 100000000 bytes but it claims 18446744073709551615'],
    ['no header', new Uint8Array(8), "expected a header that begins with '{' but it is no JSON object"],
    ['an array', file('[]'), "expected a header that begins with '{' but it is no JSON object"],
    ['leading space', file(' {}'), "expected a header that begins with '{' but it is no JSON object"],
    ['no JSON', file('{"a":'), 'expected a header of JSON in UTF-8 but it cannot be parsed'],
    ['no UTF-8', file('{"\xff":1}'.replace('\xff', '')).with(10, 0xff), 'expected a header of JSON in UTF-8 but it cannot be parsed'],
    ['text behind the JSON', file('{} x'), 'expected a header of JSON in UTF-8 but it cannot be parsed'],
    ['deep nesting', file(`{"a":${'['.repeat(100_000)}`), 'expected a header of JSON in UTF-8 but it cannot be parsed'],
    ['a name twice', file('{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4), "expected each name once in the header but 'w' is there twice"],
    ['a name twice, once escaped', file('{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\u0077":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4), "'w' is there twice"],
    ['a field twice', file('{"w":{"dtype":"F32","shape":[],"shape":[1],"data_offsets":[0,4]}}', 4), "'shape' is there twice"],
    ['metadata that is no object', file({ __metadata__: [] }), "expected '__metadata__' to be an object of texts"],
    ['metadata that is no text', file({ __metadata__: { epoch: 3 } }), "expected metadata 'epoch' to be a text"],
    ['a tensor that is no object', file({ w: null }), "tensor 'w': expected an object with dtype, shape and data_offsets"],
    ['an unknown dtype', file({ w: { dtype: 'F4', shape: [1], data_offsets: [0, 4] } }, 4), "tensor 'w': unknown dtype 'F4'"],
    ['a dtype of Object', file({ w: { dtype: 'constructor', shape: [1], data_offsets: [0, 4] } }, 4), "tensor 'w': unknown dtype 'constructor'"],
    ['no dtype', file({ w: { shape: [1], data_offsets: [0, 4] } }, 4), "tensor 'w': unknown dtype that is no text"],
    ['an unknown field', file({ w: { ...f32(0, 4, 1), stride: 1 } }, 4), "tensor 'w': unknown field 'stride'"],
    ['no shape', file({ w: { dtype: 'F32', data_offsets: [0, 4] } }, 4), "tensor 'w': expected a shape of non-negative whole numbers"],
    ['a negative dimension', file({ w: f32(0, 4, -1, -1) }, 4), "tensor 'w': expected a shape of non-negative whole numbers"],
    ['a fractional dimension', file({ w: f32(0, 4, 0.5, 2) }, 4), "tensor 'w': expected a shape of non-negative whole numbers"],
    ['a dimension of text', file({ w: f32(0, 4, '1') }, 4), "tensor 'w': expected a shape of non-negative whole numbers"],
    ['a dimension beyond 2^53', file('{"w":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', 4), "tensor 'w': expected a shape of non-negative whole numbers"],
    ['a product beyond 2^53', file({ w: f32(0, 4, 2 ** 31, 2 ** 31) }, 4), "tensor 'w': the shape [2147483648, 2147483648] is too large"],
    ['a product that wraps to 0 in 64 bits', file({ w: f32(0, 0, 2 ** 32, 2 ** 32) }), "tensor 'w': the shape [4294967296, 4294967296] is too large"],
    ['one offset', file({ w: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4), "tensor 'w': expected data_offsets to be two non-negative whole numbers"],
    ['negative offsets', file({ w: f32(-4, 0, 1) }, 4), "tensor 'w': expected data_offsets to be two non-negative whole numbers"],
    ['offsets the wrong way round', file({ w: f32(4, 0, 1) }, 4), "tensor 'w': expected 4 bytes for F32 of shape [1] but its data_offsets are 4 to 0"],
    ['a shape of another size', file({ w: f32(0, 8, 2, 3) }, 8), "tensor 'w': expected 24 bytes for F32 of shape [2, 3] but its data_offsets are 0 to 8"],
    ['data beyond the end', file({ w: f32(0, 8, 2) }, 7), "tensor 'w': expected data up to byte 8 but there are 7; the file is truncated"],
    ['overlap', file({ a: f32(0, 8, 2), b: f32(4, 12, 2) }, 12), "tensor 'b': its data begins at byte 4 and overlaps another's, which ends at 8"],
    ['the same bytes twice', file({ a: f32(0, 8, 2), b: f32(0, 8, 2) }, 8), "tensor 'b': its data begins at byte 0 and overlaps another's, which ends at 8"],
    ['a hole', file({ a: f32(0, 4, 1), b: f32(8, 12, 1) }, 12), "tensor 'b': its data begins at byte 8 and leaves a hole behind byte 4"],
    ['a hole in front', file({ a: f32(4, 8, 1) }, 8), "tensor 'a': its data begins at byte 4 and leaves a hole behind byte 0"],
    ['bytes left over', file({ a: f32(0, 4, 1) }, 5), 'expected 4 bytes of data but there are 5'],
    ['only bytes', file({}, 1), 'expected 0 bytes of data but there are 1'],
  ])('%s', (_, bytes, sentence) => {
    const read = (): unknown => decodeSafetensors(bytes, "load 'a.safetensors'");
    expect(read).toThrow(ModelFormatError);
    expect(read).toThrow(sentence);
    expect(read).toThrow(/^\[load 'a\.safetensors'\] [^\n]+$/);
  });

  it('every truncation of a good file, and every byte too many', () => {
    for (let length = 0; length < golden.length; length++) expect(() => decodeSafetensors(golden.subarray(0, length), 'load')).toThrow(ModelFormatError);
    expect(() => decodeSafetensors(Buffer.concat([golden, Uint8Array.of(0)]), 'load')).toThrow(ModelFormatError);
  });

  it('changed bytes either read within the file or are refused, never anything else', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(golden.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = Uint8Array.from(golden);
      for (const [at, value] of changes) bytes[at] = value;
      expectReadOrRefused(bytes);
    }), { numRuns: 3000 });
  });

  it('any header of the right form but wrong numbers either reads within the file or is refused', () => {
    const number = fc.oneof(fc.nat(16), fc.constantFrom(-1, 0.5, 2 ** 31, 2 ** 53, 1e300, null, '4'));
    const entry = fc.record({ dtype: fc.constantFrom('F32', 'F64', 'U8', 'BF16', 'X'), shape: fc.array(number, { maxLength: 3 }), data_offsets: fc.array(number, { minLength: 1, maxLength: 3 }) }, { noNullPrototype: true });
    fc.assert(fc.property(fc.dictionary(fc.string({ maxLength: 3 }), entry, { maxKeys: 3 }), fc.nat(32), (header, length) => {
      expectReadOrRefused(file(header, length));
    }), { numRuns: 3000 });
  });
});

/** Reads: then every tensor has its size and the sizes add up to the data. Or throws ModelFormatError. */
function expectReadOrRefused(bytes: Uint8Array): void {
  let decoded;
  try {
    decoded = decodeSafetensors(bytes, 'load');
  } catch (error) {
    expect(error).toBeInstanceOf(ModelFormatError);
    return;
  }
  let total = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  for (const { shape, data } of decoded.tensors.values()) {
    expect(shape.reduce((product, dimension) => product * dimension, 1)).toBe(data.length);
    total += data.byteLength;
  }
  expect(total).toBe(bytes.length);
}

describe('duplicateKey', () => {
  it.each<[string, string | null]>([
    ['{"a":1,"b":{"a":2}}', null], ['{"a":[{"b":1},{"b":2}],"c":["a","a","a"]}', null], ['{"a":"a","b":"a:"}', null], ['{"a\\"":1,"a":"\\\\","b":2}', null],
    ['{"a":1,"a":2}', 'a'], ['{"a":{"b":1,"c":[],"b" : 2}}', 'b'], ['{"\\u0061":1,"a":2}', 'a'], ['{"":1,\n""\t:2}', ''],
  ])('%s', (json, expected) => expect(duplicateKey(json)).toBe(expected));

  it('finds none in what JSON.stringify writes', () => {
    fc.assert(fc.property(fc.json(), (json) => { expect(duplicateKey(json)).toBeNull(); }));
  });
});

describe('readSafetensors', () => {
  let folder = '';
  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'densely-safetensors-')); });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads what decodeSafetensors reads', async () => {
    const path = join(folder, 'golden.safetensors');
    await writeFileAtomic(path, [golden]);
    expect(await readSafetensors(path)).toEqual({ tensors: goldenTensors, metadata: { format: 'np', note: 'ü' } });
  });

  it('reads every good file, each tensor into memory of its own', async () => {
    const path = join(folder, 'any.safetensors');
    await fc.assert(fc.asyncProperty(tensorLists, async (tensors) => {
      const chunks = encodeSafetensors(tensors, { a: 'b' });
      await writeFile(path, Buffer.concat(chunks));
      const read = await readSafetensors(path);
      expect(read).toEqual(decodeSafetensors(Buffer.concat(chunks), 'load'));
      for (const { data } of read.tensors.values()) expect(data.buffer.byteLength).toBe(data.byteLength);
    }), { numRuns: 25 });
  });

  it('refuses truncated files, naming them', async () => {
    const path = join(folder, 'cut.safetensors');
    for (const length of [0, 5, 8, 100, golden.length - 1]) {
      await writeFile(path, golden);
      await truncate(path, length);
      await expect(readSafetensors(path, "load 'cut.safetensors'")).rejects.toThrow(ModelFormatError);
      await expect(readSafetensors(path, "load 'cut.safetensors'")).rejects.toThrow(/^\[load 'cut\.safetensors'\] /);
    }
    await expect(readSafetensors(join(folder, 'none'))).rejects.toThrow('ENOENT');
  });
});
