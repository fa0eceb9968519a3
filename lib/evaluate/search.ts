// Search for the best configuration: trials over a grid or at random, a few at a time, kept in a file from which a search goes on.
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { sideBySide } from '../ensemble/members.ts';
import { AbortedError, DataError, OptionError } from '../errors.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { checkOptions, describe, invalid, nonEmptyString, nonNegativeInteger, oneOf, optionalFunction, positiveInteger, quote } from '../options.ts';
import { derivedSeed } from '../random/derive.ts';
import { streams } from '../random/philox.ts';
import { entriesOf, planOf, type ConfigurationOf, type SearchSpace } from './search-space.ts';
import { textTable } from './text-table.ts';

/** What a trial is given beside its configuration. */
export interface TrialContext {
  /** Counted from 0. */
  readonly number: number;
  /** Follows from the seed of the search and `number`. */
  readonly seed: number;
  /** Aborts with the search: to hand on to `fit`. */
  readonly signal: AbortSignal;
}

/** A trial that has ended: with a score, or with an error. */
export interface Trial<Configuration = Readonly<Record<string, unknown>>> {
  readonly number: number;
  readonly configuration: Configuration;
  readonly score?: number;
  /** What the trial gave beside its score, as plain data. */
  readonly result?: Readonly<Record<string, unknown>>;
  /** Message of the error that ended it. */
  readonly error?: string;
  readonly seconds: number;
}

/** Options of `search`. */
export interface SearchOptions<Configuration> {
  /** `'grid'`: all combinations in order; `'random'`: drawn from the space, and of lists alone none twice (default `'random'`). */
  readonly strategy?: 'grid' | 'random';
  /** How many configurations are tried at most (default 20 at random, all of a grid). */
  readonly trials?: number;
  /** Which way scores are better (default `'minimize'`). */
  readonly direction?: 'minimize' | 'maximize';
  readonly seed?: number;
  /** Trials at the same time (default 1). Configurations and seeds do not depend on it. */
  readonly concurrency?: number;
  /** File of JSON lines to which every trial is written as it ends. A search with the same space, strategy, seed and direction goes on after what it holds. */
  readonly resume?: string;
  /** Called after every trial that was run and awaited. */
  readonly onTrial?: (trial: Trial<Configuration>) => void | Promise<void>;
  /** Ends the search; trials that have ended are in the file. */
  readonly signal?: AbortSignal;
}

const names = ['strategy', 'trials', 'direction', 'seed', 'concurrency', 'resume', 'onTrial', 'signal'] as const;

/** The trials of a search; `toString()` is for people. */
export class SearchResult<Configuration> {
  /** In the order of their numbers. */
  readonly trials: readonly Trial<Configuration>[];
  /** The one with the best score, the first of equals; undefined where every trial failed. */
  readonly best: Trial<Configuration> | undefined;
  private readonly sign: number;

  constructor(trials: readonly Trial<Configuration>[], direction: 'minimize' | 'maximize') {
    this.trials = trials;
    this.sign = direction === 'maximize' ? -1 : 1;
    this.best = this.ranked()[0];
  }

  /** Trials with a score, the best first. */
  ranked(): Trial<Configuration>[] {
    return this.trials.filter(({ score }) => score !== undefined).sort((a, b) => this.sign * (a.score! - b.score!));
  }

  /** The ten best trials, and how many failed. */
  toString(): string {
    const keys = Object.keys(this.trials[0]?.configuration ?? {}), failed = this.trials.filter(({ error }) => error !== undefined).length;
    const text = (value: unknown): string => {
      if (typeof value === 'number') return String(Number(value.toPrecision(4)));
      return typeof value === 'string' ? value : JSON.stringify(value) ?? String(value);
    };
    const rows = this.ranked().slice(0, 10).map(({ number, score, configuration }) => {
      return [String(number), text(score), ...keys.map((key) => text((configuration as Record<string, unknown>)[key]))];
    });
    return [...textTable([['trial', 'score', ...keys], ...rows]), '', `${this.trials.length} trials, ${failed} failed`].join('\n');
  }
}

