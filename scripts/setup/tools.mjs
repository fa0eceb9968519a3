// Step 2: the tools of the native build: cmake, make, a C++ compiler and OpenBLAS with its headers.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { begin, end, warn } from './report.mjs';
import { run } from './run.mjs';

// Not libopenblas-dev: an installed serial variant satisfies that one.
const debianPackages = ['libopenblas-pthread-dev', 'cmake', 'g++', 'make'];

const installLines = {
  debian: `sudo apt-get install -y ${debianPackages.join(' ')}`,
  fedora: 'sudo dnf install -y openblas-devel cmake gcc-c++ make',
  alpine: 'sudo apk add openblas-dev cmake g++ make',
  darwin: 'xcode-select --install; brew install openblas cmake',
};

function onPath(name) {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name + suffix), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

/** Names of the missing programs. OpenBLAS is looked for by cmake itself, so that there is one search. */
export function missingPrograms() {
  if (process.platform === 'win32') return onPath('cmake') ? [] : ['cmake'];
  const compilers = [process.env.CXX, 'c++', 'g++', 'clang++'].filter(Boolean).map((name) => name.split(' ')[0]);
  return [
    ['cmake', ['cmake']],
    ['a C++ compiler', compilers],
    ['make', ['make', 'gmake', 'ninja']],
  ].flatMap(([name, programs]) => (programs.some((p) => onPath(p) || (p.includes('/') && existsSync(p))) ? [] : [name]));
}

/** 'debian', 'fedora', 'alpine', 'darwin', or undefined where we know no package manager. */
export function platformFamily(osRelease = '/etc/os-release') {
  if (process.platform !== 'linux') return process.platform in installLines ? process.platform : undefined;
  let text = '';
  try {
    text = readFileSync(osRelease, 'utf8');
  } catch {
    return undefined;
  }
  const ids = [...text.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)/gm)].flatMap((match) => match[1].split(' '));
  if (ids.includes('debian') || ids.includes('ubuntu')) return 'debian';
  if (ids.includes('fedora') || ids.includes('rhel')) return 'fedora';
  return ids.includes('alpine') ? 'alpine' : undefined;
}

/** The one sentence for a machine on which setup may not install anything. */
export function installSentence(missing, family = platformFamily()) {
  const line = installLines[family];
  const what = `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing, so Densely runs on its TypeScript backend`;
  return line
    ? `${what}; for the native one type: ${line}`
    : `${what}; for the native one install cmake, make, a C++ compiler and OpenBLAS (pthread) with its headers.`;
}

/** How apt-get can be run without asking anybody, or undefined. */
function aptPrefix() {
  if (platformFamily() !== 'debian' || !onPath('apt-get')) return undefined;
  if (process.getuid() === 0) return [];
  return onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

let aptTried = false;

/** Installs the Debian packages if that is possible here; true when apt-get says it did. Tries once a run. */
export async function tryInstall(missing) {
  const prefix = aptTried ? undefined : aptPrefix();
  if (!prefix) return false;
  aptTried = true;
  const step = `apt-get install ${debianPackages.join(' ')}`;
  begin(step, `${missing.join(', ')} missing`);
  const apt = (name, ...args) => {
    const patience = ['-q', '-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=20', '-o', 'DPkg::Lock::Timeout=120'];
    const [command, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...patience, ...args];
    return run(name, command, rest);
  };
  const install = () => apt('apt-install', 'install', '-y', '--no-install-recommends', ...debianPackages);
  // A failed update is no reason to stop: the lists at hand may be good enough.
  await apt('apt-update', 'update');
  const result = await install();
  if (result.ok) end(step);
  else warn(`apt-get could not install them:\n${result.output.trimEnd().split('\n').slice(-5).join('\n')}\n(whole log: ${result.log})`);
  return result.ok;
}
