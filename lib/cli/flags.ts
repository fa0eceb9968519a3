// Flags of a command: how they are defined, and how a command line is read.
import { parseArgs } from 'node:util';
import { quote, suggestion } from '../options.ts';
import type { CommandLine } from './command.ts';
import { UsageError } from './exit-codes.ts';

/** A flag. `switch` takes no value; `text` and `number` do. */
export interface FlagDefinition {
  readonly kind: 'switch' | 'text' | 'number';
  readonly doc: string;
  /** What its value is called in the help. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  /** May be given several times; its value is then a list. */
  readonly many?: boolean;
  /** The heading it stands under in the help. */
  readonly group?: string;
}

/** Flags by their names in code, `batchSize` for `--batch-size`. */
export type FlagDefinitions = Readonly<Record<string, FlagDefinition>>;

type FlagValue = string | number | boolean | readonly string[] | undefined;

/** The flags that were given. */
export class Flags {
  private readonly values: Readonly<Record<string, FlagValue>>;

  constructor(values: Readonly<Record<string, FlagValue>>) {
    this.values = values;
  }

  text(name: string): string | undefined {
    return this.values[name] as string | undefined;
  }

  /** A text that has to be there. */
  required(name: string, command: string): string {
    return this.text(name) ?? missing(command, flagName(name));
  }

  number(name: string): number | undefined {
    return this.values[name] as number | undefined;
  }

  isSet(name: string): boolean {
    return this.values[name] === true;
  }

  list(name: string): readonly string[] | undefined {
    return this.values[name] as readonly string[] | undefined;
  }

  /** All of them, as far as they were given. */
  get given(): Readonly<Record<string, unknown>> {
    return this.values;
  }
}

function missing(command: string, flag: string): never {
  throw new UsageError(`expected ${flag}; 'densely ${command} --help' shows how`);
}

/** `--batch-size` for `batchSize`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A number as people write it: `0.5`, `1e-3`. */
function numberOf(text: string, flag: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new UsageError(`expected ${flag} to be a number but received ${quote(text)}`);
  return value;
}

/** Reads what stands behind the name of a command. */
export function readFlags(args: readonly string[], definitions: FlagDefinitions, [least, most]: readonly [number, number], usage: string): CommandLine {
  const names = new Map(Object.keys(definitions).map((name) => [flagName(name), name]));
  const options = Object.fromEntries([...names].map(([flag, name]) => {
    const { kind, short } = definitions[name]!;
    return [flag.slice(2), { type: kind === 'switch' ? 'boolean' as const : 'string' as const, multiple: true, ...(short && { short }) }];
  }));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true });
  const values: Record<string, FlagValue> = {}, operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const name = names.get(`--${token.name}`);
    if (name === undefined) throw unknownFlag(token.rawName, [...names.keys()]);
    const { many = false } = definitions[name]!;
    if (values[name] !== undefined && !many) throw new UsageError(`expected ${flagName(name)} once but received it twice`);
    const value = valueOf(token.value, definitions[name]!, flagName(name), names);
    values[name] = many ? [...((values[name] as readonly string[] | undefined) ?? []), value as string] : value;
  }
  if (operands.length < least) throw new UsageError(`expected ${usage}`);
  if (operands.length > most) throw new UsageError(`expected ${most === 0 ? 'flags alone' : `at most ${most} argument${most === 1 ? '' : 's'}`} but received ${quote(operands[most]!)} besides`);
  return { operands, flags: new Flags(values) };
}

function valueOf(given: string | undefined, { kind }: FlagDefinition, flag: string, names: ReadonlyMap<string, string>): FlagValue {
  if (kind === 'switch') {
    if (given !== undefined) throw new UsageError(`expected ${flag} without a value but received ${quote(given)}`);
    return true;
  }
  if (given === undefined) throw new UsageError(`expected a value after ${flag}`);
  if (names.has(given)) throw new UsageError(`expected a value after ${flag} but received the flag ${given}`);
  return kind === 'number' ? numberOf(given, flag) : given;
}

function unknownFlag(given: string, known: readonly string[]): UsageError {
  const near = suggestion(given, known);
  return new UsageError(`unknown flag ${quote(given)}${near === '' ? '; --help lists those there are' : near}`);
}
