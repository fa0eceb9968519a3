// Mutation testing of the native kernels: one operator or constant at a time is changed, and the tests must notice.
// node scripts/mutate/native.mjs [--count 60] [--seed 1] [--file reduce.cc]
// Built as a copy in build-mutate/, with narrow vectors and few chains compiled ahead, so that a change is built in seconds.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inRoot, root } from '../setup/place.mjs';

const { values: options } = parseArgs({ options: { count: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, file: { type: 'string' } } });
const folder = inRoot('build-mutate'), tree = join(folder, 'tree'), build = join(folder, 'build');

/** Kernels of bfloat16 need wide vectors, and lists and headers hold nothing to change. */
const files = readdirSync(inRoot('native/kernels')).filter((name) => name.endsWith('.cc') && !name.includes('bf16') && name !== 'isa.cc');
/** These have naive twins in kernels_test. */
const withTwins = new Set(['chain_code.cc', 'elementwise.cc', 'gemm.cc', 'gemm_kernels.cc', 'transpose.cc']);
const suite = ['test/backend', 'test/ops', 'test/compile', 'test/network/random-networks.test.ts', 'test/network/prediction.test.ts', 'test/network/determinism.test.ts'];

/** What is between spaces is an operator on numbers: `float* x` has none. */
const changes = [
  [/ \+ /g, ' - '], [/ - /g, ' + '], [/ \* /g, ' / '], [/ \/ /g, ' * '], [/ % /g, ' / '],
  [/ < /g, ' <= '], [/ <= /g, ' < '], [/ > /g, ' >= '], [/ >= /g, ' > '], [/ == /g, ' != '], [/ != /g, ' == '],
  [/ && /g, ' || '], [/ \|\| /g, ' && '], [/ \+= /g, ' -= '], [/ -= /g, ' += '], [/\bstd::min\b/g, 'std::max'], [/\bstd::max\b/g, 'std::min'],
  [/\btrue\b/g, 'false'], [/\bfalse\b/g, 'true'], [/(?<=[ ([])0(?=[,;)\] ])/g, '1'], [/(?<=[ ([])1(?=[,;)\] ])/g, '2'], [/(?<= )-INFINITY/g, '0'],
];
/** Lines that decide how fast something is, and not what: how work is cut, what is fetched ahead, how long it may take. */
const speedOnly = /prefetch|[fF]etch|\bwork\(|constexpr long \w+ = |tileLines =|tileRows =|tilesWanted|cached|worthwhile|leastProducts|ownIsFaster|wideAndDeep|^\s*(\/\/|#|static_assert|template|case 8|return 2 \*|return 4 \*|return 10 \*|return 20 \*|return 30 \*)|fail\(|expectOperand\(/;

function mutantsOf(file) {
  const lines = readFileSync(inRoot('native/kernels', file), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const code = line.replace(/\/\/.*$/, '');
    if (speedOnly.test(line) || code.includes('"')) return [];
    return changes.flatMap(([from, to]) => [...code.matchAll(from)].map((match) => ({
      file, line: index + 1, before: line.trim(), text: lines.with(index, line.slice(0, match.index) + to + line.slice(match.index + match[0].length)),
    })));
  });
}

/** A shuffle that goes by the seed alone. */
function sample(list, count, seed) {
  let state = seed;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return list.map((item) => [random(), item]).toSorted(([a], [b]) => a - b).slice(0, count).map(([, item]) => item);
}

function run(command, args, env = {}, timeout = 300_000) {
  const { status } = spawnSync(command, args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env }, timeout, maxBuffer: 1 << 28 });
  return status === 0;
}

const compile = () => run('cmake', ['--build', build, '--parallel', String(availableParallelism()), '--target', 'densely', 'kernels_test', 'programs_test']);
const cases = join(folder, 'cases');

/** The name of what notices, or undefined. */
function noticedBy(file) {
  const program = (name, ...args) => run(join(build, 'test/native', name), args, {}, 60_000);
  if (withTwins.has(file) && !program('kernels_test')) return 'kernels_test';
  if (!program('programs_test', cases, inRoot('test/native/fuzz/found'))) return 'programs_test';
  const vitest = [inRoot('node_modules/vitest/vitest.mjs'), 'run', '--project', 'library', '--bail', '1'];
  const env = { DENSELY_PREBUILD: folder, DENSELY_REQUIRE_NATIVE: '1' };
  if (!run(process.execPath, [...vitest, suite[0]], env)) return suite[0];
  return run(process.execPath, [...vitest, ...suite.slice(1)], env) ? undefined : 'the suite';
}

mkdirSync(folder, { recursive: true });
rmSync(tree, { recursive: true, force: true });
for (const name of ['native', 'cmake', 'CMakeLists.txt', 'test/native']) cpSync(inRoot(name), join(tree, name), { recursive: true, preserveTimestamps: true });
const flags = '-DDENSELY_WIDEST=128 -DDENSELY_CHAIN_LIST=\\"chain_list_short.h\\" -I' + join(tree, 'test/native');
const configured = run('cmake', ['-S', tree, '-B', build, `-DCMAKE_CXX_FLAGS=${flags}`, '-DCMAKE_CXX_FLAGS_RELEASE=-O1', `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${folder}/build/Release`]);
if (!configured || !compile() || !run(process.execPath, ['--import', 'tsx', inRoot('scripts/fuzz/native-cases.ts'), cases])) throw new Error('the copy cannot be built');
const unchanged = noticedBy('gemm_kernels.cc');
if (unchanged !== undefined) throw new Error(`${unchanged} fails without any change`);

let killed = 0, survived = 0;
const mutants = sample((options.file === undefined ? files : [options.file]).flatMap(mutantsOf), Number(options.count), Number(options.seed));
for (const { file, line, before, text } of mutants) {
  const path = join(tree, 'native/kernels', file), original = readFileSync(path, 'utf8');
  writeFileSync(path, text);
  const name = `${file}:${line}`;
  if (compile()) {
    const by = noticedBy(file);
    if (by === undefined) survived++;
    else killed++;
    process.stdout.write(by === undefined ? `SURVIVED ${name}\n  ${before}\n  ${text.split('\n')[line - 1].trim()}\n` : `noticed by ${by}: ${name}\n`);
  } else {
    process.stdout.write(`does not compile: ${name}\n`);
  }
  writeFileSync(path, original);
}
process.stdout.write(`${killed} of ${killed + survived} changes were noticed: ${(100 * killed / Math.max(1, killed + survived)).toFixed(1)} %\n`);
