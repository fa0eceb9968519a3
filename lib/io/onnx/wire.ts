// The wire format of Protocol Buffers (https://protobuf.dev/programming-guides/encoding), as far as ONNX needs it: messages are read
// and written by a table of their fields. A library for it would be the package's only dependency that is no build tool, and would read
// whole messages before anything could be refused. Nothing that is read is believed: lengths are checked, and memory stays in proportion.
import { internal, ModelFormatError } from '../../errors.ts';

/** A field: its number, its type (a scalar, or a message by its table), and whether it is a list. */
export interface Field {
  readonly number: number;
  readonly type: 'integer' | 'float' | 'double' | 'string' | 'bytes' | Schema;
  readonly repeated?: boolean;
}
/** A message type: its fields by name. No message may contain itself, so that nesting is bounded. */
export interface Schema {
  readonly name: string;
  readonly fields: Readonly<Record<string, Field>>;
}
type Message = Record<string, unknown>;

/** What follows a field's tag: a varint, 8 bytes, a length and so many bytes, 4 bytes. */
const Wire = { varint: 0, eight: 1, length: 2, four: 5 } as const;

/** Texts, byte strings and messages in one file, of which a layer has some twenty; more, and small files could fill the memory. */
const mostParts = 100_000;

const wireTypes = { integer: Wire.varint, float: Wire.four, double: Wire.eight, string: Wire.length, bytes: Wire.length } as const;
const wireOf = ({ type }: Field): number => (typeof type === 'string' ? wireTypes[type] : Wire.length);

/** Bytes in pieces to be written one after the other, so that weights are not copied. */
export interface Chunks { readonly length: number; readonly parts: readonly Uint8Array[] }

function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 128);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

const text = new TextEncoder();

function fixed(value: number, bytes: 4 | 8): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  if (bytes === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return new Uint8Array(view.buffer);
}

function payload({ type }: Field, value: unknown): Chunks {
  if (typeof type !== 'string') return encodeMessage(type, value as Message);
  const bytes = type === 'integer' ? varint(value as number)
    : type === 'float' ? fixed(value as number, 4)
      : type === 'double' ? fixed(value as number, 8)
        : type === 'string' ? text.encode(value as string) : value as Uint8Array;
  return { length: bytes.length, parts: [bytes] };
}

/** A message as bytes; fields that are undefined are left out, lists of numbers are not packed. */
export function encodeMessage(schema: Schema, message: object): Chunks {
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(message)) {
    if (value === undefined) continue;
    const field = schema.fields[name];
    if (field === undefined) throw internal(`${schema.name} has no field ${name}`);
    for (const each of field.repeated ? value as readonly unknown[] : [value]) {
      const { length, parts: inner } = payload(field, each), wire = wireOf(field);
      parts.push(varint(field.number * 8 + wire));
      if (wire === Wire.length) parts.push(varint(length));
      for (const part of inner) parts.push(part);
    }
  }
  return { length: parts.reduce((sum, part) => sum + part.length, 0), parts };
}

/** What the readers of one file share: its bytes, how errors begin, and how many parts were read. */
interface Source { readonly bytes: Uint8Array; readonly view: DataView; readonly where: string; parts: number }

/** Reads the bytes of a file from `at` up to `end`. */
class Reader {
  private readonly source: Source;
  private readonly end: number;
  private at: number;

  constructor(source: Source, at: number, end: number) {
    this.source = source;
    this.at = at;
    this.end = end;
  }

  get isDone(): boolean {
    return this.at >= this.end;
  }

  /** The bytes that are left, as a view. */
  get rest(): Uint8Array {
    return this.source.bytes.subarray(this.at, this.end);
  }

  fail(what: string): never {
    throw new ModelFormatError(`[${this.source.where}] ${what}`);
  }

  private byte(): number | undefined {
    return this.at < this.end ? this.source.bytes[this.at++] : undefined;
  }

