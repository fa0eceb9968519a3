#!/usr/bin/env node
// npm run mutate: changes the mathematics in TypeScript, one place at a time, and counts the changes that some test notices.
//   --count 400      mutants drawn (default 400)      --seed 1        draws them
//   --minutes 60     ends after so long, with what has been tried: the order is random, so that the first ones are a sample too
//   --tests A,B      folders and files of tests to try (default: all that compute)
//   --only lib/ops   of one room or file              --report FILE   where the survivors go (default .setup/mutants.json)
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { createVitest } from 'vitest/node';
import { inState, root } from '../setup/place.mjs';
import { mutantsOf, withMutants } from './mutants.mjs';

const { values: options } = parseArgs({ options: {
  count: { type: 'string', default: '400' }, seed: { type: 'string', default: '1' }, minutes: { type: 'string', default: '600' },
  only: { type: 'string', default: '' },
  tests: { type: 'string', default: 'test/ops,test/graph,test/minimize,test/train,test/golden,test/layers,test/backend,test/compile,test/network,test/diagnose,test/interchange' }, report: { type: 'string', default: inState('mutants.json') },
} });
const started = performance.now(), minutes = () => (performance.now() - started) / 60_000;
const rooms = ['lib/ops', 'lib/graph', 'lib/minimize', 'lib/train/optimizers', 'lib/train/losses', 'lib/train/schedules', 'lib/train/metrics.ts', 'lib/train/clipping.ts', 'lib/train/densities.ts'];
/** Files whose tests are long, or about something else. */
const longTests = /random-gradients|kill|chain-list|corruption|fuzz/;
/** Longest time of a test run with a mutant, as a multiple of that without, and at least, in seconds. */
const patience = 8, leastPatience = 60;

function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function sample(all, count, next) {
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all.slice(0, count).map((mutant, number) => ({ ...mutant, number }));
}

const filesOf = (place) => (place.endsWith('.ts') ? [place] : readdirSync(join(root, place), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => `${place}/${name}`));
const sources = rooms.flatMap(filesOf).filter((file) => file.startsWith(options.only));
const everyMutant = sources.flatMap((file) => mutantsOf(readFileSync(join(root, file), 'utf8')).map((mutant) => ({ file, ...mutant })));
const mutants = sample([...everyMutant], Number(options.count), numbers(Number(options.seed)));
process.stdout.write(`${mutants.length} of ${everyMutant.length} mutants in ${sources.length} files\n`);

const scratch = mkdtempSync(join(tmpdir(), 'densely mutants '));
const hitsFile = join(scratch, 'hits'), mutantFile = join(scratch, 'mutant'), processFile = join(scratch, 'process');
const prelude = 'const isMutant = (n) => { globalThis.mutantsMet?.add(n); return n === globalThis.mutantOn; }; ';
const plugin = {
  name: 'mutants', enforce: 'pre',
  transform(code, id) {
    const file = relative(root, id.split('?')[0]), own = mutants.filter((mutant) => mutant.file === file);
    return own.length === 0 ? undefined : { code: prelude + withMutants(code, own, 'isMutant'), map: null };
  },
};

async function open(isolate) {
  const alias = [{ find: /^densely\/graph$/, replacement: join(root, 'lib/graph.ts') }, { find: /^densely$/, replacement: join(root, 'lib/index.ts') }];
  return createVitest('test', {
    config: false, root, watch: false, pool: 'forks', isolate, maxWorkers: 1, bail: isolate ? 0 : 1, include: options.tests.split(',').map((place) => (place.endsWith('.ts') ? place : `${place}/**/*.test.ts`)), testTimeout: 120_000,
    setupFiles: [join(root, 'scripts/mutate/in-worker.mjs')], reporters: [{}],
  }, { plugins: [plugin], resolve: { alias }, logLevel: 'silent' });
}

const specificationsOf = async (vitest) => (await vitest.globTestSpecifications()).filter(({ moduleId }) => !longTests.test(moduleId));

