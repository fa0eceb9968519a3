#!/usr/bin/env node
// npm run mutate:native: changes one operator or constant of a native kernel at a time, and counts the changes that some test notices.
//   --count 60       mutants drawn (default 60)       --seed 1        draws them
//   --minutes 60     ends after so long               --file A,B      of these kernels or lines of them (reduce.cc, reduce.cc:120)
// Built as a copy in build-mutate/, with narrow vectors and few chains compiled ahead, so that a change is built in seconds.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inRoot, root } from '../setup/place.mjs';

const { values: options } = parseArgs({ options: {
  count: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, minutes: { type: 'string', default: '600' }, file: { type: 'string' },
} });
const started = performance.now(), minutes = () => (performance.now() - started) / 60_000;
const folder = inRoot('build-mutate'), tree = join(folder, 'tree'), build = join(folder, 'build');

/** Kernels of bfloat16 need wide vectors, and lists and headers hold nothing to change. */
const files = readdirSync(inRoot('native/kernels')).filter((name) => name.endsWith('.cc') && !name.includes('bf16') && name !== 'isa.cc');
/** What is tried, in this order: the native tests (`kernels_test` only for kernels that have twins there), then the suite's parts that compute on this backend. */
const withTwins = new Set(['chain_code.cc', 'elementwise.cc', 'gemm.cc', 'gemm_dots.cc', 'gemm_kernels.cc', 'transpose.cc']);
const parts = [
  ['test/backend/ops.test.ts', 'test/compile/shapes.test.ts', 'test/compile/assignments.test.ts', 'test/compile/long-lines.test.ts', 'test/ops/join.test.ts', 'test/golden/torch-l', 'test/network/losses.test.ts', 'test/network/sorted-labels.test.ts'],
  ['test/backend/objective.test.ts', 'test/compile/fuzz.test.ts', 'test/golden/torch-functions', 'test/golden/torch-optimizers', 'test/golden/torch.test', 'test/ops/tangents.test.ts', 'test/layers', 'test/network/random-networks', 'test/network/prediction', 'test/network/determinism', 'test/network/textbook', 'test/network/stream'],
];
/** Longest time of what is tried, as a multiple of that without any change, and at least, in seconds. */
const patience = 5, leastPatience = 60;

