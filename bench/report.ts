// The benchmark's results: the JSON rows, and the tables people read.

import { cases, productGflop } from './cases.ts';
import type { ChosenSettings } from './contestant.ts';
import { peerNames } from './contestants.ts';

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

const titles: Readonly<Record<string, string>> = {
  native: 'Densely', pytorch: 'PyTorch', onnxruntime: 'ONNX Runtime', 'scikit-learn': 'scikit-learn', 'tfjs-wasm': 'TensorFlow.js (WebAssembly)',
  'tfjs-cpu': 'TensorFlow.js (JavaScript)', openblas: 'plain OpenBLAS',
};
/** A contestant's name for readers. */
export const nameOf = (contestant: string): string => titles[contestant] ?? contestant;

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

/** The fastest of the peers in a case. */
export function bestPeer(rows: readonly ResultRow[], caseName: string): ResultRow | undefined {
  return [...peerNames].flatMap((name) => best(rows, caseName, name) ?? []).reduce<ResultRow | undefined>(
    (fastest, row) => (fastest === undefined || row.median < fastest.median ? row : fastest), undefined);
}

/** The share of the processor's peak, on as many threads as the row has, that the products of its steps or calls reach. */
export function shareOfPeak(row: ResultRow, rows: readonly ResultRow[]): number | undefined {
  const one = cases.find(({ name }) => name === row.case);
  const peak = best(rows.filter(({ threads }) => threads === row.threads), 'peak', row.contestant === 'native-bf16' ? 'peak-bf16' : 'peak-f32');
  if (one === undefined || peak === undefined || (one.kind !== 'training' && one.kind !== 'inference')) return undefined;
  return productGflop(one) / (row.median / (one.kind === 'training' ? 1e3 : 1e6)) / peak.median;
}

export function percent(share: number | undefined): string {
  return share === undefined ? '-' : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/**
 * One line a case: the library's time, its share of the processor's peak, the best peer and how many times the library's time it
 * takes, and the same of everybody else. Each is at its best number of threads.
 */
export function summary(rows: readonly ResultRow[]): string {
  const measured = rows.filter((row) => row.case !== 'peak'), caseNames = [...new Set(measured.map((row) => row.case))];
  const others = [...new Set(measured.map((row) => row.contestant))].filter((name) => name !== 'native');
  const times = (row: ResultRow | undefined, native: ResultRow | undefined): string => (row === undefined || native === undefined ? '-' : `${digits(row.median / native.median)}×`);
  return table([['case', 'unit', 'native (threads)', 'of peak', 'best peer', '÷ native', ...others], ...caseNames.map((caseName) => {
    const native = best(measured, caseName, 'native'), peer = bestPeer(measured, caseName);
    return [
      caseName, measured.find((row) => row.case === caseName)!.unit,
      native === undefined ? '-' : `${digits(native.median)} (${native.threads})`, native === undefined ? '-' : percent(shareOfPeak(native, rows)),
      peer === undefined ? '-' : `${peer.contestant} (${peer.threads})`, times(peer, native),
      ...others.map((name) => times(best(measured, caseName, name), native)),
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
