// Trains two networks, one after the other and both at once, and prints what stands for their weights and how many threads there were.
// Usage: node scripts/soak/threads-job.mjs [shim.node threads]     with the shim preloaded, so many threads can be made
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const [shim, threads] = process.argv.slice(2);
if (shim !== undefined) createRequire(import.meta.url)(shim).allowThreads(Number(threads));
const { dense, diagnostics, dropout, Network } = await import('densely');
const x = new Float32Array(512 * 300).map((_, i) => Math.sin(i)), y = new Uint8Array(512).map((_, i) => i % 10);

async function train(seed) {
  const network = new Network({ inputs: 300, seed, backend: 'native', threads: 4, layers: [dense(600, 'relu'), dropout(0.2), dense(10, 'softmax')] });
  await network.fit({ x, y }, { epochs: 3, batchSize: 128 });
  const hash = createHash('sha256');
  for (const { data } of network.weights()) hash.update(new Uint8Array(data.buffer));
  hash.update(new Uint8Array(network.predictSync(x).data.buffer));
  return hash.digest('hex').slice(0, 16);
}

const alone = [await train(1), await train(2)], together = await Promise.all([train(1), train(2)]);
console.log(JSON.stringify({ alone, together, cores: diagnostics().native.cores, threads: diagnostics().native.threads }));
