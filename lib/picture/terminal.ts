// Charts in characters, for terminals and logs.
import { boolean, checkOptions, invalid, positiveInteger } from '../options.ts';
import { formatTick, linearAxis, logAxis, logRange, niceRange } from './axis.ts';
import { measuresIn, seriesOf, type Curves, type Series } from './curves.ts';

const bars = '▁▂▃▄▅▆▇█';

/** One line of bars, one a value, from the smallest to the largest of them; a gap where a value is not finite. */
export function sparkline(values: ArrayLike<number>): string {
  const all = Array.from(values), finite = all.filter(Number.isFinite);
  const low = Math.min(...finite), range = Math.max(...finite) - low;
  return all.map((value) => (Number.isFinite(value) ? bars[range === 0 ? 0 : Math.min(Math.floor(((value - low) / range) * bars.length), bars.length - 1)]! : ' ')).join('');
}

/** Options of `terminalChart`. */
export interface TerminalChartOptions {
  /** Characters of a line (default 72). */
  readonly width?: number;
  /** Lines of the chart itself, without axis and legend (default 14). */
  readonly height?: number;
  /** What is drawn (default `'loss'`). */
  readonly measure?: string;
  /** Logarithmic axis (default false). */
  readonly logScale?: boolean;
}

const marks = ['*', 'o'] as const;

/** The points of a line in columns: means of the values that share a column. */
function columnsOf({ values }: Series, columns: number): number[] {
  const count = values.length;
  return Array.from({ length: columns }, (_, column) => {
    const begin = Math.floor((column * count) / columns), end = Math.max(begin + 1, Math.floor(((column + 1) * count) / columns));
    const part = Array.from({ length: end - begin }, (_, i) => values[begin + i]!).filter(Number.isFinite);
    return part.length === 0 ? Number.NaN : part.reduce((a, b) => a + b, 0) / part.length;
  });
}

/** A measure by epoch: `*` in training, `o` in validation. */
export function terminalChart(curves: Curves, options: TerminalChartOptions = {}): string {
  checkOptions('terminalChart', options, ['width', 'height', 'measure', 'logScale']);
  const width = positiveInteger('terminalChart', 'width', options.width ?? 72), height = positiveInteger('terminalChart', 'height', options.height ?? 14);
  if (width < 24) throw invalid('terminalChart', 'width', 'at least 24', width);
  if (height < 3) throw invalid('terminalChart', 'height', 'at least 3', height);
  const isLog = boolean('terminalChart', 'logScale', options.logScale ?? false), epochs = curves?.epochs;
  if (!Array.isArray(epochs) || epochs.length === 0) throw invalid('terminalChart', 'history', 'what fit returns, with at least one epoch', curves);
  const [measure] = measuresIn(epochs, 'terminalChart', [options.measure ?? 'loss']);
  const series = seriesOf(epochs, measure!), values = series.flatMap((line) => Array.from(line.values)), count = Math.max(2, height / 4);
  const axis = isLog ? logAxis(...logRange(values), height - 1, 0, count) : linearAxis(...niceRange(values, count), height - 1, 0, count);

  const labels = new Map(axis.ticks.map((tick) => [Math.round(axis.at(tick)), formatTick(tick)]));
  const margin = Math.max(...[...labels.values()].map((label) => label.length)), columns = width - margin - 2;
  const cells = Array.from({ length: height }, () => Array.from({ length: columns }, () => ' '));
  series.forEach((line, i) => {
    const each = line.values.length >= columns ? columnsOf(line, columns) : Array.from(line.values);
    each.forEach((value, at) => {
      const row = Math.round(axis.at(value)), column = each.length === 1 ? 0 : Math.round((at * (columns - 1)) / (each.length - 1));
      if (Number.isFinite(row)) cells[Math.min(Math.max(row, 0), height - 1)]![column] = marks[i]!;
    });
  });
  const lines = cells.map((row, i) => `${(labels.get(i) ?? '').padStart(margin)} ${labels.has(i) ? '┤' : '│'}${row.join('')}`.trimEnd());
  const first = String(epochs[0]!.epoch), last = String(epochs.at(-1)!.epoch), axisText = first + last.padStart(Math.max(columns - first.length, 0));
  const legend = series.map(({ name }, i) => `${marks[i]} ${name}`).join('   ');
  return [`${measure} by epoch: ${legend}`, ...lines, `${' '.repeat(margin)} └${'─'.repeat(columns)}`, `${' '.repeat(margin + 2)}${axisText}`].join('\n');
}
