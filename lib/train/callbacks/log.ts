// Logs of a run as files: a line for every epoch, as JSON or as comma-separated values.
import { open, type FileHandle } from 'node:fs/promises';
import { DataError } from '../../errors.ts';
import { boolean, checkOptions, nonEmptyString, quote } from '../../options.ts';
import type { EpochRecord } from '../history.ts';
import type { Callback, SavedCallback } from './callback.ts';
import { isCount, savedData } from './saved.ts';

/** Options of `jsonLines` and `csvLog`. */
export interface LogOptions {
  /** Keep what the file holds and go on after it (default false: a run that begins anew begins the file anew). */
  readonly append?: boolean;
}

/** How records become lines. */
interface Format {
  readonly name: 'jsonLines' | 'csvLog';
  /** The first line of a file, where it has one. */
  head?(record: EpochRecord): string;
  line(record: EpochRecord): string;
}

/** A file of lines: those of this run begin at `start`. */
class Log {
  private readonly file: FileHandle;
  private readonly path: string;
  private readonly format: Format;
  readonly start: number;

  private constructor(file: FileHandle, path: string, format: Format, start: number) {
    this.file = file;
    this.path = path;
    this.format = format;
    this.start = start;
  }

  static async open(path: string, format: Format, append: boolean): Promise<Log> {
    const file = await open(path, 'a+');
    return new Log(file, path, format, append ? (await file.stat()).size : 0);
  }

  /** The same file with the lines of this run from another place on. */
  from(start: number): Log {
    return new Log(this.file, this.path, this.format, start);
  }

  /** Puts the records in the place of all that this run wrote. */
  async rewrite(records: readonly EpochRecord[]): Promise<void> {
    const { head } = this.format, first = records[0];
    await this.file.truncate(this.start);
    if (first === undefined) return;
    const before = await this.before(), lines = records.map((record) => this.format.line(record));
    if (head !== undefined && before.length === 0) lines.unshift(head(first));
    else if (head !== undefined) this.checkHead(before, head(first));
    // The end of a line that was never finished.
    const end = before.length > 0 && !before.endsWith('\n') ? '\n' : '';
    await this.file.appendFile(`${end}${lines.join('\n')}\n`);
  }

  /** What the file holds from before this run. */
  private async before(): Promise<string> {
    const buffer = Buffer.alloc(this.start);
    await this.file.read(buffer, 0, this.start, 0);
    return buffer.toString();
  }

  private checkHead(before: string, head: string): void {
    const found = before.split('\n', 1)[0]!;
    if (found !== head) throw new DataError(`[${this.format.name}] expected ${quote(this.path)} to have the columns ${quote(head, 80)} but it has ${quote(found, 80)}`);
  }

  async append(record: EpochRecord): Promise<void> {
    await this.file.appendFile(`${this.format.line(record)}\n`);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/**
 * A callback that keeps the file in the state of a run without interruptions: a run that goes on from a checkpoint puts the epochs
 * before it in the place of all that the earlier run wrote.
 */
function logTo(path: string, options: LogOptions, format: Format): Callback {
  nonEmptyString(format.name, 'path', path);
  checkOptions(format.name, options, ['append']);
  const append = boolean(format.name, 'append', options.append ?? false);
  let log: Log | undefined, isBegun = false, isKnown = !append;
  const begin = async (records: readonly EpochRecord[]): Promise<void> => {
    if (log === undefined || isBegun) return;
    isBegun = true;
    await log.rewrite(records);
  };
  return {
    name: format.name,
    async onBegin() {
      [log, isBegun, isKnown] = [undefined, false, !append];
      log = await Log.open(path, format, append);
    },
    async onEpoch(record, { records }) {
      if (isBegun) await log!.append(record);
      else await begin(records);
    },
    async onEnd({ records }) {
      try {
        // A run that told nothing leaves the file as it is, and so does one of which it is not known where its lines begin.
        if (records.length > 0 && isKnown) await begin(records);
      } finally {
        await log?.close();
        log = undefined;
      }
    },
    save: (): SavedCallback => ({ data: { start: log?.start ?? 0 }, tensors: {} }),
    resume({ data }) {
      if (append) log = log!.from(savedData<{ start: number }>(format.name, data, { start: isCount }).start);
      isKnown = true;
    },
  };
}

/**
 * Writes every epoch's record to `path` as a line of JSON, at once and with all digits of its numbers. A run that goes on from a
 * checkpoint leaves the file of a run without interruptions. Rejects with the system's error where the file cannot be written.
 *
 * @example await network.fit(train, { epochs: 20, callbacks: [jsonLines('run.jsonl')] });
 */
export function jsonLines(path: string, options: LogOptions = {}): Callback {
  return logTo(path, options, { name: 'jsonLines', line: (record) => JSON.stringify(record) });
}

/** The numbers of a record by their path: `loss`, `validation.loss`, `outputs.left.accuracy`. */
export function flatRecord(record: object, prefix = ''): [name: string, value: number][] {
  return Object.entries(record).flatMap(([name, value]): [string, number][] => {
    return typeof value === 'number' ? [[prefix + name, value]] : flatRecord(value as object, `${prefix}${name}.`);
  });
}

const cell = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * The same as comma-separated values (RFC 4180): a first line with the names of the columns, such as `epoch`, `loss`, `accuracy`,
 * `learningRate`, `validation.loss`.
 */
export function csvLog(path: string, options: LogOptions = {}): Callback {
  return logTo(path, options, {
    name: 'csvLog',
    head: (record) => flatRecord(record).map(([name]) => cell(name)).join(','),
    line: (record) => flatRecord(record).map(([, value]) => String(value)).join(','),
  });
}
