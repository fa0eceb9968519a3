// What the short texts mean: layers, optimizers, schedules and losses as the library takes them.
import type { ColumnKind, PreprocessorOptions } from '../data/preprocess/options.ts';
import { layerTypes } from '../layers/registry.ts';
import type { LayerSpec } from '../layers/layer.ts';
import { minimizers, type MinimizerName } from '../minimize/registry.ts';
import { describe, quote, suggestion } from '../options.ts';
import type { Clip } from '../train/clipping.ts';
import type { EarlyStoppingOptions } from '../train/callbacks/early-stopping.ts';
import { losses, type LossName } from '../train/losses/registry.ts';
import type { LossSpec } from '../train/losses/loss.ts';
import type { MinimizerSpec } from '../minimize/minimizer.ts';
import type { OptimizerSpec } from '../train/optimizers/optimizer.ts';
import { optimizers, type OptimizerName } from '../train/optimizers/registry.ts';
import { schedules } from '../train/schedules/registry.ts';
import type { ScheduleSpec } from '../train/schedules/schedule.ts';
import { UsageError } from './exit-codes.ts';
import { isCall, parseArguments, parseCall, parseLayers, type Call, type Value } from './language.ts';

/** A description of the library: a type with options. */
interface Spec { readonly type: string; readonly options: Readonly<Record<string, unknown>> }

/** Names of the options that may be given by their place, by type. */
const places: Readonly<Record<string, readonly string[]>> = {
  dense: ['units', 'activation'], activation: ['activation'], dropout: ['rate'], alphaDropout: ['rate'], gaussianDropout: ['rate'], maskingNoise: ['rate'],
  gaussianNoise: ['deviation'], maxout: ['units', 'pieces'], highway: ['activation'], minMaxScaler: ['from', 'to'],
  huber: ['delta'], mixtureDensity: ['components'], earlyStopping: ['patience'], clip: ['globalNorm'], oneCycle: ['maxRate'], warmup: ['epochs'],
};

/** Options that a layer's factory fills in where they are left out. */
const layerDefaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  dropout: { rate: 0.5 }, alphaDropout: { rate: 0.5 }, gaussianDropout: { rate: 0.5 },
};

/** A value in the library's words: calls within become descriptions. */
function plain(value: Value): unknown {
  if (Array.isArray(value)) return (value as readonly Value[]).map(plain);
  if (!isCall(value)) return value;
  if (Object.hasOwn(schedules, value.name)) return specOf(value, ['rate']);
  // A parameter beside a name, as in `leakyRelu(alpha=0.2)`.
  return { name: value.name, ...optionsOf(value, []) };
}

function optionsOf({ name, positional, named }: Call, others: readonly string[]): Record<string, unknown> {
  const names = Object.hasOwn(places, name) ? places[name]! : others, options = Object.create(null) as Record<string, unknown>;
  positional.forEach((value, i) => {
    if (names[i] === undefined) throw new UsageError(`expected at most ${names.length} value${names.length === 1 ? '' : 's'} without a name in ${quote(name)} but received ${describe(value)} besides; write name=value`);
    options[names[i]!] = plain(value);
  });
  for (const [key, value] of Object.entries(named)) {
    if (Object.hasOwn(options, key)) throw new UsageError(`expected ${quote(key)} of ${quote(name)} once but received it twice`);
    options[key] = plain(value);
  }
  return options;
}

const specOf = (call: Call, others: readonly string[]): Spec => ({ type: call.name, options: optionsOf(call, others) });

/** Throws where a name is not among those known. */
function known(what: string, name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  const near = suggestion(name, names);
  throw new UsageError(`unknown ${what} ${quote(name)}${near === '' ? `; known are ${names.join(', ')}` : near}`);
}

/** A description as it may stand in a configuration: a text, or what the library's functions make. */
function given(value: unknown, flag: string, read: (text: string) => Spec): Spec {
  if (typeof value === 'string') return value.trimStart().startsWith('{') ? given(jsonOf(value, flag), flag, read) : read(value);
  if (typeof value === 'object' && value !== null && typeof (value as Partial<Spec>).type === 'string') {
    const { type, options = {} } = value as Spec;
    return { type, options };
  }
  throw new UsageError(`expected ${flag} to be a text such as 'name(option=1)' or { type, options } but received ${describe(value)}`);
}

function jsonOf(text: string, flag: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`expected ${flag} to be JSON but ${(error as Error).message}`);
  }
}

