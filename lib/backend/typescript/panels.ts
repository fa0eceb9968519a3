// The inner loop of matrix products: sums of products of lines, seven lines against one at a time, in double precision.
//
// What decides here is how V8 compiles it. Arrays that are constants of the module are reached by their addresses, and as the seven
// planes have one length, one bounds check serves all of them; seven sums and seven products are what fits its fifteen registers, with
// each term of a plane used once and so read by its multiplication. The constants are copied into locals before the loops: inside of
// nested loops V8 compiles the access before it knows that the array is one.
import type { Memory } from '../backend.ts';

/** Lines of a panel. */
export const panelHeight = 7;
/** Most terms of a line in a panel: a panel stays in the first-level cache. */
export const panelDepth = 512;
/** Terms that the streamed lines have room for: half of a second-level cache. */
const streamLength = 1 << 16;

const newPlane = (): Float64Array => new Float64Array(panelDepth);
const plane0 = newPlane(), plane1 = newPlane(), plane2 = newPlane(), plane3 = newPlane(), plane4 = newPlane(), plane5 = newPlane(), plane6 = newPlane();
const stream = new Float64Array(streamLength);

/** A matrix as lines of terms in memory. */
export interface Lines { memory: Memory; offset: number; lineStride: number; termStride: number }

/** Lines of `depth` terms that fit into the stream. */
export function streamCapacity(depth: number): number {
  return Math.floor(streamLength / depth);
}

/** Terms from `term` of the lines from `line` into the planes; a plane beyond `present` lines repeats one of them. */
export function fillPanel({ memory, offset, lineStride, termStride }: Lines, line: number, present: number, term: number, depth: number): void {
  const p0 = plane0, p1 = plane1, p2 = plane2, p3 = plane3, p4 = plane4, p5 = plane5, p6 = plane6;
  const last = (present - 1) * lineStride;
  const d1 = Math.min(lineStride, last), d2 = Math.min(2 * lineStride, last), d3 = Math.min(3 * lineStride, last);
  const d4 = Math.min(4 * lineStride, last), d5 = Math.min(5 * lineStride, last), d6 = Math.min(6 * lineStride, last);
  for (let p = 0, at = offset + line * lineStride + term * termStride; p < depth; p = (p + 1) | 0, at = (at + termStride) | 0) {
    p0[p] = memory[at]!;
    p1[p] = memory[(at + d1) | 0]!;
    p2[p] = memory[(at + d2) | 0]!;
    p3[p] = memory[(at + d3) | 0]!;
    p4[p] = memory[(at + d4) | 0]!;
    p5[p] = memory[(at + d5) | 0]!;
    p6[p] = memory[(at + d6) | 0]!;
  }
}

/** Terms from `term` of `lines` lines from `line` into the stream, four lines at a time; beyond the last line it is taken again. */
export function fillStream({ memory, offset, lineStride, termStride }: Lines, line: number, lines: number, term: number, depth: number): void {
  const to = stream;
  for (let l = 0; l < lines; l += 4) {
    const e1 = Math.min(1, lines - 1 - l), e2 = Math.min(2, lines - 1 - l), e3 = Math.min(3, lines - 1 - l);
    const t1 = e1 * depth, t2 = e2 * depth, t3 = e3 * depth, d1 = e1 * lineStride, d2 = e2 * lineStride, d3 = e3 * lineStride;
    for (let i = l * depth, end = i + depth, at = offset + (line + l) * lineStride + term * termStride; i < end; i = (i + 1) | 0, at = (at + termStride) | 0) {
      to[i] = memory[at]!;
      to[(i + t1) | 0] = memory[(at + d1) | 0]!;
      to[(i + t2) | 0] = memory[(at + d2) | 0]!;
      to[(i + t3) | 0] = memory[(at + d3) | 0]!;
    }
  }
}

/** Rounds the first `count` values in place. */
export type Rounding = (values: Float64Array, count: number) => void;

/** Rounds what the stream holds, `count` terms. */
export function roundStream(round: Rounding, count: number): void {
  round(stream, count);
}

/** Rounds the first `depth` terms of every plane. */
export function roundPanel(round: Rounding, depth: number): void {
  for (const plane of [plane0, plane1, plane2, plane3, plane4, plane5, plane6]) round(plane, depth);
}

/**
 * Adds the products of the panel and of `lines` streamed lines to `sums` (or sets them, `begins`): that of plane r and line l is at
 * `at + r · planeStep + l · lineStep`.
 */
export function multiplyPanel(sums: Float64Array, at: number, planeStep: number, lineStep: number, lines: number, depth: number, begins: boolean): void {
  const p0 = plane0, p1 = plane1, p2 = plane2, p3 = plane3, p4 = plane4, p5 = plane5, p6 = plane6, from = stream;
  const at1 = at + planeStep, at2 = at1 + planeStep, at3 = at2 + planeStep, at4 = at3 + planeStep, at5 = at4 + planeStep, at6 = at5 + planeStep;
  for (let l = 0, i = 0, base = 0; l < lines; l = (l + 1) | 0, i = (i + lineStep) | 0, base = (base + depth) | 0) {
    let s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0;
    if (!begins) {
      s0 = sums[at + i]!; s1 = sums[at1 + i]!; s2 = sums[at2 + i]!; s3 = sums[at3 + i]!;
      s4 = sums[at4 + i]!; s5 = sums[at5 + i]!; s6 = sums[at6 + i]!;
    }
    for (let p = 0; p < depth; p = (p + 1) | 0) {
      const term = from[(base + p) | 0]!;
      s0 += p0[p]! * term;
      s1 += p1[p]! * term;
      s2 += p2[p]! * term;
      s3 += p3[p]! * term;
      s4 += p4[p]! * term;
      s5 += p5[p]! * term;
      s6 += p6[p]! * term;
    }
    sums[at + i] = s0; sums[at1 + i] = s1; sums[at2 + i] = s2; sums[at3 + i] = s3;
    sums[at4 + i] = s4; sums[at5 + i] = s5; sums[at6 + i] = s6;
  }
}
