// A confusion matrix as text: true classes down, predicted classes across.

/** Counts of [true class][predicted class]. */
export function countConfusions(truth: readonly number[], predicted: readonly number[], classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  truth.forEach((label, i) => { counts[label]![predicted[i]!]! += 1; });
  return counts;
}

export function formatConfusions(counts: readonly (readonly number[])[]): string {
  const width = Math.max(2, ...counts.flat().map((count) => String(count).length)) + 1;
  const cell = (text: string | number): string => String(text).padStart(width);
  const head = `true \\ predicted${counts.map((_, c) => cell(c)).join('')}`;
  const lines = counts.map((row, c) => `${String(c).padStart(16)}${row.map((count) => cell(count === 0 ? '·' : count)).join('')}`);
  return [head, ...lines].join('\n');
}

/** Index of the largest of each row of `columns` values. */
export function largest(data: ArrayLike<number>, columns: number): number[] {
  return Array.from({ length: data.length / columns }, (_, row) => {
    let best = 0;
    for (let c = 1; c < columns; c++) if (data[row * columns + c]! > data[row * columns + best]!) best = c;
    return best;
  });
}
