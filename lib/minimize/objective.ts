// What is minimized: a function of many variables with its gradient, evaluated at once or asynchronously.
import { OptionError, ShapeError } from '../errors.ts';
import { describe, nonNegativeNumber, positiveInteger } from '../options.ts';

/** Value and gradient at a point. NaN and infinities are allowed: the search then takes shorter steps. */
export interface Evaluation {
  readonly value: number;
  /** ∂f/∂x, of the objective's size. Read before the next evaluation, so that an objective may use one array over and over. */
  readonly gradient: Float64Array;
}

/** A function f of `size` variables. The same point must always give the same value. */
export interface Objective {
  /** Number of variables. */
  readonly size: number;
  /**
   * Relative rounding error of a value (default 2⁻⁵², double precision; 2⁻²³ where values are computed in single). Decreases
   * below it are not asked of the line search.
   */
  readonly precision?: number;
  /** Evaluates at `x`, which is the minimizer's own memory: it is overwritten later and must not be written to. */
  evaluate(x: Float64Array): Evaluation | Promise<Evaluation>;
}

/** Relative rounding error of an objective's values. */
export function precisionOf(objective: Objective): number {
  return objective.precision ?? 2 ** -52;
}

/** Refuses what is not an objective. */
export function checkObjective(where: string, objective: Objective): void {
  if (typeof objective !== 'object' || objective === null || typeof objective.evaluate !== 'function') {
    throw new OptionError(`[${where}] expected 'objective' to be an object with size and evaluate but received ${describe(objective)}`);
  }
  positiveInteger(where, 'objective.size', objective.size);
  nonNegativeNumber(where, 'objective.precision', precisionOf(objective));
}

/** Refuses an evaluation that lacks a part or is of the wrong length. */
export function checkEvaluation(where: string, { value, gradient }: Evaluation, size: number): void {
  if (typeof value !== 'number') throw new OptionError(`[${where}] expected the objective's value to be a number but received ${describe(value)}`);
  if (!(gradient instanceof Float64Array)) throw new OptionError(`[${where}] expected the objective's gradient to be a Float64Array but received ${describe(gradient)}`);
  if (gradient.length !== size) throw new ShapeError(`[${where}] expected a gradient of length ${size} but received ${describe(gradient)}`);
}
