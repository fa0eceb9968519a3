// Results as documentation: docs/benchmarks.md and its picture, written from the JSON of a run.

import { writeFileSync } from 'node:fs';
import { cases, type BenchmarkCase } from './cases.ts';
import { chart } from './chart.ts';
import { best, bestPeer, digits, nameOf, percent, shareOfPeak, versionLines, type ResultRow } from './report.ts';

const docs = new URL('../docs/', import.meta.url);

/** Writes both files. */
export function writeDocs(rows: readonly ResultRow[]): void {
  if (!rows.some(({ contestant }) => contestant === 'native')) throw new Error('[bench] expected rows of the native backend for --docs');
  writeFileSync(new URL('benchmarks.md', docs), benchmarksPage(rows));
  writeFileSync(new URL('benchmarks.svg', docs), chart(rows));
  console.log('docs/benchmarks.md and docs/benchmarks.svg are written.');
}

/** A table in Markdown: the first column to the left, all others to the right. */
function markdownTable(lines: readonly (readonly string[])[]): string {
  const [heading, ...body] = lines.map((cells) => `| ${cells.join(' | ')} |`);
  const columns = lines[0]!.length;
  return [heading, `| --- |${' ---: |'.repeat(columns - 1)}`, ...body].join('\n');
}

function times(row: ResultRow | undefined, native: ResultRow | undefined): string {
  return row === undefined || native === undefined ? '–' : `${digits(row.median / native.median)}×`;
}

const threadsOf = ({ threads }: ResultRow): string => `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
/** Whether the ranges of two rows lie apart: only then is one of them faster. */
function isApart(a: ResultRow, b: ResultRow): boolean {
  return a.max < b.min || b.max < a.min;
}

function ofKind(rows: readonly ResultRow[], ...kinds: BenchmarkCase['kind'][]): readonly BenchmarkCase[] {
  return cases.filter(({ kind, name }) => kinds.includes(kind) && rows.some((row) => row.case === name));
}

/** The library beside its best peer, a line a case. */
function ratiosTable(rows: readonly ResultRow[], chosen: readonly BenchmarkCase[]): string {
  return markdownTable([
    ['case', 'unit', 'Densely', 'best peer', 'its time', 'ratio', 'of the FMA peak'],
    ...chosen.map(({ name }) => {
      const native = best(rows, name, 'native'), peer = bestPeer(rows, name);
      const ratio = native !== undefined && peer !== undefined && !isApart(native, peer) ? `${times(peer, native)} (ranges overlap)` : times(peer, native);
      return [
        `\`${name}\``, rows.find((row) => row.case === name)!.unit,
        native === undefined ? '–' : `${digits(native.median)} (${threadsOf(native)})`,
        peer === undefined ? '–' : `${nameOf(peer.contestant)}, ${threadsOf(peer)}`, peer === undefined ? '–' : digits(peer.median), ratio,
        native === undefined ? '–' : percent(shareOfPeak(native, rows)),
      ];
    }),
  ]);
}

/** Everybody's time over the library's, a column for each. */
function everybodyTable(rows: readonly ResultRow[], chosen: readonly BenchmarkCase[]): string {
  const names = [...new Set(rows.map((row) => row.contestant))].filter((name) => name !== 'native' && chosen.some((one) => best(rows, one.name, name) !== undefined));
  return markdownTable([
    ['case', ...names.map(nameOf)],
    ...chosen.map((one) => [`\`${one.name}\``, ...names.map((name) => times(best(rows, one.name, name), best(rows, one.name, 'native')))]),
  ]);
}

/** One against two threads, quiet and beside another process that spins on one of the processors. */
function threadsTable(rows: readonly ResultRow[], chosen: readonly BenchmarkCase[]): string {
  const at = (name: string, contestant: string, threads: number): ResultRow | undefined => (
    rows.find((row) => row.case === name && row.contestant === contestant && row.threads === threads));
  return markdownTable([
    ['case', 'one thread ÷ two', 'one processor taken ÷ quiet'],
    ...chosen.map(({ name }) => {
      const two = at(name, 'native', 2);
      return [`\`${name}\``, times(at(name, 'native', 1), two), times(at(name, 'native-hog', 2), two)];
    }),
  ]);
}

