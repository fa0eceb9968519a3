// Cross-validation: a network for every fold, trained on the others and measured on it.
import { Dataset } from '../data/dataset.ts';
import { predictAll } from '../ensemble/judge.ts';
import { sideBySide } from '../ensemble/members.ts';
import { AbortedError, DataError, OptionError } from '../errors.ts';
import { checkFit, type FitOptions } from '../network/fit-options.ts';
import type { TrainingData } from '../network/given.ts';
import { Network } from '../network/network.ts';
import type { NetworkOptions } from '../network/network-options.ts';
import type { Prediction } from '../network/prediction.ts';
import { checkOptions, describe, invalid, nonNegativeInteger, optionalFunction, positiveInteger } from '../options.ts';
import { derivedSeed } from '../random/derive.ts';
import { streams } from '../random/philox.ts';
import type { Evaluation, History } from '../train/history.ts';
import { foldOptionNames, foldsOf, type FoldData, type FoldOptions } from './folds.ts';
import { fixed, textTable } from './text-table.ts';

/** A fold of a repeat. */
export interface Fold extends FoldData {
  /** Counted from 0 over all repeats. */
  readonly number: number;
  readonly repeat: number;
  /** Counted from 0 within its repeat. */
  readonly fold: number;
  /** Follows from the seed of the cross-validation and `number`; the seed of the network where its options have none. */
  readonly seed: number;
}

/** Options of `crossValidate`. */
export interface CrossValidationOptions extends FoldOptions {
  /** How often all of it is done, with other folds each time (default 1). */
  readonly repeats?: number;
  /** Options of `network.fit`, or a function that gives those of a fold: callbacks serve one run, so that they need one. */
  readonly fit?: FitOptions | ((fold: Fold) => FitOptions);
  /** Folds that train at the same time (default 1). The results do not depend on it. */
  readonly concurrency?: number;
  /** Called after every fold and awaited; the network is disposed afterwards. */
  readonly onFold?: (result: FoldResult, network: Network) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

const names = [...foldOptionNames, 'repeats', 'fit', 'concurrency', 'onFold', 'signal'];

/** What a fold came to. */
export interface FoldResult {
  readonly repeat: number;
  readonly fold: number;
  /** Test examples. */
  readonly examples: number;
  /** Loss and metrics on them. */
  readonly evaluation: Evaluation;
  readonly history: History;
}

/** Loss and metrics by name. */
type Figures = Readonly<Record<string, number>>;

/** All folds, as plain data; `toString()` is for people. */
export class CrossValidation {
  /** Repeat after repeat. */
  readonly folds: readonly FoldResult[];
  /** Means over the folds of loss and metrics. */
  readonly mean: Figures;
  /** Their standard deviations over the folds (n − 1). */
  readonly standardDeviation: Figures;
  /**
   * What was predicted for each example by the network that had not seen it, in the order of the data; with several repeats their mean.
   * Several outputs lie side by side.
   */
  readonly predictions: Prediction;

  constructor(folds: readonly FoldResult[], predictions: Prediction) {
    const measures = Object.entries(folds[0]!.evaluation).filter(([, value]) => typeof value === 'number').map(([name]) => name);
    const valuesOf = (name: string): number[] => folds.map(({ evaluation }) => (evaluation as unknown as Figures)[name]!);
    const figures = (of: (values: number[]) => number): Figures => Object.fromEntries(measures.map((name) => [name, of(valuesOf(name))]));
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    this.folds = folds;
    this.mean = figures(mean);
    this.standardDeviation = figures((values) => Math.sqrt(values.reduce((so, value) => so + (value - mean(values)) ** 2, 0) / (values.length - 1)));
    this.predictions = predictions;
  }

  /** A line for every fold, then means and standard deviations. */
  toString(): string {
    const measures = Object.keys(this.mean), several = this.folds.some(({ repeat }) => repeat > 0);
    const row = (name: string, examples: string, figures: Figures): string[] => [name, examples, ...measures.map((measure) => fixed(figures[measure]))];
    return textTable([
      ['fold', 'examples', ...measures],
      ...this.folds.map(({ repeat, fold, examples, evaluation }) => {
        const name = several ? `${repeat + 1}.${fold + 1}` : String(fold + 1);
        return row(name, String(examples), evaluation as unknown as Figures);
      }),
      row('mean', '', this.mean), row('standard deviation', '', this.standardDeviation),
    ]).join('\n');
  }
}

function checkedFit(fit: CrossValidationOptions['fit']): (fold: Fold) => FitOptions {
  if (typeof fit === 'function') return fit;
  const given = fit ?? {};
  if (typeof given !== 'object' || given === null) throw invalid('crossValidate', 'fit', 'options of fit, or a function that gives those of a fold', fit);
  checkFit(given);
  for (const name of ['callbacks', 'resume'] as const) {
    if (given[name] !== undefined) throw new OptionError(`[crossValidate] expected 'fit' to be a function of the fold where it has '${name}', which serve one run`);
  }
  return () => given;
}

/** Adds up predictions, so that it does not matter which fold is done first: every example has one of each repeat. */
class OutOfFold {
  private readonly repeats: (Float64Array | undefined)[];
  private width = 0;

