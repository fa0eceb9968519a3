// Serves a model: `MODEL=model.safetensors PORT=8080 npm start`. SIGHUP, or a change of the file, loads it anew; SIGTERM ends the service.
import { ServedModel } from './model.ts';
import { serve } from './server.ts';

/** A number of the environment. */
function numberOf(name: string, fallback: number): number {
  const text = process.env[name], value = text === undefined || text === '' ? fallback : Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`expected ${name} to be a non-negative number but received '${text}'`);
  return value;
}

const log = (sentence: string): void => console.log(sentence);
const threads = numberOf('THREADS', 0);
const model = await ServedModel.open(process.env['MODEL'] ?? 'model.safetensors', {
  maxBatch: numberOf('MAX_BATCH', 64), maxDelay: numberOf('MAX_DELAY', 0.5), maxQueue: numberOf('MAX_QUEUE', 10_000), ...(threads > 0 && { threads }), log,
});
const server = await serve(model, { host: process.env['HOST'] ?? '0.0.0.0', port: numberOf('PORT', 8080), bodyLimit: numberOf('BODY_LIMIT', 2 ** 20), log });
model.watch(numberOf('WATCH_INTERVAL', 1000));
process.on('SIGHUP', () => void model.reload());

let ending = false;
async function shutDown(signal: string): Promise<void> {
  if (ending) return;
  ending = true;
  log(`${signal}: answering what was asked`);
  // Where something hangs, the process ends all the same.
  setTimeout(() => process.exit(1), numberOf('SHUTDOWN_TIMEOUT', 10_000)).unref();
  model.beginShutdown();
  // Both at once: what waits for its batch to fill up is answered now.
  await Promise.all([server.close(), model.close()]);
  log('closed');
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void shutDown(signal));
log(`listening on port ${server.port}`);
