// The benchmark's results: the JSON rows, and the tables people read.

import type { ChosenSettings } from './contestants.ts';

/** One case × contestant × threads: what the JSON file lists. */
export interface ResultRow {
  readonly case: string;
  readonly contestant: string;
  readonly threads: number;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Number of rounds measured. */
  readonly runs: number;
  /** The value of every round, in order. */
  readonly values: readonly number[];
  /** Median 99th percentile of the calls (inference). */
  readonly p99?: number;
  /** Processors that worked for other processes during the trials: the median round. */
  readonly others?: number;
  readonly lossBefore?: number;
  readonly lossAfter?: number;
  readonly settings?: ChosenSettings;
  readonly versions: Readonly<Record<string, string>>;
}

/** The fastest row of a contestant in a case, whatever its number of threads. */
export function best(rows: readonly ResultRow[], caseName: string, contestant: string): ResultRow | undefined {
  return rows.filter((row) => row.case === caseName && row.contestant === contestant)
    .reduce<ResultRow | undefined>((fastest, row) => (fastest === undefined || row.median < fastest.median ? row : fastest), undefined);
}

/** Three significant digits, and no exponent. */
export function digits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
}

/** Columns padded to the widest cell: the first column to the left, numbers to the right. */
export function table(lines: readonly (readonly string[])[]): string {
  const columns = Math.max(...lines.map((line) => line.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
    .join('  ').trimEnd()).join('\n');
}

/** The rows of one case, printed as soon as it is measured. */
export function caseTable(rows: readonly ResultRow[]): string {
  const first = rows[0];
  if (first === undefined) return '';
  return table([
    [`${first.case} (${first.unit})`, 'threads', 'median', 'min', 'max', 'rounds', 'others', 'settings'],
    ...rows.map((row) => [
      `  ${row.contestant}`, String(row.threads), digits(row.median), digits(row.min), digits(row.max), String(row.runs), row.others?.toFixed(2) ?? '',
      row.settings === undefined ? '' : Object.entries(row.settings.chosen).map(([name, value]) => `${name}=${value}`).join(' '),
    ]),
  ]);
}

/** One line a case: each contestant at its best number of threads, and how many times the peer's time each backend is faster. */
export function summary(rows: readonly ResultRow[], against = 'pytorch'): string {
  const caseNames = [...new Set(rows.map((row) => row.case))];
  const names = [...new Set(rows.map((row) => row.contestant))];
  const own = names.filter((name) => name !== against);
  const heading = ['case', 'unit', ...names.map((name) => `${name} (threads)`), ...(names.includes(against) ? own.map((name) => `${against} ÷ ${name}`) : [])];
  return table([heading, ...caseNames.map((caseName) => {
    const bests = new Map(names.map((name) => [name, best(rows, caseName, name)]));
    const peer = bests.get(against);
    return [
      caseName, rows.find((row) => row.case === caseName)!.unit,
      ...names.map((name) => { const row = bests.get(name); return row === undefined ? '-' : `${digits(row.median)} (${row.threads})`; }),
      ...(names.includes(against) ? own.map((name) => {
        const row = bests.get(name);
        return row === undefined || peer === undefined ? '-' : `${digits(peer.median / row.median)}×`;
      }) : []),
    ];
  })]);
}

/** Every version that took part, one a line. */
export function versionLines(rows: readonly ResultRow[]): string {
  const seen = new Map<string, Set<string>>();
  for (const row of rows) {
    for (const [name, version] of Object.entries(row.versions)) seen.set(name, (seen.get(name) ?? new Set()).add(version));
  }
  return [...seen].map(([name, versions]) => `${name}: ${[...versions].join('; ')}`).join('\n');
}
