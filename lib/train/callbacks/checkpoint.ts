// Checkpoints: the whole state of a run in files, from which fit goes on to the same bits.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OptionError } from '../../errors.ts';
import { boolean, checkOptions, nonEmptyString, numberIn, oneOf, positiveInteger } from '../../options.ts';
import { removeLeftovers, writeCapture, writeCheckpoint } from '../checkpoint/files.ts';
import { measured, monitors } from '../monitor.ts';
import type { Callback, Progress, RunCapture, RunControl, SavedCallback } from './callback.ts';
import { isCount, isNumber, savedData } from './saved.ts';

/** Options of `checkpoint`. */
export interface CheckpointOptions {
  /** How often: a number of epochs, or `{ epochs }`, `{ steps }` or `{ seconds }` (default every epoch). Steps and seconds are kept as nearly as the pauses of the run allow, some tens of milliseconds. */
  readonly every?: number | { readonly epochs: number } | { readonly steps: number } | { readonly seconds: number };
  /** How many are kept, the newest ones (default 2). */
  readonly keep?: number;
  /** Also keep `best.safetensors`, the model after its best epoch (default false). */
  readonly best?: boolean;
  /** What the best is judged by, on the validation data where there are any (default `'loss'`). */
  readonly monitor?: string;
}

const names = ['every', 'keep', 'best', 'monitor'] as const;

function checkEvery(every: unknown): { unit: 'epochs' | 'steps' | 'seconds'; count: number } {
  if (typeof every === 'number') return { unit: 'epochs', count: positiveInteger('checkpoint', 'every', every) };
  checkOptions('checkpoint', every as object, ['epochs', 'steps', 'seconds'], 'part of every');
  const entries = Object.entries(every as object);
  if (entries.length !== 1) throw new OptionError("[checkpoint] expected 'every' to be a number of epochs, or one of { epochs }, { steps }, { seconds }");
  const [unit, count] = entries[0] as ['epochs' | 'steps' | 'seconds', unknown];
  return { unit, count: unit === 'seconds' ? numberIn('checkpoint', unit, count, { from: 0, to: 1e9, openFrom: true }) : positiveInteger('checkpoint', unit, count) };
}

/**
 * Writes the state of the run to `folder`, from which `fit({ resume: folder })` goes on: the run then ends with the same bits as one
 * that was never interrupted. Each file is a model that `Network.load` reads. A file is written beside its place and renamed, read
 * back, and only then are older ones removed; what a run that was killed has left half written is removed at the beginning, so that a
 * folder is for one run at a time. Where a checkpoint cannot be written, a warning `DENSELY_CHECKPOINT` says so and the run goes on.
 */
export function checkpoint(folder: string, options: CheckpointOptions = {}): Callback {
  nonEmptyString('checkpoint', 'folder', folder);
  checkOptions('checkpoint', options, names);
  const { unit, count } = checkEvery(options.every ?? 1);
  const keep = positiveInteger('checkpoint', 'keep', options.keep ?? 2);
  const keepBest = boolean('checkpoint', 'best', options.best ?? false);
  const monitor = oneOf('checkpoint', 'monitor', options.monitor ?? 'loss', monitors);
  let last = { epoch: 0, steps: 0, time: 0 }, best: number | undefined, improved = false;
  const stepsOf = ({ epoch, step, stepsPerEpoch }: Progress): number => epoch * stepsPerEpoch + step;
  const isDue = (progress: Progress): boolean => {
    if (unit === 'seconds') return performance.now() - last.time >= 1000 * count;
    if (unit === 'steps') return stepsOf(progress) - last.steps >= count;
    return progress.step === 0 && progress.epoch - last.epoch >= count;
  };
  const attempt = async (control: RunControl, write: (capture: RunCapture) => Promise<unknown>): Promise<void> => {
    const capture = await control.capture();
    try {
      await write(capture);
    } catch (error) {
      process.emitWarning(`a checkpoint could not be written to ${folder}: ${(error as Error).message}`, { code: 'DENSELY_CHECKPOINT' });
    }
  };
  return {
    name: 'checkpoint',
    async onBegin({ resumable }) {
      if (!resumable) throw new OptionError('[checkpoint] expected an optimizer for minibatches, for the methods on the whole data cannot be taken up again');
      [last, best, improved] = [{ epoch: 0, steps: 0, time: performance.now() }, undefined, false];
      await mkdir(folder, { recursive: true });
      await removeLeftovers(folder);
    },
    onEpoch(record) {
      if (!keepBest) return;
      const value = measured('checkpoint', record, monitor);
      improved = best === undefined || (value.higher ? value.value > best : value.value < best);
      if (improved) best = value.value;
    },
    async onPause(progress, control) {
      if (improved && progress.step === 0) await attempt(control, (capture) => writeCapture(join(folder, 'best.safetensors'), capture));
      improved = improved && progress.step !== 0;
      if (!progress.resumable || (!isDue(progress) && !(progress.step === 0 && progress.epoch === progress.epochs))) return;
      last = { epoch: progress.epoch, steps: stepsOf(progress), time: performance.now() };
      await attempt(control, (capture) => writeCheckpoint(folder, stepsOf(progress), capture, keep));
    },
    save: (): SavedCallback => ({ data: { epoch: last.epoch, steps: last.steps, best: best ?? null }, tensors: {} }),
    resume({ data }) {
      const saved = savedData<{ epoch: number; steps: number; best: number | null }>('checkpoint', data, { epoch: isCount, steps: isCount, best: (value) => value === null || isNumber(value) });
      last = { epoch: saved.epoch, steps: saved.steps, time: performance.now() };
      best = saved.best ?? undefined;
    },
  };
}
