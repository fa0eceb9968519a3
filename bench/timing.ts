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
 * called with small counts first, which is the warm-up (compilation of the program, the JIT, caches, clock speed). A single step
 * that takes ten times the measurement and more is not taken twice: what warms up is lost in it.
 */
export async function measureRun(run: (count: number) => Promise<number> | number, seconds: number, clock: Clock = systemClock): Promise<Measured> {
  const timed = async (count: number): Promise<Measured> => {
    const start = clock();
    const done = await run(count);
    return { count: done, seconds: Math.max((clock() - start) / 1000, 1e-9) };
  };
  let last = await timed(1);
  if (last.seconds >= Math.max(10 * seconds, 5)) return last;
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
  const calls = new Calls(seconds, clock);
  while (calls.isWarming()) call(calls.index++);
  while (calls.goesOn()) {
    const start = clock();
    call(calls.index++);
    calls.add(clock() - start);
  }
  return calls.result();
}

/** The same for calls that are waited for. */
export async function measureAwaitedCalls(call: (index: number) => Promise<unknown>, seconds: number, clock: Clock = systemClock): Promise<MeasuredCalls> {
  const calls = new Calls(seconds, clock);
  while (calls.isWarming()) await call(calls.index++);
  while (calls.goesOn()) {
    const start = clock();
    await call(calls.index++);
    calls.add(clock() - start);
  }
  return calls.result();
}

/** Times of calls, in milliseconds as they come. */
class Calls {
  index = 0;
  private readonly times: number[] = [];
  private total = 0;
  private readonly seconds: number;
  private readonly clock: Clock;
  private readonly warmEnd: number;

  constructor(seconds: number, clock: Clock) {
    this.seconds = seconds;
    this.clock = clock;
    this.warmEnd = clock() + seconds * 250;
  }

  isWarming(): boolean {
    return this.index === 0 || this.clock() < this.warmEnd;
  }

  goesOn(): boolean {
    return this.total < this.seconds * 1000;
  }

  add(time: number): void {
    this.times.push(time * 1000);
    this.total += time;
  }

  result(): MeasuredCalls {
    const sorted = this.times.sort((a, b) => a - b);
    return { count: sorted.length, seconds: this.total / 1000, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
  }
}

/** `callers` at once, each with its next call when the last is answered, until about `wanted` calls are made: resolves to how many. */
export async function runClients(call: (index: number) => Promise<unknown>, callers: number, wanted: number): Promise<number> {
  const each = Math.ceil(wanted / callers);
  await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    for (let turn = 0; turn < each; turn++) await call(turn * callers + caller);
  }));
  return each * callers;
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
