// Matrix products with their epilogues: lines of one operand in panels of seven, those of the other streamed past them.
import { layout, type Instruction, type Operand } from '../../compile/program.ts';
import { roundToBfloat16 } from './bfloat16.ts';
import { prepareChain } from './chain.ts';
import { extent, memoryOf, type Context, type Preparation, type PreparedInstruction } from './context.ts';
import { fillPanel, fillStream, multiplyPanel, panelDepth, panelHeight, roundPanel, roundStream, streamCapacity, type Lines, type Rounding } from './panels.ts';

/** Multiplications of a tile, the piece of work between two pauses: a few milliseconds. */
const tileWork = 16_000_000;
/** Elements of a tile: its epilogue finds them in the second-level cache. */
const tileLength = 1 << 17;

/** Row stride of a physical matrix with `columns` columns. */
function strideOf(operand: Operand, columns: number, context: Context): number {
  return operand.kind === layout.featureMajor ? context.rows : columns;
}

const padded = (lines: number): number => Math.ceil(lines / panelHeight) * panelHeight;

/** The sums of a tile; one at a time is made and read. */
let sums = new Float64Array(0);

/** Sums over K terms for `panelLines` lines from `panelLine` and `streamLines` lines from `streamLine`, at these steps of `sums`. */
function multiply(
  panels: Lines, panelLine: number, panelLines: number, panelStep: number,
  stream: Lines, streamLine: number, streamLines: number, streamStep: number, K: number, round: Rounding | undefined,
): void {
  const depth = Math.ceil(K / Math.ceil(K / panelDepth)), capacity = streamCapacity(depth);
  for (let term = 0; term < K; term += depth) {
    const terms = Math.min(depth, K - term);
    for (let from = 0; from < streamLines; from += capacity) {
      const lines = Math.min(capacity, streamLines - from);
      fillStream(stream, streamLine + from, lines, term, terms);
      if (round !== undefined) roundStream(round, lines * terms);
      for (let panel = 0; panel < panelLines; panel += panelHeight) {
        fillPanel(panels, panelLine + panel, Math.min(panelHeight, panelLines - panel), term, terms);
        if (round !== undefined) roundPanel(round, terms);
        multiplyPanel(sums, panel * panelStep + from * streamStep, panelStep, streamStep, lines, terms, term === 0);
      }
    }
  }
}

/** A product of operands as they are, or as `round` makes them. */
function prepareProduct({ attributes, ins, outs, chain }: Instruction, round?: Rounding): PreparedInstruction {
  const [m, n, k, transposeA] = attributes as [number, number, number, number];
  const [a, b] = ins as [Operand, Operand];
  const epilogue = prepareChain(chain!, ins.slice(2), outs);
  const linesOf = (N: number, K: number): number => Math.max(1, Math.floor(Math.min(tileWork / (N * K), tileLength / N)));

  return {
    tiles: (context) => Math.ceil(extent(m, context.rows) / linesOf(extent(n, context.rows), extent(k, context.rows))),
    run(context, tile) {
      const M = extent(m, context.rows), N = extent(n, context.rows), K = extent(k, context.rows);
      const lines = linesOf(N, K), begin = tile * lines, end = Math.min(M, begin + lines), present = end - begin;
      const left: Lines = {
        memory: memoryOf(context, a), offset: a.offset,
        lineStride: transposeA === 1 ? 1 : strideOf(a, K, context), termStride: transposeA === 1 ? strideOf(a, M, context) : 1,
      };
      const right: Lines = { memory: memoryOf(context, b), offset: b.offset, lineStride: 1, termStride: strideOf(b, N, context) };
      // Panels are of the operand that wastes less on lines that are not there.
      const byColumn = present * padded(N) <= padded(present) * N;
      const stride = byColumn ? padded(N) : N, length = (byColumn ? present : padded(present)) * stride;
      if (sums.length < length) sums = new Float64Array(length);
      if (byColumn) multiply(right, 0, N, 1, left, begin, present, stride, K, round);
      else multiply(left, begin, present, stride, right, 0, N, 1, K, round);
      epilogue.run(context, begin, end, sums, stride);
    },
  };
}

export const product: Preparation = (instruction) => prepareProduct(instruction);

/** The same of operands rounded to bfloat16. */
export const productBfloat16: Preparation = (instruction) => prepareProduct(instruction, roundToBfloat16);
