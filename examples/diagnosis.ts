// An ill network, what is found of it, the remedy applied, and a healthy one: npm run example examples/diagnosis.ts
import { fileURLToPath } from 'node:url';
import { checkGradients, dense, diagnose, Network, readCsv, sgd, standardScaler, type FitOptions, type LayerSpec } from 'densely';

const digits = await readCsv(fileURLToPath(new URL('data/digits.csv', import.meta.url)), { target: 'label' });
const { train, test } = digits.split({ test: 0.2, seed: 1, stratify: true });
const options: FitOptions = { epochs: 15, batchSize: 32, validation: test, optimizer: sgd({ learningRate: 0.02, momentum: 0.9 }), diagnose: true };

async function tryOut(title: string, layers: readonly LayerSpec[]): Promise<void> {
  const network = new Network({ inputs: 64, seed: 1, layers });
  console.log(`\n${title}\n${'='.repeat(title.length)}\n\nBefore training:\n\n${String(await diagnose(network, train))}`);
  const { epochs, diagnosis } = await network.fit(train, options);
  console.log(`\nAfter training, with accuracy ${epochs.at(-1)!.validation!.accuracy!.toFixed(3)} on digits not trained on:\n\n${String(diagnosis)}`);
}

await tryOut('Eight sigmoid layers with small weights', [
  ...Array.from({ length: 8 }, () => dense(32, 'sigmoid', { initializer: { name: 'randomNormal', scale: 0.1 } })), dense(10, 'softmax'),
]);
await tryOut('Three layers of relu, with the initial weights that belong to it and scaled inputs', [
  standardScaler(), ...Array.from({ length: 3 }, () => dense(32, 'relu')), dense(10, 'softmax'),
]);

const small = new Network({ inputs: 64, layers: [standardScaler(), dense(12, 'relu'), dense(10, 'softmax')] });
console.log(`\n${String(await checkGradients(small, train))}`);
