// Reports on predictions against scikit-learn: sklearn-metrics.json, made by make_sklearn_metrics.py.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { classificationReport, regressionReport, type Scores } from '../../lib/index.ts';

type Triple = [precision: number, recall: number, f1: number];
interface OfLabels { labels: number[]; confusion: number[][]; classes: [...Triple, number][]; micro: Triple; macro: Triple; weighted: Triple; accuracy: number; balancedAccuracy: number }
interface OfProbabilities extends OfLabels {
  predictions: number[][]; rocAuc: number; averagePrecision: number; logLoss: number; brierScore: number; bins?: number; rankings?: [number, number][];
  calibration: { counts: number[]; accuracy: number[]; confidence: number[]; error: number };
}
interface Golden {
  several: OfProbabilities; two: OfProbabilities; labels: OfLabels & { predictions: number[] };
  regression: { targets: number[][]; predictions: number[][]; outputs: Record<string, number[]>; means: Record<string, number> };
}
const golden = JSON.parse(readFileSync(new URL('sklearn-metrics.json', import.meta.url), 'utf8')) as Golden;

function expectNear(found: readonly (number | undefined)[], wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  wanted.forEach((value, i) => expect(Math.abs(found[i]! - value), `${found[i]} is not ${value}`).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(value))));
}
const triple = ({ precision, recall, f1 }: Scores): number[] => [precision, recall, f1];

describe.each(['several', 'two', 'labels'] as const)('%s', (name) => {
  const { predictions, ...wanted } = golden[name], report = classificationReport(wanted.labels, predictions, 'bins' in wanted ? { bins: wanted.bins! } : {});
  test('confusion, precision, recall, F1', () => {
    expect(report.confusion).toEqual(wanted.confusion);
    expectNear(report.classes.flatMap((each) => [...triple(each), each.support]), wanted.classes.flat());
    for (const average of ['micro', 'macro', 'weighted'] as const) expectNear(triple(report[average]), wanted[average]);
    expectNear([report.accuracy, report.balancedAccuracy], [wanted.accuracy, wanted.balancedAccuracy]);
  });
});

describe.each(['several', 'two'] as const)('probabilities of %s', (name) => {
  const wanted = golden[name], report = classificationReport(wanted.labels, wanted.predictions, { bins: wanted.bins ?? 10 });
  test('ranking', () => {
    expectNear([report.rocAuc, report.averagePrecision], [wanted.rocAuc, wanted.averagePrecision]);
    if (wanted.rankings !== undefined) expectNear(report.classes.flatMap(({ rocAuc, averagePrecision }) => [rocAuc, averagePrecision]), wanted.rankings.flat());
  });
  test('log loss and Brier score', () => {
    expectNear([report.logLoss, report.brierScore], [wanted.logLoss, wanted.brierScore]);
  });
  test('calibration', () => {
    const bins = report.calibration!.filter(({ count }) => count > 0);
    expect(bins.map(({ count }) => count)).toEqual(wanted.calibration.counts);
    expectNear(bins.map(({ accuracy }) => accuracy), wanted.calibration.accuracy);
    expectNear(bins.map(({ confidence }) => confidence), wanted.calibration.confidence);
    expectNear([report.calibrationError], [wanted.calibration.error]);
  });
});

test('regression', () => {
  const { targets, predictions, outputs, means } = golden.regression, report = regressionReport(targets, predictions);
  for (const [name, values] of Object.entries(outputs)) expectNear(report.outputs.map((each) => each[name as 'r2']), values);
  for (const [name, value] of Object.entries(means)) expectNear([report[name as 'r2']], [value]);
});
