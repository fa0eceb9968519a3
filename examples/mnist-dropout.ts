// Three layers of 1024 ReLUs on MNIST with dropout and max-norm (Srivastava et al. 2014: 1.06 % wrong). FOLDER [epochs]
import { adam, cosine, dense, dropout, Network, progressBar, readIdxFolder } from 'densely';
import { readArguments } from './folder.ts';

const { folder, epochs } = readArguments('mnist-dropout.ts', 'the four MNIST files, plain or gzip', 40);
const { train, test } = await readIdxFolder(folder);
const hidden = () => [dense(1024, 'relu', { maxNorm: 3 }), dropout(0.5)];
const layers = [dropout(0.2), ...hidden(), ...hidden(), ...hidden(), dense(10, 'softmax', { maxNorm: 3 })];
const network = new Network({ inputs: 784, seed: 1, layers });
const optimizer = adam({ learningRate: cosine({ rate: 1e-3, per: 'step' }) });
const history = await network.fit(train, { epochs, batchSize: 128, optimizer, callbacks: [progressBar()] });
const { accuracy } = await network.evaluate(test);
console.log(`training took ${history.seconds.toFixed(0)} s on the ${network.backend} backend`);
console.log(`test error ${(100 * (1 - accuracy!)).toFixed(2)} %`);
