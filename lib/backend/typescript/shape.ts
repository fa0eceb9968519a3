// reduce, expand, transpose and join over physical tensors [outer, middle, inner].
import { extent, memoryOf, whole, type Preparation } from './context.ts';

export const reduce: Preparation = ({ ins, outs, attributes }) => {
  const x = ins[0]!, y = outs[0]!;
  const [kind, o, m, n] = attributes as [number, number, number, number];
  return whole((context) => {
    const from = memoryOf(context, x), to = memoryOf(context, y), rows = context.rows;
    const outer = extent(o, rows), middle = extent(m, rows), inner = extent(n, rows);
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < inner; j++) {
        let at = x.offset + i * middle * inner + j;
        let result = kind === 0 ? 0 : -Infinity;
        for (let p = 0; p < middle; p++, at += inner) result = kind === 0 ? result + from[at]! : Math.max(result, from[at]!);
        to[y.offset + i * inner + j] = result;
      }
    }
  });
};

export const expand: Preparation = ({ ins, outs, attributes }) => {
  const x = ins[0]!, y = outs[0]!;
  const [o, m, n] = attributes as [number, number, number];
  return whole((context) => {
    const from = memoryOf(context, x), to = memoryOf(context, y), rows = context.rows;
    const outer = extent(o, rows), middle = extent(m, rows), inner = extent(n, rows);
    for (let i = 0; i < outer; i++) for (let p = 0; p < middle; p++) for (let j = 0; j < inner; j++) {
      to[y.offset + (i * middle + p) * inner + j] = from[x.offset + i * inner + j]!;
    }
  });
};

export const transpose: Preparation = ({ ins, outs, attributes }) => {
  const x = ins[0]!, y = outs[0]!;
  const [o, first, second, n] = attributes as [number, number, number, number];
  return whole((context) => {
    const from = memoryOf(context, x), to = memoryOf(context, y), rows = context.rows;
    const outer = extent(o, rows), a = extent(first, rows), b = extent(second, rows), inner = extent(n, rows);
    for (let i = 0; i < outer; i++) for (let p = 0; p < a; p++) for (let q = 0; q < b; q++) {
      const source = x.offset + ((i * a + p) * b + q) * inner, target = y.offset + ((i * b + q) * a + p) * inner;
      for (let j = 0; j < inner; j++) to[target + j] = from[source + j]!;
    }
  });
};

/** y[o, at + p, i] = x[o, begin + p, i] of every part, zeros between them. */
export const join: Preparation = ({ ins, outs, attributes }) => {
  const y = outs[0]!;
  const [outer, n, size] = attributes as [number, number, number];
  const parts = ins.map((x, part) => {
    const [own, begin, end, at] = attributes.slice(3 + 4 * part) as [number, number, number, number];
    return { x, own, begin, end, at };
  });
  const covered = parts.reduce((total, { begin, end }) => total + end - begin, 0);
  return whole((context) => {
    const to = memoryOf(context, y), inner = extent(n, context.rows);
    if (covered < size) to.fill(0, y.offset, y.offset + outer * size * inner);
    parts.forEach(({ x, own, begin, end, at }) => {
      const from = memoryOf(context, x);
      for (let o = 0; o < outer; o++) {
        const source = x.offset + (o * own + begin) * inner, target = y.offset + (o * size + at) * inner;
        for (let i = 0; i < (end - begin) * inner; i++) to[target + i] = from[source + i]!;
      }
    });
  });
};