/** The file of a search: what it is about, then a line for every trial. */
class Journal {
  private readonly file: FileHandle;
  private written: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.file = file;
  }

  /** Opens the file and reads the trials it holds. A last line that was never finished is removed. */
  static async open(path: string, about: object): Promise<{ journal: Journal; trials: Trial[] }> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const whole = text.slice(0, text.lastIndexOf('\n') + 1), lines = whole.split('\n').filter((line) => line !== '').map((line, i) => parsed(path, line, i));
    const head = JSON.parse(JSON.stringify({ search: about })) as Record<string, unknown>;
    if (lines.length > 0 && JSON.stringify(lines[0]) !== JSON.stringify(head)) {
      const found = quote(JSON.stringify(lines[0]), 120);
      throw new OptionError(`[search] expected ${quote(path)} to hold trials of the same space, strategy, seed and direction but it holds ${found}`);
    }
    const trials = lines.slice(1) as unknown as Trial[];
    const bad = trials.findIndex(({ number, score, error }) => !Number.isSafeInteger(number) || (typeof score !== 'number' && typeof error !== 'string'));
    if (bad >= 0) throw new DataError(`[search] expected line ${bad + 2} of ${quote(path)} to be a trial`);
    if (whole === '' || whole.length < text.length) await writeFileAtomic(path, [Buffer.from(whole === '' ? `${JSON.stringify(head)}\n` : whole)]);
    return { journal: new Journal(await open(path, 'a')), trials };
  }

  add(trial: Trial): Promise<void> {
    this.written = this.written.then(() => this.file.appendFile(`${JSON.stringify(trial)}\n`));
    return this.written;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

function parsed(path: string, line: string, i: number): Record<string, unknown> {
  try {
    const value = JSON.parse(line) as unknown;
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new DataError(`[search] expected line ${i + 1} of ${quote(path)} to be a trial as JSON`);
}

/** A score, or an object with a score and other plain data, made part of a trial. */
function outcomeOf(given: unknown): Pick<Trial, 'score' | 'result' | 'error'> {
  const { score, ...result } = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : { score: given };
  if (typeof score !== 'number' || !Number.isFinite(score)) return { error: `expected a trial to give a finite number as its score but received ${describe(score)}` };
  return { score, ...(Object.keys(result).length > 0 && { result: JSON.parse(JSON.stringify(result)) as Record<string, unknown> }) };
}

/**
 * Tries configurations of `space` and keeps their scores. `run` gives the score of one, or an object with a `score` and other plain
 * data. A trial that throws is recorded with its message, and the search goes on.
 *
 * @example
 * const found = await search({ units: [16, 32, 64], learningRate: { from: 1e-4, to: 1e-1, scale: 'log' } }, async ({ units, learningRate }, { seed, signal }) => {
 *   const network = new Network({ inputs: 64, seed, layers: [dense(units, 'relu'), dense(10, 'softmax')] });
 *   const { epochs } = await network.fit(train, { epochs: 10, optimizer: adam({ learningRate }), validation, signal });
 *   return epochs.at(-1)!.validation!.loss;
 * }, { trials: 20, seed: 1, resume: 'search.jsonl' });
 * @throws {OptionError} on bad options or a bad space. Rejects with `ERR_ABORTED` where the signal says so.
 */
export async function search<const Space extends SearchSpace>(
  space: Space, run: (configuration: ConfigurationOf<Space>, trial: TrialContext) => Promise<unknown> | number | object, options: SearchOptions<ConfigurationOf<Space>> = {},
): Promise<SearchResult<ConfigurationOf<Space>>> {
  type Own = Trial<ConfigurationOf<Space>>;
  checkOptions('search', options, names);
  if (typeof run !== 'function') throw invalid('search', 'run', 'a function that gives the score of a configuration', run);
  optionalFunction('search', 'onTrial', options.onTrial);
  const { signal, onTrial } = options, strategy = oneOf('search', 'strategy', options.strategy ?? 'random', ['grid', 'random']);
  const direction = oneOf('search', 'direction', options.direction ?? 'minimize', ['minimize', 'maximize']), seed = nonNegativeInteger('search', 'seed', options.seed ?? 0);
  const concurrency = positiveInteger('search', 'concurrency', options.concurrency ?? 1), plan = planOf(entriesOf(space), strategy, seed);
  const count = Math.min(plan.count, positiveInteger('search', 'trials', options.trials ?? (strategy === 'grid' ? plan.count : 20)));
  const kept = options.resume === undefined ? undefined : await Journal.open(nonEmptyString('search', 'resume', options.resume), { space, strategy, seed, direction });
  const ended = new Map((kept?.trials ?? []).map((trial) => [trial.number, trial])), trials: Own[] = [];

  const attempt = async (number: number, either: AbortSignal): Promise<void> => {
    // What a list holds need not survive a file, the number does.
    const configuration = plan.at(number) as ConfigurationOf<Space>, before = ended.get(number);
    if (before !== undefined) {
      trials[number] = { ...before, configuration };
      return;
    }
    const aborted = (): AbortedError => new AbortedError(`[search] aborted after ${trials.filter((trial) => trial !== undefined).length} trials`, either.reason);
    if (either.aborted) throw aborted();
    const started = performance.now();
    let outcome: ReturnType<typeof outcomeOf>;
    try {
      outcome = outcomeOf(await run(configuration, { number, seed: derivedSeed(seed, streams.trialSeeds, number), signal: either }));
    } catch (error) {
      if (either.aborted) throw aborted();
      outcome = { error: error instanceof Error ? error.message : String(error) };
    }
    trials[number] = { number, configuration, ...outcome, seconds: (performance.now() - started) / 1000 };
    await kept?.journal.add(trials[number] as Trial);
    await onTrial?.(trials[number]);
  };
  try {
    await sideBySide(count, concurrency, signal, attempt);
  } finally {
    await kept?.journal.close();
  }
  return new SearchResult(trials, direction);
}