/** Layers of a text; JSON stands for a description, or a list of them. */
function textLayers(text: string, flag: string): Spec[] {
  if (/^\s*[[{]/.test(text)) return [jsonOf(text, flag)].flat().map((each) => given(each, flag, (inner) => specOf(parseCall(inner, flag), [])));
  return parseLayers(text, flag).map((call) => {
    known('layer', call.name, Object.keys(layerTypes));
    return specOf(call, []);
  });
}

/** Layers of a text, or of a list of texts and descriptions. */
export function layersOf(value: unknown, flag: string): LayerSpec[] {
  const list = Array.isArray(value) ? value : [value];
  return list.flatMap((each): LayerSpec[] => {
    const specs = typeof each === 'string' ? textLayers(each, flag) : [given(each, flag, (text) => specOf(parseCall(text, flag), []))];
    return specs.map(({ type, options }) => {
      const spec = { type, options: { ...layerDefaults[type], ...options } };
      return Object.hasOwn(layerTypes, type) ? layerTypes[type]!.check(spec.options) : spec;
    });
  });
}

export interface RateOptions {
  readonly learningRate?: number | undefined;
  readonly schedule?: unknown;
}

/** The optimizer with its learning rate, which may also be given beside it. */
export function optimizerOf(value: unknown, { learningRate, schedule }: RateOptions): OptimizerSpec | MinimizerSpec {
  const read = (text: string): Spec => specOf(parseCall(text, 'optimizer'), ['learningRate']);
  const { type, options } = given(value ?? 'adam', 'optimizer', read), names = [...Object.keys(optimizers), ...Object.keys(minimizers)];
  known('optimizer', type, names);
  if (Object.hasOwn(minimizers, type)) {
    if (learningRate !== undefined || schedule !== undefined) throw new UsageError(`expected no learning rate with ${type}, which searches its steps`);
    return minimizers[type as MinimizerName].check(options);
  }
  const optimizer = optimizers[type as OptimizerName], own = optimizer.check(options);
  if (learningRate !== undefined && options['learningRate'] !== undefined) throw new UsageError(`expected one learning rate but received one with the optimizer and one beside it`);
  const rate = learningRate ?? own.options['learningRate'];
  if (schedule === undefined) return optimizer.check({ ...options, learningRate: rate });
  return optimizer.check({ ...options, learningRate: scheduleOf(schedule, rate) });
}

/** A schedule that starts from a rate where it names none itself. */
function scheduleOf(value: unknown, rate: unknown): ScheduleSpec {
  const { type, options } = given(value, 'schedule', (text) => specOf(parseCall(text, 'schedule'), ['rate']));
  known('schedule', type, Object.keys(schedules));
  const name = type === 'oneCycle' ? 'maxRate' : type === 'warmup' ? 'learningRate' : 'rate';
  return schedules[type as keyof typeof schedules].check({ [name]: rate, ...options });
}

export function lossOf(value: unknown): LossSpec | undefined {
  if (value === undefined) return undefined;
  const { type, options } = given(value, 'loss', (text) => specOf(parseCall(text, 'loss'), []));
  known('loss', type, Object.keys(losses));
  return losses[type as LossName].check(options);
}

/** Options that stand by themselves: `3`, `patience=3,monitor=accuracy`, or an object. */
function bareOptions(value: unknown, name: string, flag: string): Record<string, unknown> {
  if (typeof value === 'number') return optionsOf({ name, positional: [value], named: {} }, []);
  if (typeof value === 'string') return value.trimStart().startsWith('{') ? jsonOf(value, flag) as Record<string, unknown> : optionsOf(parseArguments(value, name, flag), []);
  return value as Record<string, unknown>;
}

export function earlyStoppingOf(value: unknown): EarlyStoppingOptions | undefined {
  if (value === undefined || value === false) return undefined;
  return value === true ? {} : bareOptions(value, 'earlyStopping', 'earlyStopping');
}

/** `auto`, or kinds of columns: `id=ignored,city=categorical`; an object is the preprocessor's options. */
export function preprocessOf(value: unknown): Omit<PreprocessorOptions, 'target'> | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true || value === 'auto') return {};
  if (typeof value !== 'string' || value.trimStart().startsWith('{')) return bareOptions(value, 'preprocess', 'preprocess');
  return { columns: bareOptions(value, 'preprocess', 'preprocess') as Record<string, ColumnKind> };
}

export function clipOf(value: unknown): Clip | undefined {
  return value === undefined ? undefined : bareOptions(value, 'clip', 'clip') as Clip;
}
