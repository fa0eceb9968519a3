// Rows of numbers on their way from a reader: what they hold, and the data set they become where they all stay in memory.

import { Dataset } from './dataset.ts';

/** What the rows of a source hold. */
export interface RowLayout {
  /** One name per input value. */
  readonly inputNames: readonly string[];
  /** One name per target value. */
  readonly targetNames: readonly string[];
  /** Behind the targets of every row stands its weight. */
  readonly weighted: boolean;
}

/** Some rows in order, row-major. Readers use the arrays again for the next block. */
export interface Block {
  readonly rows: number;
  /** `[rows, inputNames.length]`. */
  readonly inputs: Float32Array;
  /** `[rows, targetNames.length]`, and one column more where the layout is weighted. */
  readonly targets: Float32Array;
}

/** A data set of the rows of a block, which are copied. */
export function blockDataset({ inputNames, targetNames, weighted }: RowLayout, block: Block, classes: readonly string[] | null): Dataset {
  const column = (data: Float32Array, width: number): { data: Float32Array; width: number; scale: number; shift: number } => ({ data, width, scale: 1, shift: 0 });
  const width = targetNames.length, stride = width + 1;
  const targets = weighted ? new Float32Array(block.rows * width) : block.targets.slice();
  const weights = weighted ? new Float32Array(block.rows) : null;
  for (let row = 0; weights !== null && row < block.rows; row++) {
    targets.set(block.targets.subarray(row * stride, row * stride + width), row * width);
    weights[row] = block.targets[row * stride + width]!;
  }
  return new Dataset({
    inputs: column(block.inputs.slice(), inputNames.length), targets: column(targets, width),
    weights: weights && column(weights, 1), inputNames, targetNames, classes,
  });
}

/** Blocks one behind the other. */
export function joinBlocks(blocks: readonly Block[]): Block {
  const gather = (part: (block: Block) => Float32Array): Float32Array => {
    const data = new Float32Array(blocks.reduce((so, block) => so + part(block).length, 0));
    let at = 0;
    for (const block of blocks) {
      data.set(part(block), at);
      at += part(block).length;
    }
    return data;
  };
  return { rows: blocks.reduce((so, { rows }) => so + rows, 0), inputs: gather(({ inputs }) => inputs), targets: gather(({ targets }) => targets) };
}
