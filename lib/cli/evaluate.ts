// densely evaluate: loss and metrics of a model on data.
import { quote } from '../options.ts';
import { report } from '../report/report.ts';
import type { MetricName } from '../train/metrics.ts';
import type { Command, CommandLine } from './command.ts';
import { listOf, settingsOf } from './configuration.ts';
import { choiceOf, readData, withClasses } from './data.ts';
import { UsageError } from './exit-codes.ts';
import { facts, measure, several } from './format.ts';
import { loadModel } from './model.ts';
import { checkOutput } from './output-file.ts';
import { lossOf } from './specs.ts';
import { print, printJson, type Terminal } from './terminal.ts';
import { jobFlags, machineFlags, tableFlags } from './training-flags.ts';

const flags = {
  data: { ...jobFlags.data, doc: "examples with their targets, as for train; of a folder of IDX files the test part" },
  target: { ...jobFlags.target, doc: 'the column that was to be predicted (default: that of the training)' },
  columns: { ...jobFlags.columns, doc: 'the input columns (default: those of the training)' },
  ...tableFlags,
  loss: { ...jobFlags.loss, group: 'Measures', doc: 'default: what suits the output layer' },
  metrics: { ...jobFlags.metrics, group: 'Measures' },
  ...machineFlags,
  report: { kind: 'text', value: '<file>', group: 'Results', doc: 'confusions and scores of each class, or errors, as one HTML file' },
  json: { kind: 'switch', group: 'Results', doc: 'the measures as JSON' },
} as const;

async function run(line: CommandLine, terminal: Terminal): Promise<void> {
  const settings = await settingsOf(line.flags, undefined, flags), path = line.operands[0]!, loss = lossOf(settings['loss']);
  const metrics = listOf(settings, 'metrics') as MetricName[] | undefined, source = line.flags.text('data'), html = line.flags.text('report');
  if (source === undefined) throw new UsageError('expected --data, the examples to evaluate');
  if (html !== undefined) await checkOutput(html);
  const network = await loadModel(path, settings), { columns } = network;
  const data = withClasses(await readData(source, 'test', choiceOf(settings, network), terminal), columns?.classes ?? null);
  const options = { ...(loss && { loss }), ...(metrics && { metrics }) }, evaluation = await network.evaluate(data, options);
  if (html !== undefined) await report({ network, data, evaluate: options, path: html, title: `${path} on ${source}` });
  if (line.flags.isSet('json')) {
    printJson(terminal, { model: path, examples: data.length, ...evaluation });
    return;
  }
  const { outputs: _outputs, ...whole } = evaluation;
  print(terminal, `${source === '-' ? 'standard input' : quote(source, Infinity)}: ${several(data.length, 'example')}\n`);
  print(terminal, facts(Object.entries(whole as Record<string, number>).map(([name, value]) => [name, measure(value)])));
}

export const evaluateCommand: Command = {
  name: 'evaluate',
  summary: 'Measures loss and metrics of a model on data.',
  usage: ['<model> --data <file> [flags]'],
  operands: [1, 1],
  flags,
  examples: [
    { line: 'densely evaluate model.safetensors --data test.csv', doc: 'the columns are found by the names that they had in training' },
    { line: 'densely evaluate runs/digits --data test.csv --json', doc: 'the newest checkpoint of a folder, for a program to read' },
  ],
  run,
};
