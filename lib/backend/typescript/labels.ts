// oneHot and argmax over [k, rows].
import { memoryOf, whole, type Preparation } from './context.ts';

export const oneHot: Preparation = ({ ins, outs, attributes }) => {
  const x = ins[0]!, y = outs[0]!, k = attributes[0]!;
  return whole((context) => {
    const labels = memoryOf(context, x), to = memoryOf(context, y), rows = context.rows;
    for (let c = 0; c < k; c++) for (let r = 0; r < rows; r++) to[y.offset + c * rows + r] = labels[x.offset + r] === c ? 1 : 0;
  });
};

export const argmax: Preparation = ({ ins, outs, attributes }) => {
  const x = ins[0]!, y = outs[0]!, k = attributes[0]!;
  return whole((context) => {
    const values = memoryOf(context, x), to = memoryOf(context, y), rows = context.rows;
    for (let r = 0; r < rows; r++) {
      let best = 0;
      for (let c = 1; c < k; c++) if (values[x.offset + c * rows + r]! > values[x.offset + best * rows + r]!) best = c;
      to[y.offset + r] = best;
    }
  });
};
