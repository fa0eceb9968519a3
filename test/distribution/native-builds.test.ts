// cmake-js and node-gyp build the same addon from one list of sources.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addonFile, expectNative, node, repository } from './project.ts';

const read = (name: string): string => readFileSync(join(repository, name), 'utf8');
const instructionsOf = (file: string): readonly string[] =>
  (createRequire(import.meta.url)(join(repository, file)) as { instructions: readonly string[] }).instructions;

test('every C++ file under native/ is in the one list, and both builds read it', () => {
  const listed = (JSON.parse(read('native/sources.json')) as { sources: string[] }).sources;
  const present = readdirSync(join(repository, 'native'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.cc'))
    .map((name) => `native/${name.replaceAll('\\', '/')}`);
  expect(listed.toSorted()).toEqual(present.toSorted());
  for (const file of ['CMakeLists.txt', 'binding.gyp']) {
    expect(read(file)).toContain('native/sources.json');
    expect(read(file)).not.toMatch(/\w\.cc\b/);
  }
});

test.runIf(expectNative)('the node-gyp build loads and has the instructions of the cmake-js build', async () => {
  expect(existsSync(join(repository, addonFile)), 'the addon is missing').toBe(true);
  const outcome = await node(repository, ['scripts/build-gyp.mjs']);
  expect(outcome.code, outcome.stderr.slice(-2000)).toBe(0);
  expect(outcome.stderr + outcome.stdout).not.toMatch(/warning:/);

  const instructions = instructionsOf(addonFile);
  expect(instructions.length).toBeGreaterThan(0);
  expect(instructionsOf('build-gyp/build/Release/densely.node')).toEqual(instructions);
});
