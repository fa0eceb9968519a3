// The kind of a column by a sample of its cells.

import { isMissing, numberIn, nameIn, truthIn } from './cells.ts';
import type { ColumnKind } from './options.ts';

/** A kind, and why it was chosen. */
export interface Inference {
  readonly kind: ColumnKind;
  readonly reason: string;
}

/** Text with more different values than this, most of them unlike all others, names rows rather than groups of them. */
const MANY_NAMES = 100;

/**
 * Infers a kind: truth values where all cells are such words (0 and 1 are numbers), numbers where all cells are, else categories.
 * Ignored are columns without any cell, nested values, and text of which more than half is different.
 */
export function inferKind(cells: readonly unknown[], missing: ReadonlySet<string>): Inference {
  const there = cells.filter((cell) => !isMissing(cell, missing)), of = `${there.length} cells of the sample`;
  if (there.length === 0) return { kind: 'ignored', reason: `all ${cells.length} cells of the sample are missing` };
  if (there.every((cell) => !Number.isNaN(numberIn(cell)))) return { kind: 'numeric', reason: `numbers in ${of}` };
  if (there.every((cell) => truthIn(cell) !== null && Number.isNaN(numberIn(cell)))) return { kind: 'boolean', reason: `truth values in ${of}` };
  if (there.some((cell) => nameIn(cell) === null)) return { kind: 'ignored', reason: `nested values in ${of}` };
  const different = new Set(there.map(nameIn)).size;
  if (different > MANY_NAMES && different > there.length / 2) return { kind: 'ignored', reason: `text with ${different} different values in ${of}` };
  return { kind: 'categorical', reason: `text with ${different} different values in ${of}` };
}
