// The state of a run of fit as a checkpoint keeps it, and taken up again.
import { ModelFormatError, OptionError } from '../errors.ts';
import { isObject, parseNested } from '../io/json-keys.ts';
import type { Safetensors } from '../io/safetensors.ts';
import { describe, quote } from '../options.ts';
import type { Memory } from '../backend/backend.ts';
import type { RunCapture, SavedCallback } from '../train/callbacks/callback.ts';
import { isCount } from '../train/callbacks/saved.ts';
import { readNewest } from '../train/checkpoint/files.ts';
import type { EpochRecord } from '../train/history.ts';
import type { RunState } from '../train/loop.ts';
import type { Store } from './store.ts';
import type { GivenTensor, Tensors } from './tensors.ts';

/** Names of tensors that belong to the run and not to the model begin with this. */
export const runPrefix = 'run:';
/** Name of the metadata entry of a checkpoint that describes its run. */
export const runEntry = 'densely-run';
const version = 1;
/** Lists and objects within each other in what a checkpoint says. */
const deepestRun = 512;

/** What must be the same for a run to go on: a resumed run that differs would not be the same run. */
export interface RunIdentity {
  readonly network: string;
  readonly seed: number;
  readonly optimizer: unknown;
  readonly goal: unknown;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly clip: unknown;
  readonly examples: number;
  readonly precision: string;
}

/** What a checkpoint says of its run. */
export interface RunDescription {
  readonly version: number;
  readonly identity: RunIdentity;
  readonly epoch: number;
  readonly step: number;
  readonly stepsBefore: number;
  readonly records: readonly EpochRecord[];
  readonly callbacks: Readonly<Record<string, unknown>>;
  readonly stopped?: string | undefined;
}

/** The state of a run as metadata and tensors, beside those of the model. */
export function captureRun(model: RunCapture, store: Store, identity: RunIdentity, { epoch, step, traces, stepsBefore, records, callbacks, stopped }: RunState): RunCapture {
  const description: RunDescription = {
    version, identity, epoch, step, stepsBefore, records, stopped,
    callbacks: Object.fromEntries(Object.entries(callbacks).map(([name, { data }]) => [name, data])),
  };
  const flat = (name: string, data: Memory) => ({ name: `${runPrefix}${name}`, shape: [data.length], data });
  return {
    metadata: { ...model.metadata, [runEntry]: JSON.stringify(description) },
    tensors: [
      ...model.tensors, flat('slots', store.slots()), ...traces.map((trace, i) => flat(`trace.${i}`, trace)),
      ...Object.entries(callbacks).flatMap(([name, { tensors }]) => Object.entries(tensors).map(([part, data]) => flat(`callback.${name}.${part}`, data))),
    ],
  };
}

/** A run to go on with. */
export interface Resumed {
  readonly path: string;
  readonly run: RunState;
  /** Steps of the network in all. */
  readonly steps: number;
  readonly tensors: readonly GivenTensor[];
  readonly slots: Memory;
}

/** Of what size the state of a run has to be. */
export interface RunSizes {
  /** Numbers that the optimizer keeps. */
  readonly slots: number;
  /** Results of a step, and steps of an epoch, where runs go on within one; else 0. */
  readonly results: number;
  readonly stepsPerEpoch: number;
  /** Whether a tensor of this name is the network's. */
  isKept(name: string): boolean;
}

/** The newest run in a folder; undefined where there is none. Throws where it is a run of something else. */
export async function findRun(folder: string, identity: RunIdentity, sizes: RunSizes): Promise<Resumed | undefined> {
  const found = await readNewest(folder);
  return found && readRun(found.path, found.capture, identity, sizes);
}

