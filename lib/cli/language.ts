// The short way to write layers, optimizers and the like: `dense(64, relu, l2=1e-4)`, or `64:relu` for layers.
import { quote } from '../options.ts';
import { UsageError } from './exit-codes.ts';

/** A name with values in order and values by name. */
export interface Call {
  readonly name: string;
  readonly positional: readonly Value[];
  readonly named: Readonly<Record<string, Value>>;
}

/** A value: a number, a word, true or false, a list, or a call. */
export type Value = number | string | boolean | readonly Value[] | Call;

export function isCall(value: unknown): value is Call {
  return typeof value === 'object' && value !== null && 'positional' in value;
}

const word = /[A-Za-z_][\w-]*/y, number = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y, quoted = /'([^']*)'|"([^"]*)"/y;

/** Reads a text from left to right. */
class Reader {
  private readonly text: string;
  private readonly flag: string;
  private at = 0;

  constructor(text: string, flag: string) {
    this.text = text;
    this.flag = flag;
  }

  get isAtEnd(): boolean {
    this.skipSpace();
    return this.at === this.text.length;
  }

  /** Takes a character where it comes next. */
  take(character: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  expect(character: string): void {
    if (!this.take(character)) throw this.failure(`'${character}'`);
  }

  /** What a pattern matches here, or undefined. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    this.skipSpace();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.at = pattern.lastIndex;
    return found;
  }

  failure(expected: string): UsageError {
    const rest = this.text.slice(this.at);
    return new UsageError(`expected ${expected} in ${this.flag} ${quote(this.text, 80)} but received ${rest === '' ? 'its end' : `${quote(rest, 20)} at character ${this.at + 1}`}`);
  }

  private skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }
}

/** Calls and lists within each other, at most; no layer or optimizer has more than a few. */
const deepest = 64;

function readValue(reader: Reader, depth: number): Value {
  if (depth > deepest) throw reader.failure(`at most ${deepest} calls and lists within each other`);
  const digits = reader.match(number);
  if (digits !== undefined) return Number(digits[0]);
  const text = reader.match(quoted);
  if (text !== undefined) return text[1] ?? text[2]!;
  if (reader.take('[')) return readUntil(reader, ']', () => readValue(reader, depth + 1));
  const name = reader.match(word)?.[0];
  if (name === undefined) throw reader.failure('a name or a number');
  if (name === 'true' || name === 'false') return name === 'true';
  return reader.take('(') ? readCall(reader, name, depth + 1) : name;
}

/** Things between commas up to a closing character, which has not come yet. */
function readUntil<Item>(reader: Reader, end: string, read: () => Item): Item[] {
  const items: Item[] = [];
  if (reader.take(end)) return items;
  do items.push(read()); while (reader.take(','));
  reader.expect(end);
  return items;
}

/** `name=value`, or a value in its place. */
function readArgument(reader: Reader, depth: number): { name: string | undefined; value: Value } {
  const named = reader.match(/([A-Za-z_]\w*)\s*[=:]/y);
  return { name: named?.[1], value: readValue(reader, depth) };
}

function callOf(name: string, parts: readonly { name: string | undefined; value: Value }[], reader: Reader): Call {
  // Without a prototype, so that every name is one of an option.
  const named = Object.create(null) as Record<string, Value>, positional: Value[] = [];
  for (const part of parts) {
    if (part.name === undefined) positional.push(part.value);
    else if (Object.hasOwn(named, part.name)) throw reader.failure(`${quote(part.name)} once`);
    else named[part.name] = part.value;
  }
  return { name, positional, named };
}

function readCall(reader: Reader, name: string, depth = 0): Call {
  return callOf(name, readUntil(reader, ')', () => readArgument(reader, depth)), reader);
}

/** A layer: `dense(64, relu)`, `dropout:0.2`, `64:relu`, `64` or `standardScaler`. */
function readLayer(reader: Reader): Call {
  const units = reader.match(number);
  const name = units === undefined ? reader.match(word)?.[0] : 'dense';
  if (name === undefined) throw reader.failure("a layer such as '64:relu' or 'dropout(0.2)'");
  if (units === undefined && reader.take('(')) return readCall(reader, name);
  const positional: Value[] = units === undefined ? [] : [Number(units[0])];
  while (reader.take(':')) positional.push(readValue(reader, 0));
  return { name, positional, named: {} };
}

/** `64:relu,dropout:0.2,10:softmax` as calls. */
export function parseLayers(text: string, flag: string): Call[] {
  const reader = new Reader(text, flag), layers: Call[] = [];
  do layers.push(readLayer(reader)); while (reader.take(','));
  if (!reader.isAtEnd) throw reader.failure("',' or the end");
  return layers;
}

/** One call, `sgd(learningRate=0.1, momentum=0.9)`, or its name alone. */
export function parseCall(text: string, flag: string): Call {
  const reader = new Reader(text, flag), name = reader.match(word)?.[0];
  if (name === undefined) throw reader.failure('a name');
  const call = reader.take('(') ? readCall(reader, name) : { name, positional: [], named: {} };
  if (!reader.isAtEnd) throw reader.failure('the end');
  return call;
}

/** `patience=3, monitor=accuracy`, or a value by itself: what stands between the brackets of a call. */
export function parseArguments(text: string, name: string, flag: string): Call {
  const reader = new Reader(text, flag), parts = [readArgument(reader, 0)];
  while (reader.take(',')) parts.push(readArgument(reader, 0));
  if (!reader.isAtEnd) throw reader.failure("',' or the end");
  return callOf(name, parts, reader);
}
