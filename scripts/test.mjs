#!/usr/bin/env node
// npm test: setup, linter, type check, then the suite; arguments are passed on to vitest as filters.
// The last line is always `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { inRoot, inState, root } from './setup/place.mjs';

const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
const count = { passed: 0, failed: 0, skipped: 0 };

function step(name, ok) {
  if (!ok) {
    count.failed++;
    process.stderr.write(`densely: ${name} failed\n`);
  }
  return ok;
}

function suite(filters) {
  const report = inState('tests.json');
  rmSync(report, { force: true });
  const vitest = inRoot('node_modules/vitest/vitest.mjs');
  const ok = node(vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters);
  let failed = 0;
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    const unloadable = result.testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
    );
    count.passed += result.numPassedTests;
    count.skipped += result.numPendingTests + result.numTodoTests;
    failed = result.numFailedTests + unloadable.length;
  } catch {
    process.stderr.write('densely: vitest left no report\n');
  }
  // An error outside of any test fails the run without failing a test.
  count.failed += ok ? failed : Math.max(failed, 1);
}

if (step('setup', node(inRoot('scripts/setup.mjs')))) {
  step('lint', node(inRoot('node_modules/oxlint/bin/oxlint'), '--deny-warnings'));
  step('type check', node(inRoot('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'));
  suite(process.argv.slice(2));
}
if (count.skipped > 0) process.stdout.write(`${count.skipped} skipped, for want of what they need on this machine\n`);
process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`);
process.exitCode = count.failed > 0 ? 1 : 0;
