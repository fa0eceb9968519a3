// The HTML report: one well-formed file with all of it inside, whatever the network.
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  adam, classificationReport, cosine, Dataset, dense, diagnose, gaussianNegativeLogLikelihood, input, lbfgs, Network, readCsv, report, type History, type ReportOptions,
} from '../../lib/index.ts';
import { valueText } from '../../lib/report/report.ts';
import { backends } from '../helpers/backends.ts';
import { expectRefusal, labelled, refusal, regression } from '../helpers/networks.ts';
import { elementsOf, type Element } from '../helpers/pictures.ts';

const headings = (elements: readonly Element[]): string[] => elements.filter(({ name }) => name === 'h2').map(({ text }) => text);

/** The elements of a page that fetches nothing, runs nothing and is well formed. */
function checked(html: string): Element[] {
  expect(html.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
  expect(html).not.toMatch(/<script|<link|<iframe|@import|url\(|\son\w+=/i);
  expect(html.match(/(?:https?:)?\/\/[^\s"<]+/g)?.filter((address) => address !== 'http://www.w3.org/2000/svg') ?? []).toEqual([]);
  return elementsOf(html.replace('<!doctype html>', '').replaceAll(/<meta [^>]*>/g, '').replace(/<style>[^]*<\/style>/, ''));
}

/** Rows of cells, table by table. */
function tablesOf(elements: readonly Element[]): string[][][] {
  const tables: string[][][] = [];
  for (const { name, text } of elements) {
    if (name === 'table') tables.push([]);
    else if (name === 'tr') tables.at(-1)!.push([]);
    else if (name === 'td' || name === 'th') tables.at(-1)!.at(-1)!.push(text);
  }
  return tables;
}

describe.each(backends)('%s', (backend) => {
  test('of a classifier: curves, predictions, diagnosis, network, configuration, environment', async () => {
    const { train, test: held } = (await readCsv('examples/data/digits.csv', { target: 'label' })).take(500).split({ test: 100, seed: 1 });
    const network = new Network({ inputs: 64, seed: 7, layers: [dense(12, 'relu'), dense(10, 'softmax')], backend }), path = join(await mkdtemp(join(tmpdir(), 'densely-report-')), 'report.html');
    const configuration = { epochs: 5, optimizer: adam({ learningRate: cosine({ rate: 0.01 }) }) }, history = await network.fit(train, { ...configuration, validation: held, diagnose: true });
    const html = await report({ network, history, data: held, configuration, title: 'Digits <1> & more', notes: { 'By hand': 'a < b' }, path, date: new Date(0) }), elements = checked(html);
    expect(await readFile(path, 'utf8')).toBe(html);
    expect(headings(elements)).toEqual(['Learning curves', 'Predictions', 'Diagnosis', 'By hand', 'Network', 'Configuration', 'Environment']);
    expect(elements.filter(({ name }) => name === 'title')[0]!.text).toBe('Digits <1> & more');
    expect(html).toContain('1970-01-01 00:00 UTC · 2 layers · ');
    // Loss, accuracy, learning rate, confusion matrix, network.
    expect(elements.filter(({ name }) => name === 'svg')).toHaveLength(5);
    const figures = classificationReport(held, await network.predict(held.toArrays().x)), tables = tablesOf(elements);
    const scores = tables.find(([head]) => head!.includes('precision'))!;
    expect(scores.slice(1, 11)).toEqual(figures.classes.map(({ name, precision, recall, f1, support }) => [name, precision.toFixed(4), recall.toFixed(4), f1.toFixed(4), String(support)]));
    expect(tables.find(([head]) => head![0] === 'figure')![1]).toEqual(['accuracy', figures.accuracy.toFixed(4)]);
    expect(elements.filter(({ name, attributes }) => name === 'div' && attributes['class']?.startsWith('finding'))).toHaveLength(history.diagnosis!.findings.length);
    const facts = Object.fromEntries(tables.flat().filter((row) => row.length === 2) as [string, string][]);
    expect(facts).toMatchObject({ epochs: '5', seed: '7', backend, precision: 'float32', Node: process.version });
    expect(facts['optimizer']).toMatch(/^adam\(learningRate: cosine\(rate: 0.01.*\), beta1: 0.9/);
    expect(tables.find(([head]) => head!.includes('reads'))![1]).toEqual(['dense1', 'dense', '12, relu', 'input', '12', '780']);
  });

  test('of numbers: errors by output, and points', async () => {
    const data = regression(60, 4, 2), network = new Network({ inputs: 4, layers: [dense(8, 'tanh'), dense(2)], backend });
    const history = await network.fit(data, { epochs: 9, optimizer: lbfgs() }), elements = checked(await report({ network, history, data, diagnosis: await diagnose(network, data) }));
    expect(headings(elements)).toEqual(['Learning curves', 'Predictions', 'Diagnosis', 'Network', 'Environment']);
    expect(tablesOf(elements).find(([head]) => head![1] === 'R²')!.map(([name]) => name)).toEqual(['output', 'y0', 'y1', 'mean']);
    expect(elements.filter(({ name }) => name === 'svg')).toHaveLength(5);
  });

  test('of several outputs: each with what suits it, in the order of the network', async () => {
    const { x, y } = labelled(60, 6, 3), given = { x, y: { kind: y, size: x.map(([a]) => [a!, 2 * a!]), sign: y.map((label) => [label === 0 ? -1 : 1]), spread: x.map(([a]) => [a!]) } };
    const one = input(6), network = new Network({ inputs: one, outputs: { kind: dense(3, 'softmax').apply(one), size: dense(2).apply(one), sign: dense(1).apply(one), spread: dense(2).apply(one) }, backend });
    const evaluate = { loss: { sign: 'hinge', spread: gaussianNegativeLogLikelihood() } } as const, elements = checked(await report({ network, data: given, evaluate }));
    // A mean and a variance are no number to compare with a target.
    expect(headings(elements)).toEqual(['Predictions of kind', 'Predictions of size', 'Predictions of sign', 'Network', 'Environment']);
    const { outputs } = await network.predict(x), right = given.y.sign.filter(([sign], i) => outputs!['sign']!.data[i]! > 0 === sign! > 0).length;
    expect(tablesOf(elements).filter(([head]) => head![0] === 'figure').map((rows) => rows[1]![1])).toContain((right / 60).toFixed(4));
  });

  test('two classes in one column, several classes at once, and a network alone', async () => {
    const { x, y } = labelled(40, 5, 2), binary = new Network({ inputs: 5, layers: [dense(1, 'sigmoid')], backend });
    const classes = tablesOf(checked(await report({ network: binary, data: Dataset.from({ x, y: Int32Array.from(y), classes: ['no', 'yes'] }) }))).find(([head]) => head!.includes('precision'))!;
    expect(classes.map(([name]) => name)).toEqual(['class', 'no', 'yes', 'macro average', 'weighted average']);
    binary.columns = { inputs: ['a', 'b', 'c', 'd', 'e'], targets: ['y'], classes: ['off', 'on'] };
    expect(tablesOf(checked(await report({ network: binary, data: { x, y } }))).find(([head]) => head!.includes('precision'))![2]![0]).toBe('on');
    const several = new Network({ inputs: 5, layers: [dense(3, 'sigmoid')], backend }), elements = checked(await report({ network: several, data: { x, y: y.map((label) => [1, label, 1 - label]) } }));
    expect(tablesOf(elements).some(([head]) => head![1] === 'R²')).toBe(true);
    expect(headings(checked(await report({ network: several })))).toEqual(['Network', 'Environment']);
  });
});

test('long runs are drawn in as many points as can be seen', async () => {
  const network = new Network({ inputs: 2, layers: [dense(1)] }), epochs = Array.from({ length: 4001 }, (_, i) => ({ epoch: i + 1, loss: 1 / (i + 1), learningRate: 0.1 }));
  const html = await report({ network, history: { epochs, seconds: 1, steps: 4001 } });
  expect(html.length).toBeLessThan(40_000);
  const points = /<path d="(M[^"]*)" stroke="#0072B2" stroke-width="2" stroke-linejoin/.exec(html)![1]!.split('L').length;
  expect(points).toBeGreaterThan(700);
  expect(points).toBeLessThanOrEqual(1001);
});

test('values of a configuration in a line', () => {
  expect([1, 'a', null, undefined, true, [1, [2, 'b']], Array.from({ length: 20 }, () => 0), { a: 1, b: { c: 2 } }, () => 1, { type: 'adam', options: { beta1: 0.9 } }, { type: 'sgd', rate: 1 }].map(valueText))
    .toEqual(['1', 'a', 'null', 'undefined', 'true', '[1, [2, b]]', '20 values', '{a: 1, b: {c: 2}}', 'a function', 'adam(beta1: 0.9)', 'sgd(rate: 1)']);
});

test('bad options', async () => {
  const network = new Network({ inputs: 2, layers: [dense(1)] }), refuse = async (options: Partial<ReportOptions>, part: string): Promise<void> => expectRefusal(await refusal(() => report({ network, ...options })), 'ERR_OPTION', part);
  await refuse({ network: {} as never }, "'network'");
  await refuse({ history: {} as History }, "'history'");
  await refuse({ date: new Date(Number.NaN) }, "'date'");
  await refuse({ title: '' }, "'title'");
  await refuse({ titel: 'x' } as never, "did you mean 'title'");
  await refuse({ notes: 1 as never }, "'notes'");
  expectRefusal(await refusal(() => report({ network, data: { x: [[1, 2, 3]], y: [1] } })), 'ERR_SHAPE', '2 features');
});
