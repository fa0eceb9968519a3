// Learning curves: losses and metrics by epoch, one panel for each measure.
import { boolean, checkOptions, invalid, numberIn } from '../options.ts';
import { OptionError } from '../errors.ts';
import { linearAxis, linearTicks, logAxis, logRange, niceRange, type Axis } from './axis.ts';
import { measuresIn, seriesOf, type Curves, type Series } from './curves.ts';
import { categoryColour } from './palette.ts';
import { colours, element, fitted, fontSize, polyline, svgDocument, textAt, textWidth } from './svg.ts';

/** Options of `lineChart`. */
export interface LineChartOptions {
  readonly title?: string;
  /** Width of the picture in pixels (default 640). */
  readonly width?: number;
  /** Height of each panel in pixels (default 260). */
  readonly height?: number;
  /** Loss on a logarithmic axis, or every panel where lines are given by hand (default false). */
  readonly logScale?: boolean;
  /** Measures to draw, of a history (default: all there are). */
  readonly measures?: readonly string[];
  /** What is counted along the bottom (default `'epoch'`). */
  readonly xLabel?: string;
}

const names = ['title', 'width', 'height', 'logScale', 'measures', 'xLabel'] as const;

interface Panel {
  readonly name: string;
  readonly series: readonly Series[];
  readonly logScale: boolean;
}

interface Frame { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }

const dashes = [undefined, '7 4', '2 3', '9 3 2 3'] as const;

/**
 * Learning curves as SVG text: of a history, every measure in a panel of its own, training and validation together; or of lines
 * given by hand, in one panel.
 *
 * @example
 * await writePicture('curves.svg', lineChart(await network.fit(train, { epochs: 20, validation: test }), { logScale: true }));
 * @throws {OptionError} On options that make no sense, or where there is nothing to draw.
 */
export function lineChart(curves: Curves | readonly Series[], options: LineChartOptions = {}): string {
  checkOptions('lineChart', options, names);
  const width = numberIn('lineChart', 'width', options.width ?? 640, { from: 200, to: 10_000 });
  const height = numberIn('lineChart', 'height', options.height ?? 260, { from: 120, to: 10_000 });
  const logScale = boolean('lineChart', 'logScale', options.logScale ?? false), xLabel = options.xLabel ?? 'epoch';
  const panels = panelsOf(curves, options, logScale);
  const head = options.title === undefined ? 0 : 34;
  const parts = options.title === undefined ? [] : [textAt(width / 2, 24, fitted(options.title, width - 20, 16), { 'text-anchor': 'middle', 'font-size': 16, 'font-weight': 600 })];
  panels.forEach((panel, i) => parts.push(drawPanel(panel, { left: 0, right: width, top: head + i * height, bottom: head + (i + 1) * height }, xLabel, i === panels.length - 1)));
  return svgDocument(width, head + panels.length * height, options.title ?? `${panels.map(({ name }) => name).join(', ')} by ${xLabel}`, parts);
}

function panelsOf(curves: Curves | readonly Series[], options: LineChartOptions, logScale: boolean): Panel[] {
  if (Array.isArray(curves)) {
    const series = curves as readonly Series[];
    if (series.length === 0 || !series.some(({ values }) => values?.length > 0)) throw new OptionError('[lineChart] expected at least one line with a value');
    return [{ name: '', series, logScale }];
  }
  const { epochs } = curves as Curves;
  if (!Array.isArray(epochs) || epochs.length === 0) throw invalid('lineChart', 'history', 'what fit returns, with at least one epoch, or lines', curves);
  return measuresIn(epochs, 'lineChart', options.measures).map((measure) => ({ name: measure, series: seriesOf(epochs, measure), logScale: logScale && /loss$/i.test(measure) }));
}

/** Pixels between ticks, about. */
const tickSpace = { x: 64, y: 36 };

function yAxis({ series, logScale }: Panel, { top, bottom }: Frame): Axis {
  const values = series.flatMap((line) => Array.from(line.values)), count = (bottom - top) / tickSpace.y;
  if (!logScale) return linearAxis(...niceRange(values, count), bottom, top, count);
  return logAxis(...logRange(values), bottom, top, count);
}

