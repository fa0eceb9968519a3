// Memory that users hand over and then take away, shrink, share or change while threads read it: every case gives a right answer or one clear
// error, and the network works afterwards. Usage: node --expose-gc scripts/soak/buffers.mjs [native|typescript] [huge]
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Dataset, dense, Network } from 'densely';

const [backend = 'native', huge] = process.argv.slice(2);
const width = 300, rows = 2000, epochs = 3;
const values = Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i)), labels = Uint8Array.from({ length: rows }, (_, i) => i % 10);
const make = () => new Network({ inputs: width, seed: 3, backend, layers: [dense(128, 'relu'), dense(10, 'softmax')] });
const weightsOf = (network) => network.weights().map(({ data }) => data.join()).join('|');
const problems = [];

function expect(name, holds) {
  console.log(`${holds ? 'as expected' : 'NOT AS EXPECTED'}: ${name}`);
  if (!holds) problems.push(name);
}

const refused = async (call, code) => {
  try {
    await call();
    return false;
  } catch (error) {
    if (error.code !== code) console.log(`  ${error.code}: ${error.message}`);
    return error.code === code;
  }
};

/** Trains while `disturb` runs, after each pause of the run; the weights, or the error's code, and whether the network works afterwards. */
async function trained(x, y, disturb = () => {}) {
  const network = make();
  let result;
  try {
    const run = network.fit({ x, y }, { epochs, batchSize: 50, callbacks: [{ onPause: disturb }] });
    disturb();
    await run;
    result = weightsOf(network);
  } catch (error) {
    result = error.code ?? error;
  }
  const { data } = network.predictSync(values);
  return { result, works: data.length === rows * 10 };
}

const { result: expected } = await trained(values.slice(), labels.slice());
const same = ({ result, works }) => result === expected && works;
const copyIn = (buffer, offset, Type, source) => {
  const view = new Type(buffer, offset, source.length);
  view.set(source);
  return view;
};
const collect = () => {
  globalThis.gc();
  globalThis.gc();
};

// Transferred while a run is in flight, and dropped by whoever has it.
{
  const x = values.slice(), y = labels.slice();
  expect('transferred in mid-run and dropped', same(await trained(x, y, () => {
    structuredClone([x, y], { transfer: x.buffer.byteLength > 0 ? [x.buffer, y.buffer] : [] });
    collect();
  })));
}
{
  const x = values.slice(), y = labels.slice(), worker = new Worker('require("node:worker_threads").parentPort.on("message", () => {})', { eval: true });
  await once(worker, 'online');
  let posted = false;
  expect('posted in mid-run to a worker that is then terminated', same(await trained(x, y, () => {
    if (posted) return;
    posted = true;
    worker.postMessage(x, [x.buffer]);
    worker.terminate().then(collect);
  })));
}
{
  const x = values.slice(), set = Dataset.from({ x, y: labels, width }), network = make();
  structuredClone(x, { transfer: [x.buffer] });
  expect('fit on a data set whose memory is gone', await refused(() => network.fit(set), 'ERR_DATA'));
  expect('evaluate on it', await refused(() => network.evaluate(set), 'ERR_DATA'));
  expect('predictions of what is gone', await refused(() => network.predict(x), 'ERR_DATA') && await refused(async () => network.predictSync(x), 'ERR_DATA'));
  const into = new Float32Array(10);
  structuredClone(into, { transfer: [into.buffer] });
  expect('predictions into what is gone', await refused(async () => network.predictSync(values.subarray(0, width), { into }), 'ERR_OPTION'));
  const before = weightsOf(network);
  expect('weights that are gone', await refused(async () => network.setWeights([{ name: 'dense2.bias', data: into }]), 'ERR_SHAPE') && weightsOf(network) === before);
}

