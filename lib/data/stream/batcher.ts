// Rows into batches by way of a shuffle buffer: every row waits in a slot until a draw of that slot sends it on.

import { DataError } from '../../errors.ts';
import { RandomStream, streams } from '../../random/philox.ts';
import type { Block, RowLayout } from '../block.ts';
import type { Batch, StreamSettings } from './source.ts';

/** Rows the buffer has room for at first, and values. */
const FIRST_ROWS = 1024, FIRST_VALUES = 2 ** 20;

/**
 * Batches of the rows of `blocks`, in an order that is a function of the rows, the seed and the epoch alone. Memory is that of
 * the shuffle buffer and of one batch.
 * @throws {DataError} On a weight that is negative, or where there are no rows.
 */
export async function* batchesOf(blocks: AsyncIterable<Block>, layout: RowLayout, settings: StreamSettings, epoch: number, where: string): AsyncGenerator<Batch, void, undefined> {
  const buffer = new ShuffleBuffer(layout, settings, epoch), batch = new BatchBuilder(layout, settings.batchSize, where);
  let any = false;
  for await (const block of blocks) {
    any ||= block.rows > 0;
    for (let row = 0; row < block.rows; row++) {
      buffer.exchange(block.inputs, block.targets, row, batch);
      if (batch.full) yield batch.take();
    }
  }
  if (!any) throw new DataError(`[${where}] expected at least one row but received none`);
  while (buffer.filled > 0) {
    buffer.draw(batch);
    if (batch.full) yield batch.take();
  }
  if (batch.rows > 0) yield batch.take();
}

/** Rows of both tables, side by side in memory of their own. */
class ShuffleBuffer {
  filled = 0;
  private readonly capacity: number;
  private readonly inputWidth: number;
  private readonly targetWidth: number;
  private readonly random: RandomStream;
  private inputs = new Float32Array(0);
  private targets = new Float32Array(0);

  constructor(layout: RowLayout, { shuffleBuffer, seed }: StreamSettings, epoch: number) {
    this.capacity = shuffleBuffer > 1 ? shuffleBuffer : 0;
    this.inputWidth = layout.inputNames.length;
    this.targetWidth = layout.targetNames.length + (layout.weighted ? 1 : 0);
    this.random = new RandomStream(seed, streams.buffer, epoch);
  }

  /** Takes row `row` in, and sends on another one if there was no room. */
  exchange(inputs: Float32Array, targets: Float32Array, row: number, batch: BatchBuilder): void {
    if (this.capacity === 0) {
      batch.add(inputs, targets, row);
      return;
    }
    let slot = this.filled;
    if (slot < this.capacity) {
      this.filled++;
      if (slot * this.targetWidth === this.targets.length) this.grow();
    } else {
      slot = this.random.below(this.capacity);
      batch.add(this.inputs, this.targets, slot);
    }
    copyRow(inputs, row, this.inputs, slot, this.inputWidth);
    copyRow(targets, row, this.targets, slot, this.targetWidth);
  }

  /** Sends on one of the rows that are left. */
  draw(batch: BatchBuilder): void {
    const slot = this.random.below(this.filled), last = --this.filled;
    batch.add(this.inputs, this.targets, slot);
    if (slot === last) return;
    copyRow(this.inputs, last, this.inputs, slot, this.inputWidth);
    copyRow(this.targets, last, this.targets, slot, this.targetWidth);
  }

  private grow(): void {
    const first = Math.min(FIRST_ROWS, Math.ceil(FIRST_VALUES / this.inputWidth)), rows = Math.min(this.capacity, Math.max(first, 2 * this.filled));
    const { inputs, targets } = this;
    this.inputs = new Float32Array(rows * this.inputWidth);
    this.inputs.set(inputs);
    this.targets = new Float32Array(rows * this.targetWidth);
    this.targets.set(targets);
  }
}

/** One batch as it fills. */
class BatchBuilder {
  rows = 0;
  private readonly size: number;
  private readonly inputWidth: number;
  private readonly targetWidth: number;
  private readonly weighted: boolean;
  private readonly where: string;
  private x: Float32Array<ArrayBuffer>;
  private y: Float32Array<ArrayBuffer>;
  private weights: Float32Array<ArrayBuffer>;

  constructor(layout: RowLayout, size: number, where: string) {
    this.size = size;
    this.inputWidth = layout.inputNames.length;
    this.targetWidth = layout.targetNames.length;
    this.weighted = layout.weighted;
    this.where = where;
    [this.x, this.y, this.weights] = this.memory();
  }

  get full(): boolean {
    return this.rows === this.size;
  }

  add(inputs: Float32Array, targets: Float32Array, row: number): void {
    const to = this.rows++, { targetWidth } = this;
    copyRow(inputs, row, this.x, to, this.inputWidth);
    if (!this.weighted) {
      copyRow(targets, row, this.y, to, targetWidth);
      return;
    }
    const from = row * (targetWidth + 1), weight = targets[from + targetWidth]!;
    if (!(weight >= 0)) throw new DataError(`[${this.where}] expected weights that are not negative but received ${weight}`);
    for (let i = 0; i < targetWidth; i++) this.y[to * targetWidth + i] = targets[from + i]!;
    this.weights[to] = weight;
  }

  /** Hands over what there is and begins anew. */
  take(): Batch {
    const { x, y, weights, rows, inputWidth, targetWidth } = this;
    [this.x, this.y, this.weights] = this.memory();
    this.rows = 0;
    const short = rows < this.size;
    return {
      x: short ? x.slice(0, rows * inputWidth) : x, y: short ? y.slice(0, rows * targetWidth) : y, rows,
      ...(this.weighted && { weights: short ? weights.slice(0, rows) : weights }),
    };
  }

  private memory(): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
    return [new Float32Array(this.size * this.inputWidth), new Float32Array(this.size * this.targetWidth), new Float32Array(this.weighted ? this.size : 0)];
  }
}

/** Rows longer than this are copied by the system; the call costs more than short loops. */
const LONG_ROW = 64;

function copyRow(source: Float32Array, from: number, target: Float32Array, to: number, width: number): void {
  const begin = from * width, place = to * width;
  if (width > LONG_ROW) {
    target.set(source.subarray(begin, begin + width), place);
    return;
  }
  for (let i = 0; i < width; i++) target[place + i] = source[begin + i]!;
}
