// How well scores rank the examples of a class before the others: area under the ROC curve, and average precision.

/** Groups of equal scores, the highest first: examples of the class and others in each. */
function ranked(scores: Float64Array, isPositive: (row: number) => boolean): { positives: number; negatives: number }[] {
  const order = Uint32Array.from(scores, (_, row) => row).sort((a, b) => scores[b]! - scores[a]!);
  const groups: { positives: number; negatives: number }[] = [];
  let last = NaN;
  for (const row of order) {
    if (scores[row] !== last) groups.push({ positives: 0, negatives: 0 });
    last = scores[row]!;
    if (isPositive(row)) groups.at(-1)!.positives++;
    else groups.at(-1)!.negatives++;
  }
  return groups;
}

/** What ranking says of a class; undefined where every example is of the class, or none. */
export interface Ranking {
  /** Probability that an example of the class has a higher score than another one; equal scores count one half. (Hanley and McNeil 1982.) */
  readonly rocAuc: number;
  /** Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds, recall R and precision P. */
  readonly averagePrecision: number;
}

export function rankingOf(scores: Float64Array, isPositive: (row: number) => boolean): Ranking | undefined {
  const groups = ranked(scores, isPositive);
  let above = 0, others = 0, pairs = 0, precision = 0;
  for (const { positives, negatives } of groups) {
    pairs += negatives * (above + positives / 2);
    above += positives;
    others += negatives;
    precision += positives * (above / (above + others));
  }
  if (above === 0 || others === 0) return undefined;
  return { rocAuc: pairs / (above * others), averagePrecision: precision / above };
}
