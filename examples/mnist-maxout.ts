// Maxout on MNIST with dropout, max-norm and smoothed labels: two layers of 512 units of 4 pieces (Goodfellow et al. 2013: 0.94 % wrong).
// FOLDER [epochs]
import { adam, cosine, crossEntropy, dense, dropout, maxout, Network, progressBar, readIdxFolder } from 'densely';
import { readArguments } from './folder.ts';

const { folder, epochs } = readArguments('mnist-maxout.ts', 'the four MNIST files, plain or gzip', 60);
const { train, test } = await readIdxFolder(folder);
const maxNorm = 1.9365, hidden = () => [maxout(512, 4, { maxNorm }), dropout(0.5)];
const network = new Network({ inputs: 784, seed: 1, layers: [dropout(0.2), ...hidden(), ...hidden(), dense(10, 'softmax', { maxNorm })] });
const optimizer = adam({ learningRate: cosine({ rate: 1e-3, per: 'step' }) });
const loss = crossEntropy({ labelSmoothing: 0.1 });
const history = await network.fit(train, { epochs, batchSize: 100, loss, optimizer, callbacks: [progressBar()] });
const { accuracy } = await network.evaluate(test);
console.log(`training took ${history.seconds.toFixed(0)} s on the ${network.backend} backend`);
console.log(`test error ${(100 * (1 - accuracy!)).toFixed(2)} %`);
