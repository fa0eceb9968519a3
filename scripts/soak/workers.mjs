// Threads and processes that come and go: the library is loaded in workers alone, which train and end by themselves, are terminated in the
// middle of a fit, call process.exit there or throw; 32 at once; forks, members of a cluster and contexts. All that come to their end must
// have learnt the same numbers. Usage: node scripts/soak/workers.mjs [cycles] [at once] [native|typescript] [--any-time]
import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const [cycles = '1000', atOnce = '32', backend = 'native', anyTime] = isMainThread ? process.argv.slice(2) : [];
const here = new URL(import.meta.url), longest = 500;

/** Trains a network, and gives a few bytes that stand for its weights. */
async function train(backend, epochs) {
  const { dense, dropout, Network } = await import('densely');
  const x = new Float32Array(256 * 100).map((_, i) => Math.sin(i)), y = new Uint8Array(256).map((_, i) => i % 10);
  const network = new Network({ inputs: 100, backend, threads: 2, layers: [dense(200, 'relu'), dropout(0.1), dense(10, 'softmax')] });
  await network.fit({ x, y }, { epochs, batchSize: 64 });
  const hash = createHash('sha256');
  for (const { data } of network.weights()) hash.update(new Uint8Array(data.buffer));
  return hash.digest('hex').slice(0, 16);
}

/** One worker's life; says how it ended, and how long after it was asked to. */
async function live(ending, delay) {
  const worker = new Worker(here, { workerData: { ending, backend, delay } });
  let answer, error, asked;
  worker.on('error', (thrown) => { error = thrown; });
  worker.on('message', async (message) => {
    if (message.digest !== undefined) answer = message.digest;
    else if (message.asked !== undefined) asked = message.asked;
    else if (ending === 'terminate') {
      await setTimeout(delay);
      asked = Date.now();
      await worker.terminate();
    }
  });
  const code = await new Promise((resolve) => worker.on('exit', resolve));
  return { answer, code, error, time: asked === undefined ? 0 : Date.now() - asked };
}

async function worker({ ending, backend, delay }) {
  const say = (message) => parentPort.postMessage(message);
  if (ending === 'end') {
    say({ digest: await train(backend, 2) });
    return;
  }
  say({ training: true });
  const run = train(backend, 1e6);
  if (ending !== 'terminate') {
    await setTimeout(delay + 100);
    say({ asked: Date.now() });
    if (ending === 'exit') process.exit(7);
    throw new Error('thrown while a network trains');
  }
  await run;
}

/** What each ending of a worker is expected to leave. */
const endings = {
  end: ({ answer, code }, expected) => code === 0 && answer === expected,
  terminate: ({ code, error }) => code === 1 && error === undefined,
  exit: ({ code, error }) => code === 7 && error === undefined,
  throw: ({ code, error }) => code === 1 && error?.message === 'thrown while a network trains',
};

let failed = 0;
function report(name, good, total, more = '') {
  if (good !== total) failed++;
  console.log(`${name}: ${good} of ${total} as expected${more}`);
}

async function lifeCycles(expected) {
  const tallies = Object.fromEntries(Object.keys(endings).map((name) => [name, { good: 0, total: 0, times: [] }]));
  const names = Object.keys(endings);
  let before = 0;
  for (let cycle = 0; cycle < Number(cycles); cycle++) {
    if (cycle === Math.floor(Number(cycles) / 5)) before = process.memoryUsage().rss;
    const name = names[cycle % names.length], tally = tallies[name], life = await live(name, 250 * Math.random());
    tally.total++;
    tally.times.push(life.time);
    if (endings[name](life, expected)) tally.good++;
    else console.log(`  ${name}: ${JSON.stringify(life)} ${life.error ?? ''}`);
  }
  for (const [name, { good, total, times }] of Object.entries(tallies)) {
    const slow = times.filter((time) => time > longest).length;
    if (slow > 0 && anyTime === undefined) failed++;
    report(`workers, ${name}`, good, total, name === 'end' ? '' : `; gone after ${Math.max(...times)} ms at the longest, ${slow} after more than ${longest} ms`);
  }
  console.log(`growth over the last four fifths of ${cycles} life cycles: ${((process.memoryUsage().rss - before) / 2 ** 20).toFixed(1)} MiB`);
}

async function together(expected) {
  const lives = await Promise.all(Array.from({ length: Number(atOnce) }, () => live('end', 0)));
  report(`${atOnce} workers at once`, lives.filter((life) => endings.end(life, expected)).length, lives.length);
}

async function processes(expected) {
  const answers = [];
  const forks = [0, 1].map(() => fork(fileURLToPath(here), ['--child', backend]));
  cluster.setupPrimary({ exec: fileURLToPath(here), args: ['--child', backend] });
  const members = [0, 1].map(() => cluster.fork());
  const codes = await Promise.all([...forks, ...members.map(({ process }) => process)].map(async (child) => {
    child.on('message', (message) => { if (message.digest !== undefined) answers.push(message.digest); });
    return (await once(child, 'exit'))[0];
  }));
  report('forks and members of a cluster', Math.min(answers.filter((answer) => answer === expected).length, codes.filter((code) => code === 0).length), 4);
}

if (!isMainThread) {
  await worker(workerData);
} else if (process.argv[2] === '--child') {
  process.send({ digest: await train(process.argv[3], 2) }, () => process.disconnect());
} else {
  const { answer: expected } = await live('end', 0);
  await together(expected);
  await processes(expected);
  await lifeCycles(expected);
  report('the main thread, at last', (await train(backend, 2)) === expected ? 1 : 0, 1);
  process.exitCode = failed === 0 ? 0 : 1;
}
