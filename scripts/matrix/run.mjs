#!/usr/bin/env node
// npm run matrix: packs, installs and uses the package in every way we know of; each cell must import it, train XOR and say its backend.
//   npm run matrix -- [--write] [words …]     words: cells with one of them in their names; --write puts their results into docs/installing.md
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inRoot, root } from '../setup/place.mjs';
import { programs } from './programs.mjs';
import { installTools, run } from './tools.mjs';

installTools();
const { installers, node } = await import('./installers.mjs');
const { consumers } = await import('./consumers.mjs');
const { machines } = await import('./machines.mjs');

const { values, positionals } = parseArgs({ options: { write: { type: 'boolean', default: false } }, allowPositionals: true });
const page = inRoot('docs/installing.md'), begin = '<!-- matrix -->', end = '<!-- end of matrix -->';

/** An empty folder for each cell, in which the user's programs lie ready. */
class Workspace {
  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'densely matrix '));
  }

  folder(name) {
    const folder = join(this.root, name.replace(/\W+/g, '-'));
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{ "name": "user", "version": "1.0.0", "private": true }\n');
    for (const [file, text] of Object.entries(programs)) writeFileSync(join(folder, file), text);
    writeFileSync(join(folder, 'xor-plain.mjs'), programs['xor.mjs'].replace('await say();', 'say();'));
    return folder;
  }

  async pack() {
    await run(root, 'npm', ['pack', '--pack-destination', this.root]);
    this.tarball = join(this.root, readdirSync(this.root).find((file) => file.endsWith('.tgz')));
    return statSync(this.tarball).size;
  }
}

/** What a cell came to: the backend it ran on, or why it failed. */
async function outcome({ expects = 'native', run: use }, workspace) {
  const answers = [await use(workspace)].flat().filter((answer) => answer !== undefined);
  for (const { learnt, backend, reason, warned } of answers) {
    if (!learnt) throw new Error('XOR was not learnt');
    if (backend !== expects) throw new Error(`ran on the ${backend} backend: ${reason}`);
    if (warned !== (backend === 'typescript')) throw new Error(warned ? 'warned without a cause' : 'did not warn');
  }
  return answers[0]?.backend ?? 'clean';
}

if (!existsSync(inRoot('prebuilds', `${process.platform}-${process.arch}`))) await run(root, node, [inRoot('scripts/prebuild.mjs')]);
const cells = [...installers, ...consumers, ...machines], workspace = new Workspace(), rows = [];
let failed = 0;
try {
  const bytes = await workspace.pack();
  console.log(`packed: ${(bytes / 1e6).toFixed(1)} MB`);
  for (const cell of cells.filter(({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)))) {
    const lack = cell.lacks?.(), started = performance.now();
    let text = lack === undefined ? '' : `left out: ${lack}`;
    if (lack === undefined) {
      text = await outcome(cell, workspace).catch((error) => {
        failed++;
        return `FAILED: ${error.message}`;
      });
    }
    if (lack === undefined) rows.push([cell.name, text.split('\n')[0]]);
    console.log(`${cell.name}: ${text} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  }
} finally {
  rmSync(workspace.root, { recursive: true, force: true });
}
console.log(`${rows.length - failed} passed, ${failed} failed`);
if (values.write && failed === 0) {
  // Rows of cells that were not run this time stay.
  const text = readFileSync(page, 'utf8'), [before, rest] = text.split(`${begin}\n`), [table, after] = rest.split(end);
  const known = [...table.matchAll(/^\| (.+) \| (.+) \|$/gm)].map(([, name, result]) => [name, result]).slice(2), order = cells.map(({ name }) => name);
  const kept = [...new Map([...known, ...rows])].filter(([name]) => order.includes(name)).toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  const lines = ['| cell | result |', '| --- | --- |', ...kept.map((row) => `| ${row.join(' | ')} |`)];
  writeFileSync(page, `${before}${begin}\n${lines.join('\n')}\n${end}${after}`);
}
process.exitCode = failed > 0 ? 1 : 0;