/** Which test files come across which mutants, and how long each file takes. */
async function met() {
  process.env.MUTANT_HITS = hitsFile;
  writeFileSync(hitsFile, '');
  const vitest = await open(true), { testModules } = await vitest.runTestSpecifications(await specificationsOf(vitest));
  delete process.env.MUTANT_HITS;
  const times = new Map(testModules.map((file) => [file.moduleId, file.diagnostic().duration + file.diagnostic().collectDuration]));
  const broken = testModules.filter((file) => !file.ok()).map((file) => relative(root, file.moduleId));
  await vitest.close();
  if (broken.length > 0) process.stdout.write(`left out, since they fail without any mutant: ${broken.join(', ')}\n`);
  const files = new Map();
  for (const line of readFileSync(hitsFile, 'utf8').split('\n').filter(Boolean)) {
    const { file, met: hit } = JSON.parse(line);
    if (!broken.includes(relative(root, file))) for (const number of hit) files.set(number, [...(files.get(number) ?? []), file]);
  }
  return { files, times };
}

async function tryOut(vitest, specifications, seconds) {
  let isSlow = false;
  const watch = setTimeout(() => {
    isSlow = true;
    try {
      process.kill(Number(readFileSync(processFile, 'utf8')), 'SIGKILL');
    } catch {}
  }, 1000 * seconds);
  try {
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
    if (isSlow) return 'timeout';
    // `testModules` are of all runs so far.
    const own = new Set(specifications.map(({ moduleId }) => moduleId));
    return unhandledErrors.length > 0 || testModules.some((file) => own.has(file.moduleId) && !file.ok()) ? 'killed' : 'survived';
  } catch {
    return isSlow ? 'timeout' : 'killed';
  } finally {
    clearTimeout(watch);
    process.exitCode = 0;
  }
}

const { files, times } = await met();
process.stdout.write(`which tests meet which mutants: known after ${minutes().toFixed(1)} minutes\n`);
const outcomes = [];
Object.assign(process.env, { MUTANT_PROCESS: processFile, MUTANT_FILE: mutantFile });
const vitest = await open(false), specifications = await specificationsOf(vitest);
for (const mutant of mutants) {
  if (minutes() > Number(options.minutes)) break;
  const names = (files.get(mutant.number) ?? []).toSorted((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0));
  let outcome = 'no coverage', seconds = 0;
  writeFileSync(mutantFile, String(mutant.number));
  // The quickest files first, a few at a time.
  for (let from = 0, few = 4; from < names.length && (outcome === 'no coverage' || outcome === 'survived'); from += few, few *= 2) {
    const some = new Set(names.slice(from, from + few)), usual = [...some].reduce((sum, name) => sum + (times.get(name) ?? 0), 0) / 1000, before = performance.now();
    outcome = await tryOut(vitest, specifications.filter(({ moduleId }) => some.has(moduleId)), Math.max(leastPatience, patience * usual));
    seconds += (performance.now() - before) / 1000;
  }
  outcomes.push({ ...mutant, outcome, seconds: Math.round(seconds) });
  process.stdout.write(`${outcome.padEnd(11)} ${mutant.file}:${mutant.line} ${mutant.what}: ${mutant.text.split('\n')[0].slice(0, 90)}\n`);
  mkdirSync(inState(''), { recursive: true });
  writeFileSync(options.report, JSON.stringify({ commit: execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(), seed: options.seed, outcomes }, undefined, 1));
}
rmSync(scratch, { recursive: true, force: true });

const roomOf = ({ file }) => rooms.find((room) => file.startsWith(room));
for (const room of [...rooms, undefined]) {
  const own = room === undefined ? outcomes : outcomes.filter((each) => roomOf(each) === room), of = (...kinds) => own.filter(({ outcome }) => kinds.includes(outcome)).length;
  if (own.length > 0) process.stdout.write(`${(room ?? 'all').padEnd(24)} ${own.length} mutants: ${of('killed')} killed, ${of('timeout')} out of time, ${of('survived')} survived, ${of('no coverage')} not reached: ${((100 * of('killed', 'timeout')) / own.length).toFixed(1)} %\n`);
}
process.exit(0);
