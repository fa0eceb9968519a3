#!/usr/bin/env node
// Makes prebuilds/<platform>-<arch>/densely.<libc>.node: prebuildify names and strips, cmake-js builds with OpenBLAS inside.
//   node scripts/prebuild.mjs [--arch=arm64] [folder]     folder: another than the repository to put prebuilds/ in
// prebuildify calls this same script in node-gyp's place: rebuild --target=V --devdir=D --arch=A --release|--debug
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { crossTools } from './prebuild/cross.mjs';
import { inRoot, root } from './setup/place.mjs';

/** Build folders of their own, so that the everyday build stays as it is. */
const folderFor = (arch) => inRoot('build-prebuild', `${process.platform}-${arch}`);
const crossTo = (arch) => (arch === process.arch ? undefined : crossTools(arch, folderFor(arch)));

function asNodeGyp() {
  const given = Object.fromEntries(process.argv.slice(3).map((argument) => argument.replace(/^--/, '').split('=')));
  const { arch = process.arch } = given;
  // Not cmake-js's rebuild: make knows what has changed.
  const args = [inRoot('node_modules/cmake-js/bin/cmake-js'), 'compile', '--directory', root, '--out', join(folderFor(arch), 'build')];
  args.push('--arch', arch, '--parallel', String(availableParallelism()), '--CDDENSELY_STATIC_OPENBLAS=ON', ...(crossTo(arch)?.options ?? []));
  if (process.env.OPENBLAS_ROOT) args.push(`--CDOpenBLAS_ROOT=${process.env.OPENBLAS_ROOT}`);
  if ('debug' in given) args.push('--debug');
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

function asUser() {
  const { values, positionals } = parseArgs({ options: { arch: { type: 'string', default: process.arch } }, allowPositionals: true });
  const { arch } = values;
  mkdirSync(folderFor(arch), { recursive: true });
  const prebuildify = createRequire(import.meta.url)('prebuildify');
  const options = {
    name: 'densely',
    targets: [process.versions.node],
    napi: true,
    strip: true,
    stripBin: crossTo(arch)?.strip ?? 'strip',
    tagLibc: true,
    arch,
    nodeGyp: fileURLToPath(import.meta.url),
    cwd: folderFor(arch),
    out: positionals[0] ?? root,
  };
  prebuildify(options, (error) => {
    if (error) throw error;
  });
}

if (process.argv[2] === 'rebuild') asNodeGyp();
else asUser();
