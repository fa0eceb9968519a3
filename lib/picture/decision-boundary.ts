// What a network of two inputs decides, everywhere in a part of the plane, with the examples on top.
import { matrix, type MatrixLike } from '../data/columns.ts';
import { OptionError, ShapeError } from '../errors.ts';
import { checkOptions, finiteNumber, invalid, numberIn } from '../options.ts';
import { linearAxis } from './axis.ts';
import { contour } from './contour.ts';
import { pixelImage } from './image-grid.ts';
import { categories, categoryColour, mixed, rgbOf, type Rgb } from './palette.ts';
import { pngAddress } from './png.ts';
import { colours, element, fitted, fontSize, polyline, svgDocument, textAt, textWidth } from './svg.ts';

/** Options of `decisionBoundary`. */
export interface DecisionBoundaryOptions {
  /** Examples to draw, rows of two numbers. */
  readonly x?: MatrixLike;
  /** Their targets: class numbers, one column per class, or one number whose side of the boundary counts. */
  readonly y?: MatrixLike;
  /** Range along the bottom and along the side (default: the examples' with a margin). */
  readonly xRange?: readonly [low: number, high: number];
  readonly yRange?: readonly [low: number, high: number];
  /** Points predicted each way (default 160). */
  readonly resolution?: number;
  /** Where one output changes sides (default 0.5 where no output or target is negative, else 0). */
  readonly threshold?: number;
  /** Names of the classes (default `class 0` and so on). */
  readonly classes?: readonly string[];
  readonly title?: string;
  /** Names of the two inputs (default x₁ and x₂). */
  readonly inputNames?: readonly [string, string];
}

const names = ['x', 'y', 'xRange', 'yRange', 'resolution', 'threshold', 'classes', 'title', 'inputNames'] as const;
const white: Rgb = [255, 255, 255];
/** Shades of a class, from undecided to sure. */
const shades = 32;
const side = 420;

/** What predicts: a network of two inputs. */
export interface Predicting { predict(x: MatrixLike): Promise<{ readonly shape: readonly number[]; readonly data: ArrayLike<number> }> }

type Range = readonly [low: number, high: number];

interface Points { readonly data: Float32Array; readonly labels: readonly number[] }

/**
 * The decisions of a network of two inputs as SVG text: the colour is the class, paler where the network is less sure, and lines
 * are where it changes its mind.
 *
 * @example await decisionBoundary(network, { x: xor.x, y: xor.y })
 * @throws {OptionError} On options that make no sense; {ShapeError} on examples that are no points.
 */
export async function decisionBoundary(network: Predicting, options: DecisionBoundaryOptions = {}): Promise<string> {
  checkOptions('decisionBoundary', options, names);
  const resolution = numberIn('decisionBoundary', 'resolution', options.resolution ?? 160, { from: 2, to: 2000 });
  if (!Number.isInteger(resolution)) throw invalid('decisionBoundary', 'resolution', 'a whole number', resolution);
  const points = options.x === undefined ? undefined : matrix(options.x, 2, 'decisionBoundary').data;
  const xRange = rangeOf('xRange', options.xRange, points, 0), yRange = rangeOf('yRange', options.yRange, points, 1);
  const grid = new Float32Array(2 * resolution * resolution);
  for (let row = 0; row < resolution; row++) {
    for (let column = 0; column < resolution; column++) {
      grid[2 * (row * resolution + column)] = xRange[0] + ((xRange[1] - xRange[0]) * (column + 0.5)) / resolution;
      grid[2 * (row * resolution + column) + 1] = yRange[1] - ((yRange[1] - yRange[0]) * (row + 0.5)) / resolution;
    }
  }
  const { shape, data } = await network.predict(grid), outputs = Number(shape[1]);
  const targets = targetsOf(options, points);
  const threshold = finiteNumber('decisionBoundary', 'threshold', options.threshold ?? defaultThreshold(data, targets?.data));
  const decisions = outputs === 1 ? byThreshold(data, threshold, resolution) : byLargest(data, outputs, resolution);
  const labels = targets === undefined ? undefined : labelsOf(targets, outputs, threshold);
  const count = Math.max(outputs === 1 ? 2 : outputs, ...(labels ?? []).map((label) => label + 1));
  return draw({ options, xRange, yRange, resolution, count, decisions, points: points && labels && { data: points, labels } });
}

