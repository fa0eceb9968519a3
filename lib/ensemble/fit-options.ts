// The options of several runs side by side: those of one run, and functions that make what belongs to each.
import { availableParallelism } from 'node:os';
import type { Dataset } from '../data/dataset.ts';
import { checkFit, type FitOptions } from '../network/fit-options.ts';
import { invalid, optionalFunction, positiveInteger } from '../options.ts';
import type { Callback } from '../train/callbacks/callback.ts';
import type { EpochRecord } from '../train/history.ts';

/** Options of `fit` of an ensemble: those of a network, and functions that make what belongs to each member. */
export interface EnsembleFitOptions extends Omit<FitOptions, 'callbacks' | 'onEpoch' | 'resume'> {
  /** Networks that train at the same time (default one for each processor). The results do not depend on it. */
  readonly concurrency?: number;
  /** Called after every epoch of every network and awaited, with the network's number (from 0). */
  readonly onEpoch?: (record: EpochRecord, member: number) => void | Promise<void>;
  /** Makes the callbacks of a network, such as `() => [earlyStopping()]`: callbacks remember their run and serve one. */
  readonly callbacks?: (member: number) => readonly Callback[];
  /** The folder from whose newest checkpoint a network goes on, as for `Network.fit`; each has its own. */
  readonly resume?: (member: number) => string;
}

/** Options that were checked. */
export interface Runs {
  readonly concurrency: number;
  /** The options of one network's run. */
  of(member: number, signal: AbortSignal, validation: Dataset | undefined): FitOptions;
}

/** Checks everything that can be checked before a network runs. */
export function checkRuns(where: string, options: EnsembleFitOptions): Runs {
  const { concurrency, onEpoch, callbacks, resume, ...shared } = options;
  optionalFunction(where, 'onEpoch', onEpoch);
  if (callbacks !== undefined && typeof callbacks !== 'function') throw invalid(where, 'callbacks', 'a function that makes the callbacks of a network', callbacks);
  if (resume !== undefined && typeof resume !== 'function') throw invalid(where, 'resume', 'a function that gives the folder of a network', resume);
  checkFit(shared);
  return {
    concurrency: concurrency === undefined ? availableParallelism() : positiveInteger(where, 'concurrency', concurrency),
    of: (member, signal, validation) => ({
      ...shared, signal, ...(validation && { validation }), ...(onEpoch && { onEpoch: (record) => onEpoch(record, member) }),
      ...(callbacks && { callbacks: callbacks(member) }), ...(resume && { resume: resume(member) }),
    }),
  };
}
