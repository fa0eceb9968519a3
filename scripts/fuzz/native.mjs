// Builds the native fuzzers with clang and runs them: npm run fuzz:native -- [program | kernels] [options of libFuzzer, such as -runs=10000000]
// What they find is left in build-fuzz/found-*; a copy in test/native/fuzz/found becomes a case of the tests.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { inRoot, root } from '../setup/place.mjs';

const fuzzers = {
  // One short chain after the other and narrow vectors: the code that decodes and verifies is the same, and builds and runs are quick.
  program: { build: 'build-fuzz', options: ['-DDENSELY_QUICK=ON'], length: 200, seeds: true },
  kernels: { build: 'build-fuzz-kernels', options: [], length: 64, seeds: false },
};
const sanitizers = 'address,undefined,float-cast-overflow';
const asan = 'max_allocation_size_mb=64:allocator_may_return_null=1:malloc_context_size=2:quarantine_size_mb=8';

/** The first clang++ there is; version 14 is what the results in docs/reliability.md were made with. */
function findClang() {
  const names = [process.env.CXX, 'clang++-14', 'clang++', ...['19', '18', '17', '16', '15'].map((version) => `clang++-${version}`)].filter(Boolean);
  return names.find((name) => /clang/.test(name) && spawnSync(name, ['--version']).status === 0);
}

function run(command, args, env = {}) {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  return signal === null && status === 0;
}

function fuzz(name, clang, args) {
  const { build, options, length, seeds } = fuzzers[name];
  const folder = inRoot(build);
  const configured = run('cmake', ['-S', root, '-B', folder, `-DCMAKE_CXX_COMPILER=${clang}`, `-DDENSELY_SANITIZE=${sanitizers}`, '-DDENSELY_FUZZ=ON', ...options]);
  if (!configured || !run('cmake', ['--build', folder, '--parallel', String(availableParallelism()), '--target', `fuzz_${name}`])) return false;
  const corpus = join(folder, `corpus-${name}`), cases = join(folder, 'cases');
  mkdirSync(corpus, { recursive: true });
  if (seeds && !existsSync(cases) && !run(process.execPath, ['--import', 'tsx', inRoot('scripts/fuzz/native-cases.ts'), cases])) return false;
  const corpora = [corpus, ...(seeds ? [cases, inRoot('test/native/fuzz/found')] : [])];
  return run(join(folder, 'test/native', `fuzz_${name}`), ['-entropic=0', `-max_len=${length}`, `-artifact_prefix=${folder}/found-`, ...args, ...corpora], { ASAN_OPTIONS: asan });
}

const args = process.argv.slice(2);
const wanted = args.filter((argument) => argument in fuzzers), options = args.filter((argument) => !(argument in fuzzers));
const limited = options.some((option) => /^-(runs|max_total_time)=/.test(option)) ? options : ['-max_total_time=60', ...options];
const clang = findClang();
if (clang === undefined) {
  process.stderr.write('The fuzzers need clang with libFuzzer: sudo apt-get install -y clang-14 libfuzzer-14-dev libclang-rt-14-dev\n');
  process.exitCode = 1;
} else if (!(wanted.length > 0 ? wanted : Object.keys(fuzzers)).every((name) => fuzz(name, clang, limited))) {
  process.exitCode = 1;
}
