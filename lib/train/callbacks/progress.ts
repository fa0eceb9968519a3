// A progress bar: a line that is redrawn on a terminal, a line that stays for every epoch, there and everywhere else.
import { checkOptions, invalid, positiveInteger } from '../../options.ts';
import type { Evaluation } from '../history.ts';
import type { Callback, Progress } from './callback.ts';
import { doneShare, epochLine, progressLine, type Pace } from './progress-line.ts';

/** Where a progress bar is written, such as `process.stderr`. */
export interface ProgressStream {
  /** Takes a piece of text; what it returns is not looked at. */
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Characters of a line (80 where it is not known). */
  readonly columns?: number | undefined;
  /** Whether colours can be shown; those of Node's streams heed `NO_COLOR`. */
  hasColors?(): boolean;
}

/** Options of `progressBar`. */
export interface ProgressBarOptions {
  /** Default `process.stderr`. */
  readonly stream?: ProgressStream;
  /** A line stays for every so many epochs, and for the last one (default 1). */
  readonly every?: number;
}

/** Milliseconds between two drawings. */
const drawTime = 100;
/** Share of the newest measurement in the rate shown. */
const rateShare = 0.3;

/** How fast a run goes, measured from one drawing to the next. */
class PaceMeter {
  private start: { share: number; time: number } | undefined;
  private last: { examples: number; seconds: number } | undefined;
  private rate: number | undefined;

  /** @param isNew Whether the run begins at its beginning, now. */
  constructor(isNew: boolean) {
    if (!isNew) return;
    this.start = { share: 0, time: performance.now() };
    this.last = { examples: 0, seconds: 0 };
  }

  at(progress: Progress): Pace {
    const { examples, seconds } = progress, share = doneShare(progress), time = performance.now();
    this.start ??= { share, time };
    if (this.last !== undefined && seconds > this.last.seconds && examples > this.last.examples) {
      const newest = (examples - this.last.examples) / (seconds - this.last.seconds);
      this.rate = this.rate === undefined ? newest : this.rate + rateShare * (newest - this.rate);
    }
    this.last = { examples, seconds };
    const gained = share - this.start.share;
    return { rate: this.rate, left: gained > 0 ? ((time - this.start.time) / 1000) * ((1 - share) / gained) : undefined };
  }
}

/** Lines that stay, and one below them that is drawn anew. */
class Screen {
  private readonly stream: ProgressStream;
  private kept = '';
  /** Characters of the line that is drawn now. */
  private drawn = 0;

  constructor(stream: ProgressStream) {
    this.stream = stream;
  }

  get columns(): number {
    return this.stream.columns || 80;
  }

  keep(line: string): void {
    this.kept += `${line}\n`;
  }

  /** Lines kept since the last time, and the line below them. */
  draw(progress: Progress, pace: Pace, last: Evaluation | undefined): void {
    const { done, rest, text } = progressLine(progress, pace, last, this.columns - 1);
    const bar = this.stream.hasColors?.() === true ? `\x1b[36m${done}\x1b[39m\x1b[2m${rest}\x1b[22m` : done + rest;
    this.write(`${bar}${text}`, done.length + rest.length + text.length);
  }

  /** Leaves the lines kept, and takes the one below them away. */
  close(): void {
    this.write('', 0);
  }

  private write(line: string, length: number): void {
    // In a terminal that has become narrower the line drawn last takes several.
    const above = Math.floor(Math.max(this.drawn - 1, 0) / this.columns);
    const text = `${this.drawn === 0 ? '' : `${above > 0 ? `\x1b[${above}A` : ''}\r\x1b[J`}${this.kept}${line}`;
    this.kept = '';
    this.drawn = length;
    if (text !== '') this.stream.write(text);
  }
}

/**
 * Shows how a run goes on: on a terminal a bar over all epochs with step, examples per second, loss, metrics and the time left,
 * redrawn at most ten times a second, and a line that stays for every epoch; elsewhere those lines alone.
 *
 * @example await network.fit(train, { epochs: 20, validation: test, callbacks: [progressBar()] });
 */
export function progressBar(options: ProgressBarOptions = {}): Callback {
  checkOptions('progressBar', options, ['stream', 'every']);
  const stream: ProgressStream = options.stream ?? process.stderr, every = positiveInteger('progressBar', 'every', options.every ?? 1);
  if (typeof stream?.write !== 'function') throw invalid('progressBar', 'stream', 'a stream to write to', stream);
  const isTerminal = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  let epochBegan = 0, drawn = -Infinity, pace = new PaceMeter(true), screen = new Screen(stream);
  let last: Evaluation | undefined, progress: Progress | undefined, stepsPerEpoch = NaN, skipped: string | undefined;
  const keep = (line: string): void => {
    if (isTerminal) screen.keep(line);
    else stream.write(`${line}\n`);
  };
  return {
    onBegin({ records }) {
      [epochBegan, drawn, last, progress, stepsPerEpoch, skipped] = [performance.now(), -Infinity, records.at(-1), undefined, NaN, undefined];
      [pace, screen] = [new PaceMeter(records.length === 0), new Screen(stream)];
    },
    onEpoch(record, { epochs }) {
      const now = performance.now(), line = epochLine(record, epochs, (now - epochBegan) / 1000, isTerminal ? screen.columns : undefined);
      [epochBegan, last] = [now, record];
      skipped = record.epoch % every !== 0 && record.epoch !== epochs ? line : undefined;
      if (skipped === undefined) keep(line);
    },
    onPause(given) {
      // Of batches that come one after the other, the epoch before tells how many there are.
      if (!Number.isNaN(given.stepsPerEpoch)) stepsPerEpoch = given.stepsPerEpoch;
      const now: Progress = { ...given, stepsPerEpoch };
      progress = now;
      if (!isTerminal || performance.now() - drawn < drawTime || now.epoch === now.epochs) return;
      screen.draw(now, pace.at(now), last);
      drawn = performance.now();
    },
    onEnd() {
      // The last epoch of a run that was ended before its time, and how far the next one came.
      if (skipped !== undefined) keep(skipped);
      if (!isTerminal) return;
      if (progress !== undefined && progress.step > 0) keep(progressLine(progress, { ...pace.at(progress), left: undefined }, last, screen.columns - 1).text.trimStart());
      screen.close();
    },
  };
}
