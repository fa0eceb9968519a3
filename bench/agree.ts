// The agreement mode: from the same weights and the same batches, everybody's loss after ten steps must be the library's to 1e-4.

import { join } from 'node:path';
import type { BenchmarkCase } from './cases.ts';
import type { Contestant } from './contestant.ts';
import { writeData } from './data.ts';
import { launch } from './launch.ts';
import { table } from './report.ts';
import { agreementPlan, type TrialRequest, type TrialResult } from './trial-types.ts';

export const tolerance = 1e-4;

export interface AgreementRow {
  readonly case: string;
  readonly contestant: string;
  readonly threads: number;
  readonly steps: number;
  readonly lossBefore?: number | undefined;
  readonly lossAfter?: number | undefined;
  readonly verdict: string;
  readonly isWrong: boolean;
}

/** A sentence on how somebody's losses, before and after the steps, compare with the first one's; `agrees` where they do. */
export function verdict(first: Partial<TrialResult>, other: Partial<TrialResult>): string {
  const differences = [[first.lossBefore, other.lossBefore], [first.lossAfter, other.lossAfter]]
    .map(([a, b]) => (a === undefined || b === undefined ? NaN : Math.abs(a - b)));
  if (!differences.every((difference) => difference <= tolerance)) {
    return `differs by ${differences.map((difference) => difference.toExponential(1)).join(' before and ')} after the steps`;
  }
  if (other.difference !== undefined && !(other.difference <= tolerance)) return `has probabilities that differ by up to ${other.difference.toExponential(1)}`;
  return 'agrees';
}

/**
 * Runs each case on all that are given. The first way of the library writes its first weights, and what it predicts with them; the
 * others begin with these, or, as the library itself does, with the same seed.
 */
export async function runAgreement(
  chosen: readonly BenchmarkCase[], taking: readonly Contestant[], threads: readonly number[], folder: string,
): Promise<AgreementRow[]> {
  const rows: AgreementRow[] = [];
  const add = (row: AgreementRow): void => {
    rows.push(row);
    console.log(agreementTable([row]).split('\n').at(-1));
  };
  for (const one of chosen.filter(({ kind }) => kind === 'training' || kind === 'inference')) {
    const plan = agreementPlan(one), steps = (plan.rows / one.batch) * plan.epochs, inCase = { case: one.name, steps };
    let reference: TrialResult | undefined;
    for (const contestant of taking.filter((candidate) => candidate.takes(one))) {
      const reason = contestant.cannotAgree?.(one);
      const counts = contestant.role === 'own' ? contestant.threads(threads, one) : [1];
      for (const count of counts) {
        const about = { ...inCase, contestant: contestant.name, threads: count };
        if (reason !== undefined) {
          add({ ...about, verdict: `is not asked: ${reason}`, isWrong: false });
          continue;
        }
        const request: TrialRequest = {
          case: one, contestant: contestant.name, threads: count, mode: 'agree', seconds: 0, plan,
          data: writeData(folder, one), weights: join(folder, `${one.name}.json`), writes: reference === undefined,
        };
        try {
          if (reference === undefined && contestant.role !== 'own') throw new Error('the library itself gave no weights');
          const result = await launch(contestant.command(request)), said = verdict(reference ?? result, result);
          add({ ...about, lossBefore: result.lossBefore, lossAfter: result.lossAfter, verdict: reference === undefined ? 'is what the others are compared with' : said, isWrong: said !== 'agrees' });
          reference ??= result;
        } catch (error) {
          add({ ...about, verdict: `failed: ${(error as Error).message}`, isWrong: true });
        }
      }
    }
  }
  return rows;
}

export function agreementTable(rows: readonly AgreementRow[]): string {
  const width = Math.max(...rows.map((row) => row.verdict.length));
  return table([
    ['case', 'contestant', 'threads', 'steps', 'loss before', 'after', 'verdict'.padEnd(width)],
    ...rows.map((row) => [
      row.case.padEnd(14), row.contestant.padStart(12), String(row.threads), String(row.steps).padStart(2),
      ...[row.lossBefore, row.lossAfter].map((loss) => loss?.toFixed(6) ?? '-'), row.verdict.padEnd(width),
    ]),
  ]);
}
