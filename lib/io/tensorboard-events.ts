// Events as TensorBoard reads them: the messages Event, Summary, HistogramProto, SessionLog and GraphDef of TensorFlow, as records of a file.
import { bytesField, doubleField, doublesField, floatField, integerField } from './protobuf.ts';
import { tfRecord } from './tfrecord.ts';

/** How often values fall between limits. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** Upper ends of the buckets; the first one begins at `min`. */
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

/** A node of a graph as TensorBoard draws it. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Names of the nodes it reads. */
  readonly inputs: readonly string[];
  /** Numbers it makes of an example. */
  readonly width: number;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** What an event tells. */
export type EventContent =
  | { readonly kind: 'version' }
  /** The run begins, or goes on, at the event's step: what earlier files tell of this step and later ones no longer counts. */
  | { readonly kind: 'start' }
  | { readonly kind: 'graph'; readonly nodes: readonly GraphNode[] }
  | { readonly kind: 'summary'; readonly scalars?: Readonly<Record<string, number>>; readonly histograms?: Readonly<Record<string, Histogram>> };

/** Buckets of a histogram. */
const buckets = 30;

/** The finite ones of `values` in buckets of equal width; undefined where there are none. */
export function histogramOf(values: ArrayLike<number>): Histogram | undefined {
  let min = Infinity, max = -Infinity, count = 0, sum = 0, sumOfSquares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    [min, max] = [Math.min(min, value), Math.max(max, value)];
    count++;
    sum += value;
    sumOfSquares += value * value;
  }
  if (count === 0) return undefined;
  if (min === max) return { min, max, count, sum, sumOfSquares, limits: [max], counts: [count] };
  const counts = Array.from({ length: buckets }, () => 0), width = (max - min) / buckets;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]!)) counts[Math.min(Math.floor((values[i]! - min) / width), buckets - 1)]!++;
  return { min, max, count, sum, sumOfSquares, counts, limits: counts.map((_, i) => (i === buckets - 1 ? max : min + (i + 1) * width)) };
}

function histogramFields({ min, max, count, sum, sumOfSquares, limits, counts }: Histogram): Buffer[] {
  return [doubleField(1, min), doubleField(2, max), doubleField(3, count), doubleField(4, sum), doubleField(5, sumOfSquares), doublesField(6, limits), doublesField(7, counts)];
}

/** One entry of NodeDef.attr: a map's key and its AttrValue. */
const attribute = (name: string, value: Buffer): Buffer => bytesField(5, [bytesField(1, name), bytesField(2, [value])]);

function nodeFields({ name, op, inputs, width, attributes }: GraphNode): Buffer[] {
  const dimension = (size: number): Buffer => bytesField(2, [integerField(1, size)]);
  // A list of one shape, whose rows are not known: TensorBoard writes it along the arrows.
  const shapes = bytesField(1, [bytesField(7, [dimension(-1), dimension(width)])]);
  return [
    bytesField(1, name), bytesField(2, op), ...inputs.map((input) => bytesField(3, input)), attribute('_output_shapes', shapes),
    ...Object.entries(attributes).map(([key, value]) => attribute(key, typeof value === 'number' ? integerField(3, value) : bytesField(2, value))),
  ];
}

function contentField(content: EventContent): Buffer {
  if (content.kind === 'version') return bytesField(3, 'brain.Event:2');
  if (content.kind === 'start') return bytesField(7, [integerField(1, 1)]);
  if (content.kind === 'graph') return bytesField(4, [...content.nodes.map((node) => bytesField(1, nodeFields(node))), bytesField(4, [integerField(1, 22)])]);
  return bytesField(5, [
    ...Object.entries(content.scalars ?? {}).map(([tag, value]) => bytesField(1, [bytesField(1, tag), floatField(2, value)])),
    ...Object.entries(content.histograms ?? {}).map(([tag, histogram]) => bytesField(1, [bytesField(1, tag), bytesField(5, histogramFields(histogram))])),
  ]);
}

/** An event as a record of a file. `time` is in seconds since 1970; the first event of a file is its `version`. */
export function eventRecord(time: number, step: number, content: EventContent): Buffer {
  return tfRecord(Buffer.concat([doubleField(1, time), integerField(2, step), contentField(content)]));
}
