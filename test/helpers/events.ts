// Reads event files: records with their sums checked, and the fields of the messages that matter.

type Schema = { readonly [field: number]: readonly [name: string, kind: 'integer' | 'double' | 'float' | 'text' | Schema, repeated?: boolean] };

const shape: Schema = { 2: ['dim', { 1: ['size', 'integer'] }, true] };
const attribute: Schema = { 1: ['list', { 7: ['shape', shape, true] }], 2: ['s', 'text'], 3: ['i', 'integer'] };
const node: Schema = { 1: ['name', 'text'], 2: ['op', 'text'], 3: ['input', 'text', true], 5: ['attr', { 1: ['key', 'text'], 2: ['value', attribute] }, true] };
const graph: Schema = { 1: ['node', node, true], 4: ['versions', { 1: ['producer', 'integer'] }] };
const histogram: Schema = {
  1: ['min', 'double'], 2: ['max', 'double'], 3: ['num', 'double'], 4: ['sum', 'double'], 5: ['sum_squares', 'double'], 6: ['bucket_limit', 'double', true], 7: ['bucket', 'double', true],
};
const value: Schema = { 1: ['tag', 'text'], 2: ['simple_value', 'float'], 5: ['histo', histogram] };
const event: Schema = {
  1: ['wall_time', 'double'], 2: ['step', 'integer'], 3: ['file_version', 'text'], 4: ['graph_def', graph], 5: ['summary', { 1: ['value', value, true] }],
  7: ['session_log', { 1: ['status', 'integer'] }],
};

function decode(bytes: Buffer, schema: Schema): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  let at = 0;
  const varint = (): bigint => {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      result |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, result);
    }
  };
  while (at < bytes.length) {
    const key = Number(varint()), [name, kind, repeated] = schema[key >> 3]!, wire = key & 7;
    let found: unknown;
    if (wire === 0) found = Number(varint());
    else if (wire === 1) found = bytes.readDoubleLE((at += 8) - 8);
    else if (wire === 5) found = bytes.readFloatLE((at += 4) - 4);
    else {
      const length = Number(varint()), content = bytes.subarray(at, at + length);
      at += length;
      if (kind === 'text') found = content.toString();
      else found = decode(content, kind as Schema);
    }
    if (repeated) ((message[name] ??= []) as unknown[]).push(found);
    else message[name] = found;
  }
  if (at !== bytes.length) throw new Error('a message does not end where it should');
  return message;
}

/** CRC-32C bit by bit: as slow and as plain as can be. */
export function plainCrc32c(data: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of data) {
    for (let bit = 0; bit < 8; bit++) sum = ((sum ^ (byte >>> bit)) & 1) === 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1;
  }
  return ~sum >>> 0;
}

const masked = (data: Uint8Array): number => {
  const sum = BigInt(plainCrc32c(data));
  return Number((((sum >> 15n) | (sum << 17n)) + 0xa282ead8n) & 0xffffffffn);
};

export interface ReadEvent {
  readonly wall_time: number;
  readonly step?: number;
  readonly file_version?: string;
  readonly session_log?: { readonly status: number };
  readonly graph_def?: { readonly node: readonly { readonly name: string; readonly op: string; readonly input?: readonly string[]; readonly attr: readonly { readonly key: string; readonly value: unknown }[] }[] };
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simple_value?: number; readonly histo?: Readonly<Record<string, number | number[]>> }[] };
}

/** All events of a file; throws where a sum is wrong. */
export function readEvents(file: Buffer): ReadEvent[] {
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length;) {
    const head = file.subarray(at, at + 8), length = Number(head.readBigUInt64LE()), data = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 8) !== masked(head) || file.readUInt32LE(at + 12 + length) !== masked(data)) throw new Error('a sum is wrong');
    events.push(decode(data, event) as unknown as ReadEvent);
    at += 16 + length;
  }
  return events;
}
