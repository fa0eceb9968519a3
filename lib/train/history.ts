// What a run of training reports.

/** Means over the examples of one epoch; the loss contains the penalties on the weights. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy?: number;
  readonly meanAbsoluteError?: number;
  /** The same measures on the validation data, after the epoch. */
  readonly validation?: Evaluation;
}

/** Loss and metrics on a data set. */
export interface Evaluation {
  readonly loss: number;
  readonly accuracy?: number;
  readonly meanAbsoluteError?: number;
}

/** What `fit` resolves to. */
export interface History {
  readonly epochs: readonly EpochRecord[];
  /** Time of the training itself, in seconds. */
  readonly seconds: number;
  /** Minibatches run. */
  readonly steps: number;
}

/** Means over examples of values given by step, as sums in double precision. */
export function weightedMeans(names: readonly string[], traces: readonly ArrayLike<number>[], rows: (step: number) => number, begin: number, end: number): Evaluation {
  const means: Record<string, number> = {};
  names.forEach((name, i) => {
    const trace = traces[i]!;
    let total = 0, weight = 0;
    for (let step = begin; step < end; step++) {
      const count = rows(step);
      total += trace[step]! * count;
      weight += count;
    }
    means[name] = total / weight;
  });
  return means as unknown as Evaluation;
}
