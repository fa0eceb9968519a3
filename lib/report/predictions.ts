// The part of a report that compares predictions with targets, output by output.
import type { Dataset } from '../data/dataset.ts';
import { classificationReport, figuresOf, type ClassificationReport, type Scores } from '../evaluate/classification.ts';
import { regressionReport, type RegressionReport } from '../evaluate/regression.ts';
import { numbersOf, type Numbers } from '../evaluate/table.ts';
import type { Network } from '../network/network.ts';
import type { Goal } from '../network/objective.ts';
import { confusionMatrix } from '../picture/confusion-matrix.ts';
import { predictionPlot } from '../picture/prediction-plot.ts';
import { columns, table } from './html.ts';

/** Predictions of an output against its targets, where they can be compared. */
export interface Compared {
  readonly name: string;
  readonly report: ClassificationReport | RegressionReport | undefined;
  readonly targets: Numbers;
  readonly predictions: Numbers;
}

function columnsOf({ data, rows, width }: Numbers, first: number, count: number): Numbers {
  return { rows, width: count, isFlat: false, data: Float64Array.from({ length: rows * count }, (_, i) => data[Math.floor(i / count) * width + first + (i % count)]!) };
}

const shaped = ({ data, rows, width }: Numbers): { shape: [number, number]; data: Float64Array } => ({ shape: [rows, width], data });

const areLabels = ({ data, rows, width }: Numbers): boolean => {
  if (!data.every((value) => value === 0 || value === 1)) return false;
  for (let row = 0; width > 1 && row < rows; row++) if (data.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0) !== 1) return false;
  return true;
};

/** The report that suits the targets: of classes, of numbers, or none where an output is something else than its target. */
function reportOf({ targetKind: { kind } }: Goal['outputs'][number], targets: Numbers, predictions: Numbers, classes: readonly string[] | undefined, names: readonly string[]): Compared['report'] {
  const options = classes === undefined ? {} : { classes };
  if (kind === 'labels' || (kind === 'probabilities' && predictions.width === targets.width && areLabels(targets))) return classificationReport(shaped(targets), shaped(predictions), options);
  if (kind === 'signs' && targets.width === 1) return classificationReport(targets.data.map((value) => Number(value > 0)), predictions.data.map((value) => Number(value > 0)), options);
  return predictions.width === targets.width ? regressionReport(shaped(targets), shaped(predictions), { outputs: names }) : undefined;
}

/** Compares predictions for `data`, row-major, with its targets, output by output. */
export function compare(network: Network, goal: Goal, data: Dataset, predictions: Float64Array): Compared[] {
  const targets = numbersOf(data, 'report', 'targets'), all: Numbers = { data: predictions, rows: data.length, width: network.outputs, isFlat: false };
  const classes = data.classes ?? network.columns?.classes ?? undefined;
  let first = 0, from = 0;
  return goal.outputs.map((output) => {
    const { name, targetKind: { width } } = output, made = widthOf(network, name);
    const own = columnsOf(targets, first, width), guesses = columnsOf(all, from, made), names = data.targetNames.slice(first, first + width);
    first += width;
    from += made;
    return { name, targets: own, predictions: guesses, report: reportOf(output, own, guesses, goal.outputs.length === 1 ? classes : undefined, names) };
  });
}

function widthOf(network: Network, name: string): number {
  return Number(network.internals.model.prediction.outputs.find((output) => output.name === name)!.node.shape[1]);
}

export const digits = (value: number | undefined): string => (value === undefined ? '–' : value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toFixed(4));

function classHtml(report: ClassificationReport): string {
  const row = (name: string, { precision, recall, f1 }: Scores, examples: number): string[] => [name, digits(precision), digits(recall), digits(f1), String(examples)];
  const bins = report.calibration?.filter(({ count }) => count > 0) ?? [];
  const calibration = bins.length === 0 ? '' : `<h3>Calibration</h3>${table([
    ['confidence', 'mean', 'right', 'examples'],
    ...bins.map(({ from, to, confidence, accuracy, count }) => [`${from.toFixed(2)} to ${to.toFixed(2)}`, digits(confidence), digits(accuracy), String(count)]),
  ])}`;
  const figures = table([['figure', 'value'], ...figuresOf(report).map(([name, value]) => [name, digits(value)])]);
  const scores = table([
    ['class', 'precision', 'recall', 'F1', 'examples'], ...report.classes.map((each) => row(each.name, each, each.support)),
    row('macro average', report.macro, report.examples), row('weighted average', report.weighted, report.examples),
  ]);
  return columns(`<h3>Confusion matrix</h3>${confusionMatrix(report)}`, `<h3>Scores by class</h3>${scores}`, `<h3>Figures</h3>${figures}`, calibration);
}

/** Outputs that are drawn. */
const mostPlots = 6;

function regressionHtml(report: RegressionReport, { targets, predictions }: Compared): string {
  const rows = [...report.outputs, ...(report.outputs.length > 1 ? [{ ...report, name: 'mean' }] : [])];
  const scores = table([
    ['output', 'R²', 'explained variance', 'mean absolute error', 'root mean squared error', 'maximum error'],
    ...rows.map((each) => [each.name, digits(each.r2), digits(each.explainedVariance), digits(each.meanAbsoluteError), digits(each.rootMeanSquaredError), digits(each.maximumError)]),
  ]);
  const plots = report.outputs.slice(0, mostPlots).map(({ name }, k) => predictionPlot(columnsOf(targets, k, 1).data, columnsOf(predictions, k, 1).data, { title: name }));
  return scores + columns(...plots);
}

/** The comparison as HTML. */
export function comparedHtml(compared: Compared): string {
  const { report } = compared;
  if (report === undefined) return '';
  return 'confusion' in report ? classHtml(report) : regressionHtml(report, compared);
}
