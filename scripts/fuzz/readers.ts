// Fuzzes the readers of files: changed files may be read or refused with a code, and nothing else, within a second and little more memory than they take.
// Usage: npm run fuzz:readers -- [--count 1000000] [--seed 1] [--from 0] [reader …]
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { targets } from './targets.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { count: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' }, from: { type: 'string', default: '0' } } });
const count = Number(values.count), seed = Number(values.seed), first = Number(values.from);
const names = positionals.length > 0 ? positionals : targets.map(({ name }) => name);
const worker = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Processor seconds that a process may take without telling of progress. */
const patience = 20;

/** Processor seconds of a process so far; NaN where the system does not tell. */
async function secondsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user, system] = text.slice(text.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
  return (user! + system!) / 100;
}

interface Part { readonly done: number; readonly found: number; readonly answers: Readonly<Record<string, number>> }

/** Runs cases from `from` on until all are done or one ends the process, which is found as well. */
async function runPart(name: string, from: number, most: number, folder: string): Promise<Part> {
  const statePath = join(folder, 'case');
  const child = spawn(process.execPath, ['--import', 'tsx', '--max-old-space-size=512', worker, name, String(seed), String(from), String(most), statePath], { stdio: ['ignore', 'pipe', 'pipe'] });
  let done = 0, found = 0, answers: Record<string, number> = {}, isWhole = false, last = 0, errors = '';
  child.stderr.on('data', (text) => { errors = `${errors}${String(text)}`.slice(-2000); });
  createInterface(child.stdout).on('line', (line) => {
    const told = JSON.parse(line) as { done?: number; answers?: Record<string, number> };
    if (told.done === undefined) {
      found++;
      console.log(`${name}: ${line}`);
      return;
    }
    done = told.done;
    last = NaN;
    answers = told.answers ?? answers;
    isWhole = told.answers !== undefined;
  });
  const watch = setInterval(async () => {
    const seconds = await secondsOf(child.pid!);
    if (Number.isNaN(last)) last = seconds;
    else if (seconds - last > patience) child.kill('SIGKILL');
  }, 1000);
  const ended = await new Promise<string>((resolve) => { child.on('close', (code, signal) => resolve(signal ?? `code ${code}`)); });
  clearInterval(watch);
  if (isWhole) return { done, found, answers };
  const state = await readFile(statePath).catch(() => Buffer.alloc(0));
  if (state.length < 8) throw new Error(`${name} could not be made ready: ${errors}`);
  const at = Number(state.readBigUInt64LE());
  console.log(`${name}: ${JSON.stringify({ case: at, found: 'the process ended', message: ended, errors: errors.slice(-600) })}`);
  return { done: at + 1 - from, found: found + 1, answers };
}

const folder = await mkdtemp(join(tmpdir(), 'densely-fuzz-readers-'));
let total = 0;
try {
  for (const name of names) {
    if (!targets.some((target) => target.name === name)) throw new Error(`no reader is named '${name}'; there are ${targets.map((each) => each.name).join(', ')}`);
    const started = performance.now();
    let done = 0, found = 0, answers: Readonly<Record<string, number>> = {};
    while (done < count) {
      const part = await runPart(name, first + done, count - done, folder);
      done += part.done;
      found += part.found;
      answers = part.answers;
    }
    total += found;
    console.log(`${name}: ${done} executions, ${found} findings, ${((performance.now() - started) / 1000).toFixed(0)} s; ${Object.entries(answers).map(([answer, times]) => `${answer} ${times}`).join(', ')}`);
  }
} finally {
  await rm(folder, { recursive: true });
}
process.exitCode = total === 0 ? 0 : 1;
