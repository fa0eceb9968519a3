// Data that are read while they are used, for files that do not fit in memory.
import { stat } from 'node:fs/promises';
import { streamJsonLines, surveyJsonLines } from '../data/rows/row-table.ts';
import { csvEndings, streamCsv, surveyCsv } from '../data/stream/csv-stream.ts';
import { filesOf } from '../data/stream/paths.ts';
import type { Batch, BatchSource, StreamOptions } from '../data/stream/source.ts';
import { surveySource, type Survey } from '../data/stream/survey.ts';
import { DataError } from '../errors.ts';
import { minimizers } from '../minimize/registry.ts';
import { quote, suggestion } from '../options.ts';
import { isFraction, type Settings } from './configuration.ts';
import { hinted, mostValues, targetOf, type TableChoice, type Target } from './data.ts';
import { UsageError } from './exit-codes.ts';
import { rowsOf } from './rows.ts';
import { wholeBatch } from './several.ts';
import { kindOf } from './source-kind.ts';
import type { Terminal } from './terminal.ts';

/** Files of more bytes than these are streamed without being asked. */
const largest = 2 ** 30;

/** What needs all data at once, or undefined. */
function needsAll(settings: Settings): string | undefined {
  const { validation, optimizer, diagnose, members } = settings, type = typeof optimizer === 'object' ? (optimizer as { type?: string } | null)?.type : /^\w+/.exec(String(optimizer))?.[0];
  if (typeof validation === 'number' || (typeof validation === 'string' && isFraction(validation))) return 'a part of the data set aside; --validation takes a file as well';
  if (type !== undefined && Object.hasOwn(minimizers, type)) return `${type}, which works on all data at once`;
  return diagnose === true ? '--diagnose' : members === undefined ? undefined : '--members';
}

/** Whether a source is to be streamed: because --stream says so, or because it is large and nothing needs all of it. */
export async function isStreamed(source: string, settings: Settings): Promise<boolean> {
  const kind = await kindOf(source), isTable = source !== '-' && (kind === 'csv' || kind === 'jsonLines' || kind === 'parquet'), needed = needsAll(settings);
  if (settings['stream'] === true) {
    if (!isTable) throw new UsageError(`expected files of CSV, JSON lines or Parquet with --stream but received ${source === '-' ? 'standard input' : quote(source, Infinity)}`);
    if (needed !== undefined) throw new UsageError(`expected no --stream with ${needed}`);
    return true;
  }
  if (!isTable || kind === 'parquet' || needed !== undefined) return false;
  const files = await filesOf('train', 'data', source, kind === 'csv' ? csvEndings : ['.jsonl', '.ndjson']), sizes = await Promise.all(files.map((file) => stat(file)));
  return sizes.reduce((so, { size }) => so + size, 0) > largest;
}

/** A source with targets numbered by the names of classes, which stand for numbers in the files. */
function renumbered(source: BatchSource, names: readonly string[]): BatchSource {
  const numbers = new Map(names.map((name, i) => [Math.fround(Number(name)), i]));
  return {
    ...source, classes: names,
    async* batches(epoch) {
      for await (const batch of source.batches(epoch)) {
        batch.y.forEach((value, row) => {
          const number = numbers.get(value);
          if (number === undefined) throw new DataError(`expected one of the ${names.length} classes of the model in column ${quote(source.targetNames[0]!)} but received ${quote(String(value))}${suggestion(String(value), names)}`);
          batch.y[row] = number;
        });
        yield batch;
      }
    },
  };
}

/** Opens tables by their kind. */
async function open(path: string, choice: TableChoice, options: StreamOptions, classes: readonly string[] | null, terminal: Terminal): Promise<BatchSource> {
  const { target, columns, format, preprocessor } = choice, table = { target: target!, ...(columns && { columns }), ...options, ...(classes && { classes }) };
  if (preprocessor !== undefined) return preprocessor.stream(await rowsOf(path, format, terminal), options);
  return (await kindOf(path)) === 'jsonLines' ? streamJsonLines(path, table) : hinted(() => streamCsv(path, { ...format, ...table }));
}

async function survey(path: string, choice: TableChoice, most: number, terminal: Terminal): Promise<Survey> {
  const { target, columns, format, preprocessor } = choice, table = { target: target!, ...(columns && { columns }) }, kind = await kindOf(path);
  if (preprocessor !== undefined) return surveySource(await open(path, choice, { batchSize: wholeBatch, shuffleBuffer: 0 }, null, terminal), most);
  if (kind === 'parquet') throw new UsageError('expected --preprocess with --stream of Parquet');
  return hinted(() => (kind === 'jsonLines' ? surveyJsonLines(path, table, most) : surveyCsv(path, { ...format, ...table }, most)));
}

/** Training data as a stream, and what their target is; all rows are read once before. */
export async function openTraining(path: string, choice: TableChoice, options: StreamOptions, task: 'classes' | 'numbers' | null, terminal: Terminal): Promise<{ source: BatchSource; target: Target }> {
  if (choice.target === undefined) throw new UsageError('expected --target, the column to predict');
  const { rows: length, values, ...found } = await survey(path, choice, mostValues(task), terminal), target = targetOf({ ...found, length, values: () => values }, task);
  const source = await open(path, choice, options, found.classes, terminal), names = target.kind === 'classes' && found.classes === null ? target.names : null;
  return { source: { ...(names === null ? source : renumbered(source, names)), length }, target };
}

/** Data for a model that is there, in the order of the files; `classes` are the model's. */
export async function* batchesFor(path: string, choice: TableChoice, classes: readonly string[] | null, terminal: Terminal): AsyncGenerator<{ batch: Batch; source: BatchSource }, void, undefined> {
  if (choice.target === undefined) throw new UsageError('expected --target, the column that was to be predicted');
  const areNumbers = classes !== null && choice.preprocessor === undefined && classes.every((name) => name.trim() !== '' && String(Number(name)) === name);
  const opened = await open(path, choice, { batchSize: wholeBatch, shuffleBuffer: 0 }, areNumbers ? null : classes, terminal), source = areNumbers ? renumbered(opened, classes) : opened;
  for await (const batch of source.batches(0)) yield { batch, source };
}
