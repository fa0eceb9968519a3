// Lines of native/ that the tests reach: npm run coverage:native [-- files of tests]
// Counts by gcov, which belongs to gcc; a line counts as reached where one of its instances was (there are up to three, one for each instruction set).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { inRoot, root } from './setup/place.mjs';

const folder = inRoot('build-coverage');
const least = 90; // percent

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) process.stderr.write(`${command} ${args[0]} ended with ${status}\n`);
  return status === 0;
}

const filesBelow = (path, ending) => readdirSync(path, { recursive: true }).filter((name) => name.endsWith(ending)).map((name) => join(path, name));

/** How often each line was run, by file. */
function countLines() {
  const lines = new Map();
  for (const data of filesBelow(folder, '.gcda')) {
    const place = mkdtempSync(join(tmpdir(), 'densely-gcov-'));
    spawnSync('gcov', ['--json-format', data], { cwd: place });
    for (const name of filesBelow(place, '.gcov.json.gz')) {
      for (const { file, lines: counted } of JSON.parse(gunzipSync(readFileSync(name)).toString('utf8')).files) {
        const source = relative(root, join(root, relative(root, file)));
        if (!source.startsWith('native/')) continue;
        const known = lines.get(source) ?? new Map();
        for (const { line_number: number, count } of counted) known.set(number, (known.get(number) ?? 0) + count);
        lines.set(source, known);
      }
    }
    rmSync(place, { recursive: true, force: true });
  }
  return lines;
}

/** `3, 7-9` */
function ranges(numbers) {
  const parts = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

function report(lines) {
  let all = 0, reached = 0;
  for (const [file, counts] of [...lines].filter(([, found]) => found.size > 0).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const missed = [...counts].filter(([, count]) => count === 0).map(([number]) => number).toSorted((a, b) => a - b);
    all += counts.size;
    reached += counts.size - missed.length;
    process.stdout.write(`${file.padEnd(36)} ${(100 * (counts.size - missed.length) / counts.size).toFixed(1).padStart(5)} %  ${ranges(missed)}\n`);
  }
  const percent = 100 * reached / all;
  process.stdout.write(`${reached} of ${all} lines of native/: ${percent.toFixed(1)} %\n`);
  return percent;
}

const tests = process.argv.slice(2);
const filters = tests.length > 0 ? tests : ['test/'];
const options = ['-DCMAKE_BUILD_TYPE=Debug', '-DCMAKE_CXX_FLAGS=--coverage -fprofile-update=atomic', `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${folder}/build/Release`];
const built = run('cmake', ['-S', root, '-B', folder, ...options]) && run('cmake', ['--build', folder, '--parallel', String(availableParallelism()), '--target', 'densely', 'native_tests']);
if (built) {
  for (const data of filesBelow(folder, '.gcda')) rmSync(data);
  const cases = join(folder, 'cases');
  run(process.execPath, ['--import', 'tsx', inRoot('scripts/fuzz/native-cases.ts'), cases]);
  const program = (name) => join(folder, 'test/native', name);
  for (const bits of ['512', '256', '128']) {
    run(program('kernels_test'), [], { VECTOR_BITS: bits });
    run(program('programs_test'), [cases, inRoot('test/native/fuzz/found')], { VECTOR_BITS: bits });
  }
  run(program('team_test'), []);
  // Threads of one process, which ends by itself: only then are its counts written.
  const vitest = [inRoot('node_modules/vitest/vitest.mjs'), 'run', '--project', 'library', '--pool', 'threads', '--testTimeout', '300000', ...filters];
  run(process.execPath, vitest, { DENSELY_PREBUILD: folder, DENSELY_REQUIRE_NATIVE: '1' });
}
if (!built || report(countLines()) < least) process.exitCode = 1;
