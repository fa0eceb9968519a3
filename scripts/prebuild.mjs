#!/usr/bin/env node
// Makes prebuilds/<platform>-<arch>/densely.<libc>.node: prebuildify names and strips, cmake-js builds with OpenBLAS inside.
// An argument names another folder than the repository to put prebuilds/ in.
// prebuildify calls this same script in node-gyp's place: rebuild --target=V --devdir=D --arch=A --release|--debug
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { inRoot, root } from './setup/place.mjs';

/** A build folder of its own, so that the everyday build stays as it is. */
const folder = inRoot('build-prebuild');

function asNodeGyp() {
  const option = Object.fromEntries(process.argv.slice(3).map((argument) => argument.replace(/^--/, '').split('=')));
  const args = [inRoot('node_modules/cmake-js/bin/cmake-js'), 'rebuild', '--directory', root, '--out', `${folder}/build`];
  args.push('--arch', option.arch ?? process.arch, '--parallel', String(availableParallelism()), '--CDDENSELY_STATIC_OPENBLAS=ON');
  if (process.env.OPENBLAS_ROOT) args.push(`--CDOpenBLAS_ROOT=${process.env.OPENBLAS_ROOT}`);
  if ('debug' in option) args.push('--debug');
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

function asUser() {
  mkdirSync(folder, { recursive: true });
  const prebuildify = createRequire(import.meta.url)('prebuildify');
  const options = {
    name: 'densely',
    targets: [process.versions.node],
    napi: true,
    strip: true,
    tagLibc: true,
    nodeGyp: fileURLToPath(import.meta.url),
    cwd: folder,
    out: process.argv[2] ?? root,
  };
  prebuildify(options, (error) => {
    if (error) throw error;
  });
}

if (process.argv[2] === 'rebuild') asNodeGyp();
else asUser();
