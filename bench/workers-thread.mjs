// A worker thread of workers.ts: attaches or builds a network, predicts with it for some seconds, and replies with rows per second.
import { parentPort } from 'node:worker_threads';
import { dense, Network } from 'densely';

const build = (side) => new Network({ inputs: side, layers: [dense(side, 'relu'), dense(side)], threads: 1 });
let network;

parentPort.on('message', ({ token, side, seconds = 0, rows = 1 }) => {
  network ??= token === undefined ? build(side) : Network.attach(token);
  const x = new Float32Array(rows * side).map((_, i) => Math.sin(i)), into = new Float32Array(rows * side);
  network.predictSync(x, { into });
  globalThis.gc?.();
  let count = 0;
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    network.predictSync(x, { into });
    count += rows;
  }
  parentPort.postMessage((count / (performance.now() - start)) * 1000);
});
