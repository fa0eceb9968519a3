// The example service as a process of its own: predictions, refusals, overload, hot reload and the end. With Fastify where it is installed.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dense, Network } from '../../lib/index.ts';
import { backends } from '../helpers/backends.ts';
import { rowsOf } from '../helpers/networks.ts';

const root = resolve(import.meta.dirname, '../..'), example = join(root, 'examples/service'), inputs = 6, outputs = 4;
const installed = join(example, 'node_modules/fastify'), isInstalled = existsSync(join(installed, 'package.json'));
let folder = '', model = '';

beforeAll(async () => {
  if (!isInstalled) console.log('fastify is not installed in examples/service: a stand-in of the test carries the service');
  folder = await mkdtemp(join(tmpdir(), 'densely-service-'));
  model = join(folder, 'model.safetensors');
  const modules = join(folder, 'node_modules');
  await mkdir(modules);
  for (const file of await readdir(example)) if (file.endsWith('.ts') || file === 'package.json') await cp(join(example, file), join(folder, file));
  await symlink(root, join(modules, 'densely'), 'dir');
  if (isInstalled) {
    await symlink(installed, join(modules, 'fastify'), 'dir');
  } else {
    await mkdir(join(modules, 'fastify'));
    await cp(join(import.meta.dirname, 'fixtures/fastify.mjs'), join(modules, 'fastify/index.mjs'));
    await writeFile(join(modules, 'fastify/package.json'), '{ "name": "fastify", "version": "0.0.0", "exports": "./index.mjs" }');
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Puts a network in the place of the model file whose outputs all are `value`. */
async function writeConstant(value: number): Promise<void> {
  const network = new Network({ inputs, layers: [dense(5), dense(outputs)] });
  network.setWeights(network.weights().map(({ name, data }) => ({ name, data: data.fill(name === 'dense2.bias' ? value : 0) })));
  await network.save(`${model}.next`);
  await rename(`${model}.next`, model);
}

interface Answer { status: number; headers: Record<string, unknown>; body: string }
interface Service { process: ChildProcess; port: number; log: () => string; ask: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>; exit: Promise<number | null> }

const running: ChildProcess[] = [];
afterEach(() => { for (const child of running.splice(0)) child.kill('SIGKILL'); });

async function until(what: () => Promise<boolean> | boolean, which: string): Promise<void> {
  for (const start = performance.now(); performance.now() - start < 25_000;) {
    if (await what()) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`waited in vain: ${which}`);
}

const loader = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;

async function start(environment: Record<string, string>): Promise<Service> {
  const child = spawn(process.execPath, ['--import', loader, 'main.ts'], { cwd: folder, env: { ...process.env, MODEL: model, PORT: '0', WATCH_INTERVAL: '50', ...environment } });
  running.push(child);
  let log = '';
  child.stdout!.on('data', (part) => { log += String(part); });
  child.stderr!.on('data', (part) => { log += String(part); });
  const exit = new Promise<number | null>((done) => child.on('exit', done));
  await until(() => log.includes('listening on port'), log);
  const port = Number(/listening on port (\d+)/.exec(log)![1]);
  const ask: Service['ask'] = (path, body, headers = { 'content-type': 'application/json' }) => new Promise((done, fail) => {
    const call = request({ port, path, method: body === undefined ? 'GET' : 'POST', ...(body !== undefined && { headers }) }, (answer) => {
      let text = '';
      answer.on('data', (part) => { text += String(part); });
      answer.on('end', () => done({ status: answer.statusCode!, headers: answer.headers, body: text }));
    });
    call.on('error', fail);
    call.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
  });
  return { process: child, port, log: () => log, ask, exit };
}

const errorOf = ({ body }: Answer): string => (JSON.parse(body) as { error: string }).error;
const outputsOf = ({ status, body }: Answer): number[][] => {
  expect(status, body).toBe(200);
  return (JSON.parse(body) as { outputs: number[][] }).outputs;
};

describe.each(backends)('%s', (backend) => {
  test('answers, refuses bad bodies with a sentence, and refuses what is too much', async () => {
    const network = new Network({ inputs, layers: [dense(5, 'tanh'), dense(outputs, 'softmax')], seed: 4, backend }), x = rowsOf(3, inputs, 1);
    await network.save(model);
    const { ask } = await start({ DENSELY_BACKEND: backend, MAX_QUEUE: '50', BODY_LIMIT: '20000' });
    expect(await ask('/health')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(JSON.parse((await ask('/ready')).body)).toMatchObject({ status: 'ready', model: { inputs, outputs, backend } });

    const expected = network.predictSync(x).data, answers = await Promise.all(Array.from({ length: 40 }, () => ask('/predict', { x: x[0] })));
    for (const row of [...outputsOf(await ask('/predict', { x })).slice(0, 1), ...answers.map((answer) => outputsOf(answer)[0]!)]) row.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    expect(outputsOf(await ask('/predict', { x })).flat()).toHaveLength(3 * outputs);

    const refusals: [body: unknown, status: number, sentence: string][] = [
      [{ x: [1, 2] }, 400, 'expected 6 features but received 2 (row 0)'], [{ x: [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5]] }, 400, 'expected 6 features but received 5 (row 1)'],
      [{ x: [[1, 2, 3, 4, 5, 'six']] }, 400, "expected a finite number but received 'six' (row 0, column 5)"], [{ x: [[1, 2, 3, 4, 5, null]] }, 400, 'expected a finite number but received null'],
      [{ x: [] }, 400, 'expected at least one row'], [{ x: [{ a: 1 }] }, 400, 'the network has no preprocessor'], [{ x: 7 }, 400, 'expected rows of numbers but received 7'], [{ x: { a: [1] } }, 400, "received 'a'"], [{ x: { data: [1] } }, 400, 'expected rows of numbers'],
      [{}, 400, "expected property 'x'"], [{ x: x[0], y: 1 }, 400, "expected 'x' as the body's only property but received \"y\""], ['[1]', 400, 'expected a JSON object'], ['null', 400, 'expected a JSON object'],
      ['{"x":', 400, 'expected the body to be JSON'], ['', 400, 'expected a body but it is empty'], [{ x: rowsOf(900, inputs, 1) }, 413, 'expected a body of at most 20000 bytes'],
      [{ x: rowsOf(51, inputs, 1).map((row) => row.map(Math.round)) }, 503, 'expected at most 50 rows to wait but 0 do and 51 more came'],
    ];
    for (const [body, status, sentence] of refusals) {
      const answer = await ask('/predict', body);
      expect([answer.status, errorOf(answer)]).toEqual([status, expect.stringContaining(sentence)]);
      expect(errorOf(answer)).not.toMatch(/\n|\[|undefined/);
      if (status === 503) expect(answer.headers['retry-after']).toBe('1');
    }
    expect(await ask('/predict', 'x=1', { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({ status: 415 });
    expect(await ask('/elsewhere')).toMatchObject({ status: 404 });

    const metrics = await ask('/metrics');
    expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(metrics.body).toContain('\ndensely_predictor_requests_total 42\n');
    expect(metrics.body).toContain('\ndensely_predictor_refused_total{reason="overloaded"} 1\n');
  }, 60_000);

  test('loads the model anew on SIGHUP and when the file has changed, and keeps it where the file is broken', async () => {
    await writeConstant(1);
    const { ask, log, process: child } = await start({ DENSELY_BACKEND: backend });
    const value = async (): Promise<number> => Math.round(outputsOf(await ask('/predict', { x: rowsOf(1, inputs, 1) }))[0]![0]!);
    expect(await value()).toBe(1);
    await writeConstant(2);
    await until(async () => (await value()) === 2, 'the change of the file');
    await writeFile(model, 'broken');
    child.kill('SIGHUP');
    await until(() => log().includes('the model before stays: [load'), 'the broken file');
    expect(await value()).toBe(2);
    await writeConstant(3);
    child.kill('SIGHUP');
    await until(async () => (await value()) === 3, 'SIGHUP');
    expect((await ask('/metrics')).body).toMatch(/service_model_reloads_total\{result="succeeded"\} [2-9]\n/);
  }, 60_000);

  test('under load, with another model a second, every answer is of one of the two', async () => {
    const files = [join(folder, 'a.safetensors'), join(folder, 'b.safetensors')];
    for (const [seed, file] of files.entries()) await new Network({ inputs, layers: [dense(5, 'tanh'), dense(outputs, 'softmax')], seed }).save(file);
    await cp(files[0]!, model);
    const { port, ask } = await start({ DENSELY_BACKEND: backend });
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import', loader, 'load.ts', `http://0.0.0.0:${port}`, '--connections', '8', '--rate', '500', '--warm', '0.3', '--seconds', '2', ...files.flatMap((file) => ['--swap', file]), '--into', model,
    ], { cwd: folder });
    expect(stdout).toMatch(/^8 connections, 2\.\d s: \d+ requests\/s, p50 [\d.]+ ms, p99 [\d.]+ ms, p99\.9 [\d.]+ ms, longest [\d.]+ ms, 0 errors\n[23] changes of the file: [1-9]\d* answers of .*a\.safetensors, [1-9]\d* answers of .*b\.safetensors, 0 of none of them\n$/);
    expect((await ask('/metrics')).body).toMatch(/service_model_reloads_total\{result="failed"\} 0\n/);
  }, 60_000);

  test('SIGTERM: what was asked is answered, nothing more is taken, and the exit code is 0', async () => {
    await writeConstant(5);
    const { ask, exit, log, process: child } = await start({ DENSELY_BACKEND: backend, MAX_DELAY: '60000' });
    const asked = [1, 2, 3].map((rows) => ask('/predict', { x: rowsOf(rows, inputs, rows) }));
    await until(async () => (await ask('/metrics')).body.includes('waiting_rows 6\n'), 'six rows in the queue');
    child.kill('SIGTERM');
    const answers = (await Promise.all(asked)).map(outputsOf);
    expect(answers.map((rows) => rows.length)).toEqual([1, 2, 3]);
    for (const each of answers.flat(2)) expect(each).toBeCloseTo(5, 5);
    expect(await exit).toBe(0);
    expect(log()).toContain('closed');
    await expect(ask('/health')).rejects.toThrow('ECONNREFUSED');
  }, 60_000);
});
