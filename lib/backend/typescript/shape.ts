// reduce, expand, transpose and join over physical tensors [outer, middle, inner].
import type { Memory } from '../backend.ts';
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

/** The a × b matrix at `source`, transposed; four lines at a time, which share a cache line. Beyond the last line it is taken again. */
function transposeMatrix(to: Memory, target: number, from: Memory, source: number, a: number, b: number): void {
  for (let p = 0; p < a; p += 4) {
    const d1 = Math.min(1, a - 1 - p), d2 = Math.min(2, a - 1 - p), d3 = Math.min(3, a - 1 - p);
    for (let q = 0, at = source + p * b, y = target + p; q < b; q++, at++, y += a) {
      to[y] = from[at]!;
      to[y + d1] = from[at + d1 * b]!;
      to[y + d2] = from[at + d2 * b]!;
      to[y + d3] = from[at + d3 * b]!;
    }
  }
}

export const transpose: Preparation = ({ ins, outs, attributes }) => {
  const x = ins[0]!, y = outs[0]!;
  const [o, first, second, n] = attributes as [number, number, number, number];
  return whole((context) => {
    const from = memoryOf(context, x), to = memoryOf(context, y), rows = context.rows;
    const outer = extent(o, rows), a = extent(first, rows), b = extent(second, rows), inner = extent(n, rows);
    if (inner === 1) {
      for (let i = 0; i < outer; i++) transposeMatrix(to, y.offset + i * a * b, from, x.offset + i * a * b, a, b);
      return;
    }
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
