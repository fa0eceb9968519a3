// Mutations of bytes and of plain data.
import type { Draws } from './random.ts';

const edges = [0, 1, 2, 3, 7, 8, 15, 16, 127, 128, 255, 256, 1000, 32767, 32768, 65535, 65536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const wideEdges = [0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];

function integerAt(bytes: Buffer, draws: Draws): Buffer {
  const size = draws.of([1, 2, 4, 8]), at = draws.below(bytes.length - size + 1), isLittle = draws.once(2);
  if (bytes.length < size) return bytes;
  if (size === 8) {
    if (isLittle) bytes.writeBigUInt64LE(draws.of(wideEdges), at);
    else bytes.writeBigUInt64BE(draws.of(wideEdges), at);
    return bytes;
  }
  const value = draws.of(edges) % 2 ** (8 * size);
  if (isLittle) bytes.writeUIntLE(value, at, size);
  else bytes.writeUIntBE(value, at, size);
  return bytes;
}

function mutateOnce(bytes: Buffer, others: readonly Uint8Array[], tokens: readonly string[], draws: Draws): Buffer {
  const at = draws.below(bytes.length + 1), length = Math.min(bytes.length - at, draws.count(Math.max(1, bytes.length)));
  const insert = (part: Uint8Array, replaced = 0): Buffer => Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + replaced)]);
  switch (draws.below(12)) {
    case 0: case 1:
      if (bytes.length > 0) bytes[draws.below(bytes.length)]! ^= 1 << draws.below(8);
      return bytes;
    case 2:
      if (bytes.length > 0) bytes[draws.below(bytes.length)] = draws.below(256);
      return bytes;
    case 3: return integerAt(bytes, draws);
    case 4: return insert(new Uint8Array(0), length);
    case 5: return insert(bytes.subarray(at, at + length));
    case 6: return draws.once(4) ? bytes.subarray(0, at) : insert(Buffer.alloc(draws.count(64), draws.below(256)));
    case 7: {
      const other = draws.of(others), from = draws.below(other.length);
      return insert(other.subarray(from, from + draws.count(Math.max(1, other.length))), draws.once(2) ? length : 0);
    }
    case 8: case 9: {
      if (tokens.length === 0) return bytes;
      const token = Buffer.from(draws.of(tokens), 'latin1');
      return insert(token, draws.once(2) ? token.length : 0);
    }
    case 10: {
      const digits = [...bytes.keys()].filter((i) => bytes[i]! >= 48 && bytes[i]! <= 57);
      if (digits.length > 0) bytes[draws.of(digits)] = 48 + draws.below(10);
      return bytes;
    }
    default: {
      if (draws.once(64) && length > 0) return insert(Buffer.concat(Array.from({ length: draws.below(Math.ceil(65536 / length)) }, () => bytes.subarray(at, at + length))));
      const to = draws.below(bytes.length + 1);
      bytes.copyWithin(to, at, at + length);
      return bytes;
    }
  }
}

/** `seed` changed in one to six places. */
export function mutateBytes(seed: Uint8Array, others: readonly Uint8Array[], tokens: readonly string[], draws: Draws): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  for (let left = 1 + draws.below(draws.once(2) ? 2 : 6); left > 0; left--) bytes = mutateOnce(bytes, others, tokens, draws);
  return bytes;
}

const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'length', '', 'type', 'options', 'name', '0', 'a.b', 'hasOwnProperty'];

/** What `toJson` turns into lists within lists, or objects within objects. */
const deep = (draws: Draws): string => `\u0001${draws.once(2) ? 'lists' : 'objects'} ${draws.of([3, 50, 1000, 20000, 100000])}\u0001`;

/** Plain data as JSON. */
export function toJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replaceAll(/"\\u0001(lists|objects) (\d+)\\u0001"/g, (_, kind: string, count: string) => {
    const [open, close] = kind === 'lists' ? ['[', ']'] : ['{"a":', '}'];
    return `${open.repeat(Number(count))}0${close.repeat(Number(count))}`;
  });
}

function odd(words: readonly string[], draws: Draws): unknown {
  switch (draws.below(12)) {
    case 0: return null;
    case 1: return draws.once(2);
    case 2: case 3: return draws.of([0, -0, 1, -1, 0.5, 2, 3, 7, 1e308, -1e308, 5e-324, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e21]);
    case 4: return draws.of(['', '0', '-1', 'NaN', 'null', '\0', '\ud800', '../../x', 'file:///x', 'https://example.org/x', 'a'.repeat(300), ...keys]);
    case 5: case 6: case 7: return words.length === 0 ? 'x' : draws.of(words);
    case 8: return [];
    case 9: return {};
    case 10: return draws.once(16) ? deep(draws) : [draws.below(9), draws.of(keys)];
    default: return draws.once(64) ? Array.from({ length: draws.below(5000) }, () => draws.below(4)) : draws.below(100);
  }
}

type Holder = Record<string, unknown>;
interface Place { readonly holder: Holder | unknown[]; readonly key: string }

/** Every value in `root`, with where it is; values that are no plain data stay whole. */
function placesIn(root: object): Place[] {
  const places: Place[] = [], pending: object[] = [root];
  while (pending.length > 0 && places.length < 2000) {
    const holder = pending.pop()!;
    for (const key of Object.keys(holder)) {
      places.push({ holder: holder as Holder, key });
      const value = (holder as Holder)[key];
      if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) pending.push(value);
    }
  }
  return places;
}

function put(holder: Holder | unknown[], key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

const copy = (value: unknown): unknown => (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) ? structuredClone(value) : value);

/** Plain data changed in one to four places; `words` are values that mean something to the reader. */
export function mutateData(seed: unknown, words: readonly string[], draws: Draws): unknown {
  if (typeof seed !== 'object' || seed === null || draws.once(200)) return odd(words, draws);
  const root = structuredClone(seed) as Holder;
  for (let left = 1 + draws.below(draws.once(2) ? 1 : 4); left > 0; left--) {
    const places = placesIn(root);
    if (places.length === 0) return odd(words, draws);
    const { holder, key } = draws.of(places), other = draws.of(places), value = (holder as Holder)[key];
    switch (draws.below(8)) {
      case 0: case 1: put(holder, key, odd(words, draws)); break;
      case 2: put(holder, key, typeof value === 'number' ? draws.of([value + 1, value - 1, -value, value * 2, value / 3, value * 1e9]) : odd(words, draws)); break;
      case 3:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
        break;
      case 4: put(holder, key, copy((other.holder as Holder)[other.key])); break;
      case 5: {
        if (Array.isArray(holder)) holder.splice(draws.below(holder.length + 1), 0, copy(value));
        else put(holder, draws.once(2) ? draws.of(keys) : draws.of(words.length === 0 ? keys : words), copy(value));
        break;
      }
      case 6:
        if (Array.isArray(value) && value.length > 0) put(holder, key, Array.from({ length: draws.count(2000) }, () => copy(draws.of(value as unknown[]))));
        else put(holder, key, odd(words, draws));
        break;
      default: {
        const mine = (holder as Holder)[key];
        put(holder, key, copy((other.holder as Holder)[other.key]));
        put(other.holder, other.key, copy(mine));
      }
    }
  }
  return root;
}

/** The words of some plain data: its keys and texts. */
export function wordsOf(values: readonly unknown[]): string[] {
  const words = new Set<string>();
  for (const value of values) {
    JSON.stringify(value, (key, each: unknown) => {
      words.add(key);
      if (typeof each === 'string' && each.length < 40) words.add(each);
      return ArrayBuffer.isView(each) ? null : each;
    });
  }
  return [...words];
}
