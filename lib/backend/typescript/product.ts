// Matrix products: operands are packed into panels of doubles, a 3 × 4 block of the result is summed at a time, which is
// what fits the sixteen registers that V8 uses.
import { layout, type Instruction, type Operand } from '../../compile/program.ts';
import type { Memory } from '../backend.ts';
import { roundToBfloat16 } from './bfloat16.ts';
import { prepareChain } from './chain.ts';
import { extent, memoryOf, type Context, type Preparation, type PreparedInstruction } from './context.ts';

/** Multiplications of a tile, the piece of work between two pauses: a few milliseconds. */
const tileWork = 4_000_000;
/** Lines of a panel. */
const height = 3;

/** Columns j..j+3 of B[K,N] (row stride `stride`) one after the other, zeros beyond N. */
function packB(packed: Float64Array, memory: Memory, offset: number, stride: number, K: number, N: number): void {
  let to = 0;
  for (let j = 0; j < N; j += 4) {
    const width = Math.min(4, N - j);
    for (let p = 0; p < K; p++, to += 4) {
      const from = offset + p * stride + j;
      for (let c = 0; c < 4; c++) packed[to + c] = c < width ? memory[from + c]! : 0;
    }
  }
}

/** Three lines of op(A) from line i, interleaved; zeros beyond M. */
function packA(packed: Float64Array, memory: Memory, offset: number, lineStride: number, termStride: number, i: number, M: number, K: number): void {
  for (let r = 0; r < height; r++) {
    const from = offset + (i + r) * lineStride;
    if (i + r < M) for (let p = 0; p < K; p++) packed[p * height + r] = memory[from + p * termStride]!;
    else for (let p = 0; p < K; p++) packed[p * height + r] = 0;
  }
}

/** A panel of three lines times a panel of four columns: `block` takes 3 × 4 sums. */
function multiplyPanels(block: Float64Array, a: Float64Array, b: Float64Array, bAt: number, K: number): void {
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0, c20 = 0, c21 = 0, c22 = 0, c23 = 0;
  for (let p = 0, ia = 0, ib = bAt; p < K; p++, ia += 3, ib += 4) {
    const b0 = b[ib]!, b1 = b[ib + 1]!, b2 = b[ib + 2]!, b3 = b[ib + 3]!;
    const a0 = a[ia]!, a1 = a[ia + 1]!, a2 = a[ia + 2]!;
    c00 += a0 * b0; c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3;
    c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3;
    c20 += a2 * b0; c21 += a2 * b1; c22 += a2 * b2; c23 += a2 * b3;
  }
  block[0] = c00; block[1] = c01; block[2] = c02; block[3] = c03;
  block[4] = c10; block[5] = c11; block[6] = c12; block[7] = c13;
  block[8] = c20; block[9] = c21; block[10] = c22; block[11] = c23;
}

/** Row stride of a physical matrix with `columns` columns. */
function strideOf(operand: Operand, columns: number, context: Context): number {
  return operand.kind === layout.featureMajor ? context.rows : columns;
}

/** A product of operands as they are, or as `round` makes them. */
function prepareProduct({ attributes, ins, outs, chain }: Instruction, round?: (packed: Float64Array, count: number) => void): PreparedInstruction {
  const [m, n, k, transposeA] = attributes as [number, number, number, number];
  const [a, b] = ins as [Operand, Operand];
  const epilogue = prepareChain(chain!, ins.slice(2), outs);
  const block = new Float64Array(4 * height);
  let panelsB = new Float64Array(0), panelA = new Float64Array(0), tileBuffer = new Float64Array(0);
  const linesOf = (N: number, K: number): number => Math.max(height, Math.floor(tileWork / (N * K) / height) * height);

  return {
    tiles: (context) => Math.ceil(extent(m, context.rows) / linesOf(extent(n, context.rows), extent(k, context.rows))),
    run(context, tile) {
      const M = extent(m, context.rows), N = extent(n, context.rows), K = extent(k, context.rows);
      const panels = Math.ceil(N / 4), lines = linesOf(N, K);
      if (tile === 0) {
        if (panelsB.length < panels * 4 * K) panelsB = new Float64Array(panels * 4 * K);
        packB(panelsB, memoryOf(context, b), b.offset, strideOf(b, N, context), K, N);
        round?.(panelsB, panels * 4 * K);
      }
      if (panelA.length < height * K) panelA = new Float64Array(height * K);
      const begin = tile * lines, end = Math.min(M, begin + lines);
      if (tileBuffer.length < (end - begin) * N) tileBuffer = new Float64Array(Math.min(M, lines) * N);
      const lineStride = transposeA === 1 ? 1 : strideOf(a, K, context);
      const termStride = transposeA === 1 ? strideOf(a, M, context) : 1;
      for (let i = begin; i < end; i += height) {
        packA(panelA, memoryOf(context, a), a.offset, lineStride, termStride, i, M, K);
        round?.(panelA, height * K);
        const present = Math.min(height, end - i);
        for (let panel = 0; panel < panels; panel++) {
          multiplyPanels(block, panelA, panelsB, panel * 4 * K, K);
          const j = panel * 4, width = Math.min(4, N - j);
          for (let r = 0; r < present; r++) {
            const to = (i - begin + r) * N + j;
            for (let c = 0; c < width; c++) tileBuffer[to + c] = block[r * 4 + c]!;
          }
        }
      }
      epilogue.run(context, begin, end, tileBuffer);
    },
  };
}

export const product: Preparation = (instruction) => prepareProduct(instruction);

/** The same of operands rounded to bfloat16. */
export const productBfloat16: Preparation = (instruction) => prepareProduct(instruction, roundToBfloat16);
