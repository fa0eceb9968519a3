// The native side under sanitizers: npm run sanitize [-- native | threads | suite]
//   native   the native tests under AddressSanitizer, LeakSanitizer and UBSan, for every width of vectors
//   threads  the team of threads and programs on it under ThreadSanitizer
//   suite    the core of the vitest suite on an addon with AddressSanitizer and UBSan
import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { inRoot, root } from './setup/place.mjs';

const compiler = process.env.CXX ?? 'c++';
const address = 'address,undefined,float-cast-overflow';
const core = ['test/backend', 'test/compile', 'test/ops', 'test/network', 'test/serve', 'test/train'];

function run(command, args, env = {}) {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  return signal === null && status === 0;
}

/** A build folder with these sanitizers; the addon in it is where DENSELY_PREBUILD may point. */
function build(name, sanitizers, targets, ...options) {
  const folder = inRoot(name);
  const configured = run('cmake', ['-S', root, '-B', folder, `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${folder}/build/Release`, `-DDENSELY_SANITIZE=${sanitizers}`, ...options]);
  return configured && run('cmake', ['--build', folder, '--parallel', String(availableParallelism()), '--target', ...targets]) ? folder : undefined;
}

const program = (folder, name) => join(folder, 'test/native', name);

function writeCases(folder) {
  const cases = join(folder, 'cases');
  return run(process.execPath, ['--import', 'tsx', inRoot('scripts/fuzz/native-cases.ts'), cases]) ? [cases, inRoot('test/native/fuzz/found')] : undefined;
}

const parts = {
  native() {
    const folder = build('build-sanitize', address, ['native_tests']), cases = folder && writeCases(folder);
    const env = { ASAN_OPTIONS: 'allocator_may_return_null=1:detect_leaks=1' };
    return cases !== undefined && ['512', '256', '128'].every((bits) =>
      run(program(folder, 'kernels_test'), [], { ...env, VECTOR_BITS: bits }) && run(program(folder, 'programs_test'), cases, { ...env, VECTOR_BITS: bits }))
      && run(program(folder, 'team_test'), [], env);
  },
  threads() {
    const folder = build('build-sanitize-threads', 'thread', ['team_test', 'programs_test'], '-DDENSELY_QUICK=ON'), cases = folder && writeCases(folder);
    const env = { TSAN_OPTIONS: 'allocator_may_return_null=1' };
    return cases !== undefined && run(program(folder, 'team_test'), [], env) && run(program(folder, 'programs_test'), cases, env);
  },
  suite() {
    const folder = build('build-sanitize', address, ['densely']);
    const library = execFileSync(compiler, ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
    // Node itself frees little at its end, so that leaks are for the part without it to find.
    const env = { LD_PRELOAD: library, ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1', DENSELY_PREBUILD: folder, DENSELY_REQUIRE_NATIVE: '1' };
    return folder !== undefined && run(process.execPath, [inRoot('node_modules/vitest/vitest.mjs'), 'run', '--project', 'library', '--testTimeout', '300000', ...core], env);
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in parts));
if (unknown !== undefined) throw new Error(`'${unknown}' is none of ${Object.keys(parts).join(', ')}`);
for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) {
  const good = parts[name]();
  process.stdout.write(`sanitizers, ${name}: ${good ? 'nothing found' : 'FAILED'}\n`);
  if (!good) process.exitCode = 1;
}
