// The classification report: confusion matrix, precision, recall and F1, ranking and calibration of predictions against labels.
import { checkOptions, finiteNumber, positiveInteger } from '../options.ts';
import { classify } from './classes.ts';
import { probabilistic, type CalibrationBin, type Probabilistic } from './probabilities.ts';
import { rankingOf, type Ranking } from './ranking.ts';
import type { Predictions, Targets } from './table.ts';
import { fixed, textTable } from './text-table.ts';

/** Options of `classificationReport`. */
export interface ClassificationOptions {
  /** Names of the classes (default those of the data set, else their numbers). */
  readonly classes?: readonly string[];
  /** One score a row means class 1 above it (default 0.5 of probabilities, 0 of other scores). */
  readonly threshold?: number;
  /** Bins of the calibration (default 10). */
  readonly bins?: number;
}

/** Precision P, recall R and F1 = 2PR / (P + R); 0 where a denominator is 0. */
export interface Scores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface ClassScores extends Scores, Partial<Ranking> {
  readonly name: string;
  /** Examples of the class. */
  readonly support: number;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

function scoresOf(right: number, predicted: number, support: number): Scores {
  return { precision: ratio(right, predicted), recall: ratio(right, support), f1: ratio(2 * right, predicted + support) };
}

function averaged(scores: readonly Scores[], weights: readonly number[]): Scores {
  const total = weights.reduce((a, b) => a + b, 0), mean = (name: keyof Scores): number => ratio(scores.reduce((so, each, i) => so + weights[i]! * each[name], 0), total);
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b, 0) / known.length;
}

/** Predictions against labels, as plain data; `toString()` is for people. */
export class ClassificationReport {
  readonly examples: number;
  /** Examples of class i that were taken for class j, `confusion[i][j]`. */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly ClassScores[];
  /** Over all decisions; with one class an example all three are the accuracy. */
  readonly micro: Scores;
  /** Means over the classes that are labels or were predicted. */
  readonly macro: Scores;
  /** The same means weighted by the examples of each class. */
  readonly weighted: Scores;
  readonly accuracy: number;
  /** Mean recall over the classes that have examples. */
  readonly balancedAccuracy: number;
  /**
   * Of class 1 where there are two; of more, the mean of each class against the others, over those that have examples and others.
   * Undefined where only labels were predicted.
   */
  readonly rocAuc: number | undefined;
  /** Likewise. */
  readonly averagePrecision: number | undefined;
  /** These four only of probabilities. */
  readonly logLoss: number | undefined;
  readonly brierScore: number | undefined;
  readonly calibration: readonly CalibrationBin[] | undefined;
  readonly calibrationError: number | undefined;

  constructor(confusion: readonly (readonly number[])[], names: readonly string[], rankings: readonly (Ranking | undefined)[], probable: Probabilistic | undefined) {
    const count = names.length, supports = confusion.map((row) => row.reduce((a, b) => a + b, 0));
    const guesses = confusion.map((_, k) => confusion.reduce((so, row) => so + row[k]!, 0));
    const right = confusion.reduce((so, row, k) => so + row[k]!, 0), scores = supports.map((support, k) => scoresOf(confusion[k]![k]!, guesses[k]!, support));
    this.examples = supports.reduce((a, b) => a + b, 0);
    this.confusion = confusion;
    this.classes = scores.map((each, k) => ({ name: names[k]!, ...each, support: supports[k]!, ...rankings[k] }));
    this.accuracy = right / this.examples;
    this.micro = scoresOf(right, this.examples, this.examples);
    this.macro = averaged(scores, scores.map((_, k) => Number(supports[k]! + guesses[k]! > 0)));
    this.weighted = averaged(scores, supports);
    this.balancedAccuracy = averaged(scores, supports.map((support) => Number(support > 0))).recall;
    this.rocAuc = count === 2 ? rankings[1]?.rocAuc : meanOf(rankings.map((each) => each?.rocAuc));
    this.averagePrecision = count === 2 ? rankings[1]?.averagePrecision : meanOf(rankings.map((each) => each?.averagePrecision));
    this.logLoss = probable?.logLoss;
    this.brierScore = probable?.brierScore;
    this.calibration = probable?.calibration;
    this.calibrationError = probable?.calibrationError;
  }

  /** Scores by class with their means, the figures of the whole, and the confusion matrix of up to 20 classes. */
  toString(): string {
    const row = (name: string, { precision, recall, f1 }: Scores, support: number): string[] => [name, fixed(precision), fixed(recall), fixed(f1), String(support)];
    const table = textTable([
      ['class', 'precision', 'recall', 'f1', 'examples'], ...this.classes.map((each) => row(each.name, each, each.support)),
      row('macro average', this.macro, this.examples), row('weighted average', this.weighted, this.examples),
    ]);
    const figures = figuresOf(this).map(([name, value]) => `${name} ${fixed(value)}`);
    const lines = [...table, '', figures.join(', ')];
    if (this.classes.length > 20) return lines.join('\n');
    const names = this.classes.map(({ name }) => name);
    const matrix = textTable([['', ...names], ...this.confusion.map((counts, k) => [names[k]!, ...counts.map(String)])]);
    return [...lines, '', 'Rows are labels, columns predictions:', ...matrix].join('\n');
  }
}

/** The figures of the whole by name, as far as there are any. */
export function figuresOf(report: ClassificationReport): [name: string, value: number][] {
  const figures: [string, number | undefined][] = [
    ['accuracy', report.accuracy], ['balanced accuracy', report.balancedAccuracy], ['ROC AUC', report.rocAuc], ['average precision', report.averagePrecision],
    ['log loss', report.logLoss], ['Brier score', report.brierScore], ['calibration error', report.calibrationError],
  ];
  return figures.filter((figure): figure is [string, number] => figure[1] !== undefined);
}

/**
 * Predictions against labels. Definitions are scikit-learn's.
 *
 * @param labels Class numbers from 0, rows of 0 with a single 1, or a data set whose targets are such.
 * @param predictions What `network.predict` resolves to, or rows: probabilities or scores of each class, or of class 1 alone; or a flat
 *   array of class numbers. A flat array that holds other than whole numbers is taken as probabilities or scores of class 1.
 * @example
 * const report = classificationReport(test, await network.predict(test.toArrays().x));
 * console.log(String(report), report.macro.f1);
 * @throws {ShapeError} and {DataError} where both do not fit each other, {OptionError} on bad options.
 */
export function classificationReport(labels: Targets, predictions: Predictions, options: ClassificationOptions = {}): ClassificationReport {
  checkOptions('classificationReport', options, ['classes', 'threshold', 'bins']);
  const bins = positiveInteger('classificationReport', 'bins', options.bins ?? 10);
  if (options.threshold !== undefined) finiteNumber('classificationReport', 'threshold', options.threshold);
  const { labels: right, predicted, names, score, isProbable } = classify(labels, predictions, options.classes, options.threshold);
  const confusion = names.map(() => names.map(() => 0));
  for (let row = 0; row < right.length; row++) confusion[right[row]!]![predicted[row]!]!++;
  const scored = score === undefined ? 0 : names.length;
  const rankings = names.map((_, k) => (k < scored ? rankingOf(Float64Array.from(right, (_label, row) => score!(row, k)), (row) => right[row] === k) : undefined));
  return new ClassificationReport(confusion, names, rankings, score !== undefined && isProbable ? probabilistic(right, predicted, names.length, score, bins) : undefined);
}