/** The run that the checkpoint at `path` holds. Nothing in it is believed. */
export function readRun(path: string, { metadata, tensors }: Safetensors, identity: RunIdentity, { slots, results, stepsPerEpoch, isKept }: RunSizes): Resumed {
  const where = `fit resume ${quote(path, Infinity)}`;
  const bad = (what: string): never => {
    throw new ModelFormatError(`[${where}] ${what}`);
  };
  let run: RunDescription;
  try {
    run = parseNested(metadata[runEntry] ?? 'null', deepestRun) as RunDescription;
  } catch {
    return bad('expected the state of the run to be JSON');
  }
  if (run === null || typeof run !== 'object') return bad('expected a checkpoint but the file is a model alone');
  if (run.version !== version) return bad(`the checkpoint has version ${describe(run.version)} but this release reads version ${version}`);
  const { identity: found } = run as { identity: unknown };
  if (!isObject(found)) return bad('expected the identity of the run');
  for (const [name, wanted] of Object.entries(identity)) {
    const given = found[name];
    if (!isSame(given, wanted)) throw new OptionError(`[${where}] expected the run that the checkpoint belongs to but its ${name} is ${short(given)} instead of ${short(wanted)}`);
  }
  const { epoch, step, stepsBefore, records, stopped, callbacks: saved } = run;
  if (!isCount(epoch) || !isCount(step) || step > Math.max(0, stepsPerEpoch - 1) || !isCount(stepsBefore) || (stopped !== undefined && typeof stopped !== 'string')) return bad('the place of the run is none');
  if (!Array.isArray(records) || records.length !== epoch || !records.every((record, i) => isRecord(record, i + 1))) return bad(`expected records of ${epoch} epochs`);
  if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) return bad('expected the data of callbacks by their names');
  const memory = (name: string): Memory => {
    const { data } = tensors.get(`${runPrefix}${name}`) ?? bad(`tensor ${quote(`${runPrefix}${name}`)} is missing`);
    return data instanceof Float32Array || data instanceof Float64Array ? data : bad(`tensor ${quote(name)} is not of single or double precision`);
  };
  const sized = (name: string, length: number): Memory => {
    const found = memory(name);
    return found.length === length ? found : bad(`expected ${length} numbers in tensor ${quote(`${runPrefix}${name}`)} but there are ${found.length}`);
  };
  const names = [...tensors.keys()];
  const callbacks = Object.entries(saved).map(([name, data]): [string, SavedCallback] => {
    const prefix = `${runPrefix}callback.${name}.`;
    return [name, { data, tensors: Object.fromEntries(names.filter((full) => full.startsWith(prefix)).map((full) => [full.slice(prefix.length), memory(full.slice(runPrefix.length))])) }];
  });
  return {
    path, slots: sized('slots', slots), steps: stepsOf(metadata, bad),
    tensors: names.filter(isKept).map((name) => ({ name, shape: tensors.get(name)!.shape, data: tensors.get(name)!.data as Memory })),
    run: {
      epoch, step, stepsBefore, records: records.map((record) => numbersIn(record) as unknown as EpochRecord), stopped, callbacks: Object.fromEntries(callbacks),
      traces: Array.from({ length: results }, (_, i) => sized(`trace.${i}`, step)),
    },
  };
}

function isSame(given: unknown, wanted: unknown): boolean {
  try {
    return JSON.stringify(given) === JSON.stringify(wanted);
  } catch {
    // Nested deeper than any of ours.
    return false;
  }
}

/** Levels of a record: itself, the validation, its outputs, one of them. */
const deepestMeasures = 4;

/** Whether something is measures by name: JSON has null for what is no number. */
function areMeasures(value: unknown, level: number): boolean {
  return level <= deepestMeasures && isObject(value) && Object.values(value).every((each) => typeof each === 'number' || each === null || areMeasures(each, level + 1));
}

function isRecord(value: unknown, epoch: number): value is EpochRecord {
  return areMeasures(value, 1) && (value as EpochRecord).epoch === epoch && Number.isFinite((value as EpochRecord).loss);
}

/** Measures with NaN for null, as they were. */
function numbersIn(measures: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(measures).map(([name, value]: [string, number | object | null]) => [name, value === null ? NaN : typeof value === 'number' ? value : numbersIn(value)]));
}

/** Steps of the network, as its own description in the file says. */
function stepsOf(metadata: Readonly<Record<string, string>>, bad: (what: string) => never): number {
  let description: { steps?: unknown } | null;
  try {
    description = parseNested(metadata['densely'] ?? 'null', deepestRun) as typeof description;
  } catch {
    return bad('expected the description of the network to be JSON');
  }
  const steps = description?.steps;
  return isCount(steps) ? steps : bad('the file says nothing of the steps of its network');
}

function short(value: unknown): string {
  try {
    return quote(JSON.stringify(value) ?? 'missing', 120);
  } catch {
    return 'nested too deeply';
  }
}

/** Puts tensors and slots in place. */
export function restoreRun(store: Store, tensors: Tensors, resumed: Resumed): void {
  tensors.write('fit resume', resumed.tensors, true);
  store.writeSlots(resumed.slots);
}
