// What a run of training reports.
import type { Diagnosis } from '../diagnose/diagnosis.ts';
import type { MetricName } from './metrics.ts';

/** Metrics by name, as far as they were asked for. */
export type Measures = { readonly [name in MetricName]?: number };

/** Loss and metrics on a data set: means over its examples. The loss contains the penalties on weights and activations. */
export interface Evaluation extends Measures {
  readonly loss: number;
  /** The same by output, for a network of several: each with its own loss, which contains no penalties. */
  readonly outputs?: Readonly<Record<string, { readonly loss: number } & Measures>>;
}

/** Means over the minibatches of one epoch, while the weights change. */
export interface EpochRecord extends Evaluation {
  /** Counted from 1. */
  readonly epoch: number;
  /** Learning rate of the epoch's first step. */
  readonly learningRate: number;
  /** The same measures on the validation data, after the epoch. */
  readonly validation?: Evaluation;
}

/** What `fit` resolves to. */
export interface History {
  readonly epochs: readonly EpochRecord[];
  /** Time of the training itself, in seconds. */
  readonly seconds: number;
  /** Minibatches run. */
  readonly steps: number;
  /** Why the run ended before its last epoch, where it did. */
  readonly stopped?: string;
  /** What `fit` with `diagnose: true` found at the end of the run. */
  readonly diagnosis?: Diagnosis;
}

/**
 * Means over examples of values given by step, as sums in double precision. Names are those of a program's results; a loss that
 * has a result `weight` beside it is averaged by that, everything else by the numbers of examples.
 */
export function measuresOf(names: readonly string[], traces: readonly ArrayLike<number>[], rows: (step: number) => number, begin: number, end: number): Evaluation {
  const measures: Record<string, number> = {}, outputs: Record<string, Record<string, number>> = {};
  names.forEach((full, i) => {
    const dot = full.indexOf('.'), output = full.slice(0, Math.max(dot, 0)), name = full.slice(dot + 1);
    if (name === 'weight') return;
    const weights = name === 'loss' ? traces[names.indexOf(dot < 0 ? 'weight' : `${output}.weight`)] : undefined;
    const trace = traces[i]!;
    let total = 0, weight = 0;
    for (let step = begin; step < end; step++) {
      const count = weights === undefined ? rows(step) : weights[step]!;
      total += trace[step]! * count;
      weight += count;
    }
    (dot < 0 ? measures : (outputs[output] ??= {}))[name] = total / weight;
  });
  return (Object.keys(outputs).length === 0 ? measures : { ...measures, outputs }) as unknown as Evaluation;
}
