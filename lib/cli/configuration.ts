// Settings of a job: a configuration file, JSON or a module, with the flags before it.
import { access, readFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, quote, suggestion } from '../options.ts';
import { UsageError } from './exit-codes.ts';
import type { FlagDefinitions, Flags } from './flags.ts';

/** Settings by the names of the flags. */
export type Settings = Readonly<Record<string, unknown>>;

/** Settings that name files, taken from the folder of the configuration that says them. */
const pathNames = ['data', 'validation', 'output', 'checkpoints', 'log', 'tensorboard', 'report'];
/** Flags that a configuration says the other way round. */
const negated: Readonly<Record<string, string>> = { noHeader: 'header', noShuffle: 'shuffle' };
/** Flags of the command line alone. */
const flagsAlone = ['config', 'json', 'quiet'];

const modules = ['.mjs', '.js', '.cjs', '.ts', '.mts'];

export function isConfiguration(path: string): boolean {
  return extname(path) === '.json' || modules.includes(extname(path));
}

async function importModule(path: string): Promise<unknown> {
  let module: { default?: unknown };
  await access(path);
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw new UsageError(`cannot load ${quote(path, Infinity)}: ${String(error)}`, { cause: error });
    throw new UsageError(`Node ${process.version} cannot load ${quote(path, Infinity)}: write it as .mjs, or use Node 22.18 or later, which loads TypeScript`);
  }
  return typeof module.default === 'function' ? (module.default as () => unknown)() : module.default;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`expected ${quote(path, Infinity)} to be JSON but ${(error as Error).message}`);
  }
}

/** The keys of a configuration: the names of the flags, without `no`. */
function keysOf(definitions: FlagDefinitions): string[] {
  return Object.keys(definitions).filter((name) => !flagsAlone.includes(name)).map((name) => negated[name] ?? name);
}

function checkKinds(path: string, settings: Settings, definitions: FlagDefinitions): void {
  const keys = keysOf(definitions);
  for (const [name, value] of Object.entries(settings)) {
    if (!keys.includes(name)) {
      const near = suggestion(name, keys);
      throw new UsageError(`unknown key ${quote(name)} in ${quote(path, Infinity)}${near === '' ? `; known are ${keys.join(', ')}` : near}`);
    }
    const kind = Object.values(negated).includes(name) ? 'switch' : definitions[name]!.kind;
    const wanted = kind === 'number' ? 'number' : kind === 'switch' && name !== 'header' ? 'boolean' : undefined;
    if (wanted !== undefined && typeof value !== wanted) {
      throw new UsageError(`expected '${name}' in ${quote(path, Infinity)} to be ${wanted === 'number' ? 'a number' : 'true or false'} but received ${describe(value)}`);
    }
  }
}

/** The settings of a configuration file, checked, with paths from its folder. */
async function readConfiguration(path: string, definitions: FlagDefinitions): Promise<Settings> {
  return modules.includes(extname(path)) ? settingsIn(await importModule(path), path, definitions) : parseConfiguration(await readFile(path, 'utf8'), path, definitions);
}

/** The settings in the text of a configuration at `path` that is JSON. */
export function parseConfiguration(text: string, path: string, definitions: FlagDefinitions): Settings {
  return settingsIn(parseJson(text, path), path, definitions);
}

/** What a configuration at `path` holds as settings, checked, with paths from its folder. */
function settingsIn(found: unknown, path: string, definitions: FlagDefinitions): Settings {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new UsageError(`expected ${quote(path, Infinity)} to ${modules.includes(extname(path)) ? 'export an object as its default' : 'hold an object'} but received ${describe(found)}`);
  }
  checkKinds(path, found as Settings, definitions);
  const folder = dirname(path);
  const placed = (value: unknown): unknown => (typeof value === 'string' && value !== '-' && !isAbsolute(value) && !isFraction(value) ? resolve(folder, value) : value);
  return Object.fromEntries(Object.entries(found as Settings).map(([name, value]) => [name, !pathNames.includes(name) ? value : Array.isArray(value) ? value.map(placed) : placed(value)]));
}

/** Whether a text is a number, as of the part that validation sets aside. */
export function isFraction(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

/** What flags and the configuration say together; flags come first. */
export async function settingsOf(flags: Flags, configuration: string | undefined, definitions: FlagDefinitions): Promise<Settings> {
  const file = configuration === undefined ? {} : await readConfiguration(configuration, definitions);
  const given = Object.entries(flags.given).filter(([name]) => !flagsAlone.includes(name)).map(([name, value]): [string, unknown] => (
    negated[name] === undefined ? [name, value] : [negated[name], value !== true]));
  return { ...file, ...Object.fromEntries(given) };
}

/** A setting that is a text, or undefined. */
export function textOf(settings: Settings, name: string): string | undefined {
  const value = settings[name];
  if (value !== undefined && typeof value !== 'string') throw new UsageError(`expected '${name}' to be a text but received ${describe(value)}`);
  return value;
}

/** A setting that is a list of texts: one of them, several with commas (in double quotes a comma is part of a name), or a list of such. */
export function listOf(settings: Settings, name: string): string[] | undefined {
  const value = settings[name];
  if (value === undefined) return undefined;
  const list = Array.isArray(value) ? value : [value];
  return list.flatMap((each: unknown) => {
    if (typeof each === 'number') return [String(each)];
    if (typeof each !== 'string') throw new UsageError(`expected '${name}' to be a text or a list of texts but received ${describe(each)}`);
    return [...each.matchAll(/"([^"]*)"|[^,]+/g)].map(([part, quoted]) => quoted ?? part.trim()).filter((part) => part !== '');
  });
}
