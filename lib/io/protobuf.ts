// Protocol buffers, written by hand (https://protobuf.dev/programming-guides/encoding): messages as bytes, field after field.

const kinds = { varint: 0, eightBytes: 1, lengthDelimited: 2, fourBytes: 5 } as const;

function varint(value: number): number[] {
  const bytes: number[] = [];
  // Negative numbers are 64-bit two's complements, ten bytes long.
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return bytes;
}

function field(number: number, kind: keyof typeof kinds, content: Uint8Array): Buffer {
  const length = kind === 'lengthDelimited' ? varint(content.length) : [];
  return Buffer.concat([Uint8Array.from([...varint(number * 8 + kinds[kind]), ...length]), content]);
}

/** An int32, int64, bool or enum. */
export function integerField(number: number, value: number): Buffer {
  return field(number, 'varint', Uint8Array.from(varint(value)));
}

export function doubleField(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return field(number, 'eightBytes', bytes);
}

/** A float: the value rounded to single precision. */
export function floatField(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return field(number, 'fourBytes', bytes);
}

/** Repeated doubles, packed. */
export function doublesField(number: number, values: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (let i = 0; i < values.length; i++) bytes.writeDoubleLE(values[i]!, 8 * i);
  return field(number, 'lengthDelimited', bytes);
}

/** A string in UTF-8, bytes, or a message from its fields. */
export function bytesField(number: number, content: string | Uint8Array | readonly Uint8Array[]): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content instanceof Uint8Array ? content : Buffer.concat(content);
  return field(number, 'lengthDelimited', bytes);
}
