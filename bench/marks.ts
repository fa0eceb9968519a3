// The guard's marks: how many of the library's times go into plain OpenBLAS's, as committed, and what counts as a regression.

import { readFileSync, writeFileSync } from 'node:fs';
import type { ResultRow } from './report.ts';
import { digits } from './report.ts';
import { spread } from './statistics.ts';

export interface Marks {
  /** The share of a mark that a ratio may fall short by. */
  readonly tolerance: number;
  /** Other shares for single cases: steps of a microsecond differ more from run to run. */
  readonly tolerances: Readonly<Record<string, number>>;
  /** The processor they were measured on: on another one they are a hint at most. */
  readonly cpu: string;
  /** Plain OpenBLAS's time on one thread ÷ the library's on as many threads as suit it best. */
  readonly ratios: Readonly<Record<string, number>>;
}

const path = new URL('marks.json', import.meta.url);
export const defaultTolerance = 0.15;

export function readMarks(): Marks {
  return JSON.parse(readFileSync(path, 'utf8')) as Marks;
}

export function writeMarks(marks: Marks): void {
  writeFileSync(path, `${JSON.stringify(marks, null, 2)}\n`);
}

/**
 * The ratio of a case from its rows: in each round what was measured side by side, of the library's numbers of threads the faster; then
 * the median round. `undefined` where one of the two was not measured.
 */
export function ratioOf(rows: readonly ResultRow[]): number | undefined {
  const bound = rows.find(({ contestant }) => contestant === 'openblas'), own = rows.filter(({ contestant }) => contestant === 'native');
  if (bound === undefined || own.length === 0) return undefined;
  const rounds = Math.min(bound.values.length, ...own.map(({ values }) => values.length));
  return spread(Array.from({ length: rounds }, (_, round) => bound.values[round]! / Math.min(...own.map(({ values }) => values[round]!)))).median;
}

/** One sentence where a ratio falls short of its mark by more than the tolerance; `undefined` where it does not, or there is none. */
export function regression(caseName: string, ratio: number | undefined, { ratios, tolerance: common, tolerances }: Marks): string | undefined {
  const mark = ratios[caseName], tolerance = tolerances[caseName] ?? common;
  if (mark === undefined) return undefined;
  if (ratio === undefined || !Number.isFinite(ratio)) return `${caseName} could not be measured, and its mark is ${digits(mark)}`;
  const fall = 1 - ratio / mark;
  if (fall <= tolerance) return undefined;
  return `${caseName} regressed: plain OpenBLAS takes ${digits(ratio)} times the library's time, and the mark is ${digits(mark)} (${Math.round(100 * fall)} % less, ${Math.round(100 * tolerance)} % are tolerated)`;
}
