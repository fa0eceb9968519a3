// Starts one trial in a process of its own and reads the JSON on the last line it prints. One at a time, never two.

import { spawn } from 'node:child_process';
import type { TrialResult } from './trial-types.ts';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

let running = false;

/** Runs the command to its end. Throws with the end of its stderr where it fails, says nothing, or takes over `limitSeconds`. */
export async function launch(command: Command, limitSeconds = 900): Promise<TrialResult> {
  if (running) throw new Error('internal: two trials at the same time');
  running = true;
  try {
    return lastJsonLine(await outputOf(command, limitSeconds));
  } finally {
    running = false;
  }
}

function outputOf({ command, args, env }: Command, limitSeconds: number): Promise<string> {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  for (const [name, value] of Object.entries(env ?? {})) {
    if (value === undefined) delete environment[name];
    else environment[name] = value;
  }
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    let late = false;
    // A driver that is stopped leaves no trial running behind it.
    const stop = (): void => { child.kill('SIGKILL'); };
    process.once('exit', stop);
    const timer = setTimeout(() => { late = true; stop(); }, limitSeconds * 1000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { errors = (errors + text).slice(-2000); });
    child.on('error', (error) => { clearTimeout(timer); process.off('exit', stop); reject(error); });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      process.off('exit', stop);
      if (code === 0) resolve(output);
      else if (late) reject(new Error(`took longer than ${limitSeconds} s`));
      else reject(new Error(`ended with ${signal ?? `code ${code}`}: ${essence(errors)}`));
    });
  });
}

/** Of a stack of calls the line that says what happened: Python's last one, Node's `…Error: …`. */
function essence(errors: string): string {
  const lines = errors.trim().split('\n');
  if (lines.some((line) => line.startsWith('Traceback'))) return lines.at(-1)!;
  return lines.find((line) => /^(Uncaught )?\w*Error\b.*: /.test(line)) ?? (errors.trim() || 'nothing on stderr');
}

function lastJsonLine(output: string): TrialResult {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as TrialResult;
  } catch {
    throw new Error(`expected JSON on the last line but received ${JSON.stringify(line.slice(0, 200))}`);
  }
}
