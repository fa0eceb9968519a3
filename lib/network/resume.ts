// The state of a run of fit as a checkpoint keeps it, and taken up again.
import { ModelFormatError, OptionError } from '../errors.ts';
import type { Safetensors } from '../io/safetensors.ts';
import { quote } from '../options.ts';
import type { Memory } from '../backend/backend.ts';
import type { RunCapture, SavedCallback } from '../train/callbacks/callback.ts';
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

/** The newest run in a folder; undefined where there is none. Throws where it is a run of something else. */
export async function findRun(folder: string, identity: RunIdentity, isKept: (name: string) => boolean): Promise<Resumed | undefined> {
  const found = await readNewest(folder);
  return found && readRun(found.path, found.capture, identity, isKept);
}

function readRun(path: string, { metadata, tensors }: Safetensors, identity: RunIdentity, isKept: (name: string) => boolean): Resumed {
  const where = `fit resume ${quote(path, Infinity)}`;
  const bad = (what: string): never => {
    throw new ModelFormatError(`[${where}] ${what}`);
  };
  let run: RunDescription;
  try {
    run = JSON.parse(metadata[runEntry] ?? 'null') as RunDescription;
  } catch {
    return bad('expected the state of the run to be JSON');
  }
  if (run === null || typeof run !== 'object') return bad('expected a checkpoint but the file is a model alone');
  if (run.version !== version) return bad(`the checkpoint has version ${Number(run.version)} but this release reads version ${version}`);
  for (const [name, wanted] of Object.entries(identity)) {
    const given = (run.identity as unknown as Record<string, unknown>)[name];
    if (JSON.stringify(given) !== JSON.stringify(wanted)) throw new OptionError(`[${where}] expected the run that the checkpoint belongs to but its ${name} is ${short(given)} instead of ${short(wanted)}`);
  }
  const memory = (name: string): Memory => {
    const { data } = tensors.get(`${runPrefix}${name}`) ?? bad(`tensor ${quote(`${runPrefix}${name}`)} is missing`);
    return data instanceof Float32Array || data instanceof Float64Array ? data : bad(`tensor ${quote(name)} is not of single or double precision`);
  };
  const names = [...tensors.keys()], traces = names.filter((name) => name.startsWith(`${runPrefix}trace.`)).length;
  const callbacks = Object.entries(run.callbacks).map(([name, data]): [string, SavedCallback] => {
    const prefix = `${runPrefix}callback.${name}.`;
    return [name, { data, tensors: Object.fromEntries(names.filter((full) => full.startsWith(prefix)).map((full) => [full.slice(prefix.length), memory(full.slice(runPrefix.length))])) }];
  });
  return {
    path, slots: memory('slots'), steps: stepsOf(metadata, bad),
    tensors: names.filter(isKept).map((name) => ({ name, shape: tensors.get(name)!.shape, data: tensors.get(name)!.data as Memory })),
    run: {
      epoch: run.epoch, step: run.step, stepsBefore: run.stepsBefore, records: run.records, stopped: run.stopped, callbacks: Object.fromEntries(callbacks),
      traces: Array.from({ length: traces }, (_, i) => memory(`trace.${i}`)),
    },
  };
}

/** Steps of the network, as its own description in the file says. */
function stepsOf(metadata: Readonly<Record<string, string>>, bad: (what: string) => never): number {
  const { steps } = JSON.parse(metadata['densely'] ?? '{}') as { steps?: number };
  return Number.isSafeInteger(steps) ? steps! : bad('the file says nothing of the steps of its network');
}

function short(value: unknown): string {
  return quote(JSON.stringify(value) ?? 'missing', 120);
}

/** Puts tensors and slots in place. */
export function restoreRun(store: Store, tensors: Tensors, resumed: Resumed): void {
  tensors.write('fit resume', resumed.tensors, true);
  store.writeSlots(resumed.slots);
}