function rangeOf(name: 'xRange' | 'yRange', given: Range | undefined, points: Float32Array | undefined, column: 0 | 1): Range {
  if (given !== undefined) {
    if (!Array.isArray(given) || given.length !== 2 || !given.every(Number.isFinite) || !(given[0] < given[1])) throw invalid('decisionBoundary', name, 'two numbers, the smaller one first', given);
    return given;
  }
  if (points === undefined) throw new OptionError(`[decisionBoundary] expected examples in 'x', or '${name}'`);
  const values = points.filter((_, i) => i % 2 === column);
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const margin = high > low ? 0.12 * (high - low) : 1;
  return [low - margin, high + margin];
}

function targetsOf({ y }: DecisionBoundaryOptions, points: Float32Array | undefined): { data: Float32Array; width: number } | undefined {
  if (points === undefined || y === undefined) {
    if (points !== undefined || y !== undefined) throw new OptionError("[decisionBoundary] expected 'x' and 'y' together");
    return undefined;
  }
  const targets = matrix(y, null, 'decisionBoundary', 'targets');
  if (targets.rows !== points.length / 2) throw new ShapeError(`[decisionBoundary] expected as many targets as the ${points.length / 2} examples but received ${targets.rows}`);
  return targets;
}

const isNegative = (value: number): boolean => value < 0;
const defaultThreshold = (outputs: ArrayLike<number>, targets: Float32Array | undefined): number => (targets?.some(isNegative) ?? Array.prototype.some.call(outputs, isNegative) ? 0 : 0.5);

function labelsOf({ data, width }: { data: Float32Array; width: number }, outputs: number, threshold: number): number[] {
  const rows = data.length / width;
  return Array.from({ length: rows }, (_, row) => {
    if (width > 1) return largestOf(data, row * width, width);
    if (outputs === 1) return data[row]! > threshold ? 1 : 0;
    return Math.max(0, Math.round(data[row]!));
  });
}

function largestOf(values: ArrayLike<number>, begin: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[begin + i]! > values[begin + best]!) best = i;
  return best;
}

interface Decisions {
  /** Class of every point of the grid, and how sure it is, from 0 to 1. */
  readonly classes: Uint8Array;
  readonly sureness: Float64Array;
  readonly boundary: readonly [readonly [number, number], readonly [number, number]][];
}

function byThreshold(data: ArrayLike<number>, threshold: number, resolution: number): Decisions {
  const values = Array.from(data), distances = values.map((value) => Math.abs(value - threshold));
  const far = Math.max(distances.reduce((a, b) => Math.max(a, b), 0), 1e-12);
  return {
    classes: Uint8Array.from(values, (value) => (value > threshold ? 1 : 0)), sureness: Float64Array.from(distances, (distance) => distance / far),
    boundary: contour(values, resolution, resolution, threshold),
  };
}

function byLargest(data: ArrayLike<number>, outputs: number, resolution: number): Decisions {
  const count = data.length / outputs, classes = new Uint8Array(count), sureness = new Float64Array(count), leads = Array.from({ length: outputs }, () => new Float64Array(count));
  for (let at = 0; at < count; at++) {
    const row = Array.from({ length: outputs }, (_, k) => data[at * outputs + k]!), sorted = row.toSorted((a, b) => b - a);
    classes[at] = largestOf(row, 0, outputs);
    // Scores are no probabilities: the lead over the next one tells, as a share of all that the row spans.
    sureness[at] = (sorted[0]! - sorted[1]!) / Math.max(1e-12, row.every((value) => value >= 0) ? sorted.reduce((a, b) => a + b, 0) : sorted[0]! - sorted.at(-1)!);
    row.forEach((value, k) => { leads[k]![at] = value - (classes[at] === k ? sorted[1]! : sorted[0]!); });
  }
  return { classes, sureness, boundary: leads.flatMap((lead) => contour(lead, resolution, resolution, 0)) };
}

interface Drawing {
  readonly options: DecisionBoundaryOptions;
  readonly xRange: Range;
  readonly yRange: Range;
  readonly resolution: number;
  readonly count: number;
  readonly decisions: Decisions;
  readonly points: Points | undefined;
}

