// Batches of data in memory, and parts of other sources.

import { OptionError } from '../../errors.ts';
import { checkOptions, describe, positiveInteger } from '../../options.ts';
import type { Block, RowLayout } from '../block.ts';
import { decodeRow, type Columns } from '../columns.ts';
import { Dataset, type DatasetSource } from '../dataset.ts';
import { fileSource } from './file-source.ts';
import { checkStream, streamOptions, type BatchSource, type StreamOptions } from './source.ts';

/**
 * Batches of a data set, or of arrays as `Dataset.from` takes them, in the same form as those of files.
 * @example const source = fromArrays({ x: [[0, 1], [1, 1]], y: [1, 0] }, { batchSize: 2, shuffleBuffer: 2 });
 */
export function fromArrays(data: Dataset | DatasetSource, options: StreamOptions = {}): BatchSource {
  checkOptions('fromArrays', options, streamOptions);
  const settings = checkStream('fromArrays', options);
  const set = data instanceof Dataset ? data : Dataset.from(data);
  const layout: RowLayout = { inputNames: set.inputNames, targetNames: set.targetNames, weighted: set.weights !== null };
  return fileSource('fromArrays', { layout, classes: set.classes, length: set.length, count: 1, read: () => blocksOf(set) }, settings);
}

/** The first `batches` batches of every epoch of a source; the source is closed behind them. */
export function take(source: BatchSource, batches: number): BatchSource {
  if (typeof source?.batches !== 'function') throw new OptionError(`[take] expected 'source' to be a source of batches but received ${describe(source)}`);
  positiveInteger('take', 'batches', batches);
  return {
    ...source,
    length: null,
    async* batches(epoch) {
      let taken = 0;
      for await (const batch of source.batches(epoch)) {
        yield batch;
        if (++taken === batches) return;
      }
    },
  };
}

const BLOCK_ROWS = 1024;

async function* blocksOf(set: Dataset): AsyncGenerator<Block, void, undefined> {
  for (let row = 0; row < set.length; row += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, set.length - row), columns = set.weights === null ? [set.targets] : [set.targets, set.weights];
    yield { rows, inputs: gather(set, [set.inputs], row, rows), targets: gather(set, columns, row, rows) };
  }
}

/** Rows of tables side by side, decoded. */
function gather({ index }: Dataset, tables: readonly Columns[], first: number, rows: number): Float32Array {
  const width = tables.reduce((so, table) => so + table.width, 0), data = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) {
    let at = i * width;
    for (const table of tables) {
      decodeRow(table, index === null ? first + i : index[first + i]!, data.subarray(at, at + table.width));
      at += table.width;
    }
  }
  return data;
}
