#!/usr/bin/env node
// Builds the addon with node-gyp into build-gyp/, beside the cmake-js one: node-gyp always writes to ./build,
// so it works in a folder of links to the real sources.
import { spawnSync } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from './setup/place.mjs';

const folder = inRoot('build-gyp');
mkdirSync(folder, { recursive: true });
for (const name of ['binding.gyp', 'package.json']) copyFileSync(inRoot(name), join(folder, name));
for (const name of ['native', 'scripts']) {
  const link = join(folder, name);
  if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(inRoot(name), link, 'junction');
}
const nodeGyp = inRoot('node_modules/node-gyp/bin/node-gyp.js');
const command = process.argv.includes('--rebuild') ? 'rebuild' : 'build';
const steps = command === 'build' ? ['configure', 'build'] : ['rebuild'];
const child = spawnSync(process.execPath, [nodeGyp, ...steps, '--jobs=max'], { cwd: folder, stdio: 'inherit' });
process.exitCode = child.status ?? 1;
