// Measures cases: who takes part and with which settings, the rounds, and the rows that come of them.

import { units, type BenchmarkCase } from './cases.ts';
import type { ChosenSettings, Contestant } from './contestant.ts';
import { writeData } from './data.ts';
import { launch } from './launch.ts';
import { lossComplaint } from './loss.ts';
import { quiet } from './others.ts';
import type { ResultRow } from './report.ts';
import { runRounds } from './rounds.ts';
import { spread } from './statistics.ts';
import type { TrialRequest, TrialResult } from './trial-types.ts';

export interface MeasureOptions {
  readonly threads: readonly number[];
  readonly runs: number;
  readonly seconds: number;
  readonly patience: number;
  /** Where data and models are kept. */
  readonly folder: string;
  /** Rows of an earlier run, whose settings are taken over. */
  readonly earlier: readonly ResultRow[];
}

interface Entry {
  readonly contestant: Contestant;
  readonly request: TrialRequest;
  readonly settings?: ChosenSettings;
}

/** Contestants that can run here; the others are named with the reason. */
export function present(chosen: readonly Contestant[]): readonly Contestant[] {
  return chosen.filter((contestant) => {
    const reason = contestant.unavailable();
    if (reason !== undefined) console.log(`${contestant.name} is skipped: ${reason}.`);
    return reason === undefined;
  });
}

/** Everybody who takes part in a case, with their best settings. */
async function entriesOf(one: BenchmarkCase, taking: readonly Contestant[], options: MeasureOptions): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const contestant of taking.filter((candidate) => candidate.takes(one))) {
    for (const threads of contestant.threads(options.threads, one)) {
      const request: TrialRequest = {
        case: one, contestant: contestant.name, threads, mode: 'measure', seconds: options.seconds, data: writeData(options.folder, one),
      };
      try {
        await contestant.prepare?.(request, launch);
        const known = options.earlier.find((row) => row.case === one.name && row.contestant === contestant.name && row.threads === threads)?.settings;
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

/** The rows of one case. Whatever is amiss is said on the way. */
export async function measureCase(one: BenchmarkCase, taking: readonly Contestant[], options: MeasureOptions): Promise<ResultRow[]> {
  const outcomes = await runRounds(await entriesOf(one, taking, options), ({ contestant, request }) => launch(contestant.command(request)), {
    runs: options.runs, patienceSeconds: options.patience,
  });
  const rows: ResultRow[] = [];
  for (const [entry, { results, failure }] of outcomes) {
    const title = `${one.name}: ${entry.contestant.name} (threads: ${entry.request.threads})`;
    if (failure !== undefined) console.log(`${title} failed: ${failure}`);
    const hasLoss = one.kind === 'training' && entry.contestant.role !== 'bound';
    const complaints = hasLoss ? results.flatMap(({ lossBefore, lossAfter }) => lossComplaint(lossBefore, lossAfter) ?? []) : [];
    if (complaints[0] !== undefined) console.log(`${title} ${complaints[0]}.`);
    if (results.length > 0) rows.push(toRow(one, entry, results));
  }
  const others = Math.max(0, ...rows.flatMap((row) => [row.others ?? 0, whileChoosing(row)]));
  if (others > quiet) console.log(`Other processes used up to ${others.toFixed(1)} processors meanwhile: measure ${one.name} again on a quiet machine.`);
  return rows;
}
