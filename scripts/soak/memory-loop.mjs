// One loop in a process of its own: prints by how many MiB the process has grown since its warm-up, a tenth of the loop.
// Usage: node --expose-gc scripts/soak/memory-loop.mjs predict|fit|load|drop [times] [native|typescript]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { adam, dense, dropout, Network } from 'densely';

const [loop, times, backend] = process.argv.slice(2);
const x = new Float32Array(32 * 64).map((_, i) => (i % 17) / 17), y = new Uint8Array(32).map((_, i) => i % 10), row = x.subarray(0, 64);
const make = (seed) => new Network({ inputs: 64, seed, backend, layers: [dense(64, 'relu'), dropout(0.1), dense(10, 'softmax')] });
const folder = await mkdtemp(join(tmpdir(), 'densely-memory-')), path = join(folder, 'model.safetensors');
const network = make(1), into = new Float32Array(10);
await network.save(path);

const turns = {
  async predict(turn) {
    network.predictSync(row);
    network.predictSync(row, { into });
    await network.predict(turn % 100 === 0 ? x : row);
  },
  async fit() {
    await network.fit({ x, y }, { epochs: 2, batchSize: 16, optimizer: adam({ learningRate: 1e-6 }), validation: { x, y } });
  },
  async load() {
    const loaded = await Network.load(path, { backend });
    loaded.predictSync(row);
    loaded.dispose();
  },
  async drop(turn) {
    const dropped = make(turn);
    dropped.predictSync(row);
    if (turn % 4 === 0) await dropped.fit({ x, y }, { epochs: 1, batchSize: 32 });
    if (turn % 4 === 1) await dropped.predict(x);
  },
};

/** Resident bytes once everything collectable has gone; buffers are freed by a thread of the collector's own. */
async function settled() {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await setTimeout(50);
  }
  return process.memoryUsage().rss;
}

try {
  const warm = Math.ceil(Number(times) / 10);
  let before = 0;
  for (let turn = 0; turn < Number(times); turn++) {
    if (turn === warm) before = await settled();
    await turns[loop](turn);
  }
  console.log(((await settled() - before) / 2 ** 20).toFixed(2));
} finally {
  await rm(folder, { recursive: true, force: true });
}
