// IDX and NumPy files as streams of batches: examples in one file, targets in another, row by row.

import { DataError, ShapeError } from '../../errors.ts';
import { checkOptions, finiteNumber, quote } from '../../options.ts';
import type { Block, RowLayout } from '../block.ts';
import { checkFinite } from '../columns.ts';
import { decodeElements, elementSize, type ElementName } from '../elements.ts';
import { IDX_PREFIX, idxHeaderLength, parseIdxHeader } from '../idx.ts';
import { NPY_PREFIX, npyHeaderLength, parseNpyHeader } from '../npy.ts';
import { ByteReader } from './byte-reader.ts';
import { fileSource } from './file-source.ts';
import { filesOf, type Paths } from './paths.ts';
import { checkStream, streamOptions, type BatchSource, type StreamOptions } from './source.ts';

/** Files of `streamIdx`: as many of images as of labels, in the same order. */
export interface IdxStreamOptions extends StreamOptions {
  /** Files of examples: two dimensions or more, the first of which counts them. */
  readonly images: Paths;
  /** Files of labels: one dimension. */
  readonly labels: Paths;
  /** Factor of every raw input; default 1/255 for unsigned bytes, else 1. */
  readonly scale?: number;
}

/** Files of `streamNpy`: as many of each kind, in the same order. */
export interface NpyStreamOptions extends StreamOptions {
  /** Files of examples: the first dimension counts them. */
  readonly x: Paths;
  /** Files of targets: the first dimension counts them. */
  readonly y: Paths;
  /** Files of weights: one dimension. */
  readonly weights?: Paths;
}

/**
 * Streams IDX files, plain or gzip.
 * @throws {ShapeError} Where files of images and labels do not fit each other.
 * @throws {DataError} On a broken header, and while batches are read, on a file that is too short or too long.
 */
export async function streamIdx(options: IdxStreamOptions): Promise<BatchSource> {
  checkOptions('streamIdx', options, ['images', 'labels', 'scale', ...streamOptions]);
  const settings = checkStream('streamIdx', options);
  const images = await openAll('streamIdx', 'images', options.images, ['idx', 'ubyte'], idx);
  const labels = await openAll('streamIdx', 'labels', options.labels, ['idx', 'ubyte'], idx);
  const scale = finiteNumber('streamIdx', 'scale', options.scale ?? (images[0]!.element === 'u1' ? 1 / 255 : 1));
  for (const { shape, where } of images) if (shape.length < 2) throw new ShapeError(`[${where}] expected two dimensions or more but received shape [${shape.join(', ')}]`);
  for (const { shape, where } of labels) if (shape.length !== 1) throw new ShapeError(`[${where}] expected one dimension but received shape [${shape.join(', ')}]`);
  return tableSource('streamIdx', [images, labels], ['label'], scale, settings);
}

/**
 * Streams NumPy files in C order.
 * @throws {ShapeError} Where the files do not fit each other.
 * @throws {DataError} On a broken header or Fortran order, and while batches are read, on a file that is too short or too long.
 */
export async function streamNpy(options: NpyStreamOptions): Promise<BatchSource> {
  checkOptions('streamNpy', options, ['x', 'y', 'weights', ...streamOptions]);
  const settings = checkStream('streamNpy', options);
  const tables = [await openAll('streamNpy', 'x', options.x, ['.npy'], npy), await openAll('streamNpy', 'y', options.y, ['.npy'], npy)];
  if (options.weights !== undefined) tables.push(await openAll('streamNpy', 'weights', options.weights, ['.npy'], npy));
  const width = tables[1]![0]!.width;
  return tableSource('streamNpy', tables, width === 1 ? ['y'] : Array.from({ length: width }, (_, i) => `y${i}`), 1, settings);
}

/** Wider rows are a broken header rather than data. */
const WIDEST_ROW = 2 ** 24;

/** One file of a table, as its header describes it. */
interface TableFile {
  readonly path: string;
  readonly where: string;
  readonly element: ElementName;
  readonly littleEndian: boolean;
  readonly shape: readonly number[];
  readonly rows: number;
  readonly width: number;
  /** Bytes of the header. */
  readonly length: number;
}

type ReadHeader = (reader: ByteReader, where: string) => Promise<Pick<TableFile, 'element' | 'littleEndian' | 'shape' | 'length'>>;

const idx: ReadHeader = async (reader, where) => {
  const prefix = await reader.upTo(IDX_PREFIX), rest = await reader.upTo(idxHeaderLength(prefix, where) - IDX_PREFIX);
  return { ...parseIdxHeader(Buffer.concat([prefix, rest]), where), littleEndian: false };
};

