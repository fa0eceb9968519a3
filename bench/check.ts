// The check mode: from the same weights and the same batches, the loss after ten steps must be PyTorch's to 1e-4.

import { join } from 'node:path';
import type { BenchmarkCase } from './cases.ts';
import type { Contestant } from './contestants.ts';
import { writeData } from './data.ts';
import { launch } from './launch.ts';
import { table } from './report.ts';
import { checkPlan, type TrialRequest, type TrialResult } from './trial-types.ts';

export const agreement = 1e-4;

export interface CheckRow {
  readonly case: string;
  readonly contestant: string;
  readonly threads: number;
  readonly steps: number;
  readonly lossBefore?: number | undefined;
  readonly lossAfter?: number | undefined;
  readonly peerLossAfter?: number | undefined;
  readonly verdict: string;
}

/** A sentence on how two contestants' losses, before and after the steps, compare. */
export function verdict(own: Partial<TrialResult>, peer: Partial<TrialResult>): string {
  const differences = [[own.lossBefore, peer.lossBefore], [own.lossAfter, peer.lossAfter]]
    .map(([a, b]) => (a === undefined || b === undefined ? NaN : Math.abs(a - b)));
  if (differences.every((difference) => difference <= agreement)) return 'agrees';
  return `differs by ${differences.map((difference) => difference.toExponential(1)).join(' before and ')} after the steps`;
}

/** Checks each case on each backend of the library against the peer. Steps run on real weights, handed over in a file. */
export async function runCheck(
  chosen: readonly BenchmarkCase[], backends: readonly Contestant[], peer: Contestant, threads: readonly number[], folder: string,
): Promise<CheckRow[]> {
  const rows: CheckRow[] = [];
  for (const one of chosen) {
    for (const contestant of backends) {
      for (const count of contestant.threads(threads)) {
        const plan = checkPlan(one);
        const request: TrialRequest = {
          case: one, contestant: contestant.name, threads: count, mode: 'check', seconds: 0, plan,
          data: writeData(folder, one), weights: join(folder, `${one.name}.${contestant.name}.json`),
        };
        const steps = (plan.rows / one.batch) * plan.epochs;
        try {
          const own = await launch(contestant.command(request));
          const other = await launch(peer.command({ ...request, contestant: peer.name, threads: 1 }));
          rows.push({
            case: one.name, contestant: contestant.name, threads: count, steps, lossBefore: own.lossBefore,
            lossAfter: own.lossAfter, peerLossAfter: other.lossAfter, verdict: verdict(own, other),
          });
        } catch (error) {
          rows.push({ case: one.name, contestant: contestant.name, threads: count, steps, verdict: `failed: ${(error as Error).message}` });
        }
        console.log(checkTable(rows.slice(-1)).split('\n').at(-1));
      }
    }
  }
  return rows;
}

export function checkTable(rows: readonly CheckRow[]): string {
  return table([
    ['case', 'contestant', 'threads', 'steps', 'loss before', 'after', "PyTorch's", 'verdict'],
    ...rows.map((row) => [
      row.case, row.contestant, String(row.threads), String(row.steps),
      ...[row.lossBefore, row.lossAfter, row.peerLossAfter].map((loss) => loss?.toFixed(6) ?? '-'), row.verdict,
    ]),
  ]);
}
