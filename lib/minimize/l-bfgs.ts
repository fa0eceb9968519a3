// Limited-memory BFGS.
import { positiveInteger } from '../options.ts';
import { checkWolfe, type Directions, type MinimizerSpec, type MinimizerType, type Point, type WolfeOptions } from './minimizer.ts';
import { addScaled, dot, writeScaled, writeSum } from './vector.ts';

/** Options of `lbfgs`; defaults are those of SciPy's L-BFGS-B: `sufficientDecrease` 1e-3, `curvature` 0.9. */
export interface LbfgsOptions extends WolfeOptions {
  /** Number m of steps remembered (default 10): 2 (m + 1) vectors of the objective's size. */
  readonly memory?: number;
}

/** A step and the change of the gradient over it. */
interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  /** 1 / sᵀy */
  rho: number;
}

class LbfgsDirections implements Directions {
  private readonly size: number;
  private readonly memory: number;
  /** From the oldest to the newest. */
  private pairs: Pair[] = [];
  /** Memory of the next pair. */
  private spare: Pair | undefined;
  private first = true;

  constructor(size: number, memory: number) {
    this.size = size;
    this.memory = memory;
  }

  /** −H g by the two-loop recursion, with H₀ = sᵀy / yᵀy of the newest pair. */
  write(direction: Float64Array, { gradient }: Point): void {
    const { pairs } = this, newest = pairs.at(-1);
    writeScaled(direction, -1, gradient);
    if (newest === undefined) return;
    const alphas = pairs.map(() => 0);
    for (let i = pairs.length - 1; i >= 0; i--) {
      const { s, y, rho } = pairs[i]!;
      alphas[i] = rho * dot(s, direction);
      addScaled(direction, -alphas[i]!, y);
    }
    writeScaled(direction, 1 / (newest.rho * dot(newest.y, newest.y)), direction);
    pairs.forEach(({ s, y, rho }, i) => addScaled(direction, alphas[i]! - rho * dot(y, direction), s));
  }

  /** 1, the quasi-Newton step; of length 1 where nothing is known of the curvature. */
  firstStep({ gradient }: Point): number {
    if (this.pairs.length > 0) return 1;
    const step = 1 / Math.sqrt(dot(gradient, gradient));
    return this.first ? step : Math.min(1, step);
  }

  learn(before: Point, after: Point): void {
    const pair = (this.spare ??= { s: new Float64Array(this.size), y: new Float64Array(this.size), rho: 0 });
    writeSum(pair.s, after.x, -1, before.x);
    writeSum(pair.y, after.gradient, -1, before.gradient);
    this.first = false;
    const curvature = dot(pair.s, pair.y);
    // L-BFGS-B's condition for an update that keeps H positive definite.
    if (!(curvature > Number.EPSILON * -dot(pair.s, before.gradient))) return;
    pair.rho = 1 / curvature;
    this.pairs.push(pair);
    this.spare = this.pairs.length > this.memory ? this.pairs.shift() : undefined;
  }

  forget(): boolean {
    const known = this.pairs.length > 0;
    this.pairs = [];
    return known;
  }
}

export const lbfgsType: MinimizerType = {
  type: 'lbfgs',
  doc: 'p = −Hg with H of the last m steps (Nocedal and Wright 2006, algorithms 7.4 and 7.5)',
  check: (options) => ({
    type: 'lbfgs',
    options: { ...checkWolfe('lbfgs', options, { sufficientDecrease: 1e-3, curvature: 0.9 }, ['memory']), memory: positiveInteger('lbfgs', 'memory', options['memory'] ?? 10) },
  }),
  intervalTolerance: 0.1,
  limits: () => ({ maxIterations: 15_000, maxEvaluations: 15_000, valueTolerance: 1e7 * Number.EPSILON }),
  begin: (size, options) => new LbfgsDirections(size, Number(options['memory'])),
};

/** Limited-memory BFGS with a line search for the strong Wolfe conditions: the method of choice on smooth full-batch losses. */
export function lbfgs(options: LbfgsOptions = {}): MinimizerSpec {
  return lbfgsType.check({ ...options });
}
