// Training of an ensemble: its members side by side, each with checkpoints and logs of its own.
import { extname, join } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import type { EnsembleHistory } from '../ensemble/ensemble.ts';
import { AbortedError } from '../errors.ts';
import { quote } from '../options.ts';
import { checkpoint, type CheckpointOptions } from '../train/callbacks/checkpoint.ts';
import type { Callback } from '../train/callbacks/callback.ts';
import { earlyStopping } from '../train/callbacks/early-stopping.ts';
import type { EpochRecord } from '../train/history.ts';
import { textOf, type Settings } from './configuration.ts';
import { InterruptedError, UsageError } from './exit-codes.ts';
import { duration, measures, several } from './format.ts';
import type { Job } from './job.ts';
import { logsOf } from './logs.ts';
import { earlyStoppingOf } from './specs.ts';
import { note, print, RunningCount, type Terminal } from './terminal.ts';

/** What a single network can be asked for, and an ensemble cannot. */
export function checkEnsemble(settings: Settings): void {
  for (const name of ['report', 'diagnose'] as const) {
    if (settings[name] !== undefined && settings[name] !== false) throw new UsageError(`expected no --${name} with --members`);
  }
}

/** The name of a member's own file: `run-2.csv` for `run.csv`. */
function memberFile(path: string, member: number): string {
  const ending = extname(path);
  return `${path.slice(0, path.length - ending.length)}-${member + 1}${ending}`;
}

const memberFolder = (folder: string, member: number): string => join(folder, `member-${member + 1}`);

/** The measures of a run's last epoch. */
function lastOf(epochs: readonly EpochRecord[]): string {
  const last = epochs.at(-1)!;
  return `${measures(last)}${last.validation === undefined ? '' : `; validation ${measures(last.validation)}`}`;
}

/** Trains the members and saves them as a folder. An interruption leaves their checkpoints. */
export async function trainEnsemble(settings: Settings, job: Job, output: string, every: CheckpointOptions['every'], quiet: boolean, terminal: Terminal): Promise<EnsembleHistory> {
  const ensemble = job.ensemble!, folder = textOf(settings, 'checkpoints'), stopping = earlyStoppingOf(settings['earlyStopping']), shown = new RunningCount(terminal, 'epoch');
  let epochs = 0;
  const telling = (member: number): Callback => ({
    onEpoch: () => shown.at(++epochs),
    onEnd({ records }) {
      shown.clear();
      if (!quiet && records.length > 0) note(terminal, `member ${member + 1} of ${ensemble.members.length}: ${several(records.length, 'epoch')}, ${lastOf(records)}`);
    },
  });
  try {
    const history = await ensemble.fit((job.data as { whole: Dataset }).whole, {
      ...job.fit as object, signal: terminal.interruption.signal,
      callbacks: (member) => [
        ...(stopping === undefined ? [] : [earlyStopping(stopping)]), ...(folder === undefined ? [] : [checkpoint(memberFolder(folder, member), { ...(every !== undefined && { every }) })]),
        ...logsOf(settings, (path) => memberFile(path, member), (path) => memberFolder(path, member)), telling(member),
      ],
      ...(settings['resume'] === true && { resume: (member: number) => memberFolder(folder!, member) }),
    });
    await ensemble.save(output);
    return history;
  } catch (error) {
    if (!(error instanceof AbortedError)) throw error;
    throw new InterruptedError(`interrupted; ${folder === undefined ? 'nothing is saved' : `each member's checkpoints are in ${quote(folder, Infinity)}, --resume goes on from them`}`);
  } finally {
    shown.clear();
  }
}

/** The history as JSON. */
export function ensembleJson({ ensemble }: Job, { members, failures, outOfBag }: EnsembleHistory, output: string): object {
  return {
    model: output, backend: ensemble!.members[0]!.backend, ...(outOfBag && { outOfBag }), failures: failures.map(({ member, error }) => ({ member, message: error.message })),
    members: members.map((history) => history === undefined ? null : { epochs: history.epochs, seconds: history.seconds, steps: history.steps, ...(history.stopped !== undefined && { stopped: history.stopped }) }),
  };
}

/** What is said of it at the end. */
export function reportEnsemble(terminal: Terminal, { members, outOfBag }: EnsembleHistory, output: string): void {
  const runs = members.filter((history) => history !== undefined), longest = Math.max(...runs.map(({ seconds }) => seconds));
  print(terminal, `${several(runs.length, 'member')}${runs.length === members.length ? '' : ` of ${members.length}`} trained, the longest in ${duration(longest)}`);
  if (outOfBag !== undefined) {
    const { members: _each, rows, ...whole } = outOfBag;
    print(terminal, `${several(rows, 'example')} out of bag: ${measures(whole)}`);
  }
  print(terminal, `Saved as ${quote(output, Infinity)}.`);
}