  constructor(repeats: number) {
    this.repeats = Array.from({ length: repeats });
  }

  add(rows: number, { repeat, positions }: Fold, outputs: number, values: ArrayLike<number>): void {
    this.width = outputs;
    const all = (this.repeats[repeat] ??= new Float64Array(rows * outputs));
    positions.forEach((position, row) => {
      for (let k = 0; k < outputs; k++) all[position * outputs + k] = values[row * outputs + k]!;
    });
  }

  mean(rows: number): Prediction {
    const { repeats, width } = this;
    return { shape: [rows, width], data: Float64Array.from({ length: rows * width }, (_, i) => repeats.reduce((so, values) => so + values![i]!, 0) / repeats.length) };
  }
}

/**
 * Trains a network for every fold of `data` on the other folds, and measures it on that one.
 *
 * @param network The options of a fold's network. They are asked for once a fold, so that nothing is shared.
 * @example
 * const result = await crossValidate(() => ({ inputs: 64, layers: [dense(32, 'relu'), dense(10, 'softmax')] }), digits, {
 *   folds: 5, stratify: true, fit: { epochs: 10 },
 * });
 * console.log(String(result), result.mean.accuracy);
 * @throws {OptionError} on bad options. Rejects with the error of a run that fails, once all runs have ended, and with `ERR_ABORTED`.
 */
export async function crossValidate(network: (fold: Fold) => NetworkOptions, data: TrainingData, options: CrossValidationOptions = {}): Promise<CrossValidation> {
  checkOptions('crossValidate', options, names);
  if (typeof network !== 'function') throw invalid('crossValidate', 'network', 'a function that gives the options of a network', network);
  if (typeof data !== 'object' || data === null) throw new DataError(`[crossValidate] expected a Dataset or { x, y } but received ${describe(data)}`);
  optionalFunction('crossValidate', 'onFold', options.onFold);
  const { signal, onFold } = options, set = data instanceof Dataset ? data : Dataset.from(data), fit = checkedFit(options.fit);
  const repeats = positiveInteger('crossValidate', 'repeats', options.repeats ?? 1), concurrency = positiveInteger('crossValidate', 'concurrency', options.concurrency ?? 1);
  const seed = nonNegativeInteger('crossValidate', 'seed', options.seed ?? 0);
  const folds = Array.from({ length: repeats }, (_, repeat) => foldsOf('crossValidate', set, options, repeat).map((each, fold) => ({ ...each, repeat, fold }))).flat()
    .map((each, number): Fold => ({ ...each, number, seed: derivedSeed(seed, streams.foldSeeds, number) }));
  const results: FoldResult[] = [], outOfFold = new OutOfFold(repeats);

  await sideBySide(folds.length, concurrency, signal, async (number, either) => {
    const fold = folds[number]!, { repeat, train, test } = fold;
    if (either.aborted) throw new AbortedError(`[crossValidate] aborted after ${results.filter((each) => each !== undefined).length} folds`, either.reason);
    const own = fit(fold), made = new Network({ seed: fold.seed, ...network(fold) });
    try {
      const history = await made.fit(train, { ...own, signal: own.signal === undefined ? either : AbortSignal.any([own.signal, either]) });
      const { loss, lossWeights, metrics } = own;
      const evaluation = await made.evaluate(test, { ...(loss !== undefined && { loss }), ...(lossWeights && { lossWeights }), ...(metrics && { metrics }) });
      outOfFold.add(set.length, fold, made.outputs, await predictAll(made, test));
      results[number] = { repeat, fold: fold.fold, examples: test.length, evaluation, history };
      await onFold?.(results[number], made);
    } finally {
      made.dispose();
    }
  });
  return new CrossValidation(results, outOfFold.mean(set.length));
}
