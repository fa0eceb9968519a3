// What a minimization tells: after every iteration, and at its end.

/** Why a minimization ended. */
export type MinimizeReason =
  | 'gradient' // the largest |∂f/∂xᵢ| is at most gradientTolerance
  | 'value' // the last step lowered the value by no more than valueTolerance, relatively
  | 'precision' // no lower value can be found: rounding hides what descent is left, or the gradient is wrong
  | 'nonFinite' // the start, or whatever lies in the way of descent, is NaN or infinite
  | 'maxIterations'
  | 'maxEvaluations'
  | 'aborted'; // by the signal

/** An iteration: a direction and a step along it. */
export interface Iteration {
  /** Counted from 1. */
  readonly iteration: number;
  /** The point reached: the minimizer's own memory, valid until the next iteration. Copy it to keep it. */
  readonly x: Float64Array;
  readonly value: number;
  /** Largest |∂f/∂xᵢ|. */
  readonly gradientNorm: number;
  /** Evaluations so far. */
  readonly evaluations: number;
}

/** The best point found, and how. */
export interface MinimizeResult {
  readonly x: Float64Array;
  readonly value: number;
  /** Largest |∂f/∂xᵢ| at `x`. */
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly evaluations: number;
  /** Whether one of the tolerances was reached: the reason is `gradient` or `value`. */
  readonly converged: boolean;
  readonly reason: MinimizeReason;
}
