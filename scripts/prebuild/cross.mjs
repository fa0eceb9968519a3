// What a build for another processor needs, on Debian: the cross compiler, and OpenBLAS for that processor from Debian's archive.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../setup/place.mjs';

const triples = { arm64: 'aarch64-linux-gnu' };
const openblas = 'libopenblas-pthread-dev';

function must(command, args, options) {
  const child = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (child.error) throw child.error;
  if (child.status !== 0) throw new Error(`${command} ${args[0]} ended with code ${child.status}`);
}

/** Debian's OpenBLAS for `arch`, unpacked below `folder`; apt-get keeps lists of its own, and the machine's stay as they are. */
function fetchOpenBlas(arch, folder) {
  const unpacked = join(folder, 'openblas');
  if (existsSync(join(unpacked, 'usr'))) return join(unpacked, 'usr');
  const state = join(folder, 'apt');
  rmSync(state, { recursive: true, force: true });
  for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(state, name), { recursive: true });
  const own = { 'APT::Architecture': arch, 'APT::Architectures': arch, 'Dir::State::lists': join(state, 'lists'), 'Dir::Cache': join(state, 'cache'), 'APT::Sandbox::User': 'root', 'Acquire::Languages': 'none' };
  const settings = Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  must('apt-get', ['-q', ...settings, 'update']);
  must('apt-get', ['-q', ...settings, 'download', `${openblas}:${arch}`], { cwd: state });
  must('dpkg', ['-x', join(state, readdirSync(state).find((name) => name.endsWith('.deb'))), unpacked]);
  return join(unpacked, 'usr');
}

/** Options of cmake-js and the name of `strip` for a build for `arch`, with what is fetched below `folder`. */
export function crossTools(arch, folder) {
  const triple = triples[arch];
  if (triple === undefined || process.platform !== 'linux') throw new Error(`a build for ${process.platform}-${arch} is not known on ${process.platform}-${process.arch}`);
  if (spawnSync(`${triple}-g++`, ['--version']).status !== 0) throw new Error(`${triple}-g++ is missing: sudo apt-get install -y g++-${triple}`);
  const prefix = process.env.OPENBLAS_ROOT ?? fetchOpenBlas(arch, folder);
  return {
    options: [`--CDCMAKE_TOOLCHAIN_FILE=${inRoot('cmake', `${triple}.cmake`)}`, `--CDOpenBLAS_ROOT=${prefix}`],
    strip: `${triple}-strip`,
  };
}
