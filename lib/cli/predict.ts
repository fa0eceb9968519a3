// densely predict: outputs of a model for every row of a table, as the rows come.
import { DataError } from '../errors.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { quote } from '../options.ts';
import type { Command, CommandLine } from './command.ts';
import { settingsOf } from './configuration.ts';
import { choiceOf } from './data.ts';
import { InterruptedError, UsageError } from './exit-codes.ts';
import { several } from './format.ts';
import { loadModel } from './model.ts';
import { checkOutput } from './output-file.ts';
import { planPrediction, predictChunk, type PredictionPlan } from './prediction-plan.ts';
import { cellChunks, csvCell, rowsOf } from './rows.ts';
import { kindOf } from './source-kind.ts';
import { note, RunningCount, type Terminal } from './terminal.ts';
import { jobFlags, machineFlags, tableFlags } from './training-flags.ts';

const flags = {
  data: { ...jobFlags.data, doc: "examples: a file of CSV, JSON lines or Parquet, a folder or pattern of such files, or '-' for CSV on standard input; columns that the model does not read are left aside" },
  columns: { ...jobFlags.columns, doc: 'the input columns (default: those of the training, else all but the target and those kept)' },
  keep: { kind: 'text', short: 'k', value: '<column>', many: true, group: 'Data', doc: "a column to pass on, or several with commas; '*' for all" },
  ...tableFlags,
  out: { kind: 'text', short: 'o', value: '<file>', group: 'Results', doc: "predictions as CSV, written whole or not at all (default '-': standard output)" },
  probabilities: { kind: 'switch', group: 'Results', doc: 'a column with the probability of each class' },
  spread: { kind: 'switch', group: 'Results', doc: "with an ensemble: the standard deviation over its members, of the class's probability or of the number predicted" },
  raw: { kind: 'switch', group: 'Results', doc: 'the outputs of the network as they are' },
  json: { kind: 'switch', group: 'Results', doc: 'JSON lines instead of CSV' },
  ...machineFlags,
} as const;

/** A row of results as a line. */
function lineOf(cells: readonly unknown[], { names }: PredictionPlan, isJson: boolean, delimiter: string): string {
  if (isJson) return JSON.stringify(Object.fromEntries(names.map((name, i) => [name, cells[i]])));
  return cells.map((cell) => csvCell(String(cell ?? ''), delimiter)).join(delimiter);
}

/** The plan of a further file, whose results have the columns of those before. */
function planAgain(before: PredictionPlan, next: PredictionPlan, where: string): PredictionPlan {
  if (before.names.join('\0') === next.names.join('\0')) return next;
  throw new DataError(`[${where}] expected the columns of the first file but they differ; --columns and --keep say which are meant`);
}

async function run(line: CommandLine, terminal: Terminal): Promise<void> {
  const settings = await settingsOf(line.flags, undefined, flags), source = line.flags.text('data'), out = line.flags.text('out') ?? '-';
  if (source === undefined) throw new UsageError('expected --data, the examples to predict');
  if (out !== '-') await checkOutput(out);
  if (['npz', 'idx'].includes(await kindOf(source))) throw new UsageError(`expected rows of CSV, JSON lines or Parquet for --data but received ${quote(source, Infinity)}`);
  const model = await loadModel(line.operands[0]!, settings), { network } = model, choice = choiceOf(settings, network), { delimiter = ',' } = choice.format;
  if (settings['spread'] === true && model.ensemble === undefined) throw new UsageError('expected an ensemble with --spread but received a single model');
  const isJson = line.flags.isSet('json'), { signal } = terminal.interruption;
  const shown = new RunningCount(terminal, 'prediction');
  let rows = 0;

  async function* lines(): AsyncGenerator<Uint8Array, void, undefined> {
    let plan: PredictionPlan | undefined;
    for await (const chunk of cellChunks(await rowsOf(source!, choice.format, terminal))) {
      if (signal.aborted) throw new InterruptedError('interrupted; nothing is written');
      if (plan === undefined) {
        plan = planPrediction(network, chunk.names, settings, choice, chunk.where);
        if (!isJson) yield Buffer.from(`${plan.names.map((name) => csvCell(name, delimiter)).join(delimiter)}\n`);
      } else if (plan.columnNames.join('\0') !== chunk.names.join('\0')) {
        // Another file has its columns in another order.
        plan = planAgain(plan, planPrediction(network, chunk.names, settings, choice, chunk.where), chunk.where);
      }
      const results = await predictChunk(model, plan, chunk);
      rows += results.length;
      if (out !== '-') shown.at(rows);
      yield Buffer.from(`${results.map((cells) => lineOf(cells, plan!, isJson, delimiter)).join('\n')}\n`);
    }
    if (rows === 0) throw new DataError(`expected at least one row in ${source === '-' ? 'standard input' : quote(source!, Infinity)} but received none`);
  }

  if (out !== '-') {
    await terminal.interruption.during('Interrupted: predicting ends.', () => writeFileAtomic(out, lines()).finally(() => shown.clear()));
    note(terminal, `${several(rows, 'prediction')} in ${quote(out, Infinity)}.`);
    return;
  }
  for await (const piece of lines()) {
    terminal.output.write(piece);
    if (!(await terminal.drained())) return;
  }
}

export const predictCommand: Command = {
  name: 'predict',
  summary: 'Predicts every row of a table, however long it is.',
  usage: ['<model> --data <file> [--out <file>] [flags]'],
  operands: [1, 1],
  flags,
  examples: [
    { line: 'densely predict model.safetensors --data new.csv --out predicted.csv --keep id', doc: 'the column id and the prediction of each row' },
    { line: 'gzip -dc new.csv.gz | densely predict model.safetensors --data - --probabilities | head', doc: 'from standard input to standard output, with the probability of each class' },
    { line: "densely predict ensemble --data 'new/*.csv' --spread --out predicted.csv", doc: 'the average of an ensemble, and how far its members are from each other' },
    { line: 'densely predict model.safetensors --data new.csv --json', doc: 'a line of JSON for every row' },
  ],
  notes: ['Classes are called by the names they had in training. Memory stays the same however many rows there are.'],
  run,
};
