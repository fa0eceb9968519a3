// One start, in a fresh process: how long a library takes to import or, with a model's file named, to load it and predict once.
// node bench/startup.mjs <contestant> [model]; prints the result on its last line.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [contestant, model] = process.argv.slice(2);
const peer = createRequire(new URL('peers/package.json', import.meta.url));
const inputs = 784;

async function tfjs(backend) {
  const tf = peer('@tensorflow/tfjs');
  if (backend === 'wasm') peer('@tensorflow/tfjs-backend-wasm');
  return tf;
}

const importers = {
  native: () => import('densely'),
  onnxruntime: async () => peer('onnxruntime-node'),
  'tfjs-wasm': () => tfjs('wasm'),
  'tfjs-cpu': () => tfjs('cpu'),
  'brain.js': async () => peer('brain.js'),
};

async function tfjsFirstPrediction(tf, backend) {
  await tf.setBackend(backend);
  const { modelTopology, weightSpecs } = JSON.parse(readFileSync(model, 'utf8'));
  const bytes = readFileSync(`${model}.f32`);
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const loaded = await tf.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
  return loaded.predict(tf.zeros([1, inputs])).dataSync();
}

const firstPrediction = {
  native: async ({ Network }) => (await Network.load(model)).predictSync(new Float32Array(inputs)).data,
  onnxruntime: async ({ InferenceSession, Tensor }) => {
    const session = await InferenceSession.create(model);
    const { [session.outputNames[0]]: output } = await session.run({ [session.inputNames[0]]: new Tensor('float32', new Float32Array(inputs), [1, inputs]) });
    return output.data;
  },
  'tfjs-wasm': (tf) => tfjsFirstPrediction(tf, 'wasm'),
  'tfjs-cpu': (tf) => tfjsFirstPrediction(tf, 'cpu'),
};

let start = performance.now();
const library = await importers[contestant]();
if (model !== undefined) {
  start = performance.now();
  const probabilities = await firstPrediction[contestant](library);
  if (!(Math.abs(probabilities.reduce((sum, value) => sum + value, 0) - 1) < 1e-3)) throw new Error('expected probabilities that sum to 1');
}
const value = performance.now() - start;
console.log(JSON.stringify({ value, versions: { node: process.version } }));
// Threads that spin would keep the process for a while.
process.exit(0);
