// Rounds: every contestant once a round, so that a machine that slows down slows all of them down.

export interface RoundOptions {
  readonly runs: number;
  /** A contestant whose trial took longer than this many seconds is not asked again. */
  readonly patienceSeconds: number;
  readonly clock?: () => number;
}

export interface Outcome<Result> {
  readonly results: Result[];
  /** Why a trial failed; such a contestant is not asked again. */
  failure?: string;
}

/** Runs the trials one after another. Each round begins with another contestant: nobody always runs on a fresh machine. */
export async function runRounds<Entry, Result>(
  entries: readonly Entry[], trial: (entry: Entry) => Promise<Result>, options: RoundOptions,
): Promise<Map<Entry, Outcome<Result>>> {
  const clock = options.clock ?? (() => performance.now());
  const outcomes = new Map(entries.map((entry) => [entry, { results: [] } as Outcome<Result>]));
  const finished = new Set<Entry>();
  for (let round = 0; round < options.runs; round++) {
    for (let place = 0; place < entries.length; place++) {
      const entry = entries[(place + round) % entries.length]!;
      if (finished.has(entry)) continue;
      const outcome = outcomes.get(entry)!;
      const start = clock();
      try {
        outcome.results.push(await trial(entry));
      } catch (error) {
        outcome.failure = error instanceof Error ? error.message : String(error);
        finished.add(entry);
      }
      if (clock() - start > options.patienceSeconds * 1000) finished.add(entry);
    }
  }
  return outcomes;
}