const npy: ReadHeader = async (reader, where) => {
  const prefix = await reader.upTo(NPY_PREFIX), rest = await reader.upTo(Math.max(0, npyHeaderLength(prefix, where) - NPY_PREFIX));
  const header = parseNpyHeader(Buffer.concat([prefix, rest]), where);
  if (header.fortran && header.shape.length > 1) throw new DataError(`[${where}] expected rows one behind the other (C order) but received Fortran order; readNpy reads both`);
  return header;
};

async function openAll(caller: string, name: string, paths: Paths, endings: readonly string[], readHeader: ReadHeader): Promise<TableFile[]> {
  const files: TableFile[] = [];
  for (const path of await filesOf(caller, name, paths, endings)) {
    const where = `${caller} ${quote(path, Infinity)}`, reader = new ByteReader(path, where);
    try {
      const header = await readHeader(reader, where), [rows = 1, ...row] = header.shape;
      const width = row.reduce((product, dimension) => product * dimension, 1);
      if (rows * width === 0) throw new DataError(`[${where}] expected at least one value but received shape [${header.shape.join(', ')}]`);
      if (width > WIDEST_ROW) throw new DataError(`[${where}] expected rows of at most ${WIDEST_ROW} values but received shape [${header.shape.join(', ')}]`);
      if (files.length > 0 && width !== files[0]!.width) throw new ShapeError(`[${where}] expected rows of ${files[0]!.width} values, as in the first file, but received ${width}`);
      files.push({ path, where, ...header, rows, width });
    } finally {
      await reader.close();
    }
  }
  return files;
}

/** A source of tables side by side: examples, targets and, as a third, weights. */
function tableSource(caller: string, tables: readonly TableFile[][], targetNames: readonly string[], scale: number, settings: ReturnType<typeof checkStream>): BatchSource {
  const examples = tables[0]!, weights = tables[2];
  for (const table of tables.slice(1)) {
    if (table.length !== examples.length) throw new ShapeError(`[${caller}] expected as many files of targets and weights as the ${examples.length} of examples but received ${table.length}`);
    table.forEach(({ rows, where }, i) => {
      if (rows !== examples[i]!.rows) throw new ShapeError(`[${where}] expected a row for each of ${examples[i]!.rows} examples but received ${rows}`);
    });
  }
  if (weights !== undefined && weights[0]!.width !== 1) throw new ShapeError(`[${weights[0]!.where}] expected one weight per row but received ${weights[0]!.width}`);
  const layout: RowLayout = { inputNames: Array.from({ length: examples[0]!.width }, (_, i) => `x${i}`), targetNames, weighted: weights !== undefined };
  const length = examples.reduce((so, { rows }) => so + rows, 0);
  return fileSource(caller, { layout, classes: null, length, count: examples.length, read: (file) => blocksOf(tables.map((table) => table[file]!), scale) }, settings);
}

/** Bytes of examples that are decoded at once. */
const BLOCK_BYTES = 2 ** 18;

async function* blocksOf(files: readonly TableFile[], scale: number): AsyncGenerator<Block, void, undefined> {
  const readers = files.map(({ path, where }) => new ByteReader(path, where));
  try {
    for (const [i, reader] of readers.entries()) await reader.exactly(files[i]!.length);
    const { rows, width, element } = files[0]!, most = Math.max(1, Math.floor(BLOCK_BYTES / (width * elementSize(element))));
    for (let row = 0; row < rows; row += most) {
      const count = Math.min(most, rows - row);
      const [inputs, ...others] = await Promise.all(readers.map((reader, i) => numbers(reader, files[i]!, row, count)));
      for (let i = 0; scale !== 1 && i < inputs!.length; i++) inputs![i]! *= scale;
      yield { rows: count, inputs: inputs!, targets: others.length === 1 ? others[0]! : sideBySide(others[0]!, others[1]!, count) };
    }
    for (const reader of readers) await reader.end();
  } finally {
    for (const reader of readers) await reader.close();
  }
}

async function numbers(reader: ByteReader, { width, element, littleEndian, where }: TableFile, row: number, count: number): Promise<Float32Array> {
  const decoded = decodeElements(await reader.exactly(count * width * elementSize(element)), element, littleEndian, where);
  const single = decoded instanceof Float32Array ? decoded : Float32Array.from(decoded);
  checkFinite(single, width, where, row);
  return single;
}

/** Targets with the weight of each row behind them. */
function sideBySide(targets: Float32Array, weights: Float32Array, rows: number): Float32Array {
  const width = targets.length / rows, both = new Float32Array(rows * (width + 1));
  for (let row = 0; row < rows; row++) {
    both.set(targets.subarray(row * width, (row + 1) * width), row * (width + 1));
    both[row * (width + 1) + width] = weights[row]!;
  }
  return both;
}
