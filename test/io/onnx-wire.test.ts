// The wire format: bytes as the specification of Protocol Buffers gives them, values at the ends of their ranges, and refusals.
import { describe, expect, test } from 'vitest';
import { ModelFormatError } from '../../lib/index.ts';
import { modelSchema } from '../../lib/io/onnx/schema.ts';
import { decodeMessage, encodeMessage, type Schema } from '../../lib/io/onnx/wire.ts';
import { fromBfloat16, fromFloat16 } from '../../lib/io/half.ts';

const inner: Schema = { name: 'Inner', fields: { a: { number: 1, type: 'integer' } } };
const schema: Schema = {
  name: 'Test',
  fields: {
    a: { number: 1, type: 'integer' }, b: { number: 2, type: 'string' }, c: { number: 3, type: inner }, d: { number: 4, type: 'integer', repeated: true },
    e: { number: 5, type: 'float', repeated: true }, f: { number: 6, type: 'double' }, g: { number: 16, type: 'bytes' }, h: { number: 7, type: inner, repeated: true },
  },
};
const bytesOf = (message: object): number[] => encodeMessage(schema, message).parts.flatMap((part) => [...part]);
const read = (...bytes: number[]): object => decodeMessage(Uint8Array.from(bytes), schema, 'test');
const nothing = { d: [], e: [], h: [] };

// The examples of https://protobuf.dev/programming-guides/encoding.
describe('the examples of the specification', () => {
  test('a number, a text, a message in a message', () => {
    expect(bytesOf({ a: 150 })).toEqual([0x08, 0x96, 0x01]);
    expect(bytesOf({ b: 'testing' })).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
    expect(bytesOf({ c: { a: 150 } })).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
    expect(read(0x08, 0x96, 0x01, 0x12, 0x01, 0x74, 0x1a, 0x03, 0x08, 0x96, 0x01)).toEqual({ ...nothing, a: 150, b: 't', c: { a: 150 } });
  });

  test('lists, packed or not, and in parts', () => {
    expect(read(0x22, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05)).toEqual({ ...nothing, d: [3, 270, 86942] });
    expect(read(0x20, 0x03, 0x20, 0x05, 0x22, 0x01, 0x07)).toEqual({ ...nothing, d: [3, 5, 7] });
    expect(read(0x2a, 0x08, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0x2d, 0, 0, 0, 0x3f)).toEqual({ ...nothing, e: [1, -2, 0.5] });
  });

  test('minus two is ten bytes', () => {
    expect(bytesOf({ a: -2 })).toEqual([0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
  });
});

test('values come back as they went, whatever their size', () => {
  for (const value of [0, 1, 127, 128, 2 ** 31, 2 ** 48, 2 ** 49 - 1, 2 ** 49, 2 ** 53, -1, -(2 ** 31), -(2 ** 53)]) expect(read(...bytesOf({ a: value }))).toEqual({ ...nothing, a: value });
  const message = { ...nothing, b: 'Größe 𝛼', d: [1, -1], e: [0.1, -3].map(Math.fround), f: Math.PI, g: Uint8Array.of(1, 2, 255), h: [{ a: 1 }, { a: 2 }] };
  expect(read(...bytesOf(message))).toEqual(message);
  expect(read(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)).toEqual({ ...nothing, a: Number(2n ** 63n - 1n) });
});

test('unknown fields of every wire type are passed over', () => {
  expect(read(0xa0, 0x06, 0x05, 0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xa2, 0x06, 2, 9, 9, 0xa5, 0x06, 1, 2, 3, 4, 0x08, 0x01)).toEqual({ ...nothing, a: 1 });
});

test.each<[string, number[], string]>([
  ['a number that ends in the middle', [0x08, 0x96], 'bytes end in it'],
  ['a number of more than 64 bits', [0x08, ...Array<number>(11).fill(0xff)], 'at most 64 bits'],
  ['a length beyond the end', [0x12, 0x05, 0x74], 'field of 5 bytes but 1 are left'],
  ['a negative length', [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 'field of -1 bytes'],
  ['a group', [0x0b], 'wire type 0 but received 3'],
  ['an unknown field of an unknown wire type', [0xa3, 0x06], 'has type 3'],
  ['a field of another wire type', [0x10, 0x01], 'field b'],
  ['a field twice', [0x08, 0x01, 0x08, 0x02], 'field a once'],
  ['field 0', [0x00, 0x01], 'numbered from 1'],
  ['a text that is no UTF-8', [0x12, 0x01, 0xff], 'UTF-8'],
])('%s is refused', (_what, bytes, sentence) => {
  expect(() => read(...bytes)).toThrow(ModelFormatError);
  expect(() => read(...bytes)).toThrow(sentence);
});

test('no message of a model contains itself, so that nesting is bounded', () => {
  const visit = (schema: Schema, above: readonly Schema[]): number => {
    expect(above).not.toContain(schema);
    return 1 + Math.max(0, ...Object.values(schema.fields).map(({ type }) => (typeof type === 'string' ? 0 : visit(type, [...above, schema]))));
  };
  expect(visit(modelSchema, [])).toBeLessThan(8);
});

test('numbers of 16 bits', () => {
  const halves: [bits: number, value: number][] = [[0x3c00, 1], [0xc000, -2], [0x7bff, 65504], [0x0400, 2 ** -14], [0x03ff, 1023 * 2 ** -24], [0x8000, -0], [0x7c00, Infinity], [0xfc00, -Infinity]];
  for (const [bits, value] of halves) expect(fromFloat16(bits)).toBe(value);
  expect(fromFloat16(0x7e00)).toBeNaN();
  for (const [bits, value] of [[0x3f80, 1], [0xc000, -2], [0x7f80, Infinity], [0x0080, 2 ** -126]] as const) expect(fromBfloat16(bits)).toBe(value);
});