function draw({ options, xRange, yRange, resolution, count, decisions, points }: Drawing): string {
  const left = 62, top = options.title === undefined ? 16 : 44, right = left + side, bottom = top + side;
  const used = Math.min(count, categories.length), palette: Rgb[] = [];
  // Even a sure class is paler than its points.
  for (let k = 0; k < used; k++) for (let shade = 0; shade < shades; shade++) palette.push(mixed(white, rgbOf(categoryColour(k)), 0.08 + (0.5 * shade) / (shades - 1)));
  const pixels = Uint8Array.from(decisions.classes, (label, at) => (label % used) * shades + Math.round(Math.min(Math.max(decisions.sureness[at]!, 0), 1) * (shades - 1)));
  const x = linearAxis(...xRange, left, right, side / 70), y = linearAxis(...yRange, bottom, top, side / 50);
  const cell = side / resolution, place = ([column, row]: readonly [number, number]): [number, number] => [left + (column + 0.5) * cell, top + (row + 0.5) * cell];
  const ticks = x.ticks.map((tick) => polyline([[x.at(tick), bottom], [x.at(tick), bottom + 4]])).join('') + y.ticks.map((tick) => polyline([[left, y.at(tick)], [left - 4, y.at(tick)]])).join('');
  const [xName, yName] = options.inputNames ?? ['x₁', 'x₂'];
  const labels = Array.from({ length: count }, (_, k) => fitted(options.classes?.[k] ?? `class ${k}`, 140));
  const width = right + 36 + Math.max(...labels.map((label) => textWidth(label)), 40) + 12;
  const middle = { 'text-anchor': 'middle', fill: colours.quiet };
  return svgDocument(width, bottom + 48, options.title ?? 'decision boundary', [
    options.title === undefined ? '' : textAt((left + right) / 2, 28, fitted(options.title, side, 16), { 'text-anchor': 'middle', 'font-size': 16, 'font-weight': 600 }),
    pixelImage(left, top, side, side, pngAddress(resolution, resolution, pixels, palette)),
    element('path', { d: decisions.boundary.map((segment) => polyline(segment.map(place))).join(''), stroke: colours.text, 'stroke-width': 1.25, fill: 'none' }),
    points === undefined ? '' : drawPoints(points, x.at, y.at, { left, right, top, bottom }),
    element('path', { d: `M${left} ${top}H${right}V${bottom}H${left}Z${ticks}`, stroke: colours.axis, fill: 'none' }),
    ...x.ticks.map((tick) => textAt(x.at(tick), bottom + 18, x.label(tick), middle)),
    ...y.ticks.map((tick) => textAt(left - 8, y.at(tick) + fontSize * 0.35, y.label(tick), { 'text-anchor': 'end', fill: colours.quiet })),
    textAt((left + right) / 2, bottom + 38, xName, middle),
    textAt(0, 0, yName, { ...middle, transform: `translate(16 ${(top + bottom) / 2}) rotate(-90)` }),
    ...labels.map((label, k) => marker(k, right + 22, top + 10 + k * 22, 5.5) + textAt(right + 34, top + 14 + k * 22, label)),
  ].filter((part) => part !== ''));
}

/** A class is told by form as well as by colour. */
function marker(label: number, x: number, y: number, size: number): string {
  const style = { fill: categoryColour(label), stroke: '#ffffff', 'stroke-width': 1 }, form = label % 3;
  if (form === 0) return element('circle', { cx: x, cy: y, r: size, ...style });
  if (form === 1) return element('rect', { x: x - size * 0.9, y: y - size * 0.9, width: 1.8 * size, height: 1.8 * size, ...style });
  return element('path', { d: `${polyline([[x, y - 1.2 * size], [x + 1.1 * size, y + 0.8 * size], [x - 1.1 * size, y + 0.8 * size]])}Z`, ...style });
}

function drawPoints({ data, labels }: Points, xAt: (value: number) => number, yAt: (value: number) => number, frame: { left: number; right: number; top: number; bottom: number }): string {
  const size = labels.length > 400 ? 2.5 : labels.length > 60 ? 4 : 6;
  return labels.map((label, i): string => {
    const x = xAt(data[2 * i]!), y = yAt(data[2 * i + 1]!);
    return x < frame.left || x > frame.right || y < frame.top || y > frame.bottom ? '' : marker(label, x, y, size);
  }).join('');
}
