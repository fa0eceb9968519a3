// Five networks that vote on handwritten digits, each trained on a sample of its own: npm run example examples/ensemble.ts
import { fileURLToPath } from 'node:url';
import { adam, dense, Ensemble, readCsv } from 'densely';

const digits = await readCsv(fileURLToPath(new URL('data/digits.csv', import.meta.url)), { target: 'label' });
const { train, test } = digits.split({ test: 0.2, seed: 1, stratify: true });

const ensemble = new Ensemble({ members: 5, seed: 7, bagging: true, network: { inputs: 64, layers: [dense(32, 'relu'), dense(10, 'softmax')] } });
const { outOfBag } = await ensemble.fit(train, { epochs: 15, optimizer: adam({ learningRate: 2e-3 }) });

const { accuracy, members } = await ensemble.evaluate(test);
members.forEach((member, i) => console.log(`member ${i + 1}: test accuracy ${member.accuracy!.toFixed(4)}`));
console.log(`ensemble: test accuracy ${accuracy!.toFixed(4)} (out-of-bag estimate ${outOfBag!.accuracy!.toFixed(4)})\n`);

// The examples on whose predicted class the members agree least.
const { x, y } = test.toArrays();
const { data, spread } = await ensemble.predict(x);
const answers = x.map((_, row) => {
  const shares = data.subarray(10 * row, 10 * row + 10), answer = shares.indexOf(Math.max(...shares));
  return { row, answer, probability: shares[answer]!, spread: spread[10 * row + answer]! };
});
const uncertain = answers.toSorted((a, b) => b.spread - a.spread).slice(0, 3);
for (const { row, answer, probability, spread: deviation } of uncertain) {
  console.log(`a ${y[row]![0]!}, taken for a ${answer} with probability ${probability.toFixed(2)} ± ${deviation.toFixed(2)}`);
  for (let line = 0; line < 8; line++) console.log(Array.from(x[row]!.subarray(8 * line, 8 * line + 8), (grey) => ' ░▒▓█'[Math.min(4, Math.floor(grey / 3.3))]!.repeat(2)).join(''));
}
