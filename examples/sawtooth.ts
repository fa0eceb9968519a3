// Depth against width: z ↦ 1 − 2|z|, applied k times, has 2ᵏ straight pieces between −1 and 1. A chain of k layers of two ReLUs is that
// function exactly; one hidden layer has at most one piece more than units, whatever its weights (Telgarsky 2016; Montúfar et al. 2014).
import { adam, cosine, Dataset, dense, Network, type GivenTensor } from 'densely';

const points = 4096; // x and all that is made of it by hand are exact in single precision
const x = Float32Array.from({ length: points + 1 }, (_, i) => 2 * i / points - 1);
const sawtooth = (times: number, at: Float32Array): Float32Array => at.map((z) => {
  for (let i = 0; i < times; i++) z = 1 - 2 * Math.abs(z);
  return z;
});

/** |z| = max(0, z) + max(0, −z): two ReLUs, read by the two of the next layer. */
function deepByHand(times: number): Network {
  const network = new Network({ inputs: 1, layers: [...Array.from({ length: times }, () => dense(2, 'relu')), dense(1)] });
  const folds = Array.from({ length: times - 1 }, (_, i): GivenTensor[] => [
    { name: `dense${i + 2}.weight`, data: [-2, -2, 2, 2] }, { name: `dense${i + 2}.bias`, data: [1, -1] },
  ]);
  network.setWeights([
    { name: 'dense1.weight', data: [1, -1] }, ...folds.flat(),
    { name: `dense${times + 1}.weight`, data: [-2, -2] }, { name: `dense${times + 1}.bias`, data: [1] },
  ]);
  return network;
}

/** One hidden layer: a unit for every piece, which turns the slope round. */
function shallowByHand(times: number): Network {
  const units = 2 ** times, network = new Network({ inputs: 1, layers: [dense(units, 'relu'), dense(1)] });
  const perUnit = (value: (unit: number) => number): number[] => Array.from({ length: units }, (_, unit) => value(unit));
  network.setWeights([
    { name: 'dense1.weight', data: perUnit(() => 1) }, { name: 'dense1.bias', data: perUnit((unit) => 1 - 2 * unit / units) },
    { name: 'dense2.weight', data: perUnit((unit) => (unit === 0 ? units : unit % 2 === 0 ? 2 * units : -2 * units)) }, { name: 'dense2.bias', data: [-1] },
  ]);
  return network;
}

/** A network trained from random weights on every fourth point. */
async function learnt(widths: readonly number[], times: number, seed: number): Promise<Network> {
  const at = x.filter((_, i) => i % 4 === 0), data = Dataset.from({ x: at, y: sawtooth(times, at), width: 1 });
  const hidden = widths.map((units) => dense(units, 'relu', { biasInitializer: { name: 'randomUniform', scale: 1 } }));
  const network = new Network({ inputs: 1, seed, threads: 1, layers: [...hidden, dense(1)] });
  await network.fit(data, { epochs: 2000, batchSize: 16, optimizer: adam({ learningRate: cosine({ rate: 1e-3, per: 'step' }) }) });
  return network;
}

/** Prints parameters, straight pieces and the root mean squared error. A turn between two points shows at both, and counts once. */
async function report(name: string, network: Network, times: number): Promise<void> {
  const data = Array.from((await network.predict(x)).data), wanted = sawtooth(times, x);
  const parameters = network.weights().reduce((so, tensor) => so + tensor.data.length, 0);
  const turnsAt = (i: number): boolean => i > 0 && i < points && Math.abs(data[i + 1]! - 2 * data[i]! + data[i - 1]!) > 1e-5;
  const turns = data.filter((_, i) => turnsAt(i) && !turnsAt(i - 1)).length;
  const error = Math.sqrt(data.reduce((so, value, i) => so + (value - wanted[i]!) ** 2, 0) / data.length);
  console.log(`${name.padEnd(36)}${String(parameters).padStart(6)}${String(turns + 1).padStart(9)}${error.toFixed(4).padStart(10)}`);
}

console.log(`${'256 pieces wanted'.padEnd(32)}parameters   pieces     error`);
await report('8 layers of 2, by hand', deepByHand(8), 8);
await report('1 layer of 256, by hand', shallowByHand(8), 8);
await report('1 layer of 16, learnt', await learnt([16], 8, 1), 8);
console.log(`${'32 pieces wanted'.padEnd(32)}parameters   pieces     error`);
for (const seed of [1, 2, 3]) {
  await report(`3 layers of 20, learnt, seed ${seed}`, await learnt([20, 20, 20], 5, seed), 5);
  await report(`1 layer of 300, learnt, seed ${seed}`, await learnt([300], 5, seed), 5);
}
