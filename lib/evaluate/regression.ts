// The regression report: errors of predicted numbers, and the share of the variance that they explain.
import { ShapeError } from '../errors.ts';
import { Dataset } from '../data/dataset.ts';
import { checkOptions, invalid } from '../options.ts';
import { checkRows, numbersOf, type Predictions, type Targets } from './table.ts';
import { fixed, textTable } from './text-table.ts';

/** Options of `regressionReport`. */
export interface RegressionOptions {
  /** Names of the outputs (default those of the data set's targets, else `y` or `y0`, `y1`, …). */
  readonly outputs?: readonly string[];
}

/** Errors e = prediction − target over n examples. */
export interface RegressionScores {
  /** 1 − Σ e² / Σ (y − ȳ)²; of a constant target 1 where all is right, else 0. */
  readonly r2: number;
  /** 1 − Var(e) / Var(y): like R², but a constant error costs nothing. */
  readonly explainedVariance: number;
  /** (1/n) Σ |e| */
  readonly meanAbsoluteError: number;
  /** √((1/n) Σ e²) */
  readonly rootMeanSquaredError: number;
  /** The largest |e|. */
  readonly maximumError: number;
}

const keys = ['r2', 'explainedVariance', 'meanAbsoluteError', 'rootMeanSquaredError', 'maximumError'] as const;
const titles = ['R²', 'explained variance', 'mean absolute error', 'root mean squared error', 'maximum error'] as const;

/** Predicted numbers against targets; `toString()` is for people. The scores of the whole are means over the outputs. */
export class RegressionReport implements RegressionScores {
  readonly examples: number;
  readonly outputs: readonly ({ readonly name: string } & RegressionScores)[];
  readonly r2: number;
  readonly explainedVariance: number;
  readonly meanAbsoluteError: number;
  readonly rootMeanSquaredError: number;
  readonly maximumError: number;

  constructor(examples: number, outputs: RegressionReport['outputs']) {
    const mean = (key: (typeof keys)[number]): number => outputs.reduce((so, each) => so + each[key], 0) / outputs.length;
    this.examples = examples;
    this.outputs = outputs;
    this.r2 = mean('r2');
    this.explainedVariance = mean('explainedVariance');
    this.meanAbsoluteError = mean('meanAbsoluteError');
    this.rootMeanSquaredError = mean('rootMeanSquaredError');
    this.maximumError = mean('maximumError');
  }

  /** Scores by output, and their means where there are several. */
  toString(): string {
    const row = (name: string, scores: RegressionScores): string[] => [name, ...keys.map((key) => fixed(scores[key]))];
    const rows = this.outputs.map((each) => row(each.name, each));
    return [...textTable([['output', ...titles], ...rows, ...(rows.length > 1 ? [row('mean', this)] : [])]), '', `${this.examples} examples`].join('\n');
  }
}

function scoresOf(targets: Float64Array, predictions: Float64Array): RegressionScores {
  const n = targets.length, mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / n;
  const errors = targets.map((target, i) => predictions[i]! - target), meanTarget = mean(targets), meanError = mean(errors);
  const squares = mean(errors.map((error) => error ** 2)), spread = mean(errors.map((error) => (error - meanError) ** 2));
  const variance = mean(targets.map((target) => (target - meanTarget) ** 2));
  const explained = (rest: number): number => (variance > 0 ? 1 - rest / variance : rest === 0 ? 1 : 0);
  return {
    r2: explained(squares), explainedVariance: explained(spread), meanAbsoluteError: mean(errors.map(Math.abs)), rootMeanSquaredError: Math.sqrt(squares),
    maximumError: errors.reduce((so, error) => Math.max(so, Math.abs(error)), 0),
  };
}

/**
 * Predicted numbers against targets, output by output. Definitions are scikit-learn's.
 *
 * @param targets Rows, one number a row, or a data set whose targets are taken. @param predictions What `network.predict` resolves to, or rows.
 * @throws {ShapeError} and {DataError} where both do not fit each other, {OptionError} on bad options.
 */
export function regressionReport(targets: Targets, predictions: Predictions, options: RegressionOptions = {}): RegressionReport {
  checkOptions('regressionReport', options, ['outputs']);
  const y = numbersOf(targets, 'regressionReport', 'targets'), a = numbersOf(predictions, 'regressionReport', 'predictions');
  checkRows('regressionReport', y, a, 'targets');
  const { width, rows } = y;
  if (a.width !== width) throw new ShapeError(`[regressionReport] expected predictions of ${width} numbers but received ${a.width}`);
  const names = options.outputs ?? (targets instanceof Dataset ? targets.targetNames : Array.from({ length: width }, (_, k) => (width === 1 ? 'y' : `y${k}`)));
  if (!Array.isArray(names) || names.length !== width) throw invalid('regressionReport', 'outputs', `names of ${width} outputs`, names);
  const column = (data: Float64Array, k: number): Float64Array => Float64Array.from({ length: rows }, (_, row) => data[row * width + k]!);
  return new RegressionReport(rows, names.map((name: string, k) => ({ name, ...scoresOf(column(y.data, k), column(a.data, k)) })));
}
