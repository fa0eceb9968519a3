// What a minimizer is: a rule that gives directions of descent, and what its line search asks for.
import { OptionError } from '../errors.ts';
import { checkOptions, numberIn, positiveInteger } from '../options.ts';

/** A minimizer with its options: plain data. */
export interface MinimizerSpec {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Options of the line search of every minimizer. */
export interface WolfeOptions {
  /** c₁ of the strong Wolfe conditions, the sufficient decrease; in (0, 1) and below `curvature`. */
  readonly sufficientDecrease?: number;
  /** c₂ of the strong Wolfe conditions, how much flatter the line has to be at the step taken; in (0, 1). */
  readonly curvature?: number;
  /** Most evaluations of one line search (default 20). */
  readonly lineSearchEvaluations?: number;
}

/** A point with the function's value and gradient. */
export interface Point {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  readonly value: number;
}

/** The directions of one run. */
export interface Directions {
  /** Writes the direction at a point. */
  write(direction: Float64Array, at: Point): void;
  /** The first step of the line search from a point, where the slope along the direction is `slope`. */
  firstStep(at: Point, slope: number): number;
  /** Takes in the step from one point to the next. */
  learn(before: Point, after: Point): void;
  /** Forgets what was learnt, so that the next direction is that of steepest descent. False where there was nothing to forget. */
  forget(): boolean;
}

/** Limits of a run. */
export interface Limits {
  readonly maxIterations: number;
  readonly maxEvaluations: number;
  readonly valueTolerance: number;
}

/** A kind of minimizer. */
export interface MinimizerType {
  readonly type: string;
  readonly doc: string;
  check(options: Readonly<Record<string, unknown>>): MinimizerSpec;
  /** Share of its upper end at which a bracket of the line search is narrow enough. */
  readonly intervalTolerance: number;
  /** Default limits for `size` variables. */
  limits(size: number): Limits;
  begin(size: number, options: MinimizerSpec['options']): Directions;
}

const wolfeNames = ['sufficientDecrease', 'curvature', 'lineSearchEvaluations'] as const;

/** Checks the options of a line search, with the minimizer's own defaults, and the names of all options. */
export function checkWolfe(where: string, options: Readonly<Record<string, unknown>>, defaults: { sufficientDecrease: number; curvature: number }, names: readonly string[] = []): Required<WolfeOptions> {
  checkOptions(where, options, [...names, ...wolfeNames]);
  const inside = { from: 0, to: 1, openFrom: true, openTo: true };
  const sufficientDecrease = numberIn(where, 'sufficientDecrease', options['sufficientDecrease'] ?? defaults.sufficientDecrease, inside);
  const curvature = numberIn(where, 'curvature', options['curvature'] ?? defaults.curvature, inside);
  if (sufficientDecrease >= curvature) throw new OptionError(`[${where}] expected 'sufficientDecrease' to be below 'curvature' but received ${sufficientDecrease} and ${curvature}`);
  return { sufficientDecrease, curvature, lineSearchEvaluations: positiveInteger(where, 'lineSearchEvaluations', options['lineSearchEvaluations'] ?? 20) };
}
