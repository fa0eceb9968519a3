// What probabilities are worth: log loss, Brier score and calibration.

/** A bin of predictions by their confidence, the probability of the class that was predicted. */
export interface CalibrationBin {
  /** Confidences of the bin: above `from`, up to `to`. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean confidence, and share of predictions that are right; NaN in an empty bin. */
  readonly confidence: number;
  readonly accuracy: number;
}

export interface Probabilistic {
  /** −(1/n) Σ ln p of the right class. Probabilities count as 2⁻⁵² away from 0 and 1 at least. */
  readonly logLoss: number;
  /** Of two classes (1/n) Σ (p − y)², of more the sum of that over the classes (Brier 1950). */
  readonly brierScore: number;
  readonly calibration: readonly CalibrationBin[];
  /** Σ (n_b / n) |accuracy − confidence| over the bins (Guo, Pleiss, Sun, Weinberger 2017). */
  readonly calibrationError: number;
}

const leastProbability = 2 ** -52;

/** @param probability Of a class in a row. */
export function probabilistic(labels: Int32Array, predicted: Int32Array, classes: number, probability: (row: number, label: number) => number, bins: number): Probabilistic {
  const rows = labels.length, counts = new Float64Array(bins), confidences = new Float64Array(bins), rights = new Float64Array(bins);
  let logs = 0, squares = 0;
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!, guess = predicted[row]!, confidence = probability(row, guess);
    logs -= Math.log(Math.min(Math.max(probability(row, label), leastProbability), 1 - leastProbability));
    for (let k = classes === 2 ? 1 : 0; k < classes; k++) squares += (probability(row, k) - Number(k === label)) ** 2;
    let bin = 0;
    while (bin < bins - 1 && (bin + 1) * (1 / bins) < confidence) bin++;
    counts[bin]!++;
    confidences[bin]! += confidence;
    rights[bin]! += Number(label === guess);
  }
  const calibration = Array.from(counts, (count, b): CalibrationBin => ({
    from: b / bins, to: (b + 1) / bins, count, confidence: confidences[b]! / count, accuracy: rights[b]! / count,
  }));
  const calibrationError = calibration.reduce((so, { count, accuracy, confidence }) => (count === 0 ? so : so + (count / rows) * Math.abs(accuracy - confidence)), 0);
  return { logLoss: logs / rows, brierScore: squares / rows, calibration, calibrationError };
}
