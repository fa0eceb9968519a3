// The learning rate in one cycle: up, down, and far down.
import { boolean, checkOptions, nonNegativeNumber, numberIn, oneOf, positiveInteger } from '../../options.ts';
import { checkPer, durationOf, timeOf, type Per } from './clock.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `oneCycle`; defaults are PyTorch's. */
export interface OneCycleOptions {
  /** The highest learning rate. */
  readonly maxRate: number;
  /** The rate begins with maxRate divided by this (default 25). */
  readonly divideStart?: number;
  /** The rate ends with its beginning divided by this (default 1e4). */
  readonly divideEnd?: number;
  /** Part of the cycle in which the rate rises (default 0.3). */
  readonly risingPart?: number;
  /** Default `'cosine'`. */
  readonly anneal?: 'cosine' | 'linear';
  /** Down to the beginning as long as up, then further down; else down in one go (default false). */
  readonly threePhase?: boolean;
  /** Steps or epochs of the cycle (default: the whole run). After them the rate stays as it is. */
  readonly over?: number;
  /** Default `'step'`. */
  readonly per?: Per;
}

const names = ['maxRate', 'divideStart', 'divideEnd', 'risingPart', 'anneal', 'threePhase', 'over', 'per'] as const;

const anneals = {
  cosine: (start: number, end: number, part: number) => end + ((start - end) / 2) * (Math.cos(Math.PI * part) + 1),
  linear: (start: number, end: number, part: number) => (end - start) * part + start,
};

/** Ends of the phases, with the rates there. The last value of a phase is the first of the next. */
function phasesOf(options: ScheduleSpec['options'], over: number): { end: number; rate: number }[] {
  const highest = Number(options['maxRate']), first = highest / Number(options['divideStart']), last = first / Number(options['divideEnd']);
  const rise = Number(options['risingPart']) * over;
  const down = options['threePhase'] === true ? [{ end: 2 * rise - 2, rate: first }] : [];
  return [{ end: 0, rate: first }, { end: rise - 1, rate: highest }, ...down, { end: over - 1, rate: last }];
}

export const oneCycleType: ScheduleType = {
  type: 'oneCycle',
  doc: 'from maxRate / divideStart up to maxRate in the first part of the run, then down to maxRate / (divideStart · divideEnd), along a cosine or straight (Smith and Topin 2018; PyTorch\'s OneCycleLR without its momentum)',
  check(options) {
    checkOptions('oneCycle', options, names);
    const threePhase = boolean('oneCycle', 'threePhase', options['threePhase'] ?? false);
    return {
      type: 'oneCycle',
      options: {
        maxRate: nonNegativeNumber('oneCycle', 'maxRate', options['maxRate']),
        divideStart: numberIn('oneCycle', 'divideStart', options['divideStart'] ?? 25, { from: 0, to: Infinity, openFrom: true, openTo: true }),
        divideEnd: numberIn('oneCycle', 'divideEnd', options['divideEnd'] ?? 1e4, { from: 0, to: Infinity, openFrom: true, openTo: true }),
        risingPart: numberIn('oneCycle', 'risingPart', options['risingPart'] ?? 0.3, { from: 0, to: threePhase ? 0.5 : 1 }),
        anneal: oneOf('oneCycle', 'anneal', options['anneal'] ?? 'cosine', ['cosine', 'linear']),
        threePhase,
        ...(options['over'] !== undefined && { over: positiveInteger('oneCycle', 'over', options['over']) }),
        per: checkPer('oneCycle', options['per'] ?? 'step'),
      },
    };
  },
  start: (options) => ({
    rate(moment) {
      const over = durationOf(options, moment), t = Math.min(timeOf(options, moment), over - 1), phases = phasesOf(options, over);
      const at = Math.max(1, phases.findIndex(({ end }, i) => i > 0 && (t <= end || i === phases.length - 1)));
      const { end: begin, rate: from } = phases[at - 1]!, { end, rate: to } = phases[at]!;
      return anneals[options['anneal'] as keyof typeof anneals](from, to, end > begin ? (t - begin) / (end - begin) : 1);
    },
  }),
};

/** One cycle of the learning rate, as PyTorch's OneCycleLR; momentum is left as it is. */
export function oneCycle(options: OneCycleOptions): ScheduleSpec {
  return oneCycleType.check({ ...options });
}
