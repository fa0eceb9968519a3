// minimize: directions of a minimizer, a line search along each, and the tests that end it.
import { DataError, ShapeError } from '../errors.ts';
import { checkOptions, describe, invalid, nonNegativeInteger, nonNegativeNumber, optionalFunction } from '../options.ts';
import { isFinitePoint, type LinePoint } from './interval.ts';
import { lbfgs } from './l-bfgs.ts';
import { searchLine, type LineSearchOptions, type LineSearchResult } from './line-search.ts';
import type { Directions, Limits, MinimizerSpec, Point } from './minimizer.ts';
import { checkEvaluation, checkObjective, precisionOf, type Objective } from './objective.ts';
import { checkMinimizer, minimizerType, type MinimizerName } from './registry.ts';
import type { Iteration, MinimizeReason, MinimizeResult } from './result.ts';
import { dot, maxNorm, writeSum } from './vector.ts';

/** Options of `minimize`. */
export interface MinimizeOptions {
  /** Default, as in SciPy: 15 000 for `lbfgs`, 200 times the number of variables for `conjugateGradient`. */
  readonly maxIterations?: number;
  /** Default, as in SciPy: 15 000 for `lbfgs`, no limit for `conjugateGradient`. The first evaluation is always made. */
  readonly maxEvaluations?: number;
  /** Ends where the largest |∂f/∂xᵢ| is at most this (default 1e-5). */
  readonly gradientTolerance?: number;
  /**
   * Ends after a step from f to f⁺ with f − f⁺ ≤ valueTolerance · max(|f|, |f⁺|, 1); 0 for no such test. Default, as in SciPy:
   * 2.2e-9 for `lbfgs`, 0 for `conjugateGradient`.
   */
  readonly valueTolerance?: number;
  /** Called, and awaited, after every iteration. Values never rise from one to the next. */
  readonly onIteration?: (iteration: Iteration) => void | Promise<void>;
  /** Ends the minimization after the evaluation in hand; the result then has the reason `aborted`. */
  readonly signal?: AbortSignal;
}

const optionNames = ['maxIterations', 'maxEvaluations', 'gradientTolerance', 'valueTolerance', 'onIteration', 'signal'] as const;

/** Time after which the event loop is let go on, in milliseconds: for objectives that are evaluated at once. */
const slice = 20;

/** Memory of a point, and where on the line it lies. */
interface Place extends Point {
  value: number;
  step: number;
}

interface Settings extends Limits {
  readonly gradientTolerance: number;
  readonly onIteration: MinimizeOptions['onIteration'];
  readonly signal: AbortSignal | undefined;
  readonly search: LineSearchOptions;
}

class Minimization {
  private readonly objective: Objective;
  private readonly directions: Directions;
  private readonly settings: Settings;
  private readonly direction: Float64Array;
  /** The point reached; the last trial of a line search; its lowest trial. */
  private current: Place;
  private trial: Place;
  private lowest: Place;
  private gradientNorm = NaN;
  private iterations = 0;
  private evaluations = 0;
  private yielded = performance.now();

  constructor(objective: Objective, start: Float64Array, directions: Directions, settings: Settings) {
    const place = (x: Float64Array): Place => ({ x, gradient: new Float64Array(objective.size), value: NaN, step: 0 });
    this.objective = objective;
    this.directions = directions;
    this.settings = settings;
    this.direction = new Float64Array(objective.size);
    this.current = place(start);
    this.trial = place(new Float64Array(objective.size));
    this.lowest = place(new Float64Array(objective.size));
  }

  async run(): Promise<MinimizeResult> {
    await this.evaluate(this.current);
    this.gradientNorm = maxNorm(this.current.gradient);
    let reason = Number.isFinite(this.current.value) && Number.isFinite(this.gradientNorm) ? this.ended(NaN) : 'nonFinite';
    while (reason === undefined) reason = await this.iterate();
    const { current: { x, value }, gradientNorm, iterations, evaluations } = this;
    return { x, value, gradientNorm, iterations, evaluations, converged: reason === 'gradient' || reason === 'value', reason };
  }

  /** Evaluates the objective at a place, into it. */
  private async evaluate(place: Place): Promise<void> {
    const evaluation = await this.objective.evaluate(place.x);
    checkEvaluation('minimize', evaluation, this.objective.size);
    place.value = evaluation.value;
    place.gradient.set(evaluation.gradient);
    this.evaluations++;
    if (performance.now() - this.yielded < slice) return;
    await new Promise((resolve) => { setImmediate(resolve); });
    this.yielded = performance.now();
  }

  /** Why no more may be evaluated, or undefined. */
  private stopped(): MinimizeReason | undefined {
    if (this.settings.signal?.aborted) return 'aborted';
    return this.evaluations >= this.settings.maxEvaluations ? 'maxEvaluations' : undefined;
  }

  /** Why the point reached is the last, or undefined; `decrease` is that of the last step, NaN before the first. */
  private ended(decrease: number): MinimizeReason | undefined {
    const { gradientTolerance, valueTolerance, maxIterations } = this.settings, { value } = this.current;
    if (this.gradientNorm <= gradientTolerance) return 'gradient';
    if (valueTolerance > 0 && decrease <= valueTolerance * Math.max(Math.abs(value), Math.abs(value + decrease), 1)) return 'value';
    return this.iterations >= maxIterations ? 'maxIterations' : this.stopped();
  }

