// Worker threads that predict on shared weights: memory against copies of their own, and throughput of one, two and more of them.
// npm run bench:workers -- [--millions M] [--rows R] [--seconds S] [--workers N]

import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { availableParallelism, loadavg } from 'node:os';
import { Worker } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { dense, Network, type SharedNetwork } from 'densely';
import { spread } from './statistics.ts';

/** What `workers-thread.mjs` does: attach the token, or build a network of two square layers of `side` units, 2 · side² weights; then predict. */
interface Task { readonly token?: SharedNetwork; readonly side: number; readonly seconds?: number; readonly rows?: number }

const collect = globalThis.gc ?? (() => undefined);
const build = (side: number): Network => new Network({ inputs: side, layers: [dense(side, 'relu'), dense(side)], threads: 1 });

async function settled(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    collect();
    await wait(50);
  }
  return process.memoryUsage().rss / 2 ** 20;
}

/** Gives each worker the task, and resolves to their replies. */
async function ask(workers: readonly Worker[], task: Task): Promise<number[]> {
  return Promise.all(workers.map(async (worker) => {
    worker.postMessage(task);
    return ((await once(worker, 'message')) as [number])[0];
  }));
}

/** Rows in a second of the clock, and in a second of processor time of the whole process, on which a busy machine has less influence. */
interface Rate { readonly wall: number; readonly processor: number }

async function rateOf(workers: readonly Worker[], task: Task): Promise<Rate> {
  const before = process.cpuUsage(), wall = (await ask(workers, task)).reduce((so, each) => so + each, 0), { user, system } = process.cpuUsage(before);
  return { wall, processor: (wall * task.seconds!) / ((user + system) / 1e6) };
}

function start(count: number): Worker[] {
  return Array.from({ length: count }, () => new Worker(new URL('workers-thread.mjs', import.meta.url)));
}

async function stop(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.terminate()));
}

/** MiB that the networks of `count` workers add to the process. */
async function memoryOf(count: number, side: number, isShared: boolean): Promise<number> {
  const workers = start(count);
  await Promise.all(workers.map((worker) => once(worker, 'online')));
  const before = await settled();
  let token: SharedNetwork | undefined;
  if (isShared) {
    const owner = build(side);
    token = owner.share();
    owner.dispose();
  }
  // One after the other: what building takes for a moment is not counted several times.
  for (const worker of workers) await ask([worker], { side, ...(token && { token }) });
  const grown = (await settled()) - before;
  await stop(workers);
  return grown;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      millions: { type: 'string', default: '50' }, rows: { type: 'string', default: '8' }, seconds: { type: 'string', default: '2' },
      workers: { type: 'string', default: '4' }, rounds: { type: 'string', default: '5' },
    },
  });
  const side = Math.round(Math.sqrt((Number(values.millions) * 1e6) / 2)), count = Number(values.workers);
  const weights = (2 * side * side * 4) / 2 ** 20, shared = await memoryOf(count, side, true), own = await memoryOf(count, side, false);
  console.log(`memory of ${count} workers, ${values.millions} million weights (${weights.toFixed(0)} MiB): shared ${shared.toFixed(0)} MiB, each its own ${own.toFixed(0)} MiB`);

  // Small enough for a core's caches, so that the cores are measured and not the memory they have in common.
  const owner = new Network({ inputs: 784, layers: [dense(128, 'relu'), dense(784)], threads: 1 }), token = owner.share();
  const workers = start(2), rows = Number(values.rows), seconds = Number(values.seconds), rates: [one: Rate, two: Rate][] = [];
  await ask(workers, { token, side: 784, rows });
  for (let round = 0; round < Number(values.rounds); round++) {
    rates.push([await rateOf(workers.slice(0, 1), { token, side: 784, rows, seconds }), await rateOf(workers, { token, side: 784, rows, seconds })]);
  }
  await stop(workers);
  const middle = (value: (one: Rate, two: Rate) => number): number => spread(rates.map(([one, two]) => value(one, two))).median;
  console.log(`throughput, 784-128-784, ${rows} rows a call, medians of ${rates.length} rounds:`);
  console.log(`  one worker ${middle((one) => one.wall).toFixed(0)} rows/s, two ${middle((_, two) => two.wall).toFixed(0)} rows/s, ${middle((one, two) => two.wall / one.wall).toFixed(2)} times as many`);
  console.log(`  in a second of processor time: one ${middle((one) => one.processor).toFixed(0)} rows, two ${middle((_, two) => two.processor).toFixed(0)} rows, ${(2 * middle((one, two) => two.processor / one.processor)).toFixed(2)} times as many where each has a core`);
  console.log(`${availableParallelism()} cores, load of the machine ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`);
}

await main();
