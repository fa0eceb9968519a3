// Reports on predictions: every form of labels and predictions gives the same figures; numbers against scikit-learn: test/golden/sklearn-metrics.test.ts.
import { describe, expect, test } from 'vitest';
import { classificationReport, Dataset, dense, Network, readCsv, regressionReport, type ErrorCode } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, labelled, refusal } from '../helpers/networks.ts';

const labels = [0, 2, 1, 2, 2, 0, 1], rows = [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.3, 0.6, 0.1], [0.2, 0.5, 0.3], [0, 0, 1], [0.4, 0.35, 0.25], [0.5, 0.25, 0.25]];
const oneHot = labels.map((label) => [0, 1, 2].map((k) => Number(k === label)));

describe('one table of figures', () => {
  const report = classificationReport(labels, rows), flat = Float32Array.from(rows.flat());
  test.each([
    ['labels as rows', labels.map((label) => [label]), rows],
    ['rows of 0 and 1', oneHot, rows],
    ['a data set', Dataset.from({ x: labels.map((_, i) => [i]), y: Int32Array.from(labels) }), rows],
    ['a data set of rows of 0 and 1', Dataset.from({ x: labels.map((_, i) => [i]), y: oneHot }), rows],
    ['typed labels', Int32Array.from(labels), rows.map((row) => Float64Array.from(row))],
  ])('%s', (_name, targets, predictions) => {
    expect(classificationReport(targets as never, predictions)).toEqual(report);
  });

  test('what predict gives, in single precision', () => {
    const found = classificationReport(labels, { shape: [7, 3], data: flat });
    expect(found.confusion).toEqual([[2, 0, 0], [1, 1, 0], [0, 1, 2]]);
    expect(found.logLoss!).toBeCloseTo(report.logLoss!, 6);
  });

  test('scores that are no probabilities rank and decide', () => {
    const found = classificationReport(labels, rows.map((row) => row.map((value) => 10 * value)));
    expect(found).toMatchObject({ confusion: report.confusion, rocAuc: report.rocAuc, logLoss: undefined, calibration: undefined });
    expect(classificationReport([0, 1, 1], [-3, 0.5, -0.1])).toMatchObject({ confusion: [[1, 0], [1, 1]], rocAuc: 1 });
  });

  test('two classes in one column and in two', () => {
    const one = [0.2, 0.6, 0.45, 0.9], right = [0, 1, 1, 0], two = one.map((p) => [1 - p, p]);
    const a = classificationReport(right, one), b = classificationReport(right, two);
    expect(a.confusion).toEqual(b.confusion);
    for (const name of ['rocAuc', 'averagePrecision', 'logLoss', 'brierScore', 'calibrationError'] as const) expect(a[name]).toBeCloseTo(b[name]!, 12);
    expect(a.rocAuc).toBe(0.5);
    expect(classificationReport(right, one, { threshold: 0.4 }).confusion).toEqual([[1, 1], [0, 2]]);
  });

  test('a view of a data set in its own order', () => {
    const { train, test: held } = Dataset.from({ x: labels.map((_, i) => [i]), y: Int32Array.from(labels), classes: ['a', 'b', 'c'] }).split({ test: 3, seed: 4 });
    for (const part of [train, held]) {
      const places = part.toArrays().x.map(([i]) => i!), found = classificationReport(part, places.map((i) => rows[i]!));
      expect(found.accuracy).toBe(places.filter((i) => rows[i]!.indexOf(Math.max(...rows[i]!)) === labels[i]).length / places.length);
      expect(found.classes.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    }
  });
});

describe.each(backends)('%s', (backend) => {
  test('accuracy, log loss and errors are those that evaluate measures', async () => {
    const digits = (await readCsv('examples/data/digits.csv', { target: 'label' })).take(300);
    const network = new Network({ inputs: 64, layers: [dense(10, 'softmax')], backend });
    await network.fit(digits, { epochs: 3 });
    const report = classificationReport(digits, await network.predict(digits.toArrays().x)), { loss, accuracy } = await network.evaluate(digits);
    expect(report.accuracy).toBeCloseTo(accuracy!, 6);
    expect(report.logLoss).toBeCloseTo(loss, 4);
    const { x } = labelled(40, 5, 3), y = x.map(([a, b]) => [a! + b!, a! * b!]), other = new Network({ inputs: 5, layers: [dense(2)], backend });
    const { loss: squared, meanAbsoluteError } = await other.evaluate({ x, y }), found = regressionReport(y, await other.predict(x), { outputs: ['sum', 'product'] });
    expect(found.meanAbsoluteError).toBeCloseTo(meanAbsoluteError!, 5);
    expect(found.outputs.reduce((so, each) => so + each.rootMeanSquaredError ** 2, 0) / 2).toBeCloseTo(squared, 5);
    expect(String(found)).toMatch(/^output +R²[^\n]+\nsum +-?\d\.\d{4} .*\nproduct .*\nmean .*\n\n40 examples$/);
  });
});

test('the text', () => {
  expect(String(classificationReport(labels, rows, { classes: ['cat', 'dog', 'a long name'] }))).toBe([
    'class             precision  recall      f1  examples',
    'cat                  0.6667  1.0000  0.8000         2',
    'dog                  0.5000  0.5000  0.5000         2',
    'a long name          1.0000  0.6667  0.8000         3',
    'macro average        0.7222  0.7222  0.7000         7',
    'weighted average     0.7619  0.7143  0.7143         7',
    '',
    'accuracy 0.7143, balanced accuracy 0.7222, ROC AUC 0.9000, average precision 0.8611, log loss 0.6758, Brier score 0.3914, calibration error 0.3714',
    '',
    'Rows are labels, columns predictions:',
    '             cat  dog  a long name',
    'cat            2    0            0',
    'dog            1    1            0',
    'a long name    0    1            2',
  ].join('\n'));
});

test('constant targets', () => {
  expect(regressionReport([3, 3], [3, 3])).toMatchObject({ r2: 1, explainedVariance: 1, maximumError: 0 });
  expect(regressionReport([3, 3], [4, 4])).toMatchObject({ r2: 0, explainedVariance: 1, maximumError: 1 });
});

test.each<[code: ErrorCode, call: () => unknown, part: string]>([
  ['ERR_SHAPE', () => classificationReport(labels, rows.slice(1)), '7 labels but received 6'],
  ['ERR_SHAPE', () => classificationReport([0, 1, 3], rows.slice(4)), '4 classes but received 3'],
  ['ERR_SHAPE', () => classificationReport(labels, [[1], ...rows.slice(1)]), 'row 1'],
  ['ERR_SHAPE', () => classificationReport(labels, rows, { classes: ['a'] }), 'names of 3 classes'],
  ['ERR_SHAPE', () => classificationReport(labels, { shape: [6, 3], data: rows.flat() }), '[6, 3]'],
  ['ERR_DATA', () => classificationReport([0, 1.5], [0, 1]), '1.5 (row 1)'],
  ['ERR_DATA', () => classificationReport([[1, 1, 0]], [[1, 0, 0]]), 'single 1'],
  ['ERR_DATA', () => classificationReport([0], [5000]), '0 to 4095 but received 5000 (row 0)'],
  ['ERR_SHAPE', () => classificationReport([0], [new Float32Array(5000)]), 'at most 4096 classes'],
  ['ERR_DATA', () => classificationReport([], []), 'at least one row'],
  ['ERR_DATA', () => classificationReport([0], [Number.NaN]), 'NaN (row 0)'],
  ['ERR_DATA', () => classificationReport(null as never, [0]), 'null'],
  ['ERR_OPTION', () => classificationReport(labels, rows, { bin: 3 } as never), "did you mean 'bins'"],
  ['ERR_OPTION', () => classificationReport(labels, rows, { threshold: 'x' as never }), "'threshold'"],
  ['ERR_SHAPE', () => regressionReport([[1, 2]], [[1]]), '2 numbers but received 1'],
  ['ERR_OPTION', () => regressionReport([[1, 2]], [[1, 2]], { outputs: ['a'] }), '2 outputs'],
])('%s: %#', async (code, call, part) => {
  expectRefusal(await refusal(call), code, part);
});
