// CSV files of a folder or pattern as one data set in memory.
import type { CsvOptions } from '../data/csv.ts';
import { Dataset } from '../data/dataset.ts';
import { streamCsv, surveyCsv } from '../data/stream/csv-stream.ts';
import type { Batch, BatchSource } from '../data/stream/source.ts';

/** Rows of a batch where batches are only put together again. */
export const wholeBatch = 4096;

/** The examples of batches as a data set. */
export function datasetOf(batches: readonly Batch[], { inputs, targets, inputNames, targetNames, classes }: BatchSource): Dataset {
  const joined = (parts: readonly Float32Array[]): Float32Array => {
    const whole = new Float32Array(parts.reduce((so, part) => so + part.length, 0));
    parts.reduce((at, part) => {
      whole.set(part, at);
      return at + part.length;
    }, 0);
    return whole;
  };
  const column = (parts: readonly Float32Array[], width: number): { data: Float32Array; width: number; scale: number; shift: number } => ({ data: joined(parts), width, scale: 1, shift: 0 });
  return new Dataset({ inputs: column(batches.map(({ x }) => x), inputs), targets: column(batches.map(({ y }) => y), targets), inputNames, targetNames, classes });
}

/** Reads all rows, file by file. Classes are known by their names only when all has been read, which therefore is done twice. */
export async function readSeveral(paths: string, options: CsvOptions): Promise<Dataset> {
  const { classes } = await surveyCsv(paths, options, 0), batches: Batch[] = [];
  const source = await streamCsv(paths, { ...options, batchSize: wholeBatch, shuffleBuffer: 0, ...(classes && { classes }) });
  for await (const batch of source.batches(0)) batches.push(batch);
  return datasetOf(batches, source);
}
