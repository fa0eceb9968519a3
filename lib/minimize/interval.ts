// The interval of a line search and its next trial step, by safeguarded cubic and quadratic interpolation.

/** A step along the line, with the function's value and its slope there. */
export interface LinePoint {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

export function isFinitePoint({ value, slope }: LinePoint): boolean {
  return Number.isFinite(value) && Number.isFinite(slope);
}

/** The best point so far, the other end, and whether a minimum is known to lie between them. */
export interface Interval {
  readonly best: LinePoint;
  readonly other: LinePoint;
  readonly bracketed: boolean;
}

/** Most of the way from a trial to the other end that one step of a bracketed search goes. */
const longestPart = 0.66;

/** The stationary point of the cubic through both points that is its minimum, as a share of the way between them. */
function cubicMinimum(from: LinePoint, to: LinePoint): { share: number; step: number; exists: boolean } {
  const theta = (3 * (from.value - to.value)) / (to.step - from.step) + from.slope + to.slope;
  // Scaled, so that squares of extreme slopes do not overflow.
  const size = Math.max(Math.abs(theta), Math.abs(from.slope), Math.abs(to.slope));
  const root = size * Math.sqrt(Math.max(0, (theta / size) ** 2 - (from.slope / size) * (to.slope / size)));
  const gamma = to.step < from.step ? -root : root;
  const share = (gamma - from.slope + theta) / (gamma - from.slope + gamma + to.slope);
  return { share, step: from.step + share * (to.step - from.step), exists: gamma !== 0 };
}

/** The minimum of the parabola through both values with the slope of the first. */
function quadraticMinimum(from: LinePoint, to: LinePoint): number {
  const width = to.step - from.step;
  return from.step + (from.slope / ((from.value - to.value) / width + from.slope) / 2) * width;
}

/** Where the slope vanishes, if it is linear between both points. */
function secantRoot(from: LinePoint, to: LinePoint): number {
  return to.step + (to.slope / (to.slope - from.slope)) * (from.step - to.step);
}

/** The case of a falling slope of the same sign: the cubic may have no minimum beyond the trial. */
function stepBeyond({ best, other, bracketed }: Interval, trial: LinePoint, least: number, most: number): number {
  const cubic = cubicMinimum(trial, best), quadratic = secantRoot(best, trial);
  const end = trial.step > best.step ? most : least;
  const cubicStep = cubic.share < 0 && cubic.exists ? cubic.step : end;
  const cubicIsNearer = Math.abs(cubicStep - trial.step) < Math.abs(quadratic - trial.step);
  if (!bracketed) return Math.min(Math.max(cubicIsNearer ? quadratic : cubicStep, least), most);
  const step = cubicIsNearer ? cubicStep : quadratic, bound = trial.step + longestPart * (other.step - trial.step);
  return trial.step > best.step ? Math.min(step, bound) : Math.max(step, bound);
}

/**
 * Takes a trial into the interval and gives the next trial step, between `least` and `most`: the four cases of section 4 of
 * J. J. Moré and D. J. Thuente, Line search algorithms with guaranteed sufficient decrease, ACM TOMS 20 (1994).
 */
export function takeTrial(interval: Interval, trial: LinePoint, least: number, most: number): { interval: Interval; step: number } {
  const { best, other, bracketed } = interval;
  if (trial.value > best.value) {
    const cubic = cubicMinimum(best, trial).step, quadratic = quadraticMinimum(best, trial);
    const step = Math.abs(cubic - best.step) < Math.abs(quadratic - best.step) ? cubic : cubic + (quadratic - cubic) / 2;
    return { interval: { best, other: trial, bracketed: true }, step };
  }
  if (trial.slope * Math.sign(best.slope) < 0) {
    const cubic = cubicMinimum(trial, best).step, secant = secantRoot(best, trial);
    const step = Math.abs(cubic - trial.step) > Math.abs(secant - trial.step) ? cubic : secant;
    return { interval: { best: trial, other: best, bracketed: true }, step };
  }
  const next = { best: trial, other, bracketed };
  if (Math.abs(trial.slope) < Math.abs(best.slope)) return { interval: next, step: stepBeyond(interval, trial, least, most) };
  if (bracketed) return { interval: next, step: cubicMinimum(trial, other).step };
  return { interval: next, step: trial.step > best.step ? most : least };
}
