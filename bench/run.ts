// The benchmark: cases × contestants × threads, every trial in a process of its own, one at a time. See README.md.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selectCases, units, cases, type BenchmarkCase } from './cases.ts';
import { checkTable, runCheck } from './check.ts';
import { selectContestants, contestants, type ChosenSettings, type Contestant } from './contestants.ts';
import { writeData } from './data.ts';
import { launch } from './launch.ts';
import { lossComplaint } from './loss.ts';
import { quiet } from './others.ts';
import { parseOptions, usage, type BenchOptions } from './options.ts';
import { caseTable, summary, versionLines, type ResultRow } from './report.ts';
import { runRounds } from './rounds.ts';
import { spread } from './statistics.ts';
import type { TrialRequest, TrialResult } from './trial-types.ts';

interface Entry {
  readonly contestant: Contestant;
  readonly request: TrialRequest;
  readonly settings?: ChosenSettings;
}

/** Contestants that can run here; the others are named with the reason. */
function present(chosen: readonly Contestant[]): readonly Contestant[] {
  return chosen.filter((contestant) => {
    const reason = contestant.unavailable();
    if (reason !== undefined) console.log(`${contestant.name} is skipped: ${reason}.`);
    return reason === undefined;
  });
}

/** Everybody who takes part in a case, with their best settings. */
async function prepare(
  one: BenchmarkCase, taking: readonly Contestant[], options: BenchOptions, folder: string, earlier: readonly ResultRow[],
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const contestant of taking) {
    for (const threads of contestant.threads(options.threads)) {
      const request: TrialRequest = {
        case: one, contestant: contestant.name, threads, mode: 'measure', seconds: options.seconds, data: writeData(folder, one),
      };
      try {
        const known = earlier.find((row) => row.case === one.name && row.contestant === contestant.name && row.threads === threads)?.settings;
        const settings = known ?? await contestant.choose?.(request, launch);
        entries.push(settings === undefined ? { contestant, request } : { contestant, request: { ...request, settings: settings.chosen }, settings });
      } catch (error) {
        console.log(`${one.name}: ${contestant.name} (${threads} threads) is skipped: ${(error as Error).message}.`);
      }
    }
  }
  return entries;
}

function toRow(one: BenchmarkCase, { contestant, request, settings }: Entry, results: readonly TrialResult[]): ResultRow {
  const values = results.map((result) => result.value ?? NaN);
  const last = results.at(-1)!;
  const p99 = results.flatMap((result) => result.p99 ?? []);
  const others = results.flatMap((result) => result.others ?? []);
  return {
    case: one.name, contestant: contestant.name, threads: request.threads, unit: units[one.kind], ...spread(values), runs: values.length, values,
    ...(p99.length > 0 ? { p99: spread(p99).median } : {}),
    ...(others.length > 0 ? { others: spread(others).median } : {}),
    ...(last.lossBefore !== undefined && last.lossAfter !== undefined ? { lossBefore: last.lossBefore, lossAfter: last.lossAfter } : {}),
    ...(settings === undefined ? {} : { settings }),
    versions: last.versions,
  };
}

/** A choice of settings made on a busy machine may be the wrong one. The mean of its looks: one alone is short, and processors count in ticks. */
function whileChoosing({ settings }: ResultRow): number {
  const others = (settings?.tried ?? []).flatMap((variant) => variant.others ?? []);
  return others.reduce((sum, value) => sum + value, 0) / Math.max(1, others.length);
}

async function measureCase(one: BenchmarkCase, entries: readonly Entry[], options: BenchOptions): Promise<ResultRow[]> {
  const outcomes = await runRounds(entries, ({ contestant, request }) => launch(contestant.command(request)), {
    runs: options.runs, patienceSeconds: options.patience,
  });
  const rows: ResultRow[] = [];
  for (const [entry, { results, failure }] of outcomes) {
    const title = `${one.name}: ${entry.contestant.name} (threads: ${entry.request.threads})`;
    if (failure !== undefined) console.log(`${title} failed: ${failure}`);
    for (const { lossBefore, lossAfter } of one.kind === 'training' ? results : []) {
      const complaint = lossComplaint(lossBefore, lossAfter);
      if (complaint !== undefined) console.log(`${title} ${complaint}.`);
    }
    if (results.length > 0) rows.push(toRow(one, entry, results));
  }
  return rows;
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  if (options.list) return console.log(cases.map(({ name }) => name).join('\n'));
  const chosenCases = selectCases(options.cases);
  const taking = present(selectContestants(options.peers));
  const earlier = options.settings === undefined ? [] : JSON.parse(readFileSync(options.settings, 'utf8')) as ResultRow[];
  const folder = mkdtempSync(join(tmpdir(), 'densely-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.error(`[bench] stopped by ${signal}`);
      process.exit(1);
    });
  }

  if (options.check) {
    const peer = contestants.find(({ name }) => name === 'pytorch')!;
    if (peer.unavailable() !== undefined) return console.log(`The check needs PyTorch: ${peer.unavailable()}.`);
    const rows = await runCheck(chosenCases, taking.filter(({ name }) => name !== peer.name), peer, options.threads, folder);
    console.log(`\n${checkTable(rows)}`);
    if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(rows, null, 1));
    if (rows.some(({ verdict }) => verdict !== 'agrees')) process.exitCode = 1;
    return;
  }

  const rows: ResultRow[] = [];
  for (const one of chosenCases) {
    const entries = await prepare(one, taking, options, folder, earlier);
    const measured = await measureCase(one, entries, options);
    rows.push(...measured);
    if (measured.length > 0) console.log(`\n${caseTable(measured)}`);
    const others = Math.max(0, ...measured.flatMap((row) => [row.others ?? 0, whileChoosing(row)]));
    if (others > quiet) console.log(`Other processes used up to ${others.toFixed(1)} processors meanwhile: measure ${one.name} again on a quiet machine.`);
    // Written after every case: a long run that is stopped keeps what it has.
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 1)}\n`);
  }
  if (rows.length > 0) console.log(`\nEach at its best number of threads:\n${summary(rows)}\n\n${versionLines(rows)}`);
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
