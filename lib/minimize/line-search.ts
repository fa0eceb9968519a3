// Line search for the strong Wolfe conditions: Moré and Thuente 1994, with retreat from where the function is not finite.
import { isFinitePoint, takeTrial, type Interval, type LinePoint } from './interval.ts';

/** What a line search asks of a step. */
export interface LineSearchOptions {
  /** c₁ of f(x + αp) ≤ f(x) + c₁ α pᵀ∇f(x). */
  readonly sufficientDecrease: number;
  /** c₂ of |pᵀ∇f(x + αp)| ≤ c₂ |pᵀ∇f(x)|. */
  readonly curvature: number;
  /** The search ends where the bracket is narrower than this share of its upper end. */
  readonly intervalTolerance: number;
  /** Most evaluations of one search. */
  readonly lineSearchEvaluations: number;
}

/** How a search ended; `point` is the step to take. */
export interface LineSearchResult {
  /**
   * `wolfe`: the step satisfies the conditions. `lower`: it does not, but the value is lower than at the start. `failed`: no
   * lower value was found. `stopped`: `evaluate` gave no more points; `point` is the lowest of those before.
   */
  readonly outcome: 'wolfe' | 'lower' | 'failed' | 'stopped';
  readonly point: LinePoint;
  /** Whether NaN or an infinity was met. */
  readonly nonFinite: boolean;
}

/** Longest step, and bounds of the next trial of a search that has no bracket, as multiples of its last stride. */
const longestStep = 1e20, leastExtrapolation = 1.1, mostExtrapolation = 4;
/** A bracket that two trials have not shrunk to this share is halved. */
const expectedShrinking = 0.66;
/** Share of a step kept on retreat, where no point of the line is known to be finite but its start, and otherwise. */
const firstRetreat = 0.1, laterRetreat = 0.5;

/** The point without the part of the decrease that is asked for: the auxiliary function ψ of the paper, section 2. */
const withoutDecrease = ({ step, value, slope }: LinePoint, rate: number): LinePoint => ({ step, value: value - step * rate, slope: slope - rate });

class LineSearch {
  private readonly start: LinePoint;
  private readonly options: LineSearchOptions;
  private readonly noise: number;
  /** Slope of the line that sufficient decrease asks to stay below. */
  private readonly rate: number;
  private interval: Interval;
  private lowest: LinePoint;
  private step: number;
  private least = 0;
  private most: number;
  /** The shortest step beyond the best at which the function was not finite. */
  private limit = longestStep;
  private width = longestStep;
  private widthBefore = 2 * longestStep;
  private auxiliary = true;
  private nonFinite = false;

  constructor(start: LinePoint, first: number, options: LineSearchOptions, noise: number) {
    this.start = start;
    this.options = options;
    this.noise = noise;
    this.rate = options.sufficientDecrease * start.slope;
    this.interval = { best: start, other: start, bracketed: false };
    this.lowest = start;
    this.step = Math.min(first, longestStep);
    this.most = (1 + mostExtrapolation) * this.step;
  }

  async run(evaluate: (step: number) => Promise<LinePoint | undefined>): Promise<LineSearchResult> {
    for (let count = 0; count < this.options.lineSearchEvaluations; count++) {
      const trial = await evaluate(this.step);
      if (trial === undefined) return { outcome: 'stopped', point: this.lowest, nonFinite: this.nonFinite };
      if (!isFinitePoint(trial)) {
        this.retreat(trial);
        continue;
      }
      if (trial.value < this.lowest.value) this.lowest = trial;
      if (this.satisfies(trial)) return { outcome: 'wolfe', point: trial, nonFinite: this.nonFinite };
      if (trial.step >= longestStep) break;
      this.advance(trial);
      if (this.isExhausted()) break;
    }
    return { outcome: this.lowest.value < this.start.value ? 'lower' : 'failed', point: this.lowest, nonFinite: this.nonFinite };
  }

  private decreases({ step, value }: LinePoint): boolean {
    return value <= this.start.value + step * this.rate;
  }

  /** The strong Wolfe conditions; a decrease that rounding would hide is not asked for. */
  private satisfies(trial: LinePoint): boolean {
    const hidden = trial.value <= this.start.value && -trial.step * this.rate <= this.noise;
    return (this.decreases(trial) || hidden) && Math.abs(trial.slope) <= -this.options.curvature * this.start.slope;
  }

  /** Goes back towards the best point from a step at which the function is not finite. */
  private retreat({ step }: LinePoint): void {
    const { best, bracketed } = this.interval;
    this.nonFinite = true;
    if (!bracketed) this.limit = Math.min(this.limit, step);
    this.step = best.step + (best.step === 0 ? firstRetreat : laterRetreat) * (step - best.step);
    if (!bracketed) this.boundExtrapolation();
  }

  /** Bounds of the trial after the next, where there is no bracket. */
  private boundExtrapolation(): void {
    const stride = this.step - this.interval.best.step;
    this.least = this.step + leastExtrapolation * stride;
    this.most = Math.min(this.step + mostExtrapolation * stride, longestStep);
  }

  private advance(trial: LinePoint): void {
    if (this.auxiliary && this.decreases(trial) && trial.slope >= 0) this.auxiliary = false;
    this.step = this.auxiliary && trial.value <= this.interval.best.value && !this.decreases(trial) ? this.takeAuxiliary(trial) : this.take(trial);
    const { best, other, bracketed } = this.interval;
    if (bracketed) {
      const width = Math.abs(other.step - best.step);
      if (width >= expectedShrinking * this.widthBefore || !Number.isFinite(this.step)) this.step = best.step + (other.step - best.step) / 2;
      this.widthBefore = this.width;
      this.width = width;
      this.least = Math.min(best.step, other.step);
      this.most = Math.max(best.step, other.step);
      return;
    }
    this.step = Math.min(Number.isFinite(this.step) ? this.step : this.most, longestStep);
    if (this.step >= this.limit) this.step = best.step + laterRetreat * (this.limit - best.step);
    this.boundExtrapolation();
  }

  private take(trial: LinePoint): number {
    const { interval, step } = takeTrial(this.interval, trial, this.least, this.most);
    this.interval = interval;
    return step;
  }

  /** The same on the auxiliary function; the interval keeps the points of the function itself. */
  private takeAuxiliary(trial: LinePoint): number {
    const { best, other, bracketed } = this.interval;
    const originals = new Map<LinePoint, LinePoint>();
    const transform = (point: LinePoint): LinePoint => {
      const image = withoutDecrease(point, this.rate);
      originals.set(image, point);
      return image;
    };
    const { interval, step } = takeTrial({ best: transform(best), other: transform(other), bracketed }, transform(trial), this.least, this.most);
    this.interval = { best: originals.get(interval.best)!, other: originals.get(interval.other)!, bracketed: interval.bracketed };
    return step;
  }

  /** Whether the bracket is too narrow to go on. */
  private isExhausted(): boolean {
    if (!this.interval.bracketed) return false;
    return this.step <= this.least || this.step >= this.most || this.most - this.least <= this.options.intervalTolerance * this.most;
  }
}

/**
 * Looks for a step along a line that satisfies the strong Wolfe conditions.
 * @param start The line at step 0; its slope is negative.
 * @param first The first step tried.
 * @param evaluate Gives the point at a step, or undefined where the search has to stop.
 * @param noise Rounding error of values near the start's.
 */
export function searchLine(
  start: LinePoint, first: number, evaluate: (step: number) => Promise<LinePoint | undefined>, options: LineSearchOptions, noise: number,
): Promise<LineSearchResult> {
  return new LineSearch(start, first, options, noise).run(evaluate);
}
