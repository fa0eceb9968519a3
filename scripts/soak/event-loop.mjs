// How late the event loop is while the widest network of the benchmark trains.
// Usage: node scripts/soak/event-loop.mjs [seconds] [native|typescript] [--any-time]
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { dense, Network } from 'densely';

const [seconds = '60', backend = 'native', anyTime] = process.argv.slice(2);
const rows = 12800, x = Float32Array.from({ length: rows * 784 }, (_, i) => Math.sin(i)), y = Uint8Array.from({ length: rows }, (_, i) => i % 10);
const network = new Network({ inputs: 784, backend, layers: [2500, 2000, 1500, 1000, 500].map((units) => dense(units, 'tanh')).concat(dense(10, 'softmax')) });
const controller = new AbortController(), late = monitorEventLoopDelay({ resolution: 1 });
const run = network.fit({ x, y }, { epochs: 1e6, batchSize: 128, optimizer: 'sgd', signal: controller.signal });
// What builds the training program is over once the event loop comes round again.
setImmediate(() => setImmediate(() => {
  late.enable();
  setTimeout(() => controller.abort(), 1000 * Number(seconds));
}));
await run.catch((error) => {
  if (error.code !== 'ERR_ABORTED') throw error;
});
late.disable();
const p99 = late.percentile(99) / 1e6, most = late.max / 1e6;
console.log(`event loop in ${seconds} s of training on ${backend}: ${p99.toFixed(1)} ms late in the 99th percentile, ${most.toFixed(1)} ms at most`);
process.exitCode = anyTime === undefined && !(p99 <= 5 && most <= 50) ? 1 : 0;
