// Sources made of files: a seeded order of files each epoch, their rows through the shuffle buffer, batches made ahead.

import { nonNegativeInteger } from '../../options.ts';
import { streams } from '../../random/philox.ts';
import { shuffle } from '../../random/shuffle.ts';
import type { Block, RowLayout } from '../block.ts';
import { batchesOf } from './batcher.ts';
import { description, type Batch, type BatchSource, type StreamSettings } from './source.ts';

/** What all files of a source have in common, and how one of them is read. */
export interface FileFormat {
  readonly layout: RowLayout;
  readonly classes: readonly string[] | null;
  /** Rows of all files, or null. */
  readonly length: number | null;
  /** Files; they are numbered from 0. */
  readonly count: number;
  /** The rows of one file. */
  read(file: number): AsyncIterable<Block>;
}

/** A source of the rows of files. `caller` is the function the user called. */
export function fileSource(caller: string, format: FileFormat, settings: StreamSettings): BatchSource {
  const { layout, classes, length } = format;
  return {
    ...description(layout, classes, length),
    batches(epoch) {
      nonNegativeInteger(`${caller} batches`, 'epoch', epoch);
      return prefetched(batchesOf(blocksOf(format, settings, epoch), layout, settings, epoch, caller), settings.prefetch);
    },
  };
}

async function* blocksOf(format: FileFormat, { seed, shuffleBuffer }: StreamSettings, epoch: number): AsyncGenerator<Block, void, undefined> {
  const order = Int32Array.from({ length: format.count }, (_, file) => file);
  if (shuffleBuffer > 0) shuffle(order, seed, streams.files, epoch);
  for (const file of order) yield* format.read(file);
}

/**
 * The same items, up to `ahead` of them asked for before the consumer does. An error comes in its turn; where the consumer breaks off, the
 * items under way are finished and the source is closed.
 */
export async function* prefetched(source: AsyncGenerator<Batch, void, undefined>, ahead: number): AsyncGenerator<Batch, void, undefined> {
  const waiting: Promise<IteratorResult<Batch, void>>[] = [];
  const ask = (): void => {
    const asked = source.next();
    // An error that comes before its turn is kept for it.
    asked.catch(() => undefined);
    waiting.push(asked);
  };
  try {
    for (;;) {
      while (waiting.length <= ahead) ask();
      const { done, value } = await waiting.shift()!;
      if (done) return;
      if (waiting.length < ahead) ask();
      yield value;
    }
  } finally {
    await source.return();
  }
}
