// Load on a service over keep-alive connections: `npm run load -- http://host:port [--connections 64] [--seconds 10] [--rate 5000]`.
// With `--rate` requests come at even times, whatever the answers do, and latency counts from the moment a request was due; without it each
// connection asks again as soon as it is answered. `--swap a.safetensors --swap b.safetensors --into model.safetensors` puts the two files in
// turn in the place of the served one, once a second, and holds every answer against what the two networks say.
import { copyFile, rename } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Network } from 'densely';
import { Connection } from './connection.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    connections: { type: 'string', default: '64' }, seconds: { type: 'string', default: '10' }, warm: { type: 'string', default: '2' },
    rate: { type: 'string' }, swap: { type: 'string', multiple: true, default: [] }, into: { type: 'string' },
  },
});
const [address] = positionals, rate = values.rate === undefined ? undefined : Number(values.rate);
if (address === undefined) throw new Error('expected the address of the service, as in http://host:8080');
if (values.swap.length > 0 && values.into === undefined) throw new Error('expected --into with the file that the service serves');

const ready = await fetch(new URL('/ready', address));
if (ready.status !== 200) throw new Error(`expected the service at ${address} to be ready but it answered ${ready.status}`);
const { inputs } = ((await ready.json()) as { model: { inputs: number } }).model;
// Rows like images: most values 0, the others in hundredths.
const rows = Array.from({ length: 32 }, (_, k) => Array.from({ length: inputs }, (_value, i) => ((i * 7 + k) % 5 === 0 ? ((i * 31 + k * 17) % 100) / 100 : 0)));
const { host } = new URL(address), requests = rows.map((x) => {
  const body = JSON.stringify({ x });
  return Buffer.from(`POST /predict HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
});

// What the networks that take turns say to each of the rows, and the texts that were found to say so.
const networks = await Promise.all(values.swap.map((file) => Network.load(file)));
const expected = rows.map((x) => networks.map((network) => Array.from(network.predictSync(x).data)));
const known = rows.map(() => new Map<string, number>());
const answers = networks.map(() => 0);

/** Which of the networks gave the answer, -1: none of them. The last bits depend on the rows that an answer was computed with. */
function giverOf(row: number, text: string): number {
  let giver = known[row]!.get(text);
  if (giver === undefined) {
    const given = (JSON.parse(text) as { outputs: number[][] }).outputs[0] ?? [];
    giver = expected[row]!.findIndex((wanted) => wanted.length === given.length && wanted.every((value, i) => Math.abs(value - given[i]!) < 1e-5));
    known[row]!.set(text, giver);
  }
  return giver;
}

let latencies: number[] = [], errors = 0, mixed = 0, swaps = 0, asked = 0, running = true;
const free: Connection[] = [], due: number[] = [];

/** Asks once, for what was due at `since`, and sees to it that the connection is used again. */
function ask(connection: Connection, since: number): void {
  const row = asked++ % rows.length;
  void connection.ask(requests[row]!).then(({ status, body }) => {
    const now = performance.now();
    latencies.push(now - since);
    if (status !== 200) {
      errors++;
      // Its connection is gone.
      if (status === 0) return;
    } else if (networks.length > 0) {
      const giver = giverOf(row, body);
      if (giver < 0) mixed++;
      else answers[giver]!++;
    }
    if (!running) return connection.close();
    if (rate === undefined) return ask(connection, now);
    const next = due.shift();
    if (next === undefined) free.push(connection);
    else ask(connection, next);
  });
}

const { hostname, port } = new URL(address);
const connections = await Promise.all(Array.from({ length: Number(values.connections) }, () => Connection.open(hostname, Number(port === '' ? 80 : port))));
const begin = performance.now();
let sent = 0;
/** Sends what is due by now. */
function tick(interval: number): void {
  for (const now = performance.now(); begin + sent * interval <= now; sent++) {
    const connection = free.pop(), since = begin + sent * interval;
    if (connection === undefined) due.push(since);
    else ask(connection, since);
  }
}
for (const connection of connections) {
  if (rate === undefined) ask(connection, performance.now());
  else free.push(connection);
}
const timers = rate === undefined ? [] : [setInterval(tick, 1, 1000 / rate)];
if (values.swap.length > 0) {
  const into = values.into!;
  timers.push(setInterval(async () => {
    await copyFile(values.swap[swaps++ % values.swap.length]!, `${into}.next`);
    await rename(`${into}.next`, into);
  }, 1000));
}

await new Promise((resolve) => setTimeout(resolve, Number(values.warm) * 1000));
latencies = [];
const start = performance.now();
await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
const seconds = (performance.now() - start) / 1000, sorted = Float64Array.from(latencies).sort();
running = false;
for (const timer of timers) clearInterval(timer);
for (const connection of free) connection.close();
const quantile = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(2);
console.log(`${connections.length} connections, ${seconds.toFixed(1)} s: ${(sorted.length / seconds).toFixed(0)} requests/s, p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, p99.9 ${quantile(0.999)} ms, longest ${quantile(1)} ms, ${errors} errors`);
if (networks.length > 0) console.log(`${swaps} changes of the file: ${values.swap.map((file, i) => `${answers[i]} answers of ${file}`).join(', ')}, ${mixed} of none of them`);
process.exitCode = errors + mixed === 0 ? 0 : 1;
