// Axes: round numbers for ticks, their labels, and the way from values to places.

/** A mapping of values to places, with ticks. */
export interface Axis {
  readonly ticks: readonly number[];
  /** Not a number where the value has no place: at 0 and below of a logarithmic axis. */
  at(value: number): number;
  label(tick: number): string;
}

/** Steps of 1, 2 or 5 times a power of ten that cut a range into about `count` parts. */
function niceStep(range: number, count: number): number {
  const raw = range / Math.max(1, count), power = 10 ** Math.floor(Math.log10(raw)), part = raw / power;
  return (part <= 1.001 ? 1 : part <= 2.001 ? 2 : part <= 5.001 ? 5 : 10) * power;
}

/** Multiples of a round step within a range, ends included. */
export function linearTicks(low: number, high: number, count: number, wholeOnly = false): number[] {
  const step = wholeOnly ? Math.max(1, niceStep(high - low, count)) : niceStep(high - low, count);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten within a range, at most about `count`; with 2 and 5 times them where there is room, and never less than two ticks. */
export function logTicks(low: number, high: number, count: number): number[] {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const powers = (every: number, factors: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let power = first; power <= last; power++) if (power % every === 0) for (const factor of factors) ticks.push(Number(`${factor}e${power}`));
    return ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
  };
  if (3 * Math.log10(high / low) <= 1.5 * count) {
    const fine = powers(1, [1, 2, 5]);
    if (fine.length > 1) return fine;
  }
  for (let every = Math.max(1, Math.ceil((last - first) / Math.max(1, count))); every > 0; every--) {
    const coarse = powers(every, [1]);
    if (coarse.length > 1) return coarse;
  }
  // Within less than a decade that holds no such number: about the two ends.
  return [low, high].map((end) => Number(end.toPrecision(2))).filter((tick, i, all) => i === 0 || tick !== all[0]);
}

/** A number in few characters: `0.05`, `12`, `3.5e-7`, `20k`. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (size >= 1e6 || size < 1e-4) return value.toExponential(Number.isInteger(Math.log10(size)) ? 0 : 1).replace('e+', 'e').replace('.0e', 'e');
  if (size >= 1e4) return `${Number((value / 1000).toPrecision(4))}k`;
  return String(Number(value.toPrecision(6)));
}

/** A range that holds all finite values, widened to round numbers; never empty. */
export function niceRange(values: Iterable<number>, count: number): [low: number, high: number] {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  if (low === high) return [low - (Math.abs(low) || 1) * 0.5, high + (Math.abs(high) || 1) * 0.5];
  // A curve that comes near 0 reads better from 0 on.
  if (low > 0 && low < 0.35 * high) low = 0;
  const step = niceStep(high - low, count);
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

/** `low` at place `from`, `high` at place `to`. */
export function linearAxis(low: number, high: number, from: number, to: number, count: number, wholeOnly = false): Axis {
  return { ticks: linearTicks(low, high, count, wholeOnly), at: (value) => from + ((value - low) / (high - low)) * (to - from), label: formatTick };
}

/** The same by logarithms; both ends must be above 0. */
export function logAxis(low: number, high: number, from: number, to: number, count: number): Axis {
  const first = Math.log(low), last = Math.log(high);
  return {
    ticks: logTicks(low, high, count), label: formatTick,
    at: (value) => (value > 0 ? from + ((Math.log(value) - first) / (last - first)) * (to - from) : Number.NaN),
  };
}

/** The range of a logarithmic axis over the positive ones of `values`: at least a factor of two. */
export function logRange(values: Iterable<number>): [low: number, high: number] {
  let low = Infinity, high = 0;
  for (const value of values) {
    if (!(value > 0 && value < Infinity)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (high === 0) return [0.1, 1];
  if (high < 2 * low) return [low / Math.SQRT2, high * Math.SQRT2];
  const margin = (high / low) ** 0.03;
  return [low / margin, high * margin];
}
