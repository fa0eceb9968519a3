// Runs a command with its output kept in a log, so that the terminal shows progress and a failure shows its cause.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { inState, root, stateFolder } from './place.mjs';

const tailLines = 30;

/** Resolves to `{ ok, output, log, tail }`; never rejects. */
export function run(name, command, args, { env = {}, timeout = 15 * 60_000, shell = false } = {}) {
  mkdirSync(stateFolder, { recursive: true });
  const log = inState(`${name}.log`);
  const file = createWriteStream(log);
  let output = '';
  const keep = (chunk) => {
    output += chunk;
    file.write(chunk);
  };
  return new Promise((resolve) => {
    const finish = (ok) =>
      file.end(() => resolve({ ok, output, log, tail: output.trimEnd().split('\n').slice(-tailLines).join('\n') }));
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
      shell,
    });
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      keep(`${error.message}\n`);
      finish(false);
    });
    child.on('close', (code, signal) => {
      if (signal) keep(`ended by ${signal}\n`);
      if (!file.writableEnded) finish(code === 0);
    });
  });
}
