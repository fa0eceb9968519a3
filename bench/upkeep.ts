// What `fit` does to the event loop, and whether networks that are dropped give their memory back.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Delays of the event loop in milliseconds. */
export interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Milliseconds late: the histogram counts the whole interval of its timer, of which one millisecond was asked for. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - 1);
}

/** How late a timer comes while `work` is under way. */
export async function delaysDuring(work: () => Promise<unknown>): Promise<Delays> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  // Turns before and after: work that never let the timer fire would otherwise leave no trace at all.
  await wait(20);
  await work();
  await wait(20);
  histogram.disable();
  return { p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), max: late(histogram.max) };
}

/** Resident kilobytes by which the process grows for each `use`: over `count` of them, after a tenth as many that warm up. */
export async function growthOf(use: () => Promise<void>, count: number): Promise<number> {
  // So that it runs without node --expose-gc as well.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const settledKilobytes = async (): Promise<number> => {
    // Finalizers run in later turns of the loop.
    for (let turn = 0; turn < 10; turn++) {
      collect();
      await wait(10);
    }
    return process.memoryUsage().rss / 1024;
  };
  // Code, pools and the allocator's arenas stay, whatever the library does.
  for (let index = 0; index < Math.ceil(count / 10); index++) await use();
  const before = await settledKilobytes();
  for (let index = 0; index < count; index++) await use();
  return ((await settledKilobytes()) - before) / count;
}
