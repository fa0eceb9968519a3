// Elementwise chains, block by block: inputs are read into blocks of doubles, operations run over whole blocks.
import { internal } from '../../errors.ts';
import { access, emission, type Chain, type Operand } from '../../compile/program.ts';
import { blockLength, blocks, elementwiseKernels, type ElementwiseKernel } from '../../ops/elementwise-kernels.ts';
import type { Memory } from '../backend.ts';
import { memoryOf, type Context, type Preparation } from './context.ts';

/** Elements of a tile, the piece of work between two pauses. */
const tileLength = 1 << 16;

/** A chain made ready to run over some lines of its space. */
export interface PreparedChain {
  /** Runs lines `begin` to `end`; `product` holds the tile of a product, whose first line is `begin`, with a line each `stride`. */
  run(context: Context, begin: number, end: number, product?: Float64Array, stride?: number): void;
}

/** An operation: a kernel over blocks, or the sums of lines of block `a`; a line cut into parts is summed over its parts. */
interface Step { kernel: ElementwiseKernel | undefined; y: number; a: number; b: number; c: number; immediate: number; sum: Operand | undefined; partial: number }

/** The part of the space that the blocks hold: `count` elements from column `column` of line `line`, in whole lines or a part of one. */
interface Part { line: number; column: number; count: number; width: number }

function sumLines(memory: Memory, to: number, step: Step, { line, column, count, width }: Part): void {
  const from = blocks, end = step.a + count;
  for (let at = step.a, l = to + line; at < end; l++) {
    let sum = column === 0 ? 0 : step.partial;
    for (const next = at + width; at < next; at++) sum += from[at]!;
    step.partial = sum;
    memory[l] = sum;
  }
}

/** Copies `count` elements into a block; four at a time, as what V8 checks and loads anew in each turn of a loop costs more than a copy. */
function copyIn(block: number, memory: Memory, from: number, count: number): void {
  const to = blocks;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    const at = from + i | 0, target = block + i | 0;
    to[target] = memory[at]!;
    to[target + 1 | 0] = memory[at + 1 | 0]!;
    to[target + 2 | 0] = memory[at + 2 | 0]!;
    to[target + 3 | 0] = memory[at + 3 | 0]!;
  }
  for (; i < count; i++) to[block + i | 0] = memory[from + i | 0]!;
}

function copyOut(memory: Memory, to: number, block: number, count: number): void {
  const from = blocks;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    const at = block + i | 0, target = to + i | 0;
    memory[target] = from[at]!;
    memory[target + 1 | 0] = from[at + 1 | 0]!;
    memory[target + 2 | 0] = from[at + 2 | 0]!;
    memory[target + 3 | 0] = from[at + 3 | 0]!;
  }
  for (; i < count; i++) memory[to + i | 0] = from[block + i | 0]!;
}

function fill(block: number, value: number, count: number): void {
  const to = blocks;
  for (let i = 0; i < count; i++) to[block + i | 0] = value;
}

/** Reads what is spread over lines or columns into a block. */
function spread(block: number, kind: number, memory: Memory, offset: number, { line, column, count, width }: Part): void {
  for (let i = 0, l = line; i < count; i += width, l++) {
    if (kind === access.line) fill(block + i, memory[offset + l]!, width);
    else copyIn(block + i, memory, offset + column, width);
  }
}

/** Reads the sums of a product into a block; apart from `copyIn`, which then meets one kind of array in most processes. */
function readProduct(block: number, sums: Float64Array, at: number, stride: number, { count, width }: Part): void {
  const to = blocks;
  for (let i = 0, from = at; i < count; i += width, from += stride) {
    for (let j = 0; j < width; j++) to[block + i + j | 0] = sums[from + j | 0]!;
  }
}

export function prepareChain(chain: Chain, ins: readonly Operand[], outs: readonly Operand[]): PreparedChain {
  const { inputKinds, outKinds, operations } = chain;
  let nextOperand = 0;
  const inputs = inputKinds.map((kind, index) => ({ kind, block: index * blockLength, operand: kind === access.product ? undefined : ins[nextOperand++]! }));
  const results = outs.map((operand, index) => ({ operand, block: (inputKinds.length + index) * blockLength })).filter((_, index) => outKinds[index] === emission.full);
  const steps = operations.map(({ name, destination, a, b, c, immediate }): Step => {
    const sum = name === 'sumColumns' ? outs[destination - inputKinds.length] : undefined;
    const kernel = (elementwiseKernels as Partial<Record<string, ElementwiseKernel>>)[name];
    if (kernel === undefined && sum === undefined) throw internal(`no kernel '${name}'`);
    return { kernel, y: destination * blockLength, a: a * blockLength, b: b * blockLength, c: c * blockLength, immediate, sum, partial: 0 };
  });
  const part: Part = { line: 0, column: 0, count: 0, width: 0 };

  const runPart = (context: Context, columns: number, begin: number, product: Float64Array | undefined, stride: number): void => {
    const { line, column, count } = part;
    for (let i = 0; i < inputs.length; i++) {
      const { kind, block, operand } = inputs[i]!;
      if (kind === access.scalar) continue;
      if (operand === undefined) readProduct(block, product!, (line - begin) * stride + column, stride, part);
      else if (kind === access.full) copyIn(block, memoryOf(context, operand), operand.offset + line * columns + column, count);
      else spread(block, kind, memoryOf(context, operand), operand.offset, part);
    }
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      if (step.sum === undefined) step.kernel!(count, step.y, step.a, step.b, step.c, step.immediate);
      else sumLines(memoryOf(context, step.sum), step.sum.offset, step, part);
    }
    for (let i = 0; i < results.length; i++) {
      const { operand, block } = results[i]!;
      copyOut(memoryOf(context, operand), operand.offset + line * columns + column, block, count);
    }
  };

  return {
    run(context, begin, end, product, stride = 0) {
      const columns = chain.columns < 0 ? context.rows : chain.columns;
      const linesPerBlock = Math.max(1, Math.floor(blockLength / columns));
      for (let i = 0; i < inputs.length; i++) {
        const { kind, block, operand } = inputs[i]!;
        if (kind === access.scalar) fill(block, memoryOf(context, operand!)[operand!.offset]!, Math.min(blockLength, (end - begin) * columns));
      }
      for (let line = begin; line < end; line += linesPerBlock) {
        const length = Math.min(linesPerBlock, end - line) * columns;
        part.line = line;
        for (let column = 0; column < length; column += blockLength) {
          part.column = column;
          part.count = Math.min(blockLength, length - column);
          part.width = Math.min(part.count, columns);
          runPart(context, columns, begin, product, stride);
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
