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
  for (let r = 0; r < rows; r++) {
    const from = (order === null ? context.first + r : order[context.first + r]!) * width;
    const to = out.offset + r * rowStride;
    for (let f = 0; f < width; f++) y[to + f * featureStride] = array[from + f]! * scale + shift;
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
