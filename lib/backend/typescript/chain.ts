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
  /** Runs lines `begin` to `end`; `product` holds the tile of a product, whose first line is `begin`. */
  run(context: Context, begin: number, end: number, product?: Float64Array): void;
}

export function prepareChain(chain: Chain, ins: readonly Operand[], outs: readonly Operand[]): PreparedChain {
  const { inputKinds, outKinds, operations } = chain;
  const valueCount = inputKinds.length + outKinds.length + chain.registers;
  const blocks = Array.from({ length: valueCount }, () => new Float64Array(blockLength));
  let nextOperand = 0;
  const operandOf = inputKinds.map((kind) => (kind === access.product ? undefined : ins[nextOperand++]!));
  const steps = operations.filter(({ name }) => name !== 'sumColumns').map((operation) => {
    const kernel = (elementwiseKernels as Partial<Record<string, ElementwiseKernel>>)[operation.name];
    if (kernel === undefined) throw internal(`no kernel '${operation.name}'`);
    return { kernel, y: blocks[operation.destination]!, a: blocks[operation.a]!, b: blocks[operation.b]!, c: blocks[operation.c]!, immediate: operation.immediate };
  });
  const sums = operations.filter(({ name }) => name === 'sumColumns').map((operation) => ({ out: outs[operation.destination - inputKinds.length]!, values: blocks[operation.a]! }));

  /** Reads input `index` for `count` elements from column `column` of line `line`; blocks hold whole lines or a part of one. */
  const read = (context: Context, index: number, line: number, column: number, count: number, columns: number, product: Float64Array | undefined, firstLine: number): void => {
    const block = blocks[index]!, operand = operandOf[index];
    if (operand === undefined) {
      const from = (line - firstLine) * columns + column;
      for (let i = 0; i < count; i++) block[i] = product![from + i]!;
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

  /** Sums of the lines in the blocks; a line cut into parts is summed over its parts. */
  const partial = new Float64Array(sums.length);
  const sumLines = (context: Context, line: number, column: number, count: number, columns: number): void => {
    sums.forEach(({ out, values }, s) => {
      const memory = context.regions[out.region]!;
      for (let i = 0, l = line; i < count; l++) {
        const length = Math.min(columns, count - i);
        let sum = column === 0 ? 0 : partial[s]!;
        for (let j = 0; j < length; j++) sum += values[i + j]!;
        partial[s] = sum;
        memory[out.offset + l] = sum;
        i += length;
      }
    });
  };

  return {
    run(context, begin, end, product) {
      const columns = chain.columns < 0 ? context.rows : chain.columns;
      const linesPerBlock = Math.max(1, Math.floor(blockLength / columns));
      for (let line = begin; line < end; line += linesPerBlock) {
        const lines = Math.min(linesPerBlock, end - line);
        const length = lines * columns;
        for (let column = 0; column < length; column += blockLength) {
          const count = Math.min(blockLength, length - column);
          for (let i = 0; i < inputKinds.length; i++) read(context, i, line, column, count, columns, product, begin);
          for (const { kernel, y, a, b, c, immediate } of steps) kernel(count, y, a, b, c, immediate);
          write(context, line, column, count, columns);
          if (sums.length > 0) sumLines(context, line, column, count, columns);
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
