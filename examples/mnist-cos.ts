// Cosine units on MNIST, with batch normalisation and dropout (Goodfellow, Bengio and Courville 2016, 6.3: below 1 % wrong). FOLDER [epochs]
import { activation, adam, batchNorm, cosine, dense, dropout, Network, progressBar, readIdxFolder } from 'densely';
import { readArguments } from './folder.ts';

const { folder, epochs } = readArguments('mnist-cos.ts', 'the four MNIST files, plain or gzip', 60);
const { train, test } = await readIdxFolder(folder);
// Normalised, z stays within about half a wave of the cosine: units that swing faster learn the training set by heart.
const hidden = () => [dense(1024), batchNorm(), activation('cos'), dropout(0.5)];
const network = new Network({ inputs: 784, seed: 1, layers: [dropout(0.2), ...hidden(), ...hidden(), dense(10, 'softmax')] });
const optimizer = adam({ learningRate: cosine({ rate: 1e-3, per: 'step' }) });
const history = await network.fit(train, { epochs, batchSize: 128, optimizer, callbacks: [progressBar()] });
const { accuracy } = await network.evaluate(test);
console.log(`training took ${history.seconds.toFixed(0)} s on the ${network.backend} backend`);
console.log(`test error ${(100 * (1 - accuracy!)).toFixed(2)} %`);