/** What is measured besides: as it is, without ratios. */
function othersTable(rows: readonly ResultRow[], chosen: readonly BenchmarkCase[]): string {
  return markdownTable([
    ['measurement', 'contestant', 'median', 'min', 'max', 'unit'],
    ...chosen.flatMap(({ name }) => rows.filter((row) => row.case === name).map((row) => [
      `\`${name}\``, `${nameOf(row.contestant)}, ${threadsOf(row)}`, digits(row.median), digits(row.min), digits(row.max),
      row.unit === 'us/row' ? `us/row (${Math.round(1e6 / row.median)} rows/s)` : row.unit,
    ])),
  ]);
}

/** Every row, with its spread and the settings that were found to be the best. */
function allRowsTable(rows: readonly ResultRow[], chosen: readonly BenchmarkCase[]): string {
  return markdownTable([
    ['case', 'contestant', 'threads', 'median', 'min', 'max', 'rounds', 'of the peak', 'settings'],
    ...chosen.flatMap(({ name }) => rows.filter((row) => row.case === name).map((row) => [
      `\`${name}\``, nameOf(row.contestant), String(row.threads), digits(row.median), digits(row.min), digits(row.max), String(row.runs),
      percent(shareOfPeak(row, rows)), Object.entries(row.settings?.chosen ?? {}).map(([key, value]) => `${key}=${value}`).join(' '),
    ])),
  ]);
}

/** docs/benchmarks.md. */
export function benchmarksPage(rows: readonly ResultRow[]): string {
  const training = ofKind(rows, 'training'), inference = ofKind(rows, 'inference'), others = ofKind(rows, 'concurrent', 'import', 'load', 'eventloop', 'memory', 'peak');
  const compared = [...training, ...inference].flatMap(({ name }) => {
    const native = best(rows, name, 'native'), peer = bestPeer(rows, name);
    return native === undefined || peer === undefined ? [] : [{ ratio: peer.median / native.median, clear: isApart(native, peer) }];
  });
  const section = (heading: string, chosen: readonly BenchmarkCase[], ...parts: readonly string[]): string[] => (chosen.length === 0 ? [] : [`## ${heading}`, ...parts]);
  return `${[
    '# Benchmarks',
    '<!-- Written by npm run bench -- --docs results.json: not to be edited by hand. -->',
    `Densely is clearly faster, with ranges that do not overlap, in ${compared.filter(({ ratio, clear }) => clear && ratio > 1).length} of ${compared.length} cases, and clearly slower in ${compared.filter(({ ratio, clear }) => clear && ratio < 1).length}, each against whichever peer is the fastest there, at that peer's best settings.`,
    '![Times of the best peer divided by those of Densely](benchmarks.svg)',
    'A ratio is the time of the peer divided by that of Densely: above 1×, Densely is faster. Times are medians; every contestant ran in every round, each trial in a process of its own, and both sides at the number of threads that suits them best. The share of the FMA peak counts the matrix products alone, against what as many threads reach in an endless loop of multiply-adds. What the cases are, how they are measured and how peers are set: [bench/README.md](../bench/README.md).',
    ...section('Training', training, ratiosTable(rows, training)),
    ...section('Inference', inference, '`predictSync`, or the like of it.', ratiosTable(rows, inference)),
    ...section('Everybody', [...training, ...inference], 'Times over those of Densely at its best. Plain OpenBLAS is the matrix products of the case on one thread and nothing else; `native-async` is `predict`, which does not block the event loop; `native-hog` trains while another process spins on one of the processors. brain.js trains example by example on another loss: a step of it is a batch\'s worth of examples.', everybodyTable(rows, [...training, ...inference])),
    ...section('Threads', training, threadsTable(rows, training)),
    ...section('Other measurements', others, othersTable(rows, others)),
    ...section('Every row', [...training, ...inference], allRowsTable(rows, [...training, ...inference])),
    '## Machine and versions',
    `\`\`\`text\n${versionLines(rows)}\n\`\`\``,
    '## How to run it again',
    '```sh\nnpm run bench:peers                       # installs the peers beside the benchmark\nnpm run bench -- --json results.json      # everything\nnpm run bench -- --docs results.json      # this page\n```',
  ].join('\n\n')}\n`;
}
