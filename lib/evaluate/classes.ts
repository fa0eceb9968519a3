// Labels and predictions of classes: what is given as numbers, rows of 0 and 1, probabilities or scores, made into labels.
import { Dataset } from '../data/dataset.ts';
import { DataError, ShapeError } from '../errors.ts';
import { describe, invalid } from '../options.ts';
import { checkRows, numbersOf, type Numbers, type Predictions, type Targets } from './table.ts';

/** Labels, predicted labels, and what the predictions rest on. */
export interface Classified {
  readonly labels: Int32Array;
  readonly predicted: Int32Array;
  readonly names: readonly string[];
  /** Score of a class in a row; undefined where only labels were predicted. */
  readonly score: ((row: number, label: number) => number) | undefined;
  /** Whether scores are probabilities. */
  readonly isProbable: boolean;
}

const where = 'classificationReport';
/** Most classes: the confusion matrix has a number for every two. */
const mostClasses = 4096;

function labelAt(value: number, row: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value >= mostClasses) {
    throw new DataError(`[${where}] expected ${what} to be whole numbers from 0 to ${mostClasses - 1} but received ${describe(value)} (row ${row})`);
  }
  return value;
}

/** Labels as they are, or as the place of the 1 in rows of 0 and 1. */
function labelsOf({ data, rows, width }: Numbers, what: string): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => {
    if (width === 1) return labelAt(data[row]!, row, what);
    const values = data.subarray(row * width, (row + 1) * width), label = values.indexOf(1);
    if (label < 0 || values.some((value, k) => k !== label && value !== 0)) {
      throw new DataError(`[${where}] expected ${what} to be rows of 0 with a single 1 but received others (row ${row})`);
    }
    return label;
  });
}

/** Rows of float32 probabilities add up to 1 about as nearly. */
const sumTolerance = 1e-3;

function areProbabilities({ data, rows, width }: Numbers): boolean {
  if (data.some((value) => value < 0 || value > 1)) return false;
  for (let row = 0; width > 1 && row < rows; row++) if (Math.abs(data.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0) - 1) > sumTolerance) return false;
  return true;
}

function namesOf(given: readonly string[] | null | undefined, count: number): readonly string[] {
  if (given === undefined || given === null) return Array.from({ length: count }, (_, k) => String(k));
  if (!Array.isArray(given) || given.some((name) => typeof name !== 'string')) throw invalid(where, 'classes', 'an array of names', given);
  if (given.length < count) throw new ShapeError(`[${where}] expected names of ${count} classes but received ${given.length}`);
  return given;
}

/** Labels and predictions made comparable. `threshold` is for one score a row. */
export function classify(targets: Targets, predictions: Predictions, classes: readonly string[] | undefined, threshold: number | undefined): Classified {
  const given = numbersOf(targets, where, 'labels'), table = numbersOf(predictions, where, 'predictions');
  checkRows(where, given, table, 'labels');
  const labels = labelsOf(given, 'labels'), most = labels.reduce((a, b) => Math.max(a, b), 0), { data, rows, width } = table;
  const known = classes ?? (targets instanceof Dataset ? targets.classes : undefined);
  if (table.isFlat && data.every(Number.isInteger)) {
    const predicted = labelsOf(table, 'predictions'), count = Math.max(most, predicted.reduce((a, b) => Math.max(a, b), 0)) + 1;
    return { labels, predicted, names: namesOf(known, Math.max(count, given.width)), score: undefined, isProbable: false };
  }
  const count = Math.max(width, 2), isProbable = areProbabilities(table);
  if (most >= count || (given.width > 1 && given.width !== count)) {
    throw new ShapeError(`[${where}] expected predictions of ${Math.max(most + 1, given.width)} classes but received ${width} columns`);
  }
  if (count > mostClasses) throw new ShapeError(`[${where}] expected at most ${mostClasses} classes but received ${count} columns`);
  const limit = threshold ?? (isProbable ? 0.5 : 0);
  const predicted = Int32Array.from({ length: rows }, (_, row) => {
    if (width === 1) return Number(data[row]! > limit);
    const values = data.subarray(row * width, (row + 1) * width);
    return values.indexOf(values.reduce((a, b) => Math.max(a, b), -Infinity));
  });
  const single = (row: number, label: number): number => (label === 1 ? data[row]! : isProbable ? 1 - data[row]! : -data[row]!);
  return { labels, predicted, names: namesOf(known, count), score: width === 1 ? single : (row, label) => data[row * width + label]!, isProbable };
}
