#!/usr/bin/env node
// Makes a fresh clone ready to run: dependencies, native build, TypeScript build; says nothing when all is in place.
//   --no-native, DENSELY_SKIP_NATIVE=1   leave the addon out, as on a machine that cannot build it
//   DENSELY_REQUIRE_NATIVE=1             fail where the addon cannot be built
import { dependenciesAreCurrent, installDependencies } from './setup/dependencies.mjs';
import { withLock } from './setup/lock.mjs';
import { buildNative, nativeIsCurrent } from './setup/native.mjs';
import { warn } from './setup/report.mjs';
import { buildTypescript, typescriptIsCurrent } from './setup/typescript.mjs';

const skipNative = process.argv.includes('--no-native') || process.env.DENSELY_SKIP_NATIVE === '1';
const requireNative = process.env.DENSELY_REQUIRE_NATIVE === '1';

async function setup() {
  if (!dependenciesAreCurrent()) await installDependencies();
  if (!skipNative && !nativeIsCurrent()) {
    const problem = await buildNative();
    if (problem) warn(problem);
    if (problem && requireNative) throw new Error('DENSELY_REQUIRE_NATIVE=1 asks for the native backend');
  }
  if (!typescriptIsCurrent()) await buildTypescript();
}

/** True for the versions that "engines" in package.json names: 20.19 and later. */
function nodeIsNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

const isReady = () => dependenciesAreCurrent() && (skipNative || nativeIsCurrent()) && typescriptIsCurrent();

try {
  if (!nodeIsNewEnough()) throw new Error(`Node 20.19 or newer is needed, and this is ${process.version}`);
  if (!isReady()) await withLock(setup);
} catch (error) {
  warn(`setup failed: ${error.message}`);
  process.exitCode = 1;
}
