// The benchmark: cases × contestants × threads, every trial in a process of its own, one at a time. See README.md.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agreementTable, runAgreement } from './agree.ts';
import { cases, selectCases } from './cases.ts';
import { selectContestants } from './contestants.ts';
import { writeDocs } from './docs.ts';
import { runGuard } from './guard.ts';
import { measureCase, present } from './measure.ts';
import { parseOptions, usage } from './options.ts';
import { caseTable, summary, versionLines, type ResultRow } from './report.ts';

const readRows = (path: string): ResultRow[] => JSON.parse(readFileSync(path, 'utf8')) as ResultRow[];
const writeJson = (path: string, value: unknown): void => writeFileSync(path, `${JSON.stringify(value, null, 1)}\n`);

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  if (options.list) return console.log(cases.map(({ name }) => name).join('\n'));
  if (options.docs !== undefined) return writeDocs(readRows(options.docs));
  const chosenCases = selectCases(options.cases), named = selectContestants(options.peers);
  const earlier = options.settings === undefined ? [] : readRows(options.settings);
  const folder = mkdtempSync(join(tmpdir(), 'densely-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.error(`[bench] stopped by ${signal}`);
      process.exit(1);
    });
  }

  if (options.agree) {
    const rows = await runAgreement(chosenCases, present(named.filter(({ cannotAgree }) => cannotAgree !== undefined)), options.threads, folder);
    console.log(`\n${agreementTable(rows)}`);
    if (options.json !== undefined) writeJson(options.json, rows);
    if (rows.some(({ isWrong }) => isWrong)) process.exitCode = 1;
    return;
  }
  if (options.check) {
    if (!await runGuard(chosenCases, { ...options, folder, earlier })) process.exitCode = 1;
    return;
  }

  const taking = present(named), rows: ResultRow[] = [];
  for (const one of chosenCases) {
    const measured = await measureCase(one, taking, { ...options, folder, earlier });
    rows.push(...measured);
    if (measured.length > 0) console.log(`\n${caseTable(measured)}`);
    // Written after every case: a long run that is stopped keeps what it has.
    if (options.json !== undefined) writeJson(options.json, rows);
  }
  if (rows.length > 0) console.log(`\nEach at its best number of threads:\n${summary(rows)}\n\n${versionLines(rows)}`);
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
