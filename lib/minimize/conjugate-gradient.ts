// Nonlinear conjugate gradients: Polak and Ribière's β, never negative, with automatic restarts.
import { checkWolfe, type Directions, type MinimizerSpec, type MinimizerType, type Point, type WolfeOptions } from './minimizer.ts';
import { addScaled, dot, writeScaled } from './vector.ts';

/** Options of `conjugateGradient`; defaults are those of SciPy's CG: `sufficientDecrease` 1e-4, `curvature` 0.4. */
export type ConjugateGradientOptions = WolfeOptions;

/** Least share of |g|² that a direction has to descend by; below it comes a restart. */
const leastDescent = 0.01;

class ConjugateDirections implements Directions {
  private readonly previous: Float64Array;
  private beta = 0;
  private valueBefore = NaN;

  constructor(size: number) {
    this.previous = new Float64Array(size);
  }

  /** −g + β p, or −g where that does not descend enough. */
  write(direction: Float64Array, { gradient }: Point): void {
    writeScaled(direction, -1, gradient);
    if (this.beta > 0) addScaled(direction, this.beta, this.previous);
    if (!(dot(direction, gradient) <= -leastDescent * dot(gradient, gradient))) {
      this.beta = 0;
      writeScaled(direction, -1, gradient);
    }
    this.previous.set(direction);
  }

  /**
   * The minimum of a parabola that has the slope, and falls by 1.01 times as much as the last step fell (Nocedal and Wright 2006,
   * 3.60). It is not cut at 1 as for Newton's methods: conjugate directions have no natural length.
   */
  firstStep({ value, gradient }: Point, slope: number): number {
    const norm = Math.sqrt(dot(gradient, gradient));
    const decrease = Number.isNaN(this.valueBefore) ? norm / 2 : this.valueBefore - value;
    return (1.01 * 2 * decrease) / -slope || 1 / norm;
  }

  learn(before: Point, after: Point): void {
    const numerator = dot(after.gradient, after.gradient) - dot(after.gradient, before.gradient);
    this.beta = Math.max(0, numerator / dot(before.gradient, before.gradient));
    this.valueBefore = before.value;
  }

  forget(): boolean {
    const known = this.beta > 0;
    this.beta = 0;
    return known;
  }
}

export const conjugateGradientType: MinimizerType = {
  type: 'conjugateGradient',
  doc: 'p = −g + βp with β = max(0, gᵀ(g − g₋)/g₋ᵀg₋) (Nocedal and Wright 2006, section 5.2, PR+)',
  check: (options) => ({ type: 'conjugateGradient', options: { ...checkWolfe('conjugateGradient', options, { sufficientDecrease: 1e-4, curvature: 0.4 }) } }),
  intervalTolerance: 1e-14,
  limits: (size) => ({ maxIterations: 200 * size, maxEvaluations: Infinity, valueTolerance: 0 }),
  begin: (size) => new ConjugateDirections(size),
};

/**
 * Conjugate gradients with a line search for the strong Wolfe conditions: three vectors of memory. Restarts along the steepest
 * descent wherever β would be negative or the direction does not descend.
 */
export function conjugateGradient(options: ConjugateGradientOptions = {}): MinimizerSpec {
  return conjugateGradientType.check({ ...options });
}
