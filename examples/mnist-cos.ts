// Cosine units on MNIST with dropout and max-norm (Goodfellow, Bengio and Courville 2016, 6.3: below 1 % wrong). FOLDER [epochs]
import { adam, cosine, dense, dropout, Network, readIdxFolder } from 'densely';
import { readArguments } from './folder.ts';
import { showProgress } from './progress.ts';

const { folder, epochs } = readArguments('mnist-cos.ts', 'the four MNIST files, plain or gzip', 40);
const { train, test } = await readIdxFolder(folder);
const layers = [dropout(0.2), dense(2048, 'cos', { maxNorm: 1 }), dropout(0.5), dense(10, 'softmax', { maxNorm: 3 })];
const network = new Network({ inputs: 784, seed: 1, layers });
const optimizer = adam({ learningRate: cosine({ rate: 1e-3, per: 'step' }) });
const history = await network.fit(train, { epochs, batchSize: 128, optimizer, onEpoch: showProgress(epochs) });
const { accuracy } = await network.evaluate(test);
console.log(`training took ${history.seconds.toFixed(0)} s on the ${network.backend} backend`);
console.log(`test error ${(100 * (1 - accuracy!)).toFixed(2)} %`);
