// densely diagnose: what ails a network on its training data.
import { diagnose } from '../network/diagnosis.ts';
import type { Network } from '../network/network.ts';
import type { Dataset } from '../data/dataset.ts';
import type { LossSpec } from '../train/losses/loss.ts';
import type { Command, CommandLine } from './command.ts';
import { isConfiguration, settingsOf } from './configuration.ts';
import { choiceOf, readData, withClasses } from './data.ts';
import { UsageError } from './exit-codes.ts';
import { jobOf, type Job } from './job.ts';
import { loadNetwork } from './model.ts';
import { lossOf } from './specs.ts';
import { print, printJson, type Terminal } from './terminal.ts';
import { jobFlags, runFlags } from './training-flags.ts';

const flags = {
  ...jobFlags,
  examples: { kind: 'number', value: '<count>', group: 'Results', doc: 'most examples to look at (default 1024)' },
  json: { kind: 'switch', group: 'Results', doc: 'the findings as JSON' },
} as const;

interface Subject { readonly network: Network; readonly data: Dataset; readonly loss: LossSpec | undefined; readonly learningRate: number | undefined; readonly shuffle: boolean | undefined }

/** A trained model with data, or a network as a configuration describes it, before training. */
async function subjectOf(line: CommandLine, terminal: Terminal): Promise<Subject> {
  const [operand] = line.operands, isModel = operand !== undefined && !isConfiguration(operand);
  // Configurations of training may say where results go.
  const settings = await settingsOf(line.flags, isModel ? undefined : operand ?? line.flags.text('config'), { ...runFlags, ...flags });
  const learningRate = settings['learningRate'] as number | undefined, shuffle = settings['shuffle'] as boolean | undefined;
  if (!isModel) {
    const { network, data: { whole: data }, fit } = await jobOf({ ...settings, diagnose: true }, terminal) as Job & { data: { whole: Dataset } }, rate = (fit.optimizer as { options: Record<string, unknown> }).options['learningRate'];
    return { network, data, loss: fit.loss as LossSpec | undefined, shuffle: shuffle ?? true, learningRate: learningRate ?? (typeof rate === 'number' ? rate : undefined) };
  }
  const source = line.flags.text('data');
  if (source === undefined) throw new UsageError('expected --data, the examples to look at');
  const network = await loadNetwork(operand, settings), { columns } = network;
  return { network, data: withClasses(await readData(source, 'train', choiceOf(settings, network), terminal), columns?.classes ?? null), loss: lossOf(settings['loss']), learningRate, shuffle };
}

async function run(line: CommandLine, terminal: Terminal): Promise<void> {
  const { network, data, loss, learningRate, shuffle } = await subjectOf(line, terminal), examples = line.flags.number('examples');
  const report = await diagnose(network, data, {
    ...(loss && { loss }), ...(examples !== undefined && { examples }), ...(learningRate !== undefined && { learningRate }), ...(shuffle !== undefined && { shuffle }),
  });
  if (line.flags.isSet('json')) printJson(terminal, { ...report, healthy: report.healthy });
  else print(terminal, String(report));
}

export const diagnoseCommand: Command = {
  name: 'diagnose',
  summary: 'Says what ails a network on its training data, with remedies: a trained model, or one that a configuration describes before it is trained.',
  usage: ['<model> --data <file> [flags]', '<configuration> [flags]', '--data <file> --target <column> [flags]'],
  operands: [0, 1],
  flags,
  examples: [
    { line: 'densely diagnose model.safetensors --data train.csv', doc: 'activations and gradients of every layer, with findings' },
    { line: 'densely diagnose digits.json', doc: 'before training, with the learning rate of the configuration' },
  ],
  run,
};
