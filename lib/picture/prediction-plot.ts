// Predictions against targets, a point for each example: on the line where both are equal.
import { ShapeError } from '../errors.ts';
import { checkOptions, invalid, numberIn } from '../options.ts';
import { linearAxis, niceRange } from './axis.ts';
import { categories } from './palette.ts';
import { colours, element, fitted, fontSize, polyline, rounded, svgDocument, textAt, textWidth } from './svg.ts';

/** Options of `predictionPlot`. */
export interface PredictionPlotOptions {
  readonly title?: string;
  /** Width of the picture in pixels (default 460); it is about as high. */
  readonly width?: number;
}

/** Most points that are drawn; of more every so many. */
const mostPoints = 2000;

/**
 * Predicted numbers against targets as SVG text.
 *
 * @param targets One number an example. @param predictions As many.
 * @throws {ShapeError} On different numbers of them; {OptionError} on options that make no sense.
 */
export function predictionPlot(targets: ArrayLike<number>, predictions: ArrayLike<number>, options: PredictionPlotOptions = {}): string {
  checkOptions('predictionPlot', options, ['title', 'width']);
  const width = numberIn('predictionPlot', 'width', options.width ?? 460, { from: 160, to: 10_000 }), count = targets?.length;
  if (!(count > 0)) throw invalid('predictionPlot', 'targets', 'an array of numbers', targets);
  if (predictions?.length !== count) throw new ShapeError(`[predictionPlot] expected a prediction for each of ${count} targets but received ${predictions?.length}`);
  const head = options.title === undefined ? 12 : 42, drawn = Math.min(count, mostPoints), places = Array.from({ length: drawn }, (_, i) => Math.floor((i * count) / drawn));
  const points = places.map((i): [number, number] => [targets[i]!, predictions[i]!]).filter((point) => point.every(Number.isFinite));
  const ticks = Math.max(2, width / 80), [low, high] = niceRange(points.flat(), ticks), probe = linearAxis(low, high, 0, 1, ticks);
  const left = 40 + Math.max(...probe.ticks.map((tick) => textWidth(probe.label(tick)))), right = width - 20, bottom = head + right - left;
  const x = linearAxis(low, high, left, right, ticks), y = linearAxis(low, high, bottom, head, ticks), quiet = { fill: colours.quiet };
  const dots = {
    d: points.map(([a, b]) => `M${rounded(x.at(a))} ${rounded(y.at(b))}h0`).join(''), stroke: categories[0], 'stroke-width': 5, 'stroke-linecap': 'round',
    'stroke-opacity': points.length > 300 ? 0.35 : 0.6, fill: 'none',
  };
  return svgDocument(width, bottom + 48, options.title ?? `${count} predictions against targets`, [
    ...(options.title === undefined ? [] : [textAt(width / 2, 26, fitted(options.title, width - 20, 16), { 'text-anchor': 'middle', 'font-size': 16, 'font-weight': 600 })]),
    element('path', { d: x.ticks.map((tick) => polyline([[x.at(tick), head], [x.at(tick), bottom]])).join(''), stroke: colours.grid, fill: 'none' }),
    element('path', { d: y.ticks.map((tick) => polyline([[left, y.at(tick)], [right, y.at(tick)]])).join(''), stroke: colours.grid, fill: 'none' }),
    element('path', { d: polyline([[left, head], [left, bottom], [right, bottom]]), stroke: colours.axis, fill: 'none' }),
    element('path', { d: polyline([[left, bottom], [right, head]]), stroke: colours.axis, 'stroke-dasharray': '5 4', fill: 'none' }),
    element('path', dots),
    ...x.ticks.map((tick) => textAt(x.at(tick), bottom + 18, x.label(tick), { 'text-anchor': 'middle', ...quiet })),
    ...y.ticks.map((tick) => textAt(left - 8, y.at(tick) + fontSize * 0.35, y.label(tick), { 'text-anchor': 'end', ...quiet })),
    textAt((left + right) / 2, bottom + 38, 'target', { 'text-anchor': 'middle', ...quiet }),
    textAt(14, (head + bottom) / 2, 'prediction', { 'text-anchor': 'middle', ...quiet, transform: `rotate(-90 14 ${rounded((head + bottom) / 2)})` }),
  ]);
}
