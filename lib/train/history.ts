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

/** A result of a program: the measure it is of, the output it belongs to, and the result by which it is averaged. */
interface Measured {
  readonly name: string;
  /** Empty for the whole network. */
  readonly output: string;
  readonly trace: number;
  /** Number of the result with the examples' weights, -1 where examples count one each. */
  readonly weights: number;
}

/** Names taken apart, once for each list of names: short epochs are reported in great numbers. */
const plans = new WeakMap<readonly string[], readonly Measured[]>();

function planOf(names: readonly string[]): readonly Measured[] {
  let plan = plans.get(names);
  if (plan === undefined) {
    plan = names.flatMap((full, trace): Measured[] => {
      const dot = full.indexOf('.'), output = full.slice(0, Math.max(dot, 0)), name = full.slice(dot + 1);
      return name === 'weight' ? [] : [{ name, output, trace, weights: name === 'loss' ? names.indexOf(dot < 0 ? 'weight' : `${output}.weight`) : -1 }];
    });
    plans.set(names, plan);
  }
  return plan;
}

/**
 * Means over examples of values given by step, as sums in double precision. Names are those of a program's results; a loss that
 * has a result `weight` beside it is averaged by that, everything else by the numbers of examples.
 */
export function measuresOf(names: readonly string[], traces: readonly ArrayLike<number>[], rows: (step: number) => number, begin: number, end: number): Evaluation {
  const measures: Record<string, number> = {};
  let outputs: Record<string, Record<string, number>> | undefined;
  for (const { name, output, trace: number, weights } of planOf(names)) {
    const trace = traces[number]!;
    let total = 0, weight = 0;
    for (let step = begin; step < end; step++) {
      const count = weights < 0 ? rows(step) : traces[weights]![step]!;
      total += trace[step]! * count;
      weight += count;
    }
    (output === '' ? measures : ((outputs ??= {})[output] ??= {}))[name] = total / weight;
  }
  return (outputs === undefined ? measures : { ...measures, outputs }) as unknown as Evaluation;
}
