// Load on a service: keep-alive connections that each ask again as soon as they are answered. `npm run load -- http://host:port [--connections 64] [--seconds 10]`
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { connections: { type: 'string', default: '64' }, seconds: { type: 'string', default: '10' }, warm: { type: 'string', default: '2' } },
});
const [address] = positionals;
if (address === undefined) throw new Error('expected the address of the service, as in http://host:8080');
const connections = Number(values.connections), agent = new Agent({ keepAlive: true, maxSockets: connections });

/** Status and body of an answer; status 0 where there is none. */
function ask(path: string, body?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const call = request(new URL(path, address), { agent, method: body === undefined ? 'GET' : 'POST', ...(body !== undefined && { headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }) }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
      answer.on('error', () => resolve({ status: 0, text: '' }));
    });
    call.on('error', () => resolve({ status: 0, text: '' }));
    call.end(body);
  });
}

const ready = await ask('/ready');
if (ready.status !== 200) throw new Error(`expected the service at ${address} to be ready but it answered ${ready.status}`);
const { inputs } = (JSON.parse(ready.text) as { model: { inputs: number } }).model;
// Rows like images: most values 0, the others in hundredths.
const bodies = Array.from({ length: 32 }, (_, k) => JSON.stringify({ x: Array.from({ length: inputs }, (_value, i) => ((i * 7 + k) % 5 === 0 ? ((i * 31 + k * 17) % 100) / 100 : 0)) }));

let latencies: number[] = [], errors = 0, running = true;
async function connection(first: number): Promise<void> {
  for (let i = first; running; i++) {
    const start = performance.now(), { status } = await ask('/predict', bodies[i % bodies.length]);
    latencies.push(performance.now() - start);
    if (status !== 200) errors++;
  }
}

const asking = Array.from({ length: connections }, (_, i) => connection(i));
await new Promise((resolve) => setTimeout(resolve, Number(values.warm) * 1000));
latencies = [];
const start = performance.now();
await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
const seconds = (performance.now() - start) / 1000, sorted = Float64Array.from(latencies).sort();
running = false;
await Promise.all(asking);
agent.destroy();
const quantile = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(2);
console.log(`${connections} connections, ${seconds.toFixed(1)} s: ${(sorted.length / seconds).toFixed(0)} requests/s, p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, ${errors} errors`);
process.exitCode = errors === 0 ? 0 : 1;
