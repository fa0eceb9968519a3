#!/usr/bin/env node
// Bundles what package.json names of dist/ from lib/ into the folder given: some hundred modules, opened one by one, are most of the
// time that an import takes.
import { existsSync, readFileSync } from 'node:fs';
import { rolldown } from 'rolldown';
import { inRoot } from './setup/place.mjs';

const { bin, exports } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
const named = [...Object.values(exports).map((entry) => entry.default), ...Object.values(bin)];
/** `['cli/main', '…/lib/cli/main.ts']`, and so on. */
const entries = named
  .flatMap((path) => /^(?:\.\/)?dist\/(.*)\.js$/.exec(path)?.slice(1) ?? [])
  .map((name) => [name, inRoot('lib', `${name}.ts`)])
  .filter(([, source]) => existsSync(source));

const bundle = await rolldown({
  input: Object.fromEntries(entries),
  platform: 'node',
  external: (id) => !id.startsWith('.') && !id.startsWith(inRoot('lib')),
  transform: { target: 'node20.19' },
});
await bundle.write({
  dir: process.argv[2],
  format: 'esm',
  // What entries share is there once, so that their classes are the same. The name of one module would mislead: there are hundreds in a file.
  chunkFileNames: 'shared/part.js',
  // Lines and names stay, for stack traces; without comments and in one byte a character there is less to read.
  comments: false,
  charset: 'ascii',
  minifyInternalExports: false,
  // lib/ is published beside dist/, so that maps need not repeat it.
  sourcemap: true,
  sourcemapExcludeSources: true,
});
await bundle.close();
