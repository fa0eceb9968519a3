// npm run bench:peers: what the library is compared with, installed beside this file or, with Debian's packages, on the system.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const packages = ['python3-torch', 'python3-sklearn', 'libopenblas0-openmp'];
const say = (text) => console.log(`bench:peers: ${text}`);
const runs = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function installNodePackages() {
  // Nobody's install script is needed: ONNX Runtime's would fetch builds for graphics cards, brain.js's would compile OpenGL.
  const result = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: fileURLToPath(new URL('.', import.meta.url)), stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (result.status !== 0) throw new Error('npm ci failed in bench/peers');
  say('onnxruntime-node, TensorFlow.js and brain.js are installed in bench/peers/node_modules.');
}

/** The words before `apt-get` that let us install, or undefined where we may not. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  return runs('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
}

function installDebianPackages() {
  if (!existsSync('/usr/bin/apt-get')) return say('PyTorch and scikit-learn are not installed here: any Python that can import torch and sklearn will do, named by BENCH_PYTHON.');
  const missing = packages.filter((name) => !runs('dpkg-query', ['-W', '-f', '${Version}', name]) || !isInstalled(name));
  if (missing.length === 0) return say(`${packages.join(', ')} are installed.`);
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`, before = asRoot();
  if (before === undefined) return say(`for PyTorch and scikit-learn type: sudo ${line}`);
  const [command, ...args] = [...before, ...line.split(' ')];
  if (spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0) say(`${missing.join(', ')} are installed.`);
  else say(`apt-get failed; after apt-get update it may go through: ${line}`);
}

function isInstalled(name) {
  return execFileSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' }) === 'installed';
}

try {
  installNodePackages();
  installDebianPackages();
} catch (error) {
  console.error(`bench:peers: ${error.message}`);
  process.exitCode = 1;
}
