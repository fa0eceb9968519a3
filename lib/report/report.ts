// A report on a network: its training, predictions, health, architecture and circumstances as one HTML file.
import { diagnostics } from '../backend/select.ts';
import { predictAll } from '../ensemble/judge.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import type { Diagnosis } from '../diagnose/diagnosis.ts';
import { short } from '../diagnose/finding.ts';
import type { EvaluateOptions } from '../network/fit-options.ts';
import { datasetOf, type TrainingData } from '../network/given.ts';
import { Network } from '../network/network.ts';
import { checkOptions, invalid, nonEmptyString } from '../options.ts';
import { measuresIn } from '../picture/curves.ts';
import { lineChart } from '../picture/line-chart.ts';
import { networkGraph } from '../picture/network-graph.ts';
import type { Evaluation, History } from '../train/history.ts';
import { columns, facts, page, section, table, text, tiles } from './html.ts';
import { compare, comparedHtml, digits, type Compared } from './predictions.ts';

/** Options of `report`: what it shows, and where it is written. */
export interface ReportOptions {
  readonly network: Network;
  /** What `fit` returned: for the learning curves and, with `fit({ diagnose: true })`, the diagnosis. */
  readonly history?: History;
  /** Data that the network is measured on; best such as it has not seen. */
  readonly data?: TrainingData;
  /** Loss and metrics, as for `network.evaluate`. */
  readonly evaluate?: EvaluateOptions;
  /** What `diagnose` returned, where the history has none. */
  readonly diagnosis?: Diagnosis;
  /** What the report is to remember of how the network was trained, such as the options of `fit`. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Texts by their titles, such as `{ 'Cross-validation': String(result) }`. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Default `'Report'`. */
  readonly title?: string;
  /** Draw losses on a logarithmic axis (default false). */
  readonly logScale?: boolean;
  /** Also write the report to this file, whole or not at all. */
  readonly path?: string;
  /** What the report is dated (default now). */
  readonly date?: Date;
}

const names = ['network', 'history', 'data', 'evaluate', 'diagnosis', 'configuration', 'notes', 'title', 'logScale', 'path', 'date'] as const;

/** Measures by name, in words. */
function measuresOf(evaluation: Evaluation): [name: string, value: number][] {
  return Object.entries(evaluation).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[0] !== 'epoch' && entry[0] !== 'learningRate')
    .map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), value]);
}

const chart = { width: 520, height: 270 } as const;

/** Most points of a curve: more than a picture has columns. */
const mostPoints = 1000;

function curvesHtml({ epochs: all }: History, logScale: boolean): string {
  if (all.length === 0) return '';
  const every = Math.ceil(all.length / mostPoints), epochs = all.filter((_, i) => i % every === 0 || i === all.length - 1);
  const rates = epochs.map(({ learningRate }) => learningRate), isConstant = rates.every((rate) => rate === rates[0]);
  const curves = measuresIn(epochs, 'report').map((measure) => lineChart({ epochs }, { measures: [measure], ...chart, logScale }));
  return columns(...curves, isConstant ? '' : lineChart([{ name: 'learning rate', x: epochs.map(({ epoch }) => epoch), values: rates }], chart));
}

/** With a capital and a full stop. */
const sentence = (message: string): string => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;

function diagnosisHtml({ findings, layers, examples, loss, constantLoss }: Diagnosis): string {
  const best = constantLoss === undefined ? '' : `, of the best constant prediction ${short(constantLoss)}`;
  const found = findings.map(({ severity, code, message, remedy }) => [
    `<div class="finding ${severity}"><p><b>${text(code)}</b> <span class="quiet">${severity}</span></p>`,
    `<p>${text(sentence(message))}</p><p class="quiet">${text(remedy)}</p></div>`,
  ].join(''));
  const rows = layers.map(({ name, units, activation, gradientNorm, weights, saturated, dead }) => [
    name, String(units), short(activation.mean), short(activation.standardDeviation), short(gradientNorm), weights === undefined ? '–' : short(weights.gradientRatio),
    saturated !== undefined ? `${Math.round(100 * saturated)} % saturated` : dead !== undefined ? `${Math.round(100 * dead)} % dead` : '–',
  ]);
  return [
    `<p class="quiet">Loss ${short(loss)} over ${examples} examples${best}.</p>`, ...(found.length === 0 ? ['<p>Nothing found.</p>'] : found),
    table([['layer', 'units', 'mean', 'deviation', '‖dZ‖', '‖dW‖/‖W‖', 'flat units'], ...rows]),
  ].join('\n');
}

/** A value of a configuration in a line: `adam(learningRate: 0.001)`, `[1, 2]`. */
export function valueText(value: unknown): string {
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? 'a function' : String(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as ArrayLike<unknown>);
    return items.length > 12 ? `${items.length} values` : `[${items.map(valueText).join(', ')}]`;
  }
  const { type, ...rest } = value as Record<string, unknown>;
  const inside = Object.entries(typeof type === 'string' ? rest : (value as object)).filter(([, each]) => each !== undefined).map(([name, each]) => `${name}: ${valueText(each)}`).join(', ');
  return typeof type === 'string' ? `${type}(${inside.startsWith('options: {') ? inside.slice(10, -1) : inside})` : `{${inside}}`;
}

