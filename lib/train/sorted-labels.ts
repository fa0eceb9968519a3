// The warning about labels that come sorted by class in a run that does not shuffle.
import type { Columns, Dataset } from '../data/dataset.ts';
import type { TargetKind } from './losses/loss.ts';

/** Runs of equal labels have to be this much fewer than random order would give before anything is said. */
const suspicious = 4;

/** Data that were warned of: a second run over them says nothing new. */
const known = new WeakSet<Columns>();

/** The class of a row: its label, 0 or 1 of a single column, the place of the 1 in a one-hot row; undefined for anything else. */
function classOf({ data, width, scale, shift }: Columns, row: number, kind: TargetKind['kind']): number | undefined {
  if (kind === 'labels') return data[row]! * scale + shift;
  let found: number | undefined;
  for (let column = 0; column < width; column++) {
    const value = data[row * width + column]! * scale + shift;
    if (value !== 0 && value !== 1) return undefined;
    if (width === 1) return value;
    if (value === 1 && found !== undefined) return undefined;
    if (value === 1) found = column;
  }
  return found;
}

/** Numbers of examples by class, and runs of equal classes in the order of the data; undefined unless each example has one class. */
export function labelRuns({ targets, index, length }: Pick<Dataset, 'targets' | 'index' | 'length'>, kind: TargetKind['kind']): { counts: number[]; runs: number } | undefined {
  if (kind === 'numbers') return undefined;
  const counts = new Map<number, number>();
  let runs = 0, last: number | undefined;
  for (let position = 0; position < length; position++) {
    const label = classOf(targets, index === null ? position : index[position]!, kind);
    if (label === undefined) return undefined;
    counts.set(label, (counts.get(label) ?? 0) + 1);
    if (label !== last) runs++;
    last = label;
  }
  return { counts: [...counts.values()], runs };
}

/**
 * Emits a warning (`process.emitWarning`, code `DENSELY_SORTED_LABELS`), once for a data set, where its labels come in runs so long
 * that most minibatches hold one class: runs of a minibatch or more on average, and at most a quarter as many as the
 * 1 + (n² − Σ nᵢ²) / n that random order would give (Wald and Wolfowitz 1940).
 */
export function warnOfSortedLabels(data: Dataset, { kind }: TargetKind, batchSize: number): void {
  if (known.has(data.targets)) return;
  const found = labelRuns(data, kind);
  if (found === undefined || found.counts.length < 2) return;
  const { counts, runs } = found, { length } = data;
  const expected = 1 + (length ** 2 - counts.reduce((total, count) => total + count ** 2, 0)) / length;
  if (runs * batchSize > length || runs * suspicious > expected) return;
  known.add(data.targets);
  process.emitWarning(
    `[fit] the labels come sorted: ${length} examples of ${counts.length} classes in ${runs} runs, and 'shuffle' is false, so that most minibatches hold one class; leave out 'shuffle: false', or shuffle the data`,
    { type: 'DenselyWarning', code: 'DENSELY_SORTED_LABELS' },
  );
}
