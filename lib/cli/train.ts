// densely train: trains a network on a table and saves it.
import { AbortedError } from '../errors.ts';
import { quote } from '../options.ts';
import { report as writeReport } from '../report/report.ts';
import { checkpoint, type CheckpointOptions } from '../train/callbacks/checkpoint.ts';
import type { Callback } from '../train/callbacks/callback.ts';
import { earlyStopping } from '../train/callbacks/early-stopping.ts';
import { progressBar } from '../train/callbacks/progress.ts';
import type { History } from '../train/history.ts';
import type { Command, CommandLine } from './command.ts';
import { isConfiguration, settingsOf, textOf, type Settings } from './configuration.ts';
import { InterruptedError, UsageError } from './exit-codes.ts';
import { duration, measures, several } from './format.ts';
import { describeData, jobOf, type Job } from './job.ts';
import { logsOf } from './logs.ts';
import { checkOutput, checkOutputFolder } from './output-file.ts';
import { earlyStoppingOf } from './specs.ts';
import { StoppableRun } from './stopping.ts';
import { note, print, printJson, type Terminal } from './terminal.ts';
import { checkEnsemble, ensembleJson, reportEnsemble, trainEnsemble } from './train-ensemble.ts';
import { jobFlags, runFlags } from './training-flags.ts';

const flags = { ...jobFlags, ...runFlags };
const defaultOutput = 'model.safetensors', defaultEnsemble = 'ensemble';

/** The configuration that a command line names, by its flag or as its argument. */
export function configurationOf({ operands, flags: given }: CommandLine): string | undefined {
  const [operand] = operands, named = given.text('config');
  if (operand !== undefined && named !== undefined) throw new UsageError(`expected one configuration but received ${quote(operand)} and ${quote(named)}`);
  if (operand !== undefined && !isConfiguration(operand)) throw new UsageError(`expected a configuration (.json, .mjs, .js) but received ${quote(operand)}; data go after --data`);
  return operand ?? named;
}

/** `5`, `'1000 steps'`, `'60 s'` or an object, as `checkpoint` takes it. */
function everyOf(value: unknown): CheckpointOptions['every'] {
  if (value === undefined || typeof value !== 'string') return value as CheckpointOptions['every'];
  const [, number, unit = 'epochs'] = /^\s*(\d+(?:\.\d+)?)\s*(epochs?|steps?|s|seconds?)?\s*$/.exec(value) ?? [];
  if (number === undefined) throw new UsageError(`expected --checkpoint-every to be such as 5, '1000 steps' or '60 s' but received ${quote(value)}`);
  if (unit.startsWith('e')) return { epochs: Number(number) };
  return unit.startsWith('st') ? { steps: Number(number) } : { seconds: Number(number) };
}

interface Places { readonly output: string; readonly folder: string | undefined }

/** What takes part in the run. */
function callbacksOf(settings: Settings, { folder }: Places, stoppable: StoppableRun, quiet: boolean, terminal: Terminal): Callback[] {
  const stopping = earlyStoppingOf(settings['earlyStopping']), every = everyOf(settings['checkpointEvery']);
  return [
    ...(stopping === undefined ? [] : [earlyStopping(stopping)]), ...(folder === undefined ? [] : [checkpoint(folder, { ...(every !== undefined && { every }) })]),
    ...logsOf(settings, (path) => path, (path) => path), ...(quiet ? [] : [progressBar({ stream: terminal.errors })]), stoppable.callback,
  ];
}

/** Leaves in order what an interrupted run has reached. */
async function interrupted({ network }: Job, { checkpoint: written, epochs, problem }: StoppableRun, { output, folder }: Places): Promise<never> {
  const after = `interrupted after ${several(epochs, 'epoch')}`;
  if (written !== undefined) throw new InterruptedError(`${after}; the checkpoint ${quote(written, Infinity)} is written, --checkpoints ${/\s/.test(folder!) ? quote(folder!, Infinity) : folder} --resume goes on from it`);
  await network.save(output);
  throw new InterruptedError(`${after}; ${problem === undefined ? '' : `the checkpoint could not be written (${problem}) and `}the model as it stands is saved as ${quote(output, Infinity)}`);
}

function jsonOf(job: Job, { epochs, seconds, steps, stopped, diagnosis }: History, output: string): object {
  return {
    model: output, parameters: job.network.describe().layers.reduce((so, { parameters }) => so + parameters, 0), backend: job.network.backend,
    epochs, seconds, steps, ...(stopped !== undefined && { stopped }), ...(diagnosis && { findings: diagnosis.findings }),
  };
}

function report(terminal: Terminal, { epochs, seconds, stopped, diagnosis }: History, output: string): void {
  const last = epochs.at(-1);
  if (stopped !== undefined) print(terminal, `Stopped: ${stopped}.`);
  if (last !== undefined) print(terminal, `${several(epochs.length, 'epoch')} in ${duration(seconds)}: ${measures(last)}${last.validation === undefined ? '' : `; validation ${measures(last.validation)}`}`);
  if (diagnosis !== undefined) print(terminal, `\n${String(diagnosis)}\n`);
  print(terminal, `Saved as ${quote(output, Infinity)}.`);
}

