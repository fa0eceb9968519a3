// What a progress bar says: the line of a run at work, cut to the width of the terminal, and the line that an epoch leaves.
import type { EpochRecord, Evaluation } from '../history.ts';
import type { Progress } from './callback.ts';

/** A measure in at most 8 characters, mostly 6, so that lines stand below each other. */
export function formatMeasure(value: number): string {
  const size = Math.abs(value);
  return !Number.isFinite(value) || value === 0 || (size >= 0.01 && size < 1e4) ? value.toFixed(4) : value.toExponential(2);
}

/** Seconds as people read them: `0.3 s`, `42 s`, `3:07`, `1:02:09`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds), two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${two(whole % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

function formatRate(rate: number): string {
  return `${rate >= 100 ? Math.round(Number(rate.toPrecision(3))).toLocaleString('en-US') : rate.toPrecision(2)} examples/s`;
}

/** Loss and metrics of the whole network by name. */
function measuresOf(evaluation: Evaluation): [name: string, value: number][] {
  return Object.entries(evaluation).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[0] !== 'epoch' && entry[0] !== 'learningRate');
}

const written = (evaluation: Evaluation): string[] => measuresOf(evaluation).map(([name, value]) => `${name} ${formatMeasure(value)}`);

const epochOf = (epoch: number, epochs: number): string => `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;

/** A piece of a line; those of the highest rank are left out first. */
interface Part { readonly text: string; readonly rank: number }

const lengthOf = (parts: readonly Part[]): number => parts.reduce((so, { text }) => so + text.length + 2, -2);

/** The parts that fit into `width` characters: always the first of the lowest rank. */
function fitted(parts: readonly Part[], width: number): Part[] {
  const kept = [...parts];
  while (kept.length > 1 && lengthOf(kept) > width) kept.splice(kept.findIndex(({ rank }) => rank === Math.max(...kept.map((part) => part.rank))), 1);
  return kept;
}

/** `epoch  3/20  loss 0.2519  accuracy 0.9310  validation loss 0.3001  accuracy 0.9222  1.3 s`, or as much of it as has room. */
export function epochLine(record: EpochRecord, epochs: number, seconds: number, width = Infinity): string {
  const parts = [
    { text: epochOf(record.epoch, epochs), rank: 0 }, ...written(record).map((text, i) => ({ text, rank: i === 0 ? 1 : 20 + i })),
    ...(record.validation === undefined ? [] : written(record.validation)).map((text, i) => ({ text: i === 0 ? `validation ${text}` : text, rank: 2 + i })),
    { text: formatSeconds(seconds), rank: Infinity },
  ];
  return fitted(parts, width).map(({ text }) => text).join('  ').slice(0, width);
}

const stepOf = (step: number, steps: number): string => (Number.isNaN(steps) ? String(step) : `${String(step).padStart(String(steps).length)}/${steps}`);

/** What the line of a run at work tells beside its progress; undefined where it is not known yet. */
export interface Pace {
  /** Examples a second. */
  readonly rate: number | undefined;
  /** Seconds left. */
  readonly left: number | undefined;
}

/** A line in the pieces that colours tell apart. */
export interface ProgressLine { readonly done: string; readonly rest: string; readonly text: string }

const leastBar = 8, longestBar = 40;

/** The share of a run that is done; epochs whose length nobody knows count once they are over. */
export function doneShare({ epoch, epochs, step, stepsPerEpoch }: Progress): number {
  return Math.min(1, (epoch + (Number.isNaN(stepsPerEpoch) ? 0 : Math.min(1, step / stepsPerEpoch))) / epochs);
}

/** The line of a run at work in at most `width` characters: the bar is shortened first, then what matters least is left out. */
export function progressLine(progress: Progress, { rate, left }: Pace, last: Evaluation | undefined, width: number): ProgressLine {
  const { epoch, epochs, step, stepsPerEpoch } = progress, measures = progress.measures ?? last;
  const [loss, ...metrics] = measures === undefined ? [] : written(measures), share = doneShare(progress);
  const parts = fitted([
    { text: `${String(Math.floor(100 * share)).padStart(3)} %`, rank: 1 },
    { text: epochOf(Math.min(epoch + 1, epochs), epochs), rank: 0 },
    ...(stepsPerEpoch === 1 ? [] : [{ text: `step ${stepOf(step, stepsPerEpoch)}`, rank: 4 }]),
    ...(rate === undefined ? [] : [{ text: formatRate(rate), rank: 5 }]),
    ...(loss === undefined ? [] : [{ text: loss, rank: 2 }]),
    ...metrics.map((text, i) => ({ text, rank: 6 + i })),
    ...(left === undefined ? [] : [{ text: `${formatSeconds(left)} left`, rank: 3 }]),
  ], width - leastBar - 2);
  const bar = Math.min(longestBar, width - lengthOf(parts) - 2), text = parts.map((part) => part.text).join('  ');
  if (bar < leastBar) return { done: '', rest: '', text: text.slice(0, width) };
  const full = Math.floor(share * bar);
  return { done: '━'.repeat(full), rest: '─'.repeat(bar - full), text: `  ${text}` };
}
