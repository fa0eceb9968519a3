// Runs under the shim beside this file: every allocation that the addon makes fails once, alone and with all after it, and each time the
// call either does without or rejects with ERR_OUT_OF_MEMORY, and works the next time. Prints what was found as JSON.
// Usage: LD_PRELOAD=shim.node node campaign.mjs shim.node [every] [calls]     every: 1 reaches all, 7 every seventh; calls: part of their names
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { once } from 'node:events';

const [shimPath, every = '1', wanted = ''] = isMainThread ? process.argv.slice(2) : workerData;
const shim = createRequire(import.meta.url)(shimPath);

const width = 200, rows = 160, threads = 3;
const x = new Float32Array(rows * width).map((_, i) => Math.sin(i)), y = new Uint8Array(rows).map((_, i) => i % 10);
const many = new Float32Array(900 * width).map((_, i) => Math.cos(i));

/** A few bytes that stand for all numbers of arrays. */
function digest(...arrays) {
  const hash = createHash('sha256');
  for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest('hex').slice(0, 16);
}

if (!isMainThread) {
  try {
    const { dense, Network } = await import('densely');
    const network = new Network({ inputs: width, backend: 'native', threads, layers: [dense(300, 'relu'), dense(10)] });
    parentPort.postMessage({ digest: digest((await network.predict(x)).data) });
  } catch (error) {
    parentPort.postMessage({ code: error.code, message: String(error.message ?? error) });
  }
} else {
  const folder = await mkdtemp(join(tmpdir(), 'densely-faults-'));
  try {
    console.log(JSON.stringify(await campaign(folder)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** All calls that make programs or run them. Each has objects of its own, made while nothing fails, and returns what stands for its results. */
async function calls(folder) {
  const { batchNorm, createPredictor, dense, dropout, Network } = await import('densely');
  const graph = await import('densely/graph');
  const weightsOf = (network) => digest(...network.weights().map(({ data }) => data));
  const make = (more = {}) => new Network({ inputs: width, seed: 4, backend: 'native', threads, layers: [dense(300, 'relu'), dropout(0.2), dense(10, 'softmax')], ...more });
  const path = join(folder, 'model.safetensors');
  await make().save(path);
  const { data: given } = make().weights()[0];
  const node = () => {
    const input = graph.input('x', ['rows', 3]);
    return { y: graph.relu(graph.affine(input, graph.parameter('w', [2, 3]), graph.parameter('b', [2]))) };
  };
  const fitted = async (network, options) => {
    const { epochs } = await network.fit({ x, y }, { epochs: 2, batchSize: 64, ...options });
    return `${weightsOf(network)} ${epochs.at(-1).loss}`;
  };
  const network = { make, weights: weightsOf };
  return {
    'a worker that loads the addon': {
      make: () => ({}),
      async run() {
        const worker = new Worker(new URL(import.meta.url), { workerData: [shimPath] });
        let answer = { code: 'none', message: 'the worker said nothing' };
        worker.on('message', (said) => { answer = said; });
        await once(worker, 'exit');
        if (answer.code !== undefined) throw Object.assign(new Error(answer.message), { code: answer.code });
        return answer.digest;
      },
    },
    'a new network': { make: () => ({}), run: async () => weightsOf(make()) },
    predictSync: { ...network, run: async (each) => digest(each.predictSync(x).data) },
    'predictSync of one row': { ...network, run: async (each) => digest(each.predictSync(x.subarray(0, width)).data) },
    'predictSync of many rows': { ...network, run: async (each) => digest(each.predictSync(many).data) },
    predict: { ...network, run: async (each) => digest((await each.predict(x)).data) },
    'predict of many rows': { ...network, run: async (each) => digest((await each.predict(many)).data) },
    'predict after predict': { ...network, run: async (each) => digest((await each.predict(x.subarray(0, width))).data, (await each.predict(many)).data) },
    fit: { ...network, once: true, run: (each) => fitted(each, {}) },
    'fit on one thread': { ...network, make: () => make({ threads: 1 }), once: true, run: (each) => fitted(each, {}) },
    'fit with validation': { ...network, once: true, run: (each) => fitted(each, { validation: { x, y } }) },
    'fit by L-BFGS': { ...network, make: () => new Network({ inputs: width, backend: 'native', threads, layers: [dense(300, 'tanh'), dense(10, 'softmax')] }), once: true, run: (each) => fitted(each, { optimizer: 'lbfgs', batchSize: undefined }) },
    'fit with batch normalization': { ...network, make: () => make({ layers: [dense(300, 'gelu'), batchNorm(), dense(10, 'softmax')] }), once: true, run: (each) => fitted(each, {}) },
    evaluate: { ...network, run: async (each) => JSON.stringify(await each.evaluate({ x, y })) },
    load: { make: () => ({}), run: async () => weightsOf(await Network.load(path, { backend: 'native' })) },
    save: { ...network, run: (each) => each.save(join(folder, 'saved.safetensors')) },
    setWeights: {
      ...network, once: true,
      run: async (each) => {
        each.setWeights([{ name: 'dense1.weight', data: given.map((value) => 2 * value) }]);
        return weightsOf(each);
      },
    },
    'share and attach': { ...network, run: async (each) => digest(Network.attach(each.share(), { backend: 'native', threads }).predictSync(x).data) },
    'forward, backward and update': {
      ...network, make: () => new Network({ inputs: width, backend: 'native', threads, layers: [dense(300, 'relu'), dense(10, 'softmax')] }), once: true,
      run: async (each) => {
        each.forward(x);
        each.backward(y);
        each.update(0.1);
        return weightsOf(each);
      },
    },
    'a graph': { make: () => ({}), run: async () => digest(graph.compile({ outputs: node() }, { backend: 'native' }).run({ x: [[1, 2, 3]] }).y.data) },
    'a predictor': {
      ...network,
      run: async (each) => {
        const predictor = createPredictor(each);
        try {
          return digest((await predictor.predict(x)).data);
        } finally {
          await predictor.close();
        }
      },
    },
    dispose: { make, run: async (each) => each.dispose(), once: true },
  };
}

async function campaign(folder) {
  const found = {}, problems = [];
  for (const [name, call] of Object.entries(await calls(folder))) {
    if (!name.includes(wanted)) continue;
    const expected = await call.run(call.make()), tally = { sites: 0, failures: 0, refused: 0, without: 0, keptWeights: 0 };
    for (const lasting of [0, 1]) {
      for (let site = 1; ; site += Number(every)) {
        const made = call.make(), before = call.weights?.(made);
        let result, error;
        shim.arm(site, lasting);
        try {
          result = await call.run(made);
        } catch (thrown) {
          error = thrown;
        }
        const failed = shim.disarm();
        const complain = (what) => problems.push(`${name}: allocation ${site}${lasting ? ' and all after it' : ''}: ${what}`);
        if (failed === 0) {
          if (error !== undefined || result !== expected) complain(`nothing failed, but ${error ?? 'the result is another'}`);
          tally.sites = Math.max(tally.sites, site - 1);
          break;
        }
        tally.failures++;
        if (error === undefined) {
          tally.without++;
          if (result !== expected) complain('the result is another');
          if (call.once) continue;
        } else {
          tally.refused++;
          if (error.code !== 'ERR_OUT_OF_MEMORY') complain(`${error.code}: ${error.stack ?? error}`);
          if (before !== undefined) {
            const kept = call.weights(made) === before;
            if (kept) tally.keptWeights++;
            else if (!call.once) complain('the weights have changed');
            if (!kept && call.once) {
              // Some minibatches had been learnt: it goes on from there.
              await call.run(made).catch((again) => complain(`and the next call: ${again.stack}`));
              continue;
            }
          }
        }
        // The same call once more, on the same network.
        try {
          if ((await call.run(made)) !== expected) complain('the next call gives another result');
        } catch (again) {
          complain(`and the next call: ${again.stack}`);
        }
      }
    }
    found[name] = tally;
    process.stderr.write(`${name}: ${JSON.stringify(tally)}\n`);
  }
  return { found, problems };
}
