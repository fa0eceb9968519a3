// Trains until it is ended: by itself in the way that its first argument says, or by a signal. Says on its output when it trains, and when it
// has asked for its end, in milliseconds of the clock. Second argument: the backend.
import { writeSync } from 'node:fs';
import { dense, dropout, Network } from 'densely';

const [ending, backend] = process.argv.slice(2);
const say = (text) => writeSync(1, `${text}\n`);
const x = new Float32Array(2048 * 1200).map((_, i) => Math.sin(i)), y = new Uint8Array(2048).map((_, i) => i % 10);
// Wide enough for the products of OpenBLAS, where it has the better ones.
const network = new Network({ inputs: 1200, backend, layers: [dense(1200, 'relu'), dropout(0.1), dense(10, 'softmax')] });
const controller = new AbortController();
let trains = false;

function end() {
  say(`asked ${Date.now()}`);
  if (ending === 'exit') process.exit(7);
  if (ending === 'throw') throw new Error('thrown while a network trains');
  controller.abort();
}

if (ending === 'handled') process.on('SIGTERM', end);
const run = network.fit({ x, y }, {
  epochs: 1e6, batchSize: 64, signal: controller.signal,
  callbacks: [{
    onPause() {
      if (trains) return;
      trains = true;
      say('training');
      if (ending === 'exit' || ending === 'throw') setTimeout(end, 150 * Math.random());
    },
  }],
});
await run.catch((error) => {
  if (error.code !== 'ERR_ABORTED') throw error;
});
