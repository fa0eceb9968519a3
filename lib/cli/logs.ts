// Logs that a run of training writes.
import { describe, quote } from '../options.ts';
import type { Callback } from '../train/callbacks/callback.ts';
import { csvLog, jsonLines } from '../train/callbacks/log.ts';
import { tensorBoard } from '../train/callbacks/tensorboard.ts';
import { textOf, type Settings } from './configuration.ts';
import { UsageError } from './exit-codes.ts';

/** Lines of JSON or CSV by the end of the name, and what TensorBoard reads; the functions say where those of this run go. */
export function logsOf(settings: Settings, fileOf: (path: string) => string, folderOf: (path: string) => string): Callback[] {
  const events = textOf(settings, 'tensorboard'), logs = [settings['log'] ?? []].flat().map((path) => {
    if (typeof path !== 'string') throw new UsageError(`expected 'log' to be a path or a list of paths but received ${describe(path)}`);
    if (/\.(jsonl|ndjson)$/.test(path)) return jsonLines(fileOf(path));
    if (!path.endsWith('.csv')) throw new UsageError(`expected a .jsonl or .csv file for --log but received ${quote(path)}`);
    return csvLog(fileOf(path));
  });
  return events === undefined ? logs : [...logs, tensorBoard(folderOf(events))];
}