  /** One step; where the direction gives none, the next is that of steepest descent. */
  private async iterate(): Promise<MinimizeReason | undefined> {
    const { current, directions, direction } = this;
    for (;;) {
      directions.write(direction, current);
      const { outcome, point, nonFinite } = await this.search(dot(direction, current.gradient));
      const reached = point.step === this.lowest.step ? this.lowest : this.trial;
      if (outcome !== 'failed' && point.step > 0 && this.isProgress(reached)) return this.accept(reached);
      if (outcome === 'stopped') return this.stopped();
      if (!directions.forget()) return nonFinite ? 'nonFinite' : 'precision';
    }
  }

  /** Searches along the direction; leaves the last and the lowest trial in their places. */
  private async search(slope: number): Promise<LineSearchResult> {
    const { current, settings } = this, start = { step: 0, value: current.value, slope };
    this.lowest.value = Infinity;
    if (!(slope < 0 && slope > -Infinity)) return { outcome: 'failed', point: start, nonFinite: !Number.isFinite(slope) };
    const evaluate = async (step: number): Promise<LinePoint | undefined> => {
      if (this.stopped() !== undefined) return undefined;
      const { trial, direction } = this;
      trial.step = step;
      writeSum(trial.x, current.x, step, direction);
      await this.evaluate(trial);
      const point = { step, value: trial.value, slope: dot(trial.gradient, direction) };
      if (isFinitePoint(point) && point.value < this.lowest.value) [this.trial, this.lowest] = [this.lowest, trial];
      return point;
    };
    return searchLine(start, this.directions.firstStep(current, slope), evaluate, settings.search, precisionOf(this.objective) * Math.abs(current.value));
  }

  /** Whether a point is lower than the point reached, or as low and flatter. */
  private isProgress(place: Place): boolean {
    return place.value < this.current.value || (place.value === this.current.value && maxNorm(place.gradient) < this.gradientNorm);
  }

  private async accept(reached: Place): Promise<MinimizeReason | undefined> {
    const before = this.current;
    this.directions.learn(before, reached);
    this.current = reached;
    if (reached === this.lowest) this.lowest = before;
    else this.trial = before;
    this.iterations++;
    this.gradientNorm = maxNorm(reached.gradient);
    const { iterations: iteration, gradientNorm, evaluations } = this;
    await this.settings.onIteration?.({ iteration, x: reached.x, value: reached.value, gradientNorm, evaluations });
    return this.ended(before.value - reached.value);
  }
}

/** A start as memory of the minimizer's own. */
function checkStart(start: ArrayLike<number>, size: number): Float64Array {
  if (typeof start !== 'object' || start === null || typeof start.length !== 'number') throw invalid('minimize', 'start', `${size} numbers`, start);
  if (start.length !== size) throw new ShapeError(`[minimize] expected 'start' to have ${size} numbers but received ${describe(start)}`);
  const bad = Array.from(start).findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new DataError(`[minimize] expected 'start' to be finite numbers but start[${bad}] is ${describe(start[bad])}`);
  return Float64Array.from(start);
}

/** Checks the options and fills in a minimizer's defaults. */
function settle(options: MinimizeOptions, method: MinimizerSpec, size: number): Settings {
  checkOptions('minimize', options, optionNames);
  const { intervalTolerance, limits } = minimizerType(method), defaults = limits(size);
  const count = (name: 'maxIterations' | 'maxEvaluations'): number => (options[name] === undefined ? defaults[name] : nonNegativeInteger('minimize', name, options[name]));
  return {
    maxIterations: count('maxIterations'),
    maxEvaluations: count('maxEvaluations'),
    valueTolerance: nonNegativeNumber('minimize', 'valueTolerance', options.valueTolerance ?? defaults.valueTolerance),
    gradientTolerance: nonNegativeNumber('minimize', 'gradientTolerance', options.gradientTolerance ?? 1e-5),
    onIteration: optionalFunction('minimize', 'onIteration', options.onIteration),
    signal: options.signal,
    search: {
      sufficientDecrease: Number(method.options['sufficientDecrease']),
      curvature: Number(method.options['curvature']),
      lineSearchEvaluations: Number(method.options['lineSearchEvaluations']),
      intervalTolerance,
    },
  };
}

/**
 * Minimizes a smooth function of many variables.
 * @param objective The function with its gradient.
 * @param start `objective.size` finite numbers; not changed.
 * @param method `lbfgs()` or `conjugateGradient()`, or its name.
 * @returns The best point reached, and why the run ended there; a run that was aborted or met NaN loses nothing. Rejects only with
 * what `evaluate` or `onIteration` throw.
 * @throws {OptionError} On unknown or impossible options, {ShapeError} on lengths that do not fit, {DataError} on a start that is not finite.
 */
export async function minimize(objective: Objective, start: ArrayLike<number>, method: MinimizerSpec | MinimizerName = lbfgs(), options: MinimizeOptions = {}): Promise<MinimizeResult> {
  checkObjective('minimize', objective);
  const first = checkStart(start, objective.size);
  const spec = checkMinimizer('minimize', method);
  const settings = settle(options, spec, objective.size);
  return new Minimization(objective, first, minimizerType(spec).begin(objective.size, spec.options), settings).run();
}
