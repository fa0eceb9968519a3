// TensorBoard reads what is written: tensorboard.json, made by make_tensorboard.py, holds an event file with what TensorBoard's reader
// and its event accumulator made of it.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readEvents } from '../helpers/events.ts';
import { sampleEvents } from '../helpers/sample-events.ts';

type Histogram = [step: number, time: number, min: number, max: number, count: number, sum: number, squares: number, limits: number[], counts: number[]];
interface Golden {
  file: string;
  events: { wall_time: number; step?: string; session_log?: { status: string }; summary?: { value: { tag: string; simple_value?: number | 'NaN' }[] } }[];
  graph: { node: { name: string; op: string; input?: string[]; attr: Record<string, { s?: string; i?: string; list?: { shape: { dim: { size: string }[] }[] } }> }[] };
  scalars: Record<string, [step: number, time: number, value: string][]>;
  histograms: Record<string, Histogram[]>;
}
const golden = JSON.parse(readFileSync(new URL('tensorboard.json', import.meta.url), 'utf8')) as Golden;
const file = sampleEvents(), events = readEvents(file);

test('the file is the one that TensorBoard read', () => {
  expect(file.toString('base64')).toBe(golden.file);
});

test('every event is what its protocol buffers say', () => {
  expect(events.map(({ wall_time, step = 0, file_version, session_log }) => ({ wall_time, step, file_version, starts: session_log?.status === 1 })))
    .toEqual(golden.events.map((each) => ({ wall_time: each.wall_time, step: Number(each.step ?? 0), file_version: (each as { file_version?: string }).file_version, starts: each.session_log?.status === 'START' })));
  const scalars = (each: { summary?: unknown }): unknown => (each.summary as Golden['events'][number]['summary'])?.value.map(({ tag, simple_value }) => [tag, simple_value === undefined ? null : Math.fround(Number(simple_value))]);
  expect(events.map(scalars)).toEqual(golden.events.map(scalars));
});

test('it shows every scalar, without those of the interrupted run', () => {
  const shown: Record<string, unknown[]> = {};
  for (const { step = 0, wall_time, summary } of events.filter((event) => ![3, 4].includes(event.step ?? 0))) {
    for (const { tag, simple_value } of summary?.value ?? []) if (simple_value !== undefined) (shown[tag] ??= []).push([step, wall_time, simple_value]);
  }
  expect(shown).toEqual(Object.fromEntries(Object.entries(golden.scalars).map(([tag, each]) => [tag, each.map(([step, time, value]) => [step, time, Number(value)])])));
  expect(Object.keys(shown)).toEqual(['loss', 'accuracy', 'learningRate', 'left/loss']);
});

test('histograms', () => {
  const shown: Record<string, unknown[]> = {};
  for (const { step = 0, wall_time, summary } of events) {
    for (const { tag, histo } of summary?.value ?? []) {
      if (histo !== undefined) (shown[tag] ??= []).push([step, wall_time, histo['min'], histo['max'], histo['num'], histo['sum'], histo['sum_squares'], histo['bucket_limit'], histo['bucket']]);
    }
  }
  expect(shown).toEqual(golden.histograms);
  expect(golden.histograms['dense1/weight']![0]!.at(-1)).toHaveLength(30);
});

test('the graph', () => {
  const nodes = events.find(({ graph_def }) => graph_def !== undefined)!.graph_def!.node;
  expect(nodes.map(({ name, op, input }) => ({ name, op, input }))).toEqual(golden.graph.node.map(({ name, op, input }) => ({ name, op, input })));
  const read = golden.graph.node[1]!.attr;
  expect(Buffer.from(read['description']!.s!, 'base64').toString()).toBe('300, relu');
  expect(read['parameters']!.i).toBe('19500');
  expect(read['_output_shapes']!.list!.shape[0]!.dim.map(({ size }) => Number(size))).toEqual([-1, 300]);
});