function xAxis({ series }: Panel, left: number, right: number): Axis {
  let low = Infinity, high = -Infinity;
  for (const { values, x } of series) {
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, x?.[i] ?? i + 1);
      high = Math.max(high, x?.[i] ?? i + 1);
    }
  }
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const count = (right - left) / tickSpace.x, wholeOnly = series.every(({ x }) => x === undefined || Array.from(x).every(Number.isInteger));
  const axis = linearAxis(low, high, left, right, count, wholeOnly);
  // The first epoch is epoch 1, and worth a tick where it does not crowd the next one.
  const ticks = axis.ticks.includes(low) || axis.ticks.length < 2 || axis.at(axis.ticks[0]!) - left < 24 || !Number.isInteger(low) ? axis.ticks : [low, ...linearTicks(low, high, count, wholeOnly)];
  return { ...axis, ticks };
}

function drawPanel(panel: Panel, outer: Frame, xLabel: string, isLast: boolean): string {
  const inside = { top: outer.top + 40, bottom: outer.bottom - (isLast ? 46 : 30) };
  const probe = yAxis(panel, { ...inside, left: 0, right: 0 });
  const left = outer.left + Math.max(...probe.ticks.map((tick) => textWidth(probe.label(tick))), 20) + 20, right = outer.right - 18;
  const frame: Frame = { left, right, ...inside }, y = yAxis(panel, frame), x = xAxis(panel, left, right);
  return [
    panel.name === '' ? '' : textAt(left, outer.top + 22, panel.name + (panel.logScale ? ' (logarithmic)' : ''), { 'font-weight': 600 }),
    drawAxes(frame, x, y), drawLines(panel, x, y), drawLegend(panel, frame, outer.top + 22),
    isLast ? textAt((left + right) / 2, outer.bottom - 10, xLabel, { 'text-anchor': 'middle', fill: colours.quiet }) : '',
  ].filter((part) => part !== '').join('\n');
}

function drawAxes({ left, right, top, bottom }: Frame, x: Axis, y: Axis): string {
  const gridPath = y.ticks.map((tick) => polyline([[left, y.at(tick)], [right, y.at(tick)]])).join('');
  const tickPath = x.ticks.map((tick) => polyline([[x.at(tick), bottom], [x.at(tick), bottom + 4]])).join('');
  return [
    element('path', { d: gridPath, stroke: colours.grid, fill: 'none' }),
    element('path', { d: polyline([[left, top], [left, bottom], [right, bottom]]) + tickPath, stroke: colours.axis, fill: 'none' }),
    ...y.ticks.map((tick) => textAt(left - 8, y.at(tick) + fontSize * 0.35, y.label(tick), { 'text-anchor': 'end', fill: colours.quiet })),
    ...x.ticks.map((tick) => textAt(x.at(tick), bottom + 18, x.label(tick), { 'text-anchor': 'middle', fill: colours.quiet })),
  ].join('\n');
}

function drawLines({ series }: Panel, x: Axis, y: Axis): string {
  return series.map(({ values, x: given }, i) => {
    const points = Array.from(values, (value, at): readonly [number, number] => [x.at(given?.[at] ?? at + 1), y.at(value)]);
    const stroke = categoryColour(i), line = element('path', { d: polyline(points), stroke, 'stroke-width': 2, 'stroke-dasharray': dashes[i % dashes.length], 'stroke-linejoin': 'round', fill: 'none' });
    // A line through few points shows them; a single point would be no line at all.
    const dots = points.length > 12 ? [] : points.filter((point) => point.every(Number.isFinite)).map(([cx, cy]) => element('circle', { cx, cy, r: 3, fill: stroke }));
    return [line, ...dots].join('');
  }).join('\n');
}

/** Names of the lines, from the right, above the panel where no line can be; the longest are cut where there is no room for all. */
function drawLegend({ series, name }: Panel, { left, right }: Frame, baseline: number): string {
  const around = 44, room = right - left - (name === '' ? 0 : textWidth(name) + 110) - series.length * around;
  let longest = Math.max(...series.map((line) => textWidth(line.name)), 1), labels = series.map((line) => line.name);
  while (longest > 16 && labels.reduce((so, label) => so + textWidth(label), 0) > room) {
    longest *= 0.9;
    labels = series.map((line) => fitted(line.name, longest));
  }
  let at = right - labels.reduce((so, label) => so + textWidth(label) + around, 0) + 15;
  return labels.map((label, i) => {
    const mark = element('path', { d: polyline([[at, baseline - 4], [at + 24, baseline - 4]]), stroke: categoryColour(i), 'stroke-width': 2, 'stroke-dasharray': dashes[i % dashes.length], fill: 'none' });
    const text = textAt(at + 29, baseline, label);
    at += textWidth(label) + around;
    return mark + text;
  }).join('\n');
}
