// densely evaluate: loss and metrics of a model on data.
import type { EvaluateOptions } from '../network/fit-options.ts';
import { quote } from '../options.ts';
import { report } from '../report/report.ts';
import type { Evaluation } from '../train/history.ts';
import type { MetricName } from '../train/metrics.ts';
import type { Command, CommandLine } from './command.ts';
import { listOf, settingsOf } from './configuration.ts';
import { choiceOf, readData, withClasses, type TableChoice } from './data.ts';
import { InterruptedError, UsageError } from './exit-codes.ts';
import { facts, measure, several } from './format.ts';
import { loadModel, type LoadedModel } from './model.ts';
import { checkOutput } from './output-file.ts';
import { datasetOf } from './several.ts';
import { lossOf } from './specs.ts';
import { batchesFor, isStreamed } from './stream.ts';
import { print, printJson, RunningCount, type Terminal } from './terminal.ts';
import { jobFlags, machineFlags, tableFlags } from './training-flags.ts';

const flags = {
  data: { ...jobFlags.data, doc: "examples with their targets, as for train; of a folder of IDX files the test part" },
  target: { ...jobFlags.target, doc: 'the column that was to be predicted (default: that of the training)' },
  columns: { ...jobFlags.columns, doc: 'the input columns (default: those of the training)' },
  ...tableFlags,
  stream: { ...jobFlags.stream, doc: 'read the rows while they are measured, for files that do not fit in memory (without asking where they are more than 1 GiB)' },
  loss: { ...jobFlags.loss, group: 'Measures', doc: 'default: what suits the output layer' },
  metrics: { ...jobFlags.metrics, group: 'Measures' },
  ...machineFlags,
  report: { kind: 'text', value: '<file>', group: 'Results', doc: 'confusions and scores of each class, or errors, as one HTML file' },
  json: { kind: 'switch', group: 'Results', doc: 'the measures as JSON' },
} as const;

/** Measures of data that are read as they are measured: means over all examples. */
async function evaluateStream(model: LoadedModel, source: string, choice: TableChoice, options: EvaluateOptions, terminal: Terminal): Promise<{ examples: number; evaluation: Evaluation }> {
  const sums: Record<string, number> = {}, classes = model.network.columns?.classes ?? null, shown = new RunningCount(terminal, 'example');
  let examples = 0;
  for await (const { batch, source: from } of batchesFor(source, choice, classes, terminal)) {
    if (terminal.interruption.signal.aborted) throw new InterruptedError('interrupted');
    const { outputs: _outputs, members: _members, ...whole } = await model.evaluate(datasetOf([batch], from), options) as Evaluation & { members?: unknown };
    for (const [name, value] of Object.entries(whole as Record<string, number>)) sums[name] = (sums[name] ?? 0) + value * batch.rows;
    shown.at(examples += batch.rows);
  }
  shown.clear();
  return { examples, evaluation: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / examples])) as unknown as Evaluation };
}

/** Loss and metrics of the members, from the least to the largest. */
function rangesOf(members: readonly Evaluation[]): [string, string][] {
  return Object.keys(members[0]!).filter((name) => name !== 'outputs').map((name) => {
    const values = members.map((each) => (each as unknown as Record<string, number>)[name]!);
    return [`members' ${name}`, `${measure(Math.min(...values))} to ${measure(Math.max(...values))}`];
  });
}

async function run(line: CommandLine, terminal: Terminal): Promise<void> {
  const settings = await settingsOf(line.flags, undefined, flags), path = line.operands[0]!, loss = lossOf(settings['loss']);
  const metrics = listOf(settings, 'metrics') as MetricName[] | undefined, source = line.flags.text('data'), html = line.flags.text('report');
  if (source === undefined) throw new UsageError('expected --data, the examples to evaluate');
  if (html !== undefined) await checkOutput(html);
  const model = await loadModel(path, settings), { network, ensemble } = model, options = { ...(loss && { loss }), ...(metrics && { metrics }) }, choice = choiceOf(settings, network);
  if (html !== undefined && ensemble !== undefined) throw new UsageError('expected a single model with --report but received an ensemble');
  const isStream = await isStreamed(source, html === undefined ? settings : { ...settings, diagnose: true });
  const data = isStream ? undefined : withClasses(await readData(source, 'test', choice, terminal), network.columns?.classes ?? null);
  const { examples, evaluation } = data === undefined
    ? await terminal.interruption.during('Interrupted: evaluating ends.', () => evaluateStream(model, source, choice, options, terminal))
    : { examples: data.length, evaluation: await model.evaluate(data, options) };
  if (html !== undefined) await report({ network, data: data!, evaluate: options, path: html, title: `${path} on ${source}` });
  if (line.flags.isSet('json')) {
    printJson(terminal, { model: path, examples, ...evaluation });
    return;
  }
  const { outputs: _outputs, members, ...whole } = evaluation as Evaluation & { members?: readonly Evaluation[] };
  print(terminal, `${source === '-' ? 'standard input' : quote(source, Infinity)}${isStream ? ', streamed' : ''}: ${several(examples, 'example')}\n`);
  print(terminal, facts([...Object.entries(whole as unknown as Record<string, number>).map(([name, value]): [string, string] => [name, measure(value)]), ...(members === undefined ? [] : rangesOf(members))]));
}

export const evaluateCommand: Command = {
  name: 'evaluate',
  summary: 'Measures loss and metrics of a model on data.',
  usage: ['<model> --data <file> [flags]'],
  operands: [1, 1],
  flags,
  examples: [
    { line: 'densely evaluate model.safetensors --data test.csv', doc: 'the columns are found by the names that they had in training' },
    { line: "densely evaluate ensemble --data 'tests/*.csv' --stream", doc: 'the average of an ensemble and its members, on files that do not fit in memory' },
    { line: 'densely evaluate runs/digits --data test.csv --json', doc: 'the newest checkpoint of a folder, for a program to read' },
  ],
  run,
};