/** What is between spaces is an operator on numbers: `float* x` has none. */
const changes = [
  [/ \+ /g, ' - '], [/ - /g, ' + '], [/ \* /g, ' / '], [/ \/ /g, ' * '], [/ % /g, ' / '],
  // A size is negative, for the rows of a batch, or positive: `<= 0` would be the same.
  [/ < (?!0\b)/g, ' <= '], [/ < (?=0\b)/g, ' >= '], [/ <= /g, ' < '], [/ > /g, ' >= '], [/ >= /g, ' > '], [/ == /g, ' != '], [/ != /g, ' == '],
  [/ && /g, ' || '], [/ \|\| /g, ' && '], [/ \+= /g, ' -= '], [/ -= /g, ' += '], [/\bstd::min\b/g, 'std::max'], [/\bstd::max\b/g, 'std::min'],
  [/\btrue\b/g, 'false'], [/\bfalse\b/g, 'true'], [/(?<=[ ([])(?<! < )0(?=[,;)\] ])/g, '1'], [/(?<=[ ([])1(?=[,;)\] ])/g, '2'], [/(?<= )-INFINITY/g, '0'],
];
/** Lines that decide how fast something is, and not what: how work is cut, what is fetched ahead, how long it may take. */
const speedOnly = /prefetch|[fF]etch|\bwork\(|constexpr long \w+ = |tileLines =|tileRows =|tilesWanted|cached|worthwhile|leastProducts|ownIsFaster|wideAndDeep|^\s*(\/\/|#|static_assert|template|case 8|return 2 \*|return 4 \*|return 10 \*|return 20 \*|return 30 \*)|fail\(|expectOperand\(/;

/** Functions of which the same is true from their first line to their last; and the members `work`. */
const speedFunction = /^(static |constexpr )*(bool|int|long|void) (depthOf|dotLinesAtOnce|fetchBlock|fetchLines|gemmTileLines|prefersDots)\(/;
/** Only of other widths of vectors than the one that is built here. */
const otherWidth = /DENSELY_REGISTERS|lanes > 8/;
/** What a member holds before it is set, by decoding or for a number of rows. */
const member = /^  [\w:]+ \w+ = /;

function mutantsOf(file) {
  let isSpeed = false, isClass = false, isWork = false;
  const lines = readFileSync(inRoot('native/kernels', file), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const code = line.replace(/\/\/.*$/, '');
    isSpeed = speedFunction.test(line) || (isSpeed && line !== '}');
    isClass = /^(class|struct) /.test(line) || (isClass && line !== '};');
    isWork = /^  double work\(.*\{$/.test(line) || (isWork && line !== '  }');
    if (isSpeed || isWork || (isClass && member.test(line)) || speedOnly.test(line) || otherWidth.test(line) || code.includes('"')) return [];
    return changes.flatMap(([from, to]) => [...code.matchAll(from)].map((match) => ({
      file, line: index + 1, before: line.trim(), text: lines.with(index, line.slice(0, match.index) + to + line.slice(match.index + match[0].length)).join('\n'),
    })));
  });
}

/** A shuffle that goes by the seed alone. */
function sample(list, count, seed) {
  let state = seed;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return list.map((item) => [random(), item]).toSorted(([a], [b]) => a - b).slice(0, count).map(([, item]) => item);
}

/** Whether a program ends well: `true`, `false`, or `undefined` where it took longer than allowed. It and all its processes end then. */
function run(command, args, { env = {}, seconds = 600 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'ignore', detached: true });
    let isSlow = false;
    const watch = setTimeout(() => {
      isSlow = true;
      process.kill(-child.pid, 'SIGKILL');
    }, 1000 * seconds);
    child.on('exit', (status) => {
      clearTimeout(watch);
      resolve(isSlow ? undefined : status === 0);
    });
  });
}

const compile = () => run('cmake', ['--build', build, '--parallel', String(availableParallelism()), '--target', 'densely', 'kernels_test', 'programs_test']);
const cases = join(folder, 'cases');
const program = (name, ...args) => ({ name, command: join(build, 'test/native', name), args });
const vitest = [inRoot('node_modules/vitest/vitest.mjs'), 'run', '--project', 'library', '--bail', '1', '--isolate=false', '--testTimeout', '600000'];
const trials = [
  program('programs_test', cases, inRoot('test/native/fuzz/found')), program('kernels_test'),
  ...parts.map((files, i) => ({ name: `part ${i + 1} of the suite`, command: process.execPath, args: [...vitest, ...files], env: { DENSELY_PREBUILD: folder, DENSELY_REQUIRE_NATIVE: '1' } })),
];

mkdirSync(folder, { recursive: true });
rmSync(tree, { recursive: true, force: true });
// Of new date, so that no object of an earlier mutant is taken for one of its file.
for (const name of ['native', 'cmake', 'CMakeLists.txt', 'test/native']) cpSync(inRoot(name), join(tree, name), { recursive: true });
const flags = '-DDENSELY_WIDEST=128 -DDENSELY_CHAIN_LIST=\\"chain_list_short.h\\" -I' + join(tree, 'test/native');
const built = await run('cmake', ['-S', tree, '-B', build, `-DCMAKE_CXX_FLAGS=${flags}`, '-DCMAKE_CXX_FLAGS_RELEASE=-O1', `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${folder}/build/Release`])
  && await compile() && await run(process.execPath, ['--import', 'tsx', inRoot('scripts/fuzz/native-cases.ts'), cases]);
if (!built) throw new Error('the copy cannot be built');
for (const trial of trials) {
  const before = performance.now();
  if (await run(trial.command, trial.args, trial) !== true) throw new Error(`${trial.name} fails without any change`);
  trial.seconds = Math.max(leastPatience, (patience * (performance.now() - before)) / 1000);
}

/** What becomes of the mutant that is built, and what has noticed it. */
async function tryOut(file) {
  for (const trial of trials) {
    if (trial.name === 'kernels_test' && !withTwins.has(file)) continue;
    const good = await run(trial.command, trial.args, trial);
    if (good !== true) return { outcome: good === undefined ? 'timeout' : 'killed', by: trial.name };
  }
  return { outcome: 'survived' };
}

const counts = { killed: 0, timeout: 0, survived: 0 };
const every = (options.file?.split(',') ?? files).flatMap((place) => {
  const [file, line] = place.split(':');
  return mutantsOf(file).filter((mutant) => line === undefined || mutant.line === Number(line));
});
const mutants = sample(every, Number(options.count), Number(options.seed));
process.stdout.write(`${mutants.length} of ${every.length} mutants, known to be good without any after ${minutes().toFixed(1)} minutes\n`);
for (const { file, line, before, text } of mutants) {
  if (minutes() > Number(options.minutes)) break;
  const path = join(tree, 'native/kernels', file), original = readFileSync(path, 'utf8'), name = `${file}:${line}`;
  writeFileSync(path, text);
  if (await compile()) {
    const { outcome, by } = await tryOut(file);
    counts[outcome]++;
    process.stdout.write(`${outcome.padEnd(9)} ${name}${by === undefined ? '' : `, by ${by}`}\n  ${before}\n  ${text.split('\n')[line - 1].trim()}\n`);
  } else {
    process.stdout.write(`does not compile: ${name}\n`);
  }
  writeFileSync(path, original);
}
const all = counts.killed + counts.timeout + counts.survived;
process.stdout.write(`${all} mutants: ${counts.killed} killed, ${counts.timeout} out of time, ${counts.survived} survived: ${((100 * (all - counts.survived)) / Math.max(1, all)).toFixed(1)} %\n`);
