// Events as TensorBoard reads them: the messages Event, Summary, HistogramProto, SessionLog and GraphDef of TensorFlow, as records of a file.
import { encodeMessage, type Schema } from './onnx/wire.ts';
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

/** A message type by its fields; those in `lists` are repeated. */
function schema(name: string, fields: Readonly<Record<string, readonly [number: number, type: Schema['fields'][string]['type']]>>, lists: readonly string[] = []): Schema {
  return { name, fields: Object.fromEntries(Object.entries(fields).map(([key, [number, type]]) => [key, { number, type, repeated: lists.includes(key) }])) };
}

// Of tensorflow/core: util/event.proto, framework/{summary,graph,node_def,attr_value,tensor_shape,versions}.proto.
const shape = schema('TensorShapeProto', { dim: [2, schema('Dim', { size: [1, 'integer'] })] }, ['dim']);
const value = schema('AttrValue', { list: [1, schema('ListValue', { shape: [7, shape] }, ['shape'])], s: [2, 'string'], i: [3, 'integer'] });
const node = schema('NodeDef', {
  name: [1, 'string'], op: [2, 'string'], input: [3, 'string'], attr: [5, schema('AttrEntry', { key: [1, 'string'], value: [2, value] })],
}, ['input', 'attr']);
const graph = schema('GraphDef', { node: [1, node], versions: [4, schema('VersionDef', { producer: [1, 'integer'] })] }, ['node']);
const histogram = schema('HistogramProto', {
  min: [1, 'double'], max: [2, 'double'], num: [3, 'double'], sum: [4, 'double'], sumSquares: [5, 'double'], bucketLimit: [6, 'double'], bucket: [7, 'double'],
}, ['bucketLimit', 'bucket']);
const summary = schema('Summary', { value: [1, schema('Value', { tag: [1, 'string'], simpleValue: [2, 'float'], histo: [5, histogram] })] }, ['value']);
const event = schema('Event', {
  wallTime: [1, 'double'], step: [2, 'integer'], fileVersion: [3, 'string'], graphDef: [4, graph], summary: [5, summary],
  sessionLog: [7, schema('SessionLog', { status: [1, 'integer'] })],
});

/** Buckets of a histogram. */
const buckets = 30;

/** The finite ones of `values` in buckets of equal width; undefined where there are none. */
export function histogramOf(values: ArrayLike<number>): Histogram | undefined {
  let min = Infinity, max = -Infinity, count = 0, sum = 0, sumOfSquares = 0;
  for (let i = 0; i < values.length; i++) {
    const each = values[i]!;
    if (!Number.isFinite(each)) continue;
    [min, max] = [Math.min(min, each), Math.max(max, each)];
    count++;
    sum += each;
    sumOfSquares += each * each;
  }
  if (count === 0) return undefined;
  if (min === max) return { min, max, count, sum, sumOfSquares, limits: [max], counts: [count] };
  const counts = Array.from({ length: buckets }, () => 0), width = (max - min) / buckets;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]!)) counts[Math.min(Math.floor((values[i]! - min) / width), buckets - 1)]!++;
  return { min, max, count, sum, sumOfSquares, counts, limits: counts.map((_, i) => (i === buckets - 1 ? max : min + (i + 1) * width)) };
}

function nodeMessage({ name, op, inputs, width, attributes }: GraphNode): object {
  // A list of one shape, whose rows are not known: TensorBoard writes it along the arrows.
  const shapes = { key: '_output_shapes', value: { list: { shape: [{ dim: [{ size: -1 }, { size: width }] }] } } };
  return { name, op, input: inputs, attr: [shapes, ...Object.entries(attributes).map(([key, each]) => ({ key, value: typeof each === 'number' ? { i: each } : { s: each } }))] };
}

/** The field of an event that holds its content. */
function contentOf(content: EventContent): object {
  if (content.kind === 'version') return { fileVersion: 'brain.Event:2' };
  if (content.kind === 'start') return { sessionLog: { status: 1 } };
  if (content.kind === 'graph') return { graphDef: { node: content.nodes.map(nodeMessage), versions: { producer: 22 } } };
  return {
    summary: {
      value: [
        ...Object.entries(content.scalars ?? {}).map(([tag, simpleValue]) => ({ tag, simpleValue })),
        ...Object.entries(content.histograms ?? {}).map(([tag, { min, max, count, sum, sumOfSquares, limits, counts }]) => ({
          tag, histo: { min, max, num: count, sum, sumSquares: sumOfSquares, bucketLimit: limits, bucket: counts },
        })),
      ],
    },
  };
}

/** An event as a record of a file. `time` is in seconds since 1970; the first event of a file is its `version`. */
export function eventRecord(time: number, step: number, content: EventContent): Buffer {
  return tfRecord(Buffer.concat(encodeMessage(event, { wallTime: time, step, ...contentOf(content) }).parts));
}