// Resizable, in both directions.
for (const [name, size] of [['shrunk', 0], ['shrunk by a byte', values.byteLength - 1], ['grown', 2 * values.byteLength]]) {
  const buffer = new ArrayBuffer(values.byteLength, { maxByteLength: 2 * values.byteLength });
  expect(`${name} in mid-run`, same(await trained(copyIn(buffer, 0, Float32Array, values), labels, () => {
    buffer.resize(size);
    collect();
  })));
  const input = new ArrayBuffer(values.byteLength, { maxByteLength: 2 * values.byteLength }), network = make();
  const asked = network.predict(copyIn(input, 0, Float32Array, values)), right = make().predictSync(values).data;
  input.resize(size);
  collect();
  expect(`${name} under a prediction`, (await asked).data.every((value, i) => value === right[i]));
}
{
  const buffer = new ArrayBuffer(values.byteLength, { maxByteLength: 2 * values.byteLength }), x = new Float32Array(buffer), set = Dataset.from({ x: copyIn(buffer, 0, Float32Array, values) && x, y: labels, width });
  buffer.resize(values.byteLength / 2);
  expect('fit on a data set that has shrunk', await refused(() => make().fit(set), 'ERR_DATA'));
}

// Shared, growable, at odd offsets, of another context.
{
  const x = copyIn(new SharedArrayBuffer(values.byteLength), 0, Float32Array, values), y = copyIn(new SharedArrayBuffer(rows + 3), 3, Uint8Array, labels);
  expect('shared memory', same(await trained(x, y)));
  const growing = new SharedArrayBuffer(values.byteLength, { maxByteLength: 4 * values.byteLength });
  let size = values.byteLength;
  expect('shared memory that grows', same(await trained(copyIn(growing, 0, Float32Array, values), y, () => { if (size < 4 * values.byteLength) growing.grow(size += 4096); })));
  const into = new Float32Array(new SharedArrayBuffer(rows * 40)), right = make().predictSync(values).data;
  make().predictSync(x, { into });
  expect('predictions from and into shared memory', into.every((value, i) => value === right[i]));
}
for (const offset of [4, 12, 20, 60]) {
  const x = copyIn(new ArrayBuffer(values.byteLength + 64), offset, Float32Array, values), y = copyIn(new ArrayBuffer(rows + 64), offset + 1, Uint8Array, labels);
  expect(`numbers ${offset} bytes into their buffer, labels ${offset + 1}`, same(await trained(x, y)));
}
{
  const bytes = Uint8Array.from(values, (value) => 127 + 100 * value), results = [];
  for (const offset of [0, 1, 3, 7]) results.push((await trained(copyIn(new ArrayBuffer(bytes.length + 64), offset, Uint8Array, bytes), labels)).result);
  expect('bytes at odd offsets', results.every((result) => result === results[0]));
}

// Changed in mid-run: what is learnt is anybody's guess, but nothing breaks.
{
  const x = values.slice(), changing = await trained(x, labels, () => { x.reverse(); });
  expect('inputs changed in mid-run', changing.works && typeof changing.result === 'string');
  const y = labels.slice(), wrong = await trained(values, y, () => { y.fill(255); });
  expect('labels that are none in mid-run', wrong.works && wrong.result === 'ERR_NON_FINITE');
  const bad = values.slice(), infinite = await trained(bad, labels, () => { bad.fill(NaN); });
  expect('inputs that are not finite in mid-run', infinite.works && infinite.result === 'ERR_NON_FINITE');
}

// More than 2³¹ elements: the last rows are read where they are.
if (huge !== undefined) {
  const wide = 16384, many = 2 ** 17 + 4, x = new Uint8Array(many * wide), y = new Uint8Array(many);
  for (let i = 0; i < 4 * wide; i++) x[(many - 4) * wide + i] = i % 251;
  const network = new Network({ inputs: wide, backend, layers: [dense(3, 'softmax')] }), set = Dataset.from({ x, y, width: wide });
  const last = Dataset.from({ x: x.slice((many - 4) * wide), y: y.slice(many - 4), width: wide });
  expect(`${x.length} bytes: the last rows`, (await network.evaluate(set.slice(many - 4))).loss === (await network.evaluate(last)).loss);
  await network.fit(set, { epochs: 1, batchSize: 512, optimizer: 'sgd' });
  expect(`${x.length} bytes: an epoch`, network.weights().every(({ data }) => data.every(Number.isFinite)));
}
console.log(`${problems.length} not as expected`);
process.exitCode = problems.length === 0 ? 0 : 1;