  /** A signed whole number of 64 bits; beyond 2^53 it is rounded. */
  integer(): number {
    let low = 0, factor = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.byte();
      if (byte === undefined) this.fail('expected a number but the bytes end in it; the file is truncated or no ONNX model');
      if (i === 7) return this.long(low, byte);
      low += (byte & 127) * factor;
      if (byte < 128) return low;
      factor *= 128;
    }
    return this.fail('expected numbers of at most 64 bits');
  }

  /** The rest of a number of more than 49 bits, of which `byte` is the eighth byte. */
  private long(low: number, byte: number): number {
    let value = BigInt(low), shift = 49n, next: number | undefined = byte;
    for (let i = 7; i < 10; i++) {
      if (next === undefined) this.fail('expected a number but the bytes end in it; the file is truncated or no ONNX model');
      value |= BigInt(next & 127) << shift;
      if (next < 128) return Number(BigInt.asIntN(64, value));
      shift += 7n;
      next = this.byte();
    }
    return this.fail('expected numbers of at most 64 bits');
  }

  /** Passes over so many bytes; returns where they begin. */
  take(length: number): number {
    if (!(length >= 0 && length <= this.end - this.at)) {
      this.fail(`expected a field of ${length} bytes but ${this.end - this.at} are left; the file is truncated or no ONNX model`);
    }
    this.at += length;
    return this.at - length;
  }

  /** A field that is preceded by its length. */
  part(): Reader {
    if (++this.source.parts > mostParts) this.fail(`expected at most ${mostParts} texts, byte strings and messages`);
    const from = this.take(this.integer());
    return new Reader(this.source, from, this.at);
  }

  float(): number {
    return this.source.view.getFloat32(this.take(4), true);
  }

  double(): number {
    return this.source.view.getFloat64(this.take(8), true);
  }

  skip(wire: number): void {
    if (wire === Wire.varint) this.integer();
    else if (wire === Wire.eight) this.take(8);
    else if (wire === Wire.length) this.take(this.integer());
    else if (wire === Wire.four) this.take(4);
    else this.fail(`expected fields of known wire types but one has type ${wire}; it is no ONNX model`);
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function readValue(reader: Reader, { type }: Field): unknown {
  if (type === 'integer') return reader.integer();
  if (type === 'float') return reader.float();
  if (type === 'double') return reader.double();
  const part = reader.part();
  if (type === 'bytes') return part.rest;
  if (type !== 'string') return readMessage(part, type);
  try {
    return decoder.decode(part.rest);
  } catch {
    return reader.fail('expected texts in UTF-8');
  }
}

const nothing: readonly unknown[] = [];

/** Reads one field into `message`. */
function readField(reader: Reader, name: string, field: Field, wire: number, message: Message): void {
  const expected = wireOf(field), isPacked = field.repeated === true && wire === Wire.length && expected !== Wire.length;
  if (wire !== expected && !isPacked) reader.fail(`expected field ${name} of wire type ${expected} but received ${wire}; it is no ONNX model`);
  if (!field.repeated) {
    if (message[name] !== undefined) reader.fail(`expected field ${name} once`);
    message[name] = readValue(reader, field);
    return;
  }
  if (message[name] === nothing) message[name] = [];
  const list = message[name] as unknown[];
  if (!isPacked) {
    list.push(readValue(reader, field));
    return;
  }
  const packed = reader.part();
  while (!packed.isDone) list.push(readValue(packed, field));
}

function readMessage(reader: Reader, schema: Schema): Message {
  const { empty, known } = tableOf(schema), message = { ...empty };
  while (!reader.isDone) {
    const tag = reader.integer(), number = Math.floor(tag / 8), wire = tag % 8;
    if (!(number >= 1 && number < 2 ** 29)) reader.fail('expected fields numbered from 1 but it has others; it is no ONNX model');
    const found = known.get(number);
    if (found === undefined) reader.skip(wire);
    else readField(reader, found.name, found.field, wire, message);
  }
  return message;
}

/** A message without fields, and the fields by their number. */
interface Table { readonly empty: Message; readonly known: ReadonlyMap<number, { name: string; field: Field }> }
const tables = new WeakMap<Schema, Table>();

function tableOf(schema: Schema): Table {
  let table = tables.get(schema);
  if (table === undefined) {
    const fields = Object.entries(schema.fields);
    table = {
      empty: Object.fromEntries(fields.filter(([, { repeated }]) => repeated).map(([name]) => [name, nothing])),
      known: new Map(fields.map(([name, field]) => [field.number, { name, field }])),
    };
    tables.set(schema, table);
  }
  return table;
}

/**
 * Reads a message. Repeated fields are lists, empty where there are none; bytes are views of what was given; unknown fields are passed over.
 * @param where Begins every error sentence.
 * @throws {ModelFormatError} On bytes that are no such message.
 */
export function decodeMessage(bytes: Uint8Array, schema: Schema, where: string): object {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readMessage(new Reader({ bytes, view, where, parts: 0 }, 0, bytes.length), schema);
}
