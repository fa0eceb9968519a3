// load and store: from data sets and inputs into memory, and from memory into results.
import { layout, type Operand } from '../../compile/program.ts';
import { memoryOf, whole, type Context, type Preparation } from './context.ts';

export const load: Preparation = ({ outs, attributes }) => {
  const source = attributes[0]!;
  return whole((context) => {
    for (const out of outs) gather(context, source, out);
  });
};

function gather(context: Context, source: number, out: Operand): void {
  const { array, width, scale, shift } = context.binding.sources[source]!;
  const { order } = context.binding;
  const y = memoryOf(context, out);
  if (out.kind === layout.static) {
    for (let i = 0; i < width; i++) y[out.offset + i] = array[i]! * scale + shift;
    return;
  }
  const rows = context.rows;
  const featureStride = out.kind === layout.featureMajor ? rows : 1;
  const rowStride = out.kind === layout.featureMajor ? 1 : width;
  // Four rows at a time, which share a cache line where features lie first; beyond the last row it is loaded again.
  for (let r = 0; r < rows; r += 4) {
    const r1 = Math.min(r + 1, rows - 1), r2 = Math.min(r + 2, rows - 1), r3 = Math.min(r + 3, rows - 1);
    const example = (row: number): number => (order === null ? context.first + row : order[context.first + row]!) * width;
    const from0 = example(r), from1 = example(r1), from2 = example(r2), from3 = example(r3);
    const to1 = (r1 - r) * rowStride, to2 = (r2 - r) * rowStride, to3 = (r3 - r) * rowStride;
    for (let f = 0, to = out.offset + r * rowStride; f < width; f++, to += featureStride) {
      y[to] = array[from0 + f]! * scale + shift;
      y[to + to1] = array[from1 + f]! * scale + shift;
      y[to + to2] = array[from2 + f]! * scale + shift;
      y[to + to3] = array[from3 + f]! * scale + shift;
    }
  }
}

export const store: Preparation = ({ ins, attributes }) => {
  const x = ins[0]!, sink = attributes[0]!;
  return whole((context) => {
    const target = context.binding.sinks[sink]!, values = memoryOf(context, x), count = x.count;
    if (x.kind === layout.static) {
      for (let i = 0; i < count; i++) target[context.step * count + i] = values[x.offset + i]!;
      return;
    }
    for (let f = 0; f < count; f++) {
      const from = x.offset + f * context.rows;
      for (let r = 0; r < context.rows; r++) target[(context.first + r) * count + f] = values[from + r]!;
    }
  });
};
