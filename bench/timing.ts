// How long a step or a call takes: warm up, find out how many make at least the asked time, measure that many.

/** Milliseconds since some start; tests pass their own. */
export type Clock = () => number;

const systemClock: Clock = () => performance.now();

export interface Measured {
  /** How many steps the measured run had. */
  readonly count: number;
  readonly seconds: number;
}

/**
 * Times one uninterrupted run of at least `seconds`. `run(count)` does about `count` steps and says how many it did; it is
 * called with small counts first, which is the warm-up (compilation of the program, the JIT, caches, clock speed).
 */
export async function measureRun(run: (count: number) => Promise<number> | number, seconds: number, clock: Clock = systemClock): Promise<Measured> {
  const timed = async (count: number): Promise<Measured> => {
    const start = clock();
    const done = await run(count);
    return { count: done, seconds: Math.max((clock() - start) / 1000, 1e-9) };
  };
  let last = await timed(1);
  // A single step longer than the whole measurement needs no further warm-up.
  let warm = last.seconds >= seconds;
  for (;;) {
    const target = warm ? 1.1 * seconds : seconds / 4;
    last = await timed(Math.max(1, Math.ceil((last.count * target) / last.seconds)));
    if (warm && last.seconds >= seconds) return last;
    warm ||= last.seconds >= seconds / 8;
  }
}

export interface MeasuredCalls extends Measured {
  /** Microseconds of the median call and of the 99th percentile. */
  readonly p50: number;
  readonly p99: number;
}

/** Times single calls, one by one, until they add up to `seconds`; a quarter of that is warm-up first. */
export function measureCalls(call: (index: number) => unknown, seconds: number, clock: Clock = systemClock): MeasuredCalls {
  let index = 0;
  const warmEnd = clock() + seconds * 250;
  do call(index++); while (clock() < warmEnd);
  const times: number[] = [];
  let total = 0;
  while (total < seconds * 1000) {
    const start = clock();
    call(index++);
    const time = clock() - start;
    times.push(time * 1000);
    total += time;
  }
  times.sort((a, b) => a - b);
  return { count: times.length, seconds: total / 1000, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

/** The value below which `share` of the sorted numbers lie (nearest rank). */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** How `count` steps are laid out over a data set: part of one epoch, or whole epochs. */
export function planSteps(count: number, batch: number, rows: number): { rows: number; epochs: number; steps: number } {
  const stepsPerEpoch = Math.floor(rows / batch);
  if (count < stepsPerEpoch) return { rows: count * batch, epochs: 1, steps: count };
  const epochs = Math.ceil(count / stepsPerEpoch);
  return { rows: stepsPerEpoch * batch, epochs, steps: epochs * stepsPerEpoch };
}
