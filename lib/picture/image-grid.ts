// Many small images in rows and columns, such as the weights of first-layer units: one embedded PNG.
import { matrix, type Matrix, type MatrixLike } from '../data/columns.ts';
import { OptionError, ShapeError } from '../errors.ts';
import { boolean, checkOptions, invalid, oneOf, positiveInteger } from '../options.ts';
import { formatTick } from './axis.ts';
import { mapColour, type ColourMap, type Rgb } from './palette.ts';
import { pngAddress } from './png.ts';
import { colours, element, fitted, svgDocument, textAt } from './svg.ts';

/** Options of `imageGrid`. */
export interface ImageGridOptions {
  /** Height and width of an image. */
  readonly shape: readonly [height: number, width: number];
  /** Images beside each other (default: so that the whole is about square). */
  readonly columns?: number;
  /** `'diverging'`: 0 white, positive red, negative blue; `'grey'`: smallest black, largest white (default: diverging where a value is negative). */
  readonly colours?: ColourMap;
  /** The same colours for the same values in all images (default true); else every image has a range of its own. */
  readonly sameScale?: boolean;
  /** Pixels of the picture per value (default: so that the whole is about 600 wide). */
  readonly pixelSize?: number;
  readonly title?: string;
}

const names = ['shape', 'columns', 'colours', 'sameScale', 'pixelSize', 'title'] as const;
/** The colour behind the images has the last number of the palette. */
const levels = 255, background = 255, behind: Rgb = [0xa9, 0xbc, 0xd0];

/** Rows of values: an array of images, or a tensor with its shape, such as one of `network.weights()`. */
export type Images = MatrixLike | { readonly shape: readonly number[]; readonly data: ArrayLike<number> };

function imagesOf(images: Images, count: number): Matrix {
  if (typeof images !== 'object' || images === null || !('shape' in images)) return matrix(images as MatrixLike, count, 'imageGrid', 'values');
  const { shape, data } = images, width = shape.slice(1).reduce((so, dimension) => so * dimension, 1);
  if (width !== count) throw new ShapeError(`[imageGrid] expected images of ${count} values but received a tensor of shape [${shape.join(', ')}]`);
  return matrix(Float32Array.from(data), count, 'imageGrid', 'values');
}

/** The largest of the absolute values for diverging colours, else smallest and largest. */
function rangeOf(values: Float32Array, map: ColourMap): [low: number, high: number] {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const most = Math.max(-low, high);
  return map === 'diverging' ? [-most, most] : [low, high];
}

/**
 * Images in rows and columns as SVG text. Each row of `images` is one of them, row-major, of `shape`.
 *
 * @example imageGrid(network.weights()[0]!, { shape: [8, 8], title: 'first-layer weights' })
 * @throws {ShapeError} On images of another size; {OptionError} on options that make no sense.
 */
export function imageGrid(images: Images, options: ImageGridOptions): string {
  checkOptions('imageGrid', options, names);
  if (!Array.isArray(options.shape) || options.shape.length !== 2) throw invalid('imageGrid', 'shape', 'height and width', options.shape);
  const [height, width] = options.shape.map((each) => positiveInteger('imageGrid', 'shape', each)) as [number, number];
  const { data, rows: count } = imagesOf(images, height * width);
  const columns = Math.min(count, positiveInteger('imageGrid', 'columns', options.columns ?? Math.ceil(Math.sqrt((count * height) / width))));
  const map = oneOf('imageGrid', 'colours', options.colours ?? (data.some((value) => value < 0) ? 'diverging' : 'grey'), ['grey', 'diverging']);
  const sameScale = boolean('imageGrid', 'sameScale', options.sameScale ?? true), whole = rangeOf(data, map), lines = Math.ceil(count / columns);
  const across = columns * (width + 1) + 1, down = lines * (height + 1) + 1;
  if (across > 2 ** 15 || down > 2 ** 15) throw new OptionError(`[imageGrid] expected a grid of at most ${2 ** 15} values each way but it would be ${across} by ${down}`);
  const size = positiveInteger('imageGrid', 'pixelSize', options.pixelSize ?? Math.max(1, Math.round(600 / across)));

  const pixels = new Uint8Array(across * down).fill(background);
  for (let i = 0; i < count; i++) {
    const image = data.subarray(i * height * width, (i + 1) * height * width), [low, high] = sameScale ? whole : rangeOf(image, map);
    const left = 1 + (i % columns) * (width + 1), top = 1 + Math.floor(i / columns) * (height + 1);
    for (let at = 0; at < image.length; at++) {
      const share = high > low ? (image[at]! - low) / (high - low) : 0.5;
      pixels[(top + Math.floor(at / width)) * across + left + (at % width)] = Math.round(share * (levels - 1));
    }
  }
  const palette: Rgb[] = Array.from({ length: levels }, (_, i) => mapColour(map, i / (levels - 1)));
  const head = options.title === undefined ? 10 : 40, wide = Math.max(across * size + 20, 240), left = (wide - across * size) / 2;
  const picture = pixelImage(left, head, across * size, down * size, pngAddress(across, down, pixels, [...palette, behind]));
  const title = options.title === undefined ? [] : [textAt(wide / 2, 26, fitted(options.title, wide - 20, 16), { 'text-anchor': 'middle', 'font-size': 16, 'font-weight': 600 })];
  const bar = colourBar(wide / 2, head + down * size + 12, palette, sameScale ? whole.map(formatRange) as [string, string] : ['smallest', 'largest']);
  return svgDocument(wide, head + down * size + 48, options.title ?? `${count} images of ${height} by ${width}`, [...title, picture, bar]);
}

const formatRange = (value: number): string => formatTick(Number(value.toPrecision(2))).replace('-', '−');

/** An image whose pixels stay squares however large it is shown. */
export function pixelImage(x: number, y: number, width: number, height: number, href: string): string {
  return element('image', { x, y, width, height, href, preserveAspectRatio: 'none', style: 'image-rendering:crisp-edges;image-rendering:pixelated' });
}

/** What the colours mean: a bar from the smallest to the largest, with both at its ends. */
function colourBar(centre: number, top: number, palette: readonly Rgb[], [low, high]: [string, string]): string {
  const length = 120, steps = Uint8Array.from({ length }, (_, i) => Math.round((i / (length - 1)) * (palette.length - 1))), left = centre - length / 2;
  return [
    pixelImage(left, top, length, 10, pngAddress(length, 1, steps, palette)),
    element('rect', { x: left, y: top, width: length, height: 10, fill: 'none', stroke: colours.axis, 'stroke-width': 0.5 }),
    textAt(left - 6, top + 10, low, { 'text-anchor': 'end', fill: colours.quiet }), textAt(left + length + 6, top + 10, high, { fill: colours.quiet }),
  ].join('');
}
