// Elementwise chains, block by block: inputs are read into blocks of doubles, operations run over whole blocks.
import { internal } from '../../errors.ts';
import { access, emission, type Chain, type Operand } from '../../compile/program.ts';
import { elementwiseKernels, type ElementwiseKernel } from '../../ops/elementwise-kernels.ts';
import type { Context, Preparation } from './context.ts';

const blockLength = 1024;
/** Elements of a tile, the piece of work between two pauses. */
const tileLength = 1 << 16;

/** A chain made ready to run over some lines of its space. */
export interface PreparedChain {
  /** Runs lines `begin` to `end`; `product` holds the tile of a product, whose first line is `begin`, with a line each `stride`. */
  run(context: Context, begin: number, end: number, product?: Float64Array, stride?: number): void;
}

type Step =
  | { kernel: ElementwiseKernel; y: Float64Array; a: Float64Array; b: Float64Array; c: Float64Array; immediate: number }
  | LineSum;

/** Sums of lines, written to `sum`; a line cut into parts is summed over its parts. */
interface LineSum { sum: Operand; a: Float64Array; partial: number }

function sumLines(context: Context, step: LineSum, line: number, column: number, count: number, columns: number): void {
  const memory = context.regions[step.sum.region]!;
  for (let i = 0, l = line; i < count; l++) {
    const length = Math.min(columns, count - i);
    let sum = column === 0 ? 0 : step.partial;
    for (let j = 0; j < length; j++) sum += step.a[i + j]!;
    step.partial = sum;
    memory[step.sum.offset + l] = sum;
    i += length;
  }
}

export function prepareChain(chain: Chain, ins: readonly Operand[], outs: readonly Operand[]): PreparedChain {
  const { inputKinds, outKinds, operations } = chain;
  const valueCount = inputKinds.length + outKinds.length + chain.registers;
  const blocks = Array.from({ length: valueCount }, () => new Float64Array(blockLength));
  let nextOperand = 0;
  const operandOf = inputKinds.map((kind) => (kind === access.product ? undefined : ins[nextOperand++]!));
  const steps: Step[] = operations.map((operation) => {
    const a = blocks[operation.a]!;
    if (operation.name === 'sumColumns') return { sum: outs[operation.destination - inputKinds.length]!, a, partial: 0 };
    const kernel = (elementwiseKernels as Partial<Record<string, ElementwiseKernel>>)[operation.name];
    if (kernel === undefined) throw internal(`no kernel '${operation.name}'`);
    return { kernel, y: blocks[operation.destination]!, a, b: blocks[operation.b]!, c: blocks[operation.c]!, immediate: operation.immediate };
  });

  /** Reads input `index` for `count` elements from column `column` of line `line`; blocks hold whole lines or a part of one. */
  const read = (context: Context, index: number, line: number, column: number, count: number, columns: number, product: Float64Array | undefined, productLine: number, stride: number): void => {
    const block = blocks[index]!, operand = operandOf[index];
    if (operand === undefined) {
      const width = Math.min(count, columns);
      for (let i = 0, from = productLine * stride + column; i < count; i += width, from += stride) {
        for (let j = 0; j < width; j++) block[i + j] = product![from + j]!;
      }
      return;
    }
    const memory = context.regions[operand.region]!;
    switch (inputKinds[index]) {
      case access.full: {
        const from = operand.offset + line * columns + column;
        for (let i = 0; i < count; i++) block[i] = memory[from + i]!;
        break;
      }
      case access.line:
        if (count <= columns) block.fill(memory[operand.offset + line]!, 0, count);
        else for (let i = 0, l = line; i < count; i += columns, l++) block.fill(memory[operand.offset + l]!, i, i + columns);
        break;
      case access.column:
        if (count <= columns) for (let i = 0; i < count; i++) block[i] = memory[operand.offset + column + i]!;
        else for (let i = 0; i < count; i += columns) for (let j = 0; j < columns; j++) block[i + j] = memory[operand.offset + j]!;
        break;
      default:
        block.fill(memory[operand.offset]!, 0, count);
    }
  };

  const write = (context: Context, line: number, column: number, count: number, columns: number): void => {
    for (let o = 0; o < outs.length; o++) {
      if (outKinds[o] !== emission.full) continue;
      const out = outs[o]!, block = blocks[inputKinds.length + o]!;
      const memory = context.regions[out.region]!, to = out.offset + line * columns + column;
      for (let i = 0; i < count; i++) memory[to + i] = block[i]!;
    }
  };

  return {
    run(context, begin, end, product, stride = 0) {
      const columns = chain.columns < 0 ? context.rows : chain.columns;
      const linesPerBlock = Math.max(1, Math.floor(blockLength / columns));
      for (let line = begin; line < end; line += linesPerBlock) {
        const lines = Math.min(linesPerBlock, end - line);
        const length = lines * columns;
        for (let column = 0; column < length; column += blockLength) {
          const count = Math.min(blockLength, length - column);
          for (let i = 0; i < inputKinds.length; i++) read(context, i, line, column, count, columns, product, line - begin, stride);
          for (const step of steps) {
            if ('kernel' in step) step.kernel(count, step.y, step.a, step.b, step.c, step.immediate);
            else sumLines(context, step, line, column, count, columns);
          }
          write(context, line, column, count, columns);
        }
      }
    },
  };
}

/** Lines of one tile over a space with `columns` columns. */
export function linesPerTile(columns: number): number {
  return Math.max(1, Math.floor(tileLength / columns));
}

export const chain: Preparation = ({ chain: code, ins, outs }) => {
  const prepared = prepareChain(code!, ins, outs);
  const linesOf = (context: Context): number => linesPerTile(code!.columns < 0 ? context.rows : code!.columns);
  return {
    tiles: (context) => Math.ceil(code!.lines / linesOf(context)),
    run: (context, tile) => {
      const lines = linesOf(context);
      prepared.run(context, tile * lines, Math.min(code!.lines, (tile + 1) * lines));
    },
  };
};
