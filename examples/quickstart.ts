// Trains a network on 1,797 real handwritten digits of 8×8 pixels: npm run quickstart
import { fileURLToPath } from 'node:url';
import { adam, classificationReport, dense, diagnostics, dropout, Network, progressBar, readCsv } from 'densely';

const epochs = 40;
const digits = await readCsv(fileURLToPath(new URL('data/digits.csv', import.meta.url)), { target: 'label' });
const { train, test } = digits.split({ test: 0.2, seed: 1, stratify: true });
console.log(`digits: ${train.length} images to train on, ${test.length} to test on\n`);

const network = new Network({ inputs: 64, seed: 42, layers: [dense(128, 'relu'), dropout(0.2), dense(10, 'softmax')] });
console.log(`${network.summary()}\n`);

const history = await network.fit(train, { epochs, batchSize: 32, optimizer: adam({ learningRate: 2e-3 }), callbacks: [progressBar()] });

console.log(`\n${classificationReport(test, await network.predict(test.toArrays().x))}\n`);

const { reason } = diagnostics();
console.log(`backend: ${network.backend} (${reason})`);
console.log(`training took ${history.seconds.toFixed(2)} s for ${history.steps} minibatches`);
const { accuracy } = await network.evaluate(test);
console.log(`test accuracy ${accuracy!.toFixed(4)}`);
