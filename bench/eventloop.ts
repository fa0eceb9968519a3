// How long `fit` keeps the event loop waiting: the delay of a timer while W3 trains natively.
// npx tsx --tsconfig tsconfig.build.json bench/eventloop.ts [--seconds S]

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cases, type TrainingCase } from './cases.ts';
import { makeData } from './data.ts';
import { buildNetwork, firstRows, fitEpochs, type Backend } from './library.ts';
import { measureRun, planSteps } from './timing.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' }, case: { type: 'string', default: 'W3-128-sgd' },
    backend: { type: 'string', default: 'native' }, threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const found = cases.find((one) => one.name === values.case);
if (found?.kind !== 'training') throw new Error(`[eventloop] expected a training case but received '${values.case}'`);
const one: TrainingCase = found;
const data = makeData(one);
const network = buildNetwork(one.network, values.backend as Backend, Number(values.threads));

/** Milliseconds late: the histogram counts the whole interval of its timer, of which one millisecond was asked for. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - 1);
}

/** Delays of the loop, in milliseconds, while `work` is under way. */
async function delays(work: () => Promise<unknown>): Promise<{ p50: number; p99: number; max: number }> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  // Turns before and after: work that never let the timer fire would otherwise leave no trace at all.
  await wait(20);
  await work();
  await wait(20);
  histogram.disable();
  return { p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), max: late(histogram.max) };
}

async function train(count: number): Promise<number> {
  const { rows, epochs, steps } = planSteps(count, one.batch, one.rows);
  await fitEpochs(network, one, firstRows(one, data, rows), epochs);
  return steps;
}

const warm = await measureRun(train, 0.5);
const steps = Math.ceil((Number(values.seconds) * warm.count) / warm.seconds);
const idle = await delays(() => wait(1000));
const start = performance.now();
const training = await delays(() => train(steps));
const seconds = (performance.now() - start) / 1000;
const line = ({ p50, p99, max }: typeof idle): string => `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, max ${max.toFixed(2)} ms`;
console.log(`event-loop delay, ${values.backend}, ${values.threads} threads, ${one.name}, ${seconds.toFixed(1)} s of fit (Node ${process.version})`);
console.log(`  idle:      ${line(idle)}`);
console.log(`  while fit: ${line(training)}`);
