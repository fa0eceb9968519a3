// densely inspect: what is in a model file or a checkpoint.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isEnsemble, readIndex, type EnsembleIndex } from '../ensemble/persist.ts';
import { readSafetensors } from '../io/safetensors.ts';
import type { Network } from '../network/network.ts';
import { runEntry, type RunDescription } from '../network/resume.ts';
import { quote } from '../options.ts';
import type { Command, CommandLine } from './command.ts';
import { settingsOf } from './configuration.ts';
import { costOf } from './cost.ts';
import { bytes, count, facts, measure, measures, rounded, several, wrap } from './format.ts';
import { loadNetwork, modelFile } from './model.ts';
import { columnsOf, print, printJson, type Terminal } from './terminal.ts';
import { machineFlags } from './training-flags.ts';

const flags = {
  metadata: { kind: 'switch', doc: 'the metadata of the file as they are' },
  json: { kind: 'switch', doc: 'everything as JSON' },
  ...machineFlags,
} as const;

/** Bytes of a number in single precision. */
const single = 4;

/** The state of a run that a checkpoint holds, or undefined. */
function runOf(metadata: Readonly<Record<string, string>>): Pick<RunDescription, 'epoch' | 'step' | 'records' | 'stopped' | 'identity'> | undefined {
  const text = metadata[runEntry];
  return text === undefined ? undefined : JSON.parse(text) as RunDescription;
}

/** A list of names that is cut where it is long. */
function named(names: readonly string[], most = 8): string {
  return `${names.slice(0, most).join(', ')}${names.length > most ? `, … (${count(names.length)})` : ''}`;
}

function columnFacts({ columns }: Network): [string, string][] {
  if (columns === undefined) return [];
  return [['inputs', named(columns.inputs)], ['target', named(columns.targets)], ...(columns.classes === null ? [] : [['classes', named(columns.classes, 12)] as [string, string]])];
}

function runFacts(run: ReturnType<typeof runOf>): [string, string][] {
  if (run === undefined) return [];
  const last = run.records.at(-1), optimizer = (run.identity.optimizer as { type?: string }).type ?? '', { batchSize, examples } = run.identity;
  return [
    ['checkpoint', `after ${several(run.epoch, 'epoch')}${run.step > 0 ? ` and ${several(run.step, 'step')}` : ''} of ${several(examples, 'example')}, ${optimizer}, minibatches of ${batchSize}`],
    ...(last === undefined ? [] : [['last epoch', `${measures(last)}${last.validation === undefined ? '' : `; validation ${measures(last.validation)}`}`] as [string, string]]),
    ...(run.stopped === undefined ? [] : [['stopped', run.stopped] as [string, string]]),
  ];
}

/** What an ensemble's folder says of it, before its first member. */
function ensembleFacts(folder: string, { seed, fraction, members }: EnsembleIndex): [string, string][] {
  const failed = members.filter((member) => member.failed).length;
  return [
    ['ensemble', `${quote(folder, Infinity)}, ${several(members.length, 'member')}${failed > 0 ? `, of which ${failed} failed in training and are left out` : ''}`],
    ['seed', String(seed)], ['samples', fraction === null ? 'all examples for each' : `${measure(fraction)} of the examples for each, drawn with replacement`],
  ];
}

async function run(line: CommandLine, terminal: Terminal): Promise<void> {
  const settings = await settingsOf(line.flags, undefined, flags), given = line.operands[0]!, ensemble = (await isEnsemble(given)) ? await readIndex(given) : undefined;
  const file = ensemble === undefined ? await modelFile(given) : join(given, ensemble.members[0]!.file), network = await loadNetwork(file, settings);
  const { metadata } = await readSafetensors(file), { size } = await stat(file), cost = costOf(network.internals.model), found = runOf(metadata);
  const description = JSON.parse(metadata['densely']!) as { version: number; steps: number; seed: number };
  if (line.flags.isSet('json')) {
    printJson(terminal, {
      ...(ensemble && { ensemble: { folder: given, ...ensemble } }), file, size, ...cost, seed: network.seed, steps: description.steps, ...network.describe(), columns: network.columns ?? null,
      run: found === undefined ? null : { epoch: found.epoch, step: found.step, records: found.records, identity: found.identity, stopped: found.stopped ?? null }, metadata,
    });
    return;
  }
  const width = columnsOf(terminal.output);
  const pairs: [string, string][] = [
    ...(ensemble === undefined ? [] : ensembleFacts(given, ensemble)),
    [ensemble === undefined ? 'file' : 'first file', `${quote(file, Infinity)}, ${bytes(size)}, format ${description.version}`],
    ['trained', `${count(description.steps)} minibatches, seed ${network.seed}`],
    ['memory', `${bytes(single * (cost.parameters + cost.states))} of weights; about ${bytes(single * (3 * cost.parameters + cost.states))} to train with Adam`],
    ['work', `about ${rounded(cost.operations)} floating-point operations to predict an example, ${rounded(3 * cost.operations)} to train on it`],
    ...columnFacts(network), ...runFacts(found),
  ];
  const indent = Math.max(...pairs.map(([name]) => name.length)) + 2;
  print(terminal, `${network.summary()}\n\n${facts(pairs.map(([name, value]) => [name, wrap(value, width, indent)]))}`);
  if (line.flags.isSet('metadata')) for (const [name, value] of Object.entries(metadata)) print(terminal, `\n${name}: ${value}`);
}

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'Shows what is in a model or a checkpoint: layers, parameters, memory, operations, columns, state of the run.',
  usage: ['<model> [flags]'],
  operands: [1, 1],
  flags,
  examples: [
    { line: 'densely inspect model.safetensors', doc: 'layers and what they cost' },
    { line: 'densely inspect ensemble', doc: 'the members of an ensemble, and what the first of them is made of' },
    { line: 'densely inspect runs/digits --json', doc: 'the newest checkpoint of a folder, for a program to read' },
  ],
  run,
};