/** The report of the run, where one is asked for. */
async function reportOf(settings: Settings, { network, source }: Job, history: History): Promise<void> {
  const path = textOf(settings, 'report');
  if (path !== undefined) await writeReport({ network, history, path, title: `Training on ${source}`, configuration: settings });
}

/** Trains, saves, and leaves in order what an interruption left. */
async function trainAndSave(settings: Settings, job: Job, places: Places, stoppable: StoppableRun, callbacks: readonly Callback[]): Promise<History> {
  try {
    const { data, fit, network } = job, history = await network.fit('stream' in data ? data.stream : data.whole, {
      ...fit, callbacks, signal: stoppable.signal, ...(settings['diagnose'] === true && { diagnose: true }), ...(settings['resume'] === true && { resume: places.folder! }),
    });
    await job.network.save(places.output);
    await reportOf(settings, job, history);
    return history;
  } catch (error) {
    if (error instanceof AbortedError) return interrupted(job, stoppable, places);
    throw error;
  }
}

/** Where results go; whether they can is seen before the work. */
async function placesOf(settings: Settings): Promise<Places> {
  const isEnsemble = settings['members'] !== undefined, output = textOf(settings, 'output') ?? (isEnsemble ? defaultEnsemble : defaultOutput), folder = textOf(settings, 'checkpoints'), every = settings['checkpointEvery'];
  if (folder === undefined && (every !== undefined || settings['resume'] === true)) throw new UsageError(`expected --checkpoints, the folder to ${every === undefined ? 'go on from' : 'write to'}`);
  const html = textOf(settings, 'report');
  await (isEnsemble ? checkOutputFolder(output) : checkOutput(output));
  if (html !== undefined) await checkOutput(html);
  return { output, folder };
}

async function run(line: CommandLine, terminal: Terminal): Promise<void> {
  const settings = await settingsOf(line.flags, configurationOf(line), flags), isJson = line.flags.isSet('json'), quiet = line.flags.isSet('quiet');
  const every = everyOf(settings['checkpointEvery']), isEnsemble = settings['members'] !== undefined;
  if (isEnsemble) checkEnsemble(settings);
  const places = await placesOf(settings), stoppable = new StoppableRun(terminal.interruption.signal, places.folder);
  const callbacks = callbacksOf(settings, places, stoppable, quiet, terminal), job = await jobOf(settings, terminal), say = isJson ? note : print;
  if (!quiet) {
    say(terminal, describeData(job));
    say(terminal, `\n${isEnsemble ? `${job.ensemble!.members.length} networks of\n` : ''}${job.network.summary()}${job.added ? '; the output layer follows from the target' : ''}\n`);
  }
  if (isEnsemble) {
    const history = await terminal.interruption.during('Interrupted: training ends after the minibatch in hand. Once more ends it at once.', () => trainEnsemble(settings, job, places.output, every, quiet, terminal));
    if (isJson) printJson(terminal, ensembleJson(job, history, places.output));
    else if (!quiet) reportEnsemble(terminal, history, places.output);
    return;
  }
  const history = await terminal.interruption.during('Interrupted: training ends after the minibatch in hand. Once more ends it at once.', () => trainAndSave(settings, job, places, stoppable, callbacks));
  if (isJson) printJson(terminal, jsonOf(job, history, places.output));
  else if (!quiet) report(terminal, history, places.output);
}

export const trainCommand: Command = {
  name: 'train',
  summary: 'Trains a network on a table of examples and saves it.',
  usage: ['--data <file> --target <column> [flags]', '<configuration> [flags]'],
  operands: [0, 1],
  flags,
  examples: [
    { line: 'densely train --data digits.csv --target label', doc: 'a hidden layer of 64 units, an output layer for the classes in the column label' },
    { line: "densely train -d digits.csv -t label -v 0.2 -l '64:relu,dropout:0.2' --early-stopping 5", doc: 'dropout, a fifth set aside, and an end when that gets no better' },
    { line: "densely train -d houses.csv -t price -l 'standardScaler,32:relu' --loss huber --optimizer 'adamw(weightDecay=0.01)' --schedule cosine", doc: 'a number as the target' },
    { line: "densely train -d 'clicks/*.csv' -t clicked --stream -l 'standardScaler,64:relu' --checkpoints runs/clicks", doc: 'files that do not fit in memory, read while they are trained on' },
    { line: 'densely train -d digits.csv -t label --members 5 --output digits', doc: 'an ensemble of five networks, a folder that evaluate, predict and inspect take as a model' },
    { line: 'densely train digits.json --epochs 50 --checkpoints runs/digits --resume', doc: 'a configuration with a flag before it, going on where it was interrupted' },
  ],
  notes: [
    'Layers, optimizers, schedules and losses are written as name(option=value), with the names of the library; a layer also as 64:relu or dropout:0.2.',
    'Ctrl-C (and SIGTERM) ends training after the minibatch in hand: with --checkpoints a checkpoint is written, without the model is saved as it stands. A second one ends it at once.',
  ],
  run,
};
