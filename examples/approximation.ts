// Universal approximation: one hidden layer comes as near to a continuous function on a closed interval as it has units for.
// Left, ReLU units put in place by hand: a broken line through n + 1 points, off by at most max |f″| h² / 8. Right, tanh units, learnt.
import { Dataset, dense, Network } from 'densely';

const from = -2, to = 2, points = 2001, wanted = 0.01;
const f = (x: number): number => Math.sin(3 * x) + x * x / 2;
const secondDerivative = 10; // |f″(x)| = |1 − 9 sin 3x|, at most 10
const x = Float32Array.from({ length: points }, (_, i) => from + (to - from) * i / (points - 1));
const data = Dataset.from({ x, y: x.map(f), width: 1 });

/** max |network(x) − f(x)| over all points. */
async function largestError(network: Network): Promise<number> {
  const { data: y } = await network.predict(x);
  return Math.max(...Array.from(y, (value, i) => Math.abs(value - f(x[i]!))));
}

/** f at n + 1 knots, joined by straight lines: f(x₀) + Σ (slopeᵢ − slopeᵢ₋₁) max(0, x − xᵢ). */
function brokenLine(units: number): Network {
  const step = (to - from) / units, knots = Array.from({ length: units }, (_, i) => from + i * step);
  const slopes = knots.map((knot) => (f(knot + step) - f(knot)) / step);
  const network = new Network({ inputs: 1, layers: [dense(units, 'relu'), dense(1)] });
  network.setWeights([
    { name: 'dense1.weight', data: knots.map(() => 1) },
    { name: 'dense1.bias', data: knots.map((knot) => -knot) },
    { name: 'dense2.weight', data: slopes.map((slope, i) => slope - (slopes[i - 1] ?? 0)) },
    { name: 'dense2.bias', data: [f(from)] },
  ]);
  return network;
}

async function learnt(units: number): Promise<Network> {
  const spread = { biasInitializer: { name: 'randomUniform', scale: 4 }, initializer: { name: 'randomUniform', scale: 4 } } as const;
  const network = new Network({ inputs: 1, seed: 1, threads: 1, layers: [dense(units, 'tanh', spread), dense(1)] });
  await network.fit(data, { epochs: 1000, optimizer: 'lbfgs' });
  return network;
}

console.log(' units   ReLU by hand (bound)   tanh learnt');
let best = Infinity;
for (const units of [4, 8, 16, 32, 64, 128]) {
  const byHand = await largestError(brokenLine(units)), bound = secondDerivative * ((to - from) / units) ** 2 / 8, trained = await largestError(await learnt(units));
  console.log(`${String(units).padStart(6)}${byHand.toFixed(5).padStart(15)} (${bound.toFixed(5)})${trained.toFixed(5).padStart(14)}`);
  best = Math.min(best, trained);
}
console.log(`largest error learnt ${best.toFixed(5)}, wanted ${wanted.toFixed(5)}`);
