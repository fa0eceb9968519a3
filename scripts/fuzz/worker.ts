// Runs cases of one target in a process of its own: node worker.ts target seed from count file. What is found is a line of JSON each.
// The number of the case at hand is in the file, so that the parent knows which one killed or held up the process.
import { openSync, writeSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { DenselyError } from '../../lib/errors.ts';
import { UsageError } from '../../lib/cli/exit-codes.ts';
import { Draws } from './random.ts';
import { targets } from './targets.ts';

const [name, seedText, fromText, countText, statePath] = process.argv.slice(2);
const seed = Number(seedText), from = Number(fromText), end = from + Number(countText);
const { codes, prepare } = targets.find((target) => target.name === name)!;

/** Limits of one case: processor time in microseconds, and memory outside of the heap besides that of the file. */
const longest = 1e6, largest = 16 * 2 ** 20;

const state = openSync(statePath!, 'w'), number = Buffer.alloc(8);
process.removeAllListeners('warning');
process.on('warning', () => undefined);

const say = (what: object): void => { writeSync(1, `${JSON.stringify(what)}\n`); };

/** The code of an error that is an answer; undefined for any other. */
function codeOf(error: unknown): string | undefined {
  return error instanceof UsageError ? 'USAGE' : error instanceof DenselyError ? error.code : undefined;
}

const make = await prepare();
const answers: Record<string, number> = {};
let told = Date.now();
for (let at = from; at < end; at++) {
  number.writeBigUInt64LE(BigInt(at));
  writeSync(state, number, 0, 8, 0);
  const { bytes, run } = make(new Draws(seed, at)), before = getHeapStatistics().external_memory, started = process.cpuUsage();
  let answer = 'read';
  try {
    await run();
  } catch (error) {
    const code = codeOf(error);
    answer = code ?? 'wrong';
    if (code === undefined || !codes.includes(code)) say({ case: at, found: code ?? (error as Error)?.name, message: String((error as Error)?.message).slice(0, 300), stack: (error as Error)?.stack?.split('\n').slice(1, 4) });
  }
  const { user, system } = process.cpuUsage(started), grown = getHeapStatistics().external_memory - before;
  if (user + system > longest) say({ case: at, found: 'slow', message: `${((user + system) / 1e6).toFixed(2)} s of processor time for ${bytes.length} bytes`, answer });
  // What the file holds may be there twice, as bytes and as numbers.
  if (grown > largest + 4 * bytes.length) say({ case: at, found: 'memory', message: `${grown} bytes for a file of ${bytes.length}`, answer });
  answers[answer] = (answers[answer] ?? 0) + 1;
  if (Date.now() - told < 1000) continue;
  told = Date.now();
  say({ done: at + 1 - from });
}
say({ done: end - from, answers });