function networkHtml(network: Network): string {
  const { inputs, layers } = network.describe(), values = [...inputs.map(({ name }) => name), ...layers.map(({ name }) => name)];
  const rows = layers.map(({ name, type, description, outputs, parameters, reads }) => [
    name, type, description || '–', reads.map((value) => values[value]!).join(', '), outputs.toLocaleString('en-US'), parameters.toLocaleString('en-US'),
  ]);
  return columns(`<div class="scroll">${networkGraph(network)}</div>`, table([['layer', 'type', 'options', 'reads', 'width', 'parameters'], ...rows], 4));
}

function circumstances(network: Network): (readonly [string, string])[] {
  const { reason, threads, native, node, platform } = diagnostics(), { store } = network.internals;
  return [
    ['seed', String(network.seed)], ['backend', network.backend], ['precision', store.backend.precision], ['default backend', reason], ['threads by default', String(threads)],
    ...(native === undefined ? [] : [['OpenBLAS', native.openblas.config.trim()] as const, ['instruction set', `${native.isa}, ${native.cores} cores`] as const]),
    ['Node', node], ['platform', platform],
  ];
}

function headTiles(network: Network, history: History | undefined, evaluation: Evaluation | undefined): string {
  const total = network.describe().layers.reduce((so, { parameters }) => so + parameters, 0), last = history?.epochs.at(-1);
  const measured = evaluation ?? last?.validation ?? last;
  const where = evaluation !== undefined ? 'on the data' : last?.validation !== undefined ? 'in validation' : 'in training';
  return tiles([
    ...(measured === undefined ? [] : measuresOf(measured).map(([name, value]) => [`${name} ${where}`, digits(value)] as const)),
    ...(history === undefined ? [] : [
      ['epochs', String(history.epochs.length)] as const, ['seconds of training', history.seconds.toFixed(history.seconds < 10 ? 2 : 0)] as const,
    ]),
    ['parameters', total.toLocaleString('en-US')],
  ]);
}

/**
 * Makes one HTML file that tells of a network: learning curves, what it is worth on `data` (confusion matrix and scores by class, or
 * errors), the diagnosis, the network drawn, its configuration and circumstances. The file has everything inside, and no scripts.
 *
 * @returns The HTML, which is also written to `path` where that is given.
 * @example
 * const history = await network.fit(train, { ...options, validation: test, diagnose: true });
 * await report({ network, history, data: test, configuration: options, path: 'report.html' });
 * @throws {OptionError} on bad options, and the errors of `network.evaluate` on data that do not fit.
 */
export async function report(options: ReportOptions): Promise<string> {
  checkOptions('report', options, names);
  const { network, history, data, configuration = {}, notes = {}, path, date = new Date() } = options, title = nonEmptyString('report', 'title', options.title ?? 'Report');
  if (!(network instanceof Network)) throw invalid('report', 'network', 'a network', network);
  if (history !== undefined && !Array.isArray(history?.epochs)) throw invalid('report', 'history', 'what fit returns', history);
  if (path !== undefined) nonEmptyString('report', 'path', path);
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) throw invalid('report', 'date', 'a date', date);
  for (const [name, given] of Object.entries({ configuration, notes })) if (typeof given !== 'object' || given === null) throw invalid('report', name, 'an object', given);
  const { evaluation, compared } = data === undefined ? { evaluation: undefined, compared: [] } : await measure(network, data, options.evaluate ?? {});
  const diagnosis = options.diagnosis ?? history?.diagnosis, layers = network.describe().layers.length;
  const about = `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC · ${layers} ${layers === 1 ? 'layer' : 'layers'} · ${network.backend} backend${history?.stopped === undefined ? '' : ` · ended: ${history.stopped}`}`;
  const html = page(title, [
    `<header><h1>${text(title)}</h1><p class="quiet">${text(about)}</p></header>`,
    headTiles(network, history, evaluation),
    history === undefined ? '' : section('Learning curves', curvesHtml(history, options.logScale ?? false)),
    ...compared.map((each) => section(compared.length === 1 ? 'Predictions' : `Predictions of ${each.name}`, comparedHtml(each))),
    diagnosis === undefined ? '' : section('Diagnosis', diagnosisHtml(diagnosis)),
    ...Object.entries(notes).map(([name, note]) => section(name, `<pre>${text(String(note))}</pre>`)),
    section('Network', networkHtml(network)),
    section('Configuration', facts(Object.entries(configuration).filter(([, value]) => value !== undefined).map(([name, value]) => [name, valueText(value)]))),
    section('Environment', facts(circumstances(network))),
  ]);
  if (path !== undefined) await writeFileAtomic(path, [Buffer.from(html)]);
  return html;
}

async function measure(network: Network, given: TrainingData, options: EvaluateOptions): Promise<{ evaluation: Evaluation; compared: Compared[] }> {
  const data = datasetOf('report', given, network.internals.model.architecture), goal = network.settle('report', data, options);
  const evaluation = await network.evaluate(data, options), predictions = Float64Array.from(await predictAll(network, data));
  return { evaluation, compared: compare(network, goal, data, predictions) };
}
